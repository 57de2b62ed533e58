//! A store that is watched, and can be taken down.

use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use bytes::Bytes;
use purlin_core::BoxFuture;
use purlin_core::store::{
    Key, KeyValue, MemoryStore, StoreError, StoreErrorKind, StoreResult, Stored,
};

/// A store in memory that says what was written to it.
#[derive(Debug, Default)]
pub(crate) struct Watched {
    inner: MemoryStore,
    down: AtomicBool,
    written: Mutex<Vec<Written>>,
}

/// One write.
#[derive(Clone, Debug)]
pub(crate) struct Written {
    pub(crate) collection: String,
    pub(crate) value: Vec<u8>,
    pub(crate) ttl: Option<Duration>,
}

impl Watched {
    /// From now on it does not answer.
    pub(crate) fn take_down(&self) {
        self.down.store(true, Ordering::Relaxed);
    }

    /// What was written to collections whose names end so.
    pub(crate) fn written(&self, collection: &str) -> Vec<Written> {
        let written = self.written.lock().unwrap();
        let named = |write: &&Written| write.collection.ends_with(collection);
        written.iter().filter(named).cloned().collect()
    }

    fn check(&self) -> StoreResult<()> {
        if self.down.load(Ordering::Relaxed) {
            return Err(StoreError::new(StoreErrorKind::Unavailable, "taken down"));
        }
        Ok(())
    }

    fn note(&self, at: Key<'_>, value: &[u8], ttl: Option<Duration>) {
        self.written.lock().unwrap().push(Written {
            collection: at.collection.to_owned(),
            value: value.to_vec(),
            ttl,
        });
    }
}

impl KeyValue for Watched {
    fn get<'a>(&'a self, at: Key<'a>) -> BoxFuture<'a, StoreResult<Option<Stored>>> {
        Box::pin(async move {
            self.check()?;
            self.inner.get(at).await
        })
    }

    fn put<'a>(
        &'a self,
        at: Key<'a>,
        value: Bytes,
        ttl: Option<Duration>,
    ) -> BoxFuture<'a, StoreResult<()>> {
        Box::pin(async move {
            self.check()?;
            self.note(at, &value, ttl);
            self.inner.put(at, value, ttl).await
        })
    }

    fn delete<'a>(&'a self, at: Key<'a>) -> BoxFuture<'a, StoreResult<bool>> {
        Box::pin(async move {
            self.check()?;
            self.inner.delete(at).await
        })
    }

    fn take<'a>(&'a self, at: Key<'a>) -> BoxFuture<'a, StoreResult<Option<Bytes>>> {
        Box::pin(async move {
            self.check()?;
            self.inner.take(at).await
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
            self.check()?;
            self.note(at, new.as_deref().unwrap_or_default(), ttl);
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
            self.check()?;
            self.inner.add(at, by, ttl).await
        })
    }

    fn check(&self) -> BoxFuture<'_, StoreResult<()>> {
        Box::pin(async { Self::check(self) })
    }
}
