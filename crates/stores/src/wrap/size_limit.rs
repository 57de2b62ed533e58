//! A store that refuses large values.

use std::time::Duration;

use bytes::Bytes;
use purlin_core::{
    BoxFuture,
    store::{Admission, Gcra, Key, KeyValue, StoreError, StoreErrorKind, StoreResult, Stored},
};

use super::forward::forward;

/// Refuses values above a size with [`StoreErrorKind::TooLarge`], before they travel.
///
/// ```
/// use purlin_core::store::{Key, KeyValue, MemoryStore};
/// use purlin_stores::SizeLimit;
///
/// # #[tokio::main(flavor = "current_thread")] async fn main() {
/// let store = SizeLimit::new(MemoryStore::new(), 4);
/// let at = Key::new("notes", "1");
/// assert!(store.put(at, "four".into(), None).await.is_ok());
/// assert!(store.put(at, "fives".into(), None).await.is_err());
/// # }
/// ```
#[derive(Debug, Clone)]
pub struct SizeLimit<S> {
    inner: S,
    bytes: usize,
}

impl<S: KeyValue> SizeLimit<S> {
    /// The store, for values of at most so many bytes.
    pub fn new(inner: S, bytes: usize) -> Self {
        Self { inner, bytes }
    }

    fn fits(&self, value: &Bytes) -> StoreResult<()> {
        if value.len() > self.bytes {
            let text = "the value is larger than this store takes";
            return Err(StoreError::new(StoreErrorKind::TooLarge, text));
        }
        Ok(())
    }
}

impl<S: KeyValue> KeyValue for SizeLimit<S> {
    forward!(inner: get, delete, take, add, get_many, delete_many, admit, admit_all, changed, check);

    fn put<'a>(
        &'a self,
        at: Key<'a>,
        value: Bytes,
        ttl: Option<Duration>,
    ) -> BoxFuture<'a, StoreResult<()>> {
        Box::pin(async move {
            self.fits(&value)?;
            self.inner.put(at, value, ttl).await
        })
    }

    fn compare_and_set<'a>(
        &'a self,
        at: Key<'a>,
        expected: Option<Bytes>,
        new: Option<Bytes>,
        ttl: Option<Duration>,
    ) -> BoxFuture<'a, StoreResult<bool>> {
        Box::pin(async move {
            new.as_ref().map_or(Ok(()), |new| self.fits(new))?;
            self.inner.compare_and_set(at, expected, new, ttl).await
        })
    }

    fn put_many<'a>(
        &'a self,
        entries: &'a [(Key<'a>, Bytes)],
        ttl: Option<Duration>,
    ) -> BoxFuture<'a, StoreResult<()>> {
        Box::pin(async move {
            entries.iter().try_for_each(|(_, value)| self.fits(value))?;
            self.inner.put_many(entries, ttl).await
        })
    }
}
