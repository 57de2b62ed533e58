//! The inventory team: what is in the warehouse.

mod item;
mod seed;
mod store;

use std::{collections::BTreeMap, path::PathBuf, sync::Arc};

use purlin::{config::Secret, prelude::*};

pub use item::{Category, Item};
use store::{Movement, Place, StockError, Store};

/// The items that have to be ordered again.
const LOW_STOCK: &str = "inventory://low-stock";

/// How many pieces of what a session wants, by SKU.
type Basket = BTreeMap<String, u32>;

/// Stock of the warehouse, in a store that lives as long as the server.
#[derive(Debug, Default)]
pub struct Inventory {
    place: Place,
}

#[mcp_server(version = "2.0.0", setup = Self::setup)]
impl Inventory {
    /// Finds items, in the order of their SKUs.
    #[mcp_tool(read_only, idempotent)]
    async fn search(
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
    ) -> Result<Vec<Item>, ToolError> {
        Ok(store.find(text, category, limit).await?)
    }

    /// Puts items aside for an order.
    #[mcp_tool(tags("changes"))]
    async fn reserve(
        &self,
        /// The SKU of the item, for example `FST-001`.
        sku: &str,
        /// How many pieces.
        #[arg(range = 1..=1000)]
        quantity: u32,
        store: &Resource<Store>,
        cx: &Context,
    ) -> Result<Item, ToolError> {
        Ok(announce(store.take(sku, quantity).await?, cx))
    }

    /// Puts pieces of an item into the basket of this session, and shows what is
    /// in it.
    #[mcp_tool]
    async fn fill_basket(
        &self,
        /// The SKU of the item, for example `FST-001`.
        sku: &str,
        /// How many pieces.
        #[arg(range = 1..=1000)]
        quantity: u32,
        store: &Resource<Store>,
        cx: &Context,
    ) -> Result<Basket, ToolError> {
        let item = store.get(sku).await?;
        let item = item.ok_or_else(|| StockError::Unknown(sku.to_owned()))?;
        let filled = |basket: Option<Basket>| {
            let mut basket = basket.unwrap_or_default();
            let pieces: &mut u32 = basket.entry(item.sku.clone()).or_default();
            *pieces = pieces.saturating_add(quantity);
            Some(basket)
        };
        let basket = cx.session()?.update("basket", filled).await?;
        Ok(basket.unwrap_or_default())
    }

    /// Adds items that have arrived.
    #[mcp_tool(tags("changes"))]
    async fn restock(
        &self,
        /// The SKU of the item, for example `FST-001`.
        sku: &str,
        /// How many pieces.
        #[arg(range = 1..=1000)]
        quantity: u32,
        store: &Resource<Store>,
        cx: &Context,
    ) -> Result<Item, ToolError> {
        Ok(announce(store.put(sku, quantity).await?, cx))
    }

    /// The items that have to be ordered again. Subscribe to it.
    #[mcp_resource("inventory://low-stock", mime_type = "application/json")]
    async fn low_stock(&self, store: &Resource<Store>) -> Result<Json<Vec<Item>>, ResourceError> {
        Ok(Json(store.low().await?))
    }

    /// One item.
    #[mcp_resource("inventory://items/{sku}", mime_type = "application/json")]
    async fn item(
        &self,
        sku: &str,
        store: &Resource<Store>,
    ) -> Result<Option<Json<Item>>, ResourceError> {
        Ok(store.get(sku).await?.map(Json))
    }

    #[mcp_completion(resource = "inventory://items/{sku}", argument = "sku")]
    async fn complete_sku(&self, typed: &str, store: &Resource<Store>) -> Vec<String> {
        // Whoever types on is not helped by an error.
        store.skus_starting_with(typed).await.unwrap_or_default()
    }
}

impl Inventory {
    /// An inventory that is kept in a file between runs.
    pub fn in_file(file: impl Into<PathBuf>) -> Self {
        Self {
            place: Place::File(file.into()),
        }
    }

    /// An inventory that is kept in a PostgreSQL database, over at most so many
    /// connections. Without the feature `postgres` it does not start.
    pub fn in_database(url: Secret, connections: u32) -> Self {
        Self {
            place: Place::Database(url, connections),
        }
    }

    #[cfg(feature = "postgres")]
    fn setup(&self, server: Server) -> Server {
        let (place, reachable) = (self.place.clone(), store::Reachable::default());
        let server = match place {
            Place::Database(..) => server.health_check(reachable.clone()),
            Place::Memory | Place::File(_) => server,
        };
        let open = move || {
            let (opening, reachable) = (Store::open(place.clone()), reachable.clone());
            async move { opening.await.map(|store| store.watched(&reachable)) }
        };
        server.lifespan(open, |store: Arc<Store>| async move { store.close().await })
    }

    #[cfg(not(feature = "postgres"))]
    fn setup(&self, server: Server) -> Server {
        let place = self.place.clone();
        server.lifespan(
            move || Store::open(place.clone()),
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
            StockError::Failed(error) => error.into(),
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
