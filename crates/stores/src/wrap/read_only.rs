//! A store that may only be read.

use std::time::Duration;

use bytes::Bytes;
use purlin_core::{
    BoxFuture,
    store::{Admission, Gcra, Key, KeyValue, StoreError, StoreErrorKind, StoreResult, Stored},
};

use super::forward::forward;

/// Refuses every write with [`StoreErrorKind::ReadOnly`], limits and counters included.
///
/// ```
/// use purlin_core::store::{Key, KeyValue, MemoryStore, StoreErrorKind};
/// use purlin_stores::ReadOnly;
///
/// # #[tokio::main(flavor = "current_thread")] async fn main() {
/// let store = ReadOnly::new(MemoryStore::new());
/// let refused = store.delete(Key::new("settings", "theme")).await.unwrap_err();
/// assert_eq!(refused.kind(), StoreErrorKind::ReadOnly);
/// # }
/// ```
#[derive(Debug, Clone)]
pub struct ReadOnly<S> {
    inner: S,
}

impl<S: KeyValue> ReadOnly<S> {
    /// The store, without its writes.
    pub fn new(inner: S) -> Self {
        Self { inner }
    }
}

fn refuse<'a, T: Send + 'a>() -> BoxFuture<'a, StoreResult<T>> {
    let error = StoreError::new(StoreErrorKind::ReadOnly, "the store may only be read");
    Box::pin(std::future::ready(Err(error)))
}

impl<S: KeyValue> KeyValue for ReadOnly<S> {
    forward!(inner: get, get_many, changed, check);

    fn put<'a>(
        &'a self,
        _: Key<'a>,
        _: Bytes,
        _: Option<Duration>,
    ) -> BoxFuture<'a, StoreResult<()>> {
        refuse()
    }

    fn delete<'a>(&'a self, _: Key<'a>) -> BoxFuture<'a, StoreResult<bool>> {
        refuse()
    }

    fn take<'a>(&'a self, _: Key<'a>) -> BoxFuture<'a, StoreResult<Option<Bytes>>> {
        refuse()
    }

    fn compare_and_set<'a>(
        &'a self,
        _: Key<'a>,
        _: Option<Bytes>,
        _: Option<Bytes>,
        _: Option<Duration>,
    ) -> BoxFuture<'a, StoreResult<bool>> {
        refuse()
    }

    fn add<'a>(
        &'a self,
        _: Key<'a>,
        _: i64,
        _: Option<Duration>,
    ) -> BoxFuture<'a, StoreResult<i64>> {
        refuse()
    }

    fn put_many<'a>(
        &'a self,
        _: &'a [(Key<'a>, Bytes)],
        _: Option<Duration>,
    ) -> BoxFuture<'a, StoreResult<()>> {
        refuse()
    }

    fn delete_many<'a>(&'a self, _: &'a [Key<'a>]) -> BoxFuture<'a, StoreResult<usize>> {
        refuse()
    }

    fn admit_all<'a>(
        &'a self,
        _: &'a [(Key<'a>, Gcra)],
    ) -> BoxFuture<'a, StoreResult<Vec<Admission>>> {
        refuse()
    }

    fn admit<'a>(&'a self, _: Key<'a>, _: Gcra) -> BoxFuture<'a, StoreResult<Admission>> {
        refuse()
    }
}
