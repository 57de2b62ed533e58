//! The inventory team: what is in the warehouse.

mod item;
mod seed;
mod store;

use std::{path::PathBuf, sync::Arc};

use purlin::prelude::*;

pub use item::{Category, Item};
use store::{Movement, StockError, Store};

/// The items that have to be ordered again.
const LOW_STOCK: &str = "inventory://low-stock";

/// Stock of the warehouse, in a store that lives as long as the server.
#[derive(Debug, Default)]
pub struct Inventory {
    file: Option<PathBuf>,
}

#[mcp_server(version = "2.0.0", setup = Self::setup)]
impl Inventory {
    /// Finds items, in the order of their SKUs.
    #[mcp_tool(read_only, idempotent)]
    fn search(
        &self,
        /// A part of the name or the SKU. Without it everything is found.
        #[arg(default = "", max_length = 80)]
        text: &str,
        /// Only this category.
        category: Option<Category>,
        /// How many rows at most.
        #[arg(range = 1..=100, default = 20)]
        limit: usize,
        store: &Resource<Store>,
    ) -> Vec<Item> {
        store.find(text, category, limit)
    }

    /// Puts items aside for an order.
    #[mcp_tool(tags("changes"))]
    fn reserve(
        &self,
        /// The SKU of the item, for example `FST-001`.
        sku: &str,
        /// How many pieces.
        #[arg(range = 1..=1000)]
        quantity: u32,
        store: &Resource<Store>,
        cx: &Context,
    ) -> Result<Item, ToolError> {
        Ok(announce(store.take(sku, quantity)?, cx))
    }

    /// Adds items that have arrived.
    #[mcp_tool(tags("changes"))]
    fn restock(
        &self,
        /// The SKU of the item, for example `FST-001`.
        sku: &str,
        /// How many pieces.
        #[arg(range = 1..=1000)]
        quantity: u32,
        store: &Resource<Store>,
        cx: &Context,
    ) -> Result<Item, ToolError> {
        Ok(announce(store.put(sku, quantity)?, cx))
    }

    /// The items that have to be ordered again. Subscribe to it.
    #[mcp_resource("inventory://low-stock", mime_type = "application/json")]
    fn low_stock(&self, store: &Resource<Store>) -> Json<Vec<Item>> {
        Json(store.low())
    }

    /// One item.
    #[mcp_resource("inventory://items/{sku}", mime_type = "application/json")]
    fn item(&self, sku: &str, store: &Resource<Store>) -> Option<Json<Item>> {
        store.get(sku).map(Json)
    }

    #[mcp_completion(resource = "inventory://items/{sku}", argument = "sku")]
    fn complete_sku(&self, typed: &str, store: &Resource<Store>) -> Vec<String> {
        store.skus_starting_with(typed)
    }
}

impl Inventory {
    /// An inventory that is kept in a file between runs.
    pub fn in_file(file: impl Into<PathBuf>) -> Self {
        Self {
            file: Some(file.into()),
        }
    }

    fn setup(&self, server: Server) -> Server {
        let file = self.file.clone();
        server.lifespan(
            move || Store::open(file.clone()),
            |store: Arc<Store>| async move { store.close().await },
        )
    }
}

/// Tells subscribers when an item has joined or left the list of low stock.
fn announce(movement: Movement, cx: &Context) -> Item {
    if movement.was_low != movement.item.is_low() {
        cx.notify_resource_updated(LOW_STOCK);
    }
    movement.item
}

impl From<StockError> for ToolError {
    fn from(error: StockError) -> Self {
        match error {
            StockError::Unknown(sku) => Self::new(format!("there is no item `{sku}`"))
                .with_code("unknown_item")
                .with_recovery("Search for the item to learn its SKU."),
            StockError::Short { sku, available } => {
                Self::new(format!("only {available} pieces of `{sku}` are left"))
                    .with_code("out_of_stock")
                    .with_recovery("Ask the user whether fewer will do.")
            }
        }
    }
}
