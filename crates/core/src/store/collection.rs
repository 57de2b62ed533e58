//! A collection of values of one type.

use std::{fmt, marker::PhantomData, sync::Arc, time::Duration};

use bytes::Bytes;
use serde::{Serialize, de::DeserializeOwned};

use super::{Key, KeyValue, StoreError, StoreErrorKind, StoreResult, retry::Attempts};

/// One collection of a store, with values of type `T`, kept as JSON.
///
/// ```
/// use std::sync::Arc;
/// use purlin_core::store::{Collection, MemoryStore, StoreError};
///
/// # #[tokio::main(flavor = "current_thread")] async fn main() -> Result<(), StoreError> {
/// let baskets = Collection::<Vec<String>>::new(Arc::new(MemoryStore::new()), "baskets");
/// baskets.put("alice", &vec!["tea".to_owned()]).await?;
/// let basket = baskets
///     .update("alice", |basket| {
///         let mut basket = basket.unwrap_or_default();
///         basket.push("milk".to_owned());
///         Some(basket)
///     })
///     .await?;
/// assert_eq!(basket, Some(vec!["tea".to_owned(), "milk".to_owned()]));
/// # Ok(()) }
/// ```
pub struct Collection<T> {
    store: Arc<dyn KeyValue>,
    name: Arc<str>,
    ttl: Option<Duration>,
    of: PhantomData<fn() -> T>,
}

impl<T> Collection<T> {
    /// The collection `name` of a store. Values do not expire, unless
    /// [`with_ttl`](Self::with_ttl) says otherwise.
    pub fn new(store: Arc<dyn KeyValue>, name: impl Into<Arc<str>>) -> Self {
        Self {
            store,
            name: name.into(),
            ttl: None,
            of: PhantomData,
        }
    }

    /// How long values live from each write on.
    #[must_use]
    pub fn with_ttl(mut self, ttl: Duration) -> Self {
        self.ttl = Some(ttl);
        self
    }

    /// Deletes, and says whether there was something.
    ///
    /// # Errors
    /// Those of the store.
    pub async fn delete(&self, key: &str) -> StoreResult<bool> {
        self.store.delete(self.at(key)).await
    }

    fn at<'a>(&'a self, key: &'a str) -> Key<'a> {
        Key::new(&self.name, key)
    }
}

impl<T: Serialize + DeserializeOwned> Collection<T> {
    /// What is there.
    ///
    /// # Errors
    /// [`StoreErrorKind::Corrupt`] when it is not a `T`, and those of the store.
    pub async fn get(&self, key: &str) -> StoreResult<Option<T>> {
        let found = self.store.get(self.at(key)).await?;
        found.map(|stored| decode(&stored.value)).transpose()
    }

    /// Writes over what is there.
    ///
    /// # Errors
    /// [`StoreErrorKind::Invalid`] when the value has no JSON, and those of the store.
    pub async fn put(&self, key: &str, value: &T) -> StoreResult<()> {
        self.store.put(self.at(key), encode(value)?, self.ttl).await
    }

    /// Writes unless something is there, and says whether it did.
    ///
    /// # Errors
    /// As [`put`](Self::put).
    pub async fn insert(&self, key: &str, value: &T) -> StoreResult<bool> {
        let new = Some(encode(value)?);
        self.store
            .compare_and_set(self.at(key), None, new, self.ttl)
            .await
    }

    /// Reads and deletes in one step: of all who ask at once, one gets it.
    ///
    /// # Errors
    /// As [`get`](Self::get); what is not a `T` is gone all the same.
    pub async fn take(&self, key: &str) -> StoreResult<Option<T>> {
        let taken = self.store.take(self.at(key)).await?;
        taken.map(|value| decode(&value)).transpose()
    }

    /// Changes what is there (`None`: nothing) and gives what is there then.
    ///
    /// `change` runs again when somebody else was faster, so it should only compute.
    ///
    /// # Errors
    /// As [`get`](Self::get) and [`put`](Self::put), and [`StoreErrorKind::Conflict`] when others
    /// were faster at every attempt.
    pub async fn update(
        &self,
        key: &str,
        mut change: impl FnMut(Option<T>) -> Option<T>,
    ) -> StoreResult<Option<T>> {
        let at = self.at(key);
        let mut attempts = Attempts::default();
        loop {
            let found = self.store.get(at).await?.map(|stored| stored.value);
            let value = change(found.as_deref().map(decode).transpose()?);
            let new = value.as_ref().map(encode).transpose()?;
            if self.store.compare_and_set(at, found, new, self.ttl).await? {
                return Ok(value);
            }
            attempts.failed().await?;
        }
    }
}

impl<T> Clone for Collection<T> {
    fn clone(&self) -> Self {
        Self {
            store: Arc::clone(&self.store),
            name: Arc::clone(&self.name),
            ttl: self.ttl,
            of: PhantomData,
        }
    }
}

impl<T> fmt::Debug for Collection<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Collection")
            .field("name", &self.name)
            .field("ttl", &self.ttl)
            .field("store", &self.store)
            .finish()
    }
}

fn encode<T: Serialize>(value: &T) -> StoreResult<Bytes> {
    serde_json::to_vec(value).map(Bytes::from).map_err(|error| {
        let text = "the value cannot be written as JSON";
        StoreError::new(StoreErrorKind::Invalid, text).with_source(Position::of(&error))
    })
}

fn decode<T: DeserializeOwned>(value: &[u8]) -> StoreResult<T> {
    serde_json::from_slice(value).map_err(|error| {
        let text = "what is stored there is not of the type of its collection";
        StoreError::new(StoreErrorKind::Corrupt, text).with_source(Position::of(&error))
    })
}

/// Where in a value reading stopped. The error of serde would quote the value, which may be a
/// secret.
#[derive(Debug)]
struct Position {
    category: serde_json::error::Category,
    line: usize,
    column: usize,
}

impl Position {
    fn of(error: &serde_json::Error) -> Self {
        Self {
            category: error.classify(),
            line: error.line(),
            column: error.column(),
        }
    }
}

impl fmt::Display for Position {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            category,
            line,
            column,
        } = self;
        write!(f, "{category:?} error at line {line}, column {column}")
    }
}

impl std::error::Error for Position {}
