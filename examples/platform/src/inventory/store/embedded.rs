//! A small embedded store: a table in memory, kept in a file if it has one.

use std::{
    collections::BTreeMap,
    io,
    path::{Path, PathBuf},
    sync::{Mutex, MutexGuard, PoisonError},
};

use super::{Failure, Movement, StockError};
use crate::inventory::{
    item::{Category, Item},
    seed,
};

type Table = BTreeMap<String, Item>;

/// The stock, by SKU.
#[derive(Debug)]
pub(in crate::inventory) struct Embedded {
    table: Mutex<Table>,
    file: Option<PathBuf>,
}

impl Embedded {
    /// Opens the store: the table of the file, or that of the first day.
    pub(super) async fn open(file: Option<PathBuf>) -> io::Result<Self> {
        let stored = match &file {
            Some(file) => read(file).await?,
            None => None,
        };
        let first_day = || seed::items().map(|item| (item.sku.clone(), item)).collect();
        Ok(Self {
            table: Mutex::new(stored.unwrap_or_else(first_day)),
            file,
        })
    }

    /// Writes the table to the file, if there is one.
    pub(super) async fn close(&self) {
        let Some(file) = &self.file else {
            return;
        };
        let json = serde_json::to_vec_pretty(&*self.table()).unwrap_or_default();
        if let Err(error) = tokio::fs::write(file, json).await {
            tracing::error!(%error, file = %file.display(), "the inventory could not be saved");
        }
    }

    pub(super) fn find(
        &self,
        text: &str,
        category: Option<Category>,
        limit: usize,
    ) -> Result<Vec<Item>, Failure> {
        let table = self.table();
        let matching = table.values().filter(|item| {
            item.matches(text) && category.is_none_or(|category| item.category == category)
        });
        Ok(matching.take(limit).cloned().collect())
    }

    pub(super) fn low(&self) -> Result<Vec<Item>, Failure> {
        let table = self.table();
        let low = table.values().filter(|item| item.is_low());
        Ok(low.cloned().collect())
    }

    pub(super) fn get(&self, sku: &str) -> Result<Option<Item>, Failure> {
        Ok(self.table().get(sku).cloned())
    }

    pub(super) fn skus_starting_with(&self, typed: &str) -> Result<Vec<String>, Failure> {
        let typed = typed.to_uppercase();
        let table = self.table();
        let skus = table.keys().filter(|sku| sku.starts_with(&typed));
        Ok(skus.cloned().collect())
    }

    pub(super) fn take(&self, sku: &str, quantity: u32) -> Result<Movement, StockError> {
        self.change(sku, |available| {
            available
                .checked_sub(quantity)
                .ok_or_else(|| StockError::Short {
                    sku: sku.to_owned(),
                    available,
                })
        })
    }

    pub(super) fn put(&self, sku: &str, quantity: u32) -> Result<Movement, StockError> {
        self.change(sku, |available| Ok(available.saturating_add(quantity)))
    }

    fn change(
        &self,
        sku: &str,
        change: impl FnOnce(u32) -> Result<u32, StockError>,
    ) -> Result<Movement, StockError> {
        let mut table = self.table();
        let item = table
            .get_mut(sku)
            .ok_or_else(|| StockError::Unknown(sku.to_owned()))?;
        let was_low = item.is_low();
        item.quantity = change(item.quantity)?;
        Ok(Movement {
            item: item.clone(),
            was_low,
        })
    }

    fn table(&self) -> MutexGuard<'_, Table> {
        // Every change is one step, so what a panic left behind is whole.
        self.table.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The table of a file; `None` when there is no file yet.
async fn read(file: &Path) -> io::Result<Option<Table>> {
    match tokio::fs::read(file).await {
        Ok(json) => Ok(Some(serde_json::from_slice(&json)?)),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error),
    }
}
