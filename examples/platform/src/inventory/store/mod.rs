//! Where the stock is: in a table of this process, or in a database that several
//! of them share.

mod embedded;
#[cfg(feature = "postgres")]
mod postgres;
#[cfg(feature = "postgres")]
mod reachable;

use std::{error::Error, fmt, path::PathBuf};

use purlin::config::Secret;

use super::item::{Category, Item};
use embedded::Embedded;
#[cfg(feature = "postgres")]
pub(super) use reachable::Reachable;

/// Which of the two it is.
#[derive(Debug, Clone, Default)]
pub(super) enum Place {
    /// A table in memory.
    #[default]
    Memory,
    /// The same, kept in a file between runs.
    File(PathBuf),
    /// A PostgreSQL database, and how many connections to it there may be.
    #[cfg_attr(
        not(feature = "postgres"),
        expect(dead_code, reason = "settings refuse it")
    )]
    Database(Secret, u32),
}

/// The stock, by SKU.
#[derive(Debug)]
pub(super) enum Store {
    Embedded(Embedded),
    #[cfg(feature = "postgres")]
    Postgres(postgres::Postgres),
}

/// What became of an item.
#[derive(Debug)]
pub(super) struct Movement {
    /// The item afterwards.
    pub(super) item: Item,
    /// Whether it had to be ordered again before.
    pub(super) was_low: bool,
}

/// Why an item could not be moved.
#[derive(Debug)]
pub(super) enum StockError {
    /// There is no such item.
    Unknown(String),
    /// There are too few pieces.
    Short { sku: String, available: u32 },
    /// The store itself failed.
    Failed(Failure),
}

/// A store that could not do what it was asked to; nobody but the log learns why.
#[derive(Debug)]
pub(super) struct Failure(Box<dyn Error + Send + Sync>);

impl Failure {
    pub(super) fn new(source: impl Into<Box<dyn Error + Send + Sync>>) -> Self {
        Self(source.into())
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "the stock cannot be reached: {}", self.0)
    }
}

impl Error for Failure {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        Some(&*self.0)
    }
}

impl From<Failure> for StockError {
    fn from(error: Failure) -> Self {
        Self::Failed(error)
    }
}

/// Hands a call on to whichever store it is.
macro_rules! either {
    ($self:ident, $store:ident => $call:expr) => {
        match $self {
            Self::Embedded($store) => $call,
            #[cfg(feature = "postgres")]
            Self::Postgres($store) => $call.await,
        }
    };
}

impl Store {
    /// Opens the store; the goods of the first day are in a new one.
    pub(super) async fn open(place: Place) -> Result<Self, Failure> {
        match place {
            Place::Memory => Ok(Self::Embedded(
                Embedded::open(None).await.map_err(Failure::new)?,
            )),
            Place::File(file) => Ok(Self::Embedded(
                Embedded::open(Some(file)).await.map_err(Failure::new)?,
            )),
            #[cfg(feature = "postgres")]
            Place::Database(url, connections) => {
                let store = postgres::Postgres::open(&url, connections).await?;
                Ok(Self::Postgres(store))
            }
            #[cfg(not(feature = "postgres"))]
            Place::Database(..) => Err(Failure::new("this build knows no PostgreSQL")),
        }
    }

    /// Says what to ask whether the stock can be reached.
    #[cfg(feature = "postgres")]
    pub(super) fn watched(self, reachable: &Reachable) -> Self {
        if let Self::Postgres(database) = &self {
            reachable.opened(database);
        }
        self
    }

    /// Closes what is open: the file is written, connections end.
    pub(super) async fn close(&self) {
        match self {
            Self::Embedded(store) => store.close().await,
            #[cfg(feature = "postgres")]
            Self::Postgres(store) => store.close(),
        }
    }

    pub(super) async fn find(
        &self,
        text: &str,
        category: Option<Category>,
        limit: usize,
    ) -> Result<Vec<Item>, Failure> {
        either!(self, store => store.find(text, category, limit))
    }

    pub(super) async fn low(&self) -> Result<Vec<Item>, Failure> {
        either!(self, store => store.low())
    }

    pub(super) async fn get(&self, sku: &str) -> Result<Option<Item>, Failure> {
        either!(self, store => store.get(sku))
    }

    pub(super) async fn skus_starting_with(&self, typed: &str) -> Result<Vec<String>, Failure> {
        either!(self, store => store.skus_starting_with(typed))
    }

    pub(super) async fn take(&self, sku: &str, quantity: u32) -> Result<Movement, StockError> {
        either!(self, store => store.take(sku, quantity))
    }

    pub(super) async fn put(&self, sku: &str, quantity: u32) -> Result<Movement, StockError> {
        either!(self, store => store.put(sku, quantity))
    }
}
