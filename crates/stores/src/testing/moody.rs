//! A store for tests of what happens when one goes away.

use std::{
    sync::{
        Mutex, MutexGuard, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use bytes::Bytes;
use purlin_core::{
    BoxFuture,
    store::{
        Admission, Gcra, Key, KeyValue, MemoryStore, StoreError, StoreErrorKind, StoreResult,
        Stored,
    },
};

/// How a [`Moody`] store answers.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum Mood {
    /// At once.
    #[default]
    Well,
    /// Pending once before and once after each operation, so that a future can be dropped
    /// on either side of it.
    Slow,
    /// With an error of kind [`StoreErrorKind::Unavailable`].
    Away,
    /// Never.
    Hanging,
}

/// A store in memory that a test can take away, and that tells what was done to it.
///
/// ```
/// use purlin_core::store::{Key, KeyValue, StoreErrorKind};
/// use purlin_stores::testing::{Mood, Moody};
///
/// # #[tokio::main(flavor = "current_thread")] async fn main() {
/// let store = Moody::new();
/// let at = Key::new("notes", "1");
/// store.put(at, "tea".into(), None).await.unwrap();
/// store.set_mood(Mood::Away);
/// assert_eq!(store.get(at).await.unwrap_err().kind(), StoreErrorKind::Unavailable);
/// store.set_mood(Mood::Well);
/// assert_eq!(store.get(at).await.unwrap().unwrap().value, "tea");
/// assert_eq!((store.asked(), store.written().len()), (3, 1));
/// # }
/// ```
#[derive(Debug, Default)]
pub struct Moody {
    store: MemoryStore,
    mood: Mutex<Mood>,
    asked: AtomicU64,
    written: Mutex<Vec<Written>>,
    deleted: Mutex<Vec<String>>,
}

/// A value that a [`Moody`] store was asked to keep, whether it was well or not.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Written {
    /// The collection it was for.
    pub collection: String,
    /// The key it was for.
    pub key: String,
    /// The value itself.
    pub value: Bytes,
    /// How long it was to be kept.
    pub ttl: Option<Duration>,
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Moody {
    /// An empty store that is well.
    pub fn new() -> Self {
        Self::default()
    }

    /// How it answers from now on.
    pub fn set_mood(&self, mood: Mood) {
        *lock(&self.mood) = mood;
    }

    /// How many operations it was asked for.
    pub fn asked(&self) -> u64 {
        self.asked.load(Ordering::Relaxed)
    }

    /// What it was asked to keep, in order.
    pub fn written(&self) -> Vec<Written> {
        lock(&self.written).clone()
    }

    /// How many values of a collection it has deleted.
    pub fn deleted(&self, collection: &str) -> usize {
        let deleted = lock(&self.deleted);
        deleted.iter().filter(|it| *it == collection).count()
    }

    fn note(&self, at: Key<'_>, value: &Bytes, ttl: Option<Duration>) {
        lock(&self.written).push(Written {
            collection: at.collection.to_owned(),
            key: at.key.to_owned(),
            value: value.clone(),
            ttl,
        });
    }

    fn answer<'a, T: Send + 'a>(
        &'a self,
        operation: BoxFuture<'a, StoreResult<T>>,
    ) -> BoxFuture<'a, StoreResult<T>> {
        self.asked.fetch_add(1, Ordering::Relaxed);
        Box::pin(async move {
            let mood = *lock(&self.mood);
            match mood {
                Mood::Well => operation.await,
                Mood::Slow => {
                    tokio::task::yield_now().await;
                    let outcome = operation.await;
                    tokio::task::yield_now().await;
                    outcome
                }
                Mood::Away => {
                    let text = "the store is away";
                    Err(StoreError::new(StoreErrorKind::Unavailable, text))
                }
                Mood::Hanging => std::future::pending().await,
            }
        })
    }
}

impl KeyValue for Moody {
    fn get<'a>(&'a self, at: Key<'a>) -> BoxFuture<'a, StoreResult<Option<Stored>>> {
        self.answer(self.store.get(at))
    }

    fn put<'a>(
        &'a self,
        at: Key<'a>,
        value: Bytes,
        ttl: Option<Duration>,
    ) -> BoxFuture<'a, StoreResult<()>> {
        self.note(at, &value, ttl);
        self.answer(self.store.put(at, value, ttl))
    }

    fn delete<'a>(&'a self, at: Key<'a>) -> BoxFuture<'a, StoreResult<bool>> {
        self.answer(Box::pin(async move {
            let deleted = self.store.delete(at).await?;
            if deleted {
                lock(&self.deleted).push(at.collection.to_owned());
            }
            Ok(deleted)
        }))
    }

    fn take<'a>(&'a self, at: Key<'a>) -> BoxFuture<'a, StoreResult<Option<Bytes>>> {
        self.answer(self.store.take(at))
    }

    fn compare_and_set<'a>(
        &'a self,
        at: Key<'a>,
        expected: Option<Bytes>,
        new: Option<Bytes>,
        ttl: Option<Duration>,
    ) -> BoxFuture<'a, StoreResult<bool>> {
        if let Some(new) = &new {
            self.note(at, new, ttl);
        }
        self.answer(self.store.compare_and_set(at, expected, new, ttl))
    }

    fn add<'a>(
        &'a self,
        at: Key<'a>,
        by: i64,
        ttl: Option<Duration>,
    ) -> BoxFuture<'a, StoreResult<i64>> {
        self.answer(self.store.add(at, by, ttl))
    }

    fn admit<'a>(&'a self, at: Key<'a>, limit: Gcra) -> BoxFuture<'a, StoreResult<Admission>> {
        self.answer(self.store.admit(at, limit))
    }

    fn admit_all<'a>(
        &'a self,
        asked: &'a [(Key<'a>, Gcra)],
    ) -> BoxFuture<'a, StoreResult<Vec<Admission>>> {
        self.answer(self.store.admit_all(asked))
    }

    fn changed<'a>(
        &'a self,
        at: Key<'a>,
        seen: Option<Bytes>,
        at_most: Duration,
    ) -> BoxFuture<'a, StoreResult<Option<Stored>>> {
        self.answer(self.store.changed(at, seen, at_most))
    }

    fn check(&self) -> BoxFuture<'_, StoreResult<()>> {
        self.answer(self.store.check())
    }
}
