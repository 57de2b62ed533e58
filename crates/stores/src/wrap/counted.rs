//! A store that counts what it is asked.

use std::{
    sync::atomic::{AtomicU64, Ordering::Relaxed},
    time::Duration,
};

use bytes::Bytes;
use purlin_core::{
    BoxFuture,
    measure::{Measure, Samples},
    store::{Admission, Gcra, Key, KeyValue, StoreResult, Stored},
};

/// Counts operations, failures, hits and bytes.
///
/// It costs a few atomic additions per call. [`Counted::statistics`] reads them; as a [`Measure`] it
/// gives `mcp_store_operations_total`, `mcp_store_errors_total`, `mcp_store_hits_total`,
/// `mcp_store_misses_total` and the bytes, under the name it was made with.
///
/// ```
/// use std::sync::Arc;
/// use purlin_core::{Server, store::{Key, KeyValue, MemoryStore, StoreError}};
/// use purlin_stores::Counted;
///
/// # #[tokio::main(flavor = "current_thread")] async fn main() -> Result<(), StoreError> {
/// let store = Arc::new(Counted::new(MemoryStore::new(), "sessions"));
/// let server = Server::builder("shop", "1.0.0").measured(store.clone());
/// store.get(Key::new("carts", "1")).await?;
/// assert_eq!(store.statistics().misses, 1);
/// assert_eq!(server.samples().value("mcp_store_misses_total", &[("store", "sessions")]), Some(1.0));
/// # Ok(()) }
/// ```
#[derive(Debug)]
pub struct Counted<S> {
    inner: S,
    name: &'static str,
    counts: Counts,
}

#[derive(Debug, Default)]
struct Counts {
    operations: AtomicU64,
    errors: AtomicU64,
    hits: AtomicU64,
    misses: AtomicU64,
    bytes_read: AtomicU64,
    bytes_written: AtomicU64,
}

/// What a [`Counted`] store has counted since it was made.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Statistics {
    /// Calls that have ended; a call for many keys is one.
    pub operations: u64,
    /// Calls that failed.
    pub errors: u64,
    /// Values that were read or taken.
    pub hits: u64,
    /// Values that were asked for and not there.
    pub misses: u64,
    /// Bytes of values read.
    pub bytes_read: u64,
    /// Bytes of values offered to be written.
    pub bytes_written: u64,
}

impl<S: KeyValue> Counted<S> {
    /// The store, counting under a name of the program's choice.
    pub fn new(inner: S, name: &'static str) -> Self {
        Self {
            inner,
            name,
            counts: Counts::default(),
        }
    }

    /// What has been counted so far.
    pub fn statistics(&self) -> Statistics {
        let counts = &self.counts;
        Statistics {
            operations: counts.operations.load(Relaxed),
            errors: counts.errors.load(Relaxed),
            hits: counts.hits.load(Relaxed),
            misses: counts.misses.load(Relaxed),
            bytes_read: counts.bytes_read.load(Relaxed),
            bytes_written: counts.bytes_written.load(Relaxed),
        }
    }
}

impl Counts {
    async fn ended<T>(&self, call: BoxFuture<'_, StoreResult<T>>) -> StoreResult<T> {
        let result = call.await;
        self.operations.fetch_add(1, Relaxed);
        self.errors.fetch_add(u64::from(result.is_err()), Relaxed);
        result
    }

    fn read(&self, value: Option<&Bytes>) {
        match value {
            Some(value) => {
                self.hits.fetch_add(1, Relaxed);
                self.bytes_read.fetch_add(value.len() as u64, Relaxed);
            }
            None => _ = self.misses.fetch_add(1, Relaxed),
        }
    }

    fn written(&self, value: &Bytes) {
        self.bytes_written.fetch_add(value.len() as u64, Relaxed);
    }
}

impl<S: KeyValue> Measure for Counted<S> {
    fn measure(&self, samples: &mut Samples) {
        let Statistics {
            operations,
            errors,
            hits,
            misses,
            bytes_read,
            bytes_written,
        } = self.statistics();
        for (name, help, value) in [
            (
                "mcp_store_operations_total",
                "Calls of a store that have ended.",
                operations,
            ),
            (
                "mcp_store_errors_total",
                "Calls of a store that failed.",
                errors,
            ),
            ("mcp_store_hits_total", "Values found in a store.", hits),
            (
                "mcp_store_misses_total",
                "Values asked of a store that were not there.",
                misses,
            ),
            (
                "mcp_store_read_bytes_total",
                "Bytes of values read from a store.",
                bytes_read,
            ),
            (
                "mcp_store_written_bytes_total",
                "Bytes of values given to a store.",
                bytes_written,
            ),
        ] {
            samples.counter(name, help, &[("store", self.name)], value);
        }
    }
}

impl<S: KeyValue> KeyValue for Counted<S> {
    fn get<'a>(&'a self, at: Key<'a>) -> BoxFuture<'a, StoreResult<Option<Stored>>> {
        Box::pin(async move {
            let found = self.counts.ended(self.inner.get(at)).await?;
            self.counts.read(found.as_ref().map(|found| &found.value));
            Ok(found)
        })
    }

    fn put<'a>(
        &'a self,
        at: Key<'a>,
        value: Bytes,
        ttl: Option<Duration>,
    ) -> BoxFuture<'a, StoreResult<()>> {
        self.counts.written(&value);
        Box::pin(self.counts.ended(self.inner.put(at, value, ttl)))
    }

    fn delete<'a>(&'a self, at: Key<'a>) -> BoxFuture<'a, StoreResult<bool>> {
        Box::pin(self.counts.ended(self.inner.delete(at)))
    }

    fn take<'a>(&'a self, at: Key<'a>) -> BoxFuture<'a, StoreResult<Option<Bytes>>> {
        Box::pin(async move {
            let taken = self.counts.ended(self.inner.take(at)).await?;
            self.counts.read(taken.as_ref());
            Ok(taken)
        })
    }

    fn compare_and_set<'a>(
        &'a self,
        at: Key<'a>,
        expected: Option<Bytes>,
        new: Option<Bytes>,
        ttl: Option<Duration>,
    ) -> BoxFuture<'a, StoreResult<bool>> {
        if let Some(new) = &new {
            self.counts.written(new);
        }
        let call = self.inner.compare_and_set(at, expected, new, ttl);
        Box::pin(self.counts.ended(call))
    }

    fn add<'a>(
        &'a self,
        at: Key<'a>,
        by: i64,
        ttl: Option<Duration>,
    ) -> BoxFuture<'a, StoreResult<i64>> {
        Box::pin(self.counts.ended(self.inner.add(at, by, ttl)))
    }

    fn get_many<'a>(
        &'a self,
        at: &'a [Key<'a>],
    ) -> BoxFuture<'a, StoreResult<Vec<Option<Stored>>>> {
        Box::pin(async move {
            let found = self.counts.ended(self.inner.get_many(at)).await?;
            for found in &found {
                self.counts.read(found.as_ref().map(|found| &found.value));
            }
            Ok(found)
        })
    }

    fn put_many<'a>(
        &'a self,
        entries: &'a [(Key<'a>, Bytes)],
        ttl: Option<Duration>,
    ) -> BoxFuture<'a, StoreResult<()>> {
        for (_, value) in entries {
            self.counts.written(value);
        }
        Box::pin(self.counts.ended(self.inner.put_many(entries, ttl)))
    }

    fn delete_many<'a>(&'a self, at: &'a [Key<'a>]) -> BoxFuture<'a, StoreResult<usize>> {
        Box::pin(self.counts.ended(self.inner.delete_many(at)))
    }

    fn admit<'a>(&'a self, at: Key<'a>, limit: Gcra) -> BoxFuture<'a, StoreResult<Admission>> {
        Box::pin(self.counts.ended(self.inner.admit(at, limit)))
    }

    fn admit_all<'a>(
        &'a self,
        asked: &'a [(Key<'a>, Gcra)],
    ) -> BoxFuture<'a, StoreResult<Vec<Admission>>> {
        Box::pin(self.counts.ended(self.inner.admit_all(asked)))
    }

    fn changed<'a>(
        &'a self,
        at: Key<'a>,
        seen: Option<Bytes>,
        at_most: Duration,
    ) -> BoxFuture<'a, StoreResult<Option<Stored>>> {
        Box::pin(self.counts.ended(self.inner.changed(at, seen, at_most)))
    }

    fn check(&self) -> BoxFuture<'_, StoreResult<()>> {
        Box::pin(self.counts.ended(self.inner.check()))
    }
}
