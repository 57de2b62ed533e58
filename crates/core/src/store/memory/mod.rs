//! A store in the memory of this process.

mod shelf;
#[cfg(test)]
mod tests;
mod waiting;

use std::{
    sync::{Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use bytes::Bytes;
use tokio::time::{Instant, timeout_at};

use super::{Admission, Gcra, Key, KeyValue, StoreError, StoreErrorKind, StoreResult, Stored};
use crate::BoxFuture;
use shelf::Shelf;
use waiting::Waiting;

/// A store in the memory of this process: bounded, gone with the process, and not shared with
/// replicas.
///
/// It holds 100,000 values and 64 MiB of keys and values, unless it is told otherwise. What has
/// expired makes room first; what happens when that is not enough, [`WhenFull`] says. Those who
/// wait for a change ([`changed`](KeyValue::changed)) are woken by it, without polling. Time is
/// tokio's, so it stands still in a test with a paused clock.
///
/// ```
/// use purlin_core::store::{MemoryStore, WhenFull};
///
/// let cache = MemoryStore::new()
///     .max_entries(10_000)
///     .max_bytes(8 << 20)
///     .when_full(WhenFull::ForgetOldest);
/// # let _ = cache;
/// ```
pub struct MemoryStore {
    shelf: Mutex<Shelf>,
    waiting: Waiting,
    /// What the cells of limiters count from.
    start: Instant,
}

/// What a full [`MemoryStore`] does with a new value.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum WhenFull {
    /// It refuses the new value with [`StoreErrorKind::Quota`]. Nobody loses what was promised to
    /// be kept, which is what sessions and single-use marks need.
    #[default]
    Refuse,
    /// It forgets what was written or read least recently. For caches.
    ForgetOldest,
}

impl MemoryStore {
    /// An empty store with the limits above.
    pub fn new() -> Self {
        Self {
            shelf: Mutex::new(Shelf::new(100_000, 64 << 20)),
            waiting: Waiting::default(),
            start: Instant::now(),
        }
    }

    /// The most values it holds.
    #[must_use]
    pub fn max_entries(self, entries: usize) -> Self {
        self.shelf().max_entries = entries;
        self
    }

    /// The most bytes it holds, keys and values together.
    #[must_use]
    pub fn max_bytes(self, bytes: usize) -> Self {
        self.shelf().max_bytes = bytes;
        self
    }

    /// What happens to a new value when the store is full.
    #[must_use]
    pub fn when_full(self, policy: WhenFull) -> Self {
        self.shelf().when_full = policy;
        self
    }

    /// How many values it holds, expired ones that still take room included.
    pub fn len(&self) -> usize {
        self.shelf().len()
    }

    /// Whether it holds nothing.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// No lock is ever held across an await.
    fn shelf(&self) -> MutexGuard<'_, Shelf> {
        self.shelf.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Does something with the shelf at this moment, and wakes who waits for a change of `at`.
    fn write<T>(
        &self,
        at: Key<'_>,
        act: impl FnOnce(&mut Shelf, Instant) -> StoreResult<T>,
    ) -> StoreResult<T> {
        at.check()?;
        let done = act(&mut self.shelf(), Instant::now())?;
        self.waiting.wake(at);
        Ok(done)
    }

    fn count(&self, at: Key<'_>, by: i64, ttl: Option<Duration>) -> StoreResult<i64> {
        self.write(at, |shelf, now| {
            let Some(stored) = shelf.get(at, now) else {
                shelf.put(at, by.to_string().into(), ttl, now)?;
                return Ok(by);
            };
            let sum = number(&stored.value)?.checked_add(by).ok_or_else(|| {
                StoreError::new(StoreErrorKind::Invalid, "the counter would overflow")
            })?;
            shelf.put(at, sum.to_string().into(), stored.expires_in, now)?;
            Ok(sum)
        })
    }

    fn admit_now(&self, at: Key<'_>, limit: Gcra) -> StoreResult<Admission> {
        self.write(at, |shelf, now| {
            let cell = shelf.get(at, now).map(|stored| stored.value);
            let since_start = now.saturating_duration_since(self.start);
            let admission = limit.decide(super::gcra::owed(cell.as_deref(), since_start)?)?;
            if let Admission::Granted { owed, .. } = admission {
                let paid_back = (since_start + owed).as_micros().to_string();
                shelf.put(at, paid_back.into(), Some(owed), now)?;
            }
            Ok(admission)
        })
    }

    async fn wait(
        &self,
        at: Key<'_>,
        seen: Option<Bytes>,
        at_most: Duration,
    ) -> StoreResult<Option<Stored>> {
        at.check()?;
        let deadline = Instant::now() + at_most.min(super::MAX_TTL);
        loop {
            // Registered before looking, so that no change falls in between.
            let waiter = self.waiting.register(at);
            let now = Instant::now();
            let found = self.shelf().get(at, now);
            if now >= deadline || found.as_ref().map(|found| &found.value) != seen.as_ref() {
                return Ok(found);
            }
            let expiry = found.and_then(|found| now.checked_add(found.expires_in?));
            let until = expiry.map_or(deadline, |expiry| expiry.min(deadline));
            // Woken or not, the value decides.
            _ = timeout_at(until, waiter.woken()).await;
        }
    }
}

/// Reads a counter.
fn number(value: &[u8]) -> StoreResult<i64> {
    std::str::from_utf8(value)
        .ok()
        .and_then(|text| text.parse().ok())
        .ok_or_else(|| {
            StoreError::new(
                StoreErrorKind::Invalid,
                "what is stored there is not a counter",
            )
        })
}

impl Default for MemoryStore {
    fn default() -> Self {
        Self::new()
    }
}

impl std::fmt::Debug for MemoryStore {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let shelf = self.shelf();
        f.debug_struct("MemoryStore")
            .field("entries", &shelf.len())
            .field("bytes", &shelf.bytes())
            .field("when_full", &shelf.when_full)
            .finish()
    }
}

impl KeyValue for MemoryStore {
    fn get<'a>(&'a self, at: Key<'a>) -> BoxFuture<'a, StoreResult<Option<Stored>>> {
        Box::pin(async move {
            at.check()?;
            Ok(self.shelf().get(at, Instant::now()))
        })
    }

    fn put<'a>(
        &'a self,
        at: Key<'a>,
        value: Bytes,
        ttl: Option<Duration>,
    ) -> BoxFuture<'a, StoreResult<()>> {
        Box::pin(async move { self.write(at, |shelf, now| shelf.put(at, value, ttl, now)) })
    }

    fn delete<'a>(&'a self, at: Key<'a>) -> BoxFuture<'a, StoreResult<bool>> {
        Box::pin(async move { self.write(at, |shelf, now| Ok(shelf.remove(at, now).is_some())) })
    }

    fn take<'a>(&'a self, at: Key<'a>) -> BoxFuture<'a, StoreResult<Option<Bytes>>> {
        Box::pin(async move { self.write(at, |shelf, now| Ok(shelf.remove(at, now))) })
    }

    fn compare_and_set<'a>(
        &'a self,
        at: Key<'a>,
        expected: Option<Bytes>,
        new: Option<Bytes>,
        ttl: Option<Duration>,
    ) -> BoxFuture<'a, StoreResult<bool>> {
        Box::pin(async move {
            self.write(at, |shelf, now| {
                if shelf.get(at, now).map(|found| found.value) != expected {
                    return Ok(false);
                }
                match new {
                    Some(new) => shelf.put(at, new, ttl, now)?,
                    None => _ = shelf.remove(at, now),
                }
                Ok(true)
            })
        })
    }

    fn add<'a>(
        &'a self,
        at: Key<'a>,
        by: i64,
        ttl: Option<Duration>,
    ) -> BoxFuture<'a, StoreResult<i64>> {
        Box::pin(async move { self.count(at, by, ttl) })
    }

    fn admit<'a>(&'a self, at: Key<'a>, limit: Gcra) -> BoxFuture<'a, StoreResult<Admission>> {
        Box::pin(async move { self.admit_now(at, limit) })
    }

    fn changed<'a>(
        &'a self,
        at: Key<'a>,
        seen: Option<Bytes>,
        at_most: Duration,
    ) -> BoxFuture<'a, StoreResult<Option<Stored>>> {
        Box::pin(self.wait(at, seen, at_most))
    }

    fn check(&self) -> BoxFuture<'_, StoreResult<()>> {
        Box::pin(std::future::ready(Ok(())))
    }
}
