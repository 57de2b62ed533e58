//! A store that bounds how long values live.

use std::time::Duration;

use bytes::Bytes;
use purlin_core::{
    BoxFuture,
    store::{Admission, Gcra, Key, KeyValue, StoreResult, Stored},
};

use super::forward::forward;

/// Bounds the time to live of what is written.
///
/// A value without one gets the longest there may be. One that expires at once (zero) stays so,
/// for whoever writes it wants it gone.
///
/// ```
/// use std::time::Duration;
/// use purlin_core::store::{Key, KeyValue, MemoryStore, StoreError};
/// use purlin_stores::TtlClamp;
///
/// # #[tokio::main(flavor = "current_thread")] async fn main() -> Result<(), StoreError> {
/// let hour = Duration::from_secs(3_600);
/// let store = TtlClamp::new(MemoryStore::new()).at_most(hour);
/// let at = Key::new("sessions", "1");
/// store.put(at, "alice".into(), None).await?;
/// assert!(store.get(at).await?.unwrap().expires_in.unwrap() <= hour);
/// # Ok(()) }
/// ```
#[derive(Debug, Clone)]
pub struct TtlClamp<S> {
    inner: S,
    at_least: Duration,
    at_most: Option<Duration>,
}

impl<S: KeyValue> TtlClamp<S> {
    /// The store, without bounds yet.
    pub fn new(inner: S) -> Self {
        Self {
            inner,
            at_least: Duration::ZERO,
            at_most: None,
        }
    }

    /// The shortest time that values live.
    #[must_use]
    pub fn at_least(mut self, ttl: Duration) -> Self {
        self.at_least = ttl;
        self
    }

    /// The longest time that values live. It wins over the shortest.
    #[must_use]
    pub fn at_most(mut self, ttl: Duration) -> Self {
        self.at_most = Some(ttl);
        self
    }

    fn clamp(&self, ttl: Option<Duration>) -> Option<Duration> {
        match (ttl, self.at_most) {
            (None, longest) => longest,
            (Some(ttl), _) if ttl.is_zero() => Some(ttl),
            (Some(ttl), None) => Some(ttl.max(self.at_least)),
            (Some(ttl), Some(longest)) => Some(ttl.max(self.at_least).min(longest)),
        }
    }
}

impl<S: KeyValue> KeyValue for TtlClamp<S> {
    forward!(inner: get, delete, take, get_many, delete_many, admit, admit_all, changed, check);

    fn put<'a>(
        &'a self,
        at: Key<'a>,
        value: Bytes,
        ttl: Option<Duration>,
    ) -> BoxFuture<'a, StoreResult<()>> {
        self.inner.put(at, value, self.clamp(ttl))
    }

    fn compare_and_set<'a>(
        &'a self,
        at: Key<'a>,
        expected: Option<Bytes>,
        new: Option<Bytes>,
        ttl: Option<Duration>,
    ) -> BoxFuture<'a, StoreResult<bool>> {
        self.inner
            .compare_and_set(at, expected, new, self.clamp(ttl))
    }

    fn add<'a>(
        &'a self,
        at: Key<'a>,
        by: i64,
        ttl: Option<Duration>,
    ) -> BoxFuture<'a, StoreResult<i64>> {
        self.inner.add(at, by, self.clamp(ttl))
    }

    fn put_many<'a>(
        &'a self,
        entries: &'a [(Key<'a>, Bytes)],
        ttl: Option<Duration>,
    ) -> BoxFuture<'a, StoreResult<()>> {
        self.inner.put_many(entries, self.clamp(ttl))
    }
}
