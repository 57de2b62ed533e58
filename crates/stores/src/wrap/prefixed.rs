//! One store as many.

use std::{sync::Arc, time::Duration};

use bytes::Bytes;
use purlin_core::{
    BoxFuture,
    store::{Admission, Gcra, Key, KeyValue, StoreResult, Stored},
};

use super::forward::forward;

/// Puts a namespace in front of every collection: a deployment, a server, a tenant.
///
/// The namespace is length-prefixed, so that no name reaches into another's: `("a", "bc")` and
/// `("ab", "c")` stay two. It counts towards [`Key::MAX_COLLECTION`], with up to five bytes more.
///
/// ```
/// use std::sync::Arc;
/// use purlin_core::store::{Key, KeyValue, MemoryStore, StoreError};
/// use purlin_stores::Prefixed;
///
/// # #[tokio::main(flavor = "current_thread")] async fn main() -> Result<(), StoreError> {
/// let place = Arc::new(MemoryStore::new());
/// let (acme, initech) = (
///     Prefixed::new(place.clone(), "acme"),
///     Prefixed::new(place, "initech"),
/// );
/// let at = Key::new("carts", "1");
/// acme.put(at, "anvil".into(), None).await?;
/// assert_eq!(initech.get(at).await?, None);
/// # Ok(()) }
/// ```
#[derive(Debug, Clone)]
pub struct Prefixed<S> {
    inner: S,
    prefix: Arc<str>,
}

impl<S: KeyValue> Prefixed<S> {
    /// The part of the store that belongs to `namespace`.
    pub fn new(inner: S, namespace: impl AsRef<str>) -> Self {
        let namespace = namespace.as_ref();
        Self {
            inner,
            prefix: format!("{}:{namespace}", namespace.len()).into(),
        }
    }

    fn collection(&self, at: Key<'_>) -> String {
        [&*self.prefix, at.collection].concat()
    }

    fn collections(&self, at: &[Key<'_>]) -> Vec<String> {
        at.iter().map(|at| self.collection(*at)).collect()
    }
}

/// The keys again, in their new collections.
fn moved<'a>(at: &[Key<'a>], collections: &'a [String]) -> Vec<Key<'a>> {
    let pairs = at.iter().zip(collections);
    pairs.map(|(at, to)| Key::new(to, at.key)).collect()
}

impl<S: KeyValue> KeyValue for Prefixed<S> {
    forward!(inner: check);

    fn get<'a>(&'a self, at: Key<'a>) -> BoxFuture<'a, StoreResult<Option<Stored>>> {
        Box::pin(async move {
            let collection = self.collection(at);
            self.inner.get(Key::new(&collection, at.key)).await
        })
    }

    fn put<'a>(
        &'a self,
        at: Key<'a>,
        value: Bytes,
        ttl: Option<Duration>,
    ) -> BoxFuture<'a, StoreResult<()>> {
        Box::pin(async move {
            let collection = self.collection(at);
            let at = Key::new(&collection, at.key);
            self.inner.put(at, value, ttl).await
        })
    }

    fn delete<'a>(&'a self, at: Key<'a>) -> BoxFuture<'a, StoreResult<bool>> {
        Box::pin(async move {
            let collection = self.collection(at);
            self.inner.delete(Key::new(&collection, at.key)).await
        })
    }

    fn take<'a>(&'a self, at: Key<'a>) -> BoxFuture<'a, StoreResult<Option<Bytes>>> {
        Box::pin(async move {
            let collection = self.collection(at);
            self.inner.take(Key::new(&collection, at.key)).await
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
            let collection = self.collection(at);
            let at = Key::new(&collection, at.key);
            self.inner.compare_and_set(at, expected, new, ttl).await
        })
    }

    fn add<'a>(
        &'a self,
        at: Key<'a>,
        by: i64,
        ttl: Option<Duration>,
    ) -> BoxFuture<'a, StoreResult<i64>> {
        Box::pin(async move {
            let collection = self.collection(at);
            self.inner.add(Key::new(&collection, at.key), by, ttl).await
        })
    }

    fn get_many<'a>(
        &'a self,
        at: &'a [Key<'a>],
    ) -> BoxFuture<'a, StoreResult<Vec<Option<Stored>>>> {
        Box::pin(async move {
            let collections = self.collections(at);
            self.inner.get_many(&moved(at, &collections)).await
        })
    }

    fn put_many<'a>(
        &'a self,
        entries: &'a [(Key<'a>, Bytes)],
        ttl: Option<Duration>,
    ) -> BoxFuture<'a, StoreResult<()>> {
        Box::pin(async move {
            let keys: Vec<_> = entries.iter().map(|(at, _)| *at).collect();
            let collections = self.collections(&keys);
            let keys = moved(&keys, &collections);
            let values = entries.iter().map(|(_, value)| value.clone());
            let entries: Vec<_> = keys.into_iter().zip(values).collect();
            self.inner.put_many(&entries, ttl).await
        })
    }

    fn delete_many<'a>(&'a self, at: &'a [Key<'a>]) -> BoxFuture<'a, StoreResult<usize>> {
        Box::pin(async move {
            let collections = self.collections(at);
            self.inner.delete_many(&moved(at, &collections)).await
        })
    }

    fn admit<'a>(&'a self, at: Key<'a>, limit: Gcra) -> BoxFuture<'a, StoreResult<Admission>> {
        Box::pin(async move {
            let collection = self.collection(at);
            self.inner.admit(Key::new(&collection, at.key), limit).await
        })
    }

    fn admit_all<'a>(
        &'a self,
        asked: &'a [(Key<'a>, Gcra)],
    ) -> BoxFuture<'a, StoreResult<Vec<Admission>>> {
        Box::pin(async move {
            let keys: Vec<_> = asked.iter().map(|(at, _)| *at).collect();
            let collections = self.collections(&keys);
            let keys = moved(&keys, &collections);
            let limits = asked.iter().map(|(_, limit)| *limit);
            let asked: Vec<_> = keys.into_iter().zip(limits).collect();
            self.inner.admit_all(&asked).await
        })
    }

    fn changed<'a>(
        &'a self,
        at: Key<'a>,
        seen: Option<Bytes>,
        at_most: Duration,
    ) -> BoxFuture<'a, StoreResult<Option<Stored>>> {
        Box::pin(async move {
            let collection = self.collection(at);
            let at = Key::new(&collection, at.key);
            self.inner.changed(at, seen, at_most).await
        })
    }
}
