//! A store that stands in for another one.

use std::{
    collections::HashSet,
    sync::{Mutex, PoisonError},
    time::Duration,
};

use bytes::Bytes;
use purlin_core::{
    BoxFuture,
    store::{Admission, Gcra, Key, KeyValue, StoreError, StoreErrorKind, StoreResult, Stored},
};
use tokio::time::Instant;

/// Uses a second store while the first one is down, for the collections that allow it.
///
/// A collection fails closed unless it was named: codes, nonces, sessions and whatever else must not
/// be taken twice or lost get the error of the first store, which over HTTP is 503. The collections
/// named by [`open`](Self::open) (limits, caches) go on with the second store, mostly a
/// [`MemoryStore`](purlin_core::store::MemoryStore), that the other replicas do not see. Nothing is
/// copied between the two: while the first is down its values are missing, and when it is back
/// those of the second are left to expire.
///
/// After an outage the first store is left alone for a second (see
/// [`retry_after`](Self::retry_after)), so that not every call waits for its time-out; then one call
/// tries. [`check`](KeyValue::check) always asks the first one, so `/ready` says what is wrong.
///
/// Of limits, each of `N` replicas then grants a share of 1/N ([`replicas`](Self::replicas)).
///
/// ```
/// use purlin_core::store::MemoryStore;
/// use purlin_stores::Fallback;
///
/// # let redis = MemoryStore::new();
/// let store = Fallback::new(redis, MemoryStore::new())
///     .open("limits")
///     .open("cache")
///     .replicas(3);
/// # let _ = store;
/// ```
#[derive(Debug)]
pub struct Fallback<P, S> {
    primary: P,
    secondary: S,
    open: HashSet<String>,
    replicas: u32,
    retry_after: Duration,
    /// Until when the primary is left alone.
    down_until: Mutex<Option<Instant>>,
}

impl<P: KeyValue, S: KeyValue> Fallback<P, S> {
    /// `primary`, with `secondary` for no collection yet.
    pub fn new(primary: P, secondary: S) -> Self {
        Self {
            primary,
            secondary,
            open: HashSet::new(),
            replicas: 1,
            retry_after: Duration::from_secs(1),
            down_until: Mutex::default(),
        }
    }

    /// Lets a collection go on in the second store.
    #[must_use]
    pub fn open(mut self, collection: impl Into<String>) -> Self {
        self.open.insert(collection.into());
        self
    }

    /// Among how many replicas a limit is shared while each counts alone.
    #[must_use]
    pub fn replicas(mut self, count: u32) -> Self {
        self.replicas = count;
        self
    }

    /// How long the first store is left alone after an outage.
    #[must_use]
    pub fn retry_after(mut self, time: Duration) -> Self {
        self.retry_after = time;
        self
    }

    /// Whether the last call of the first store found it down.
    pub fn is_degraded(&self) -> bool {
        self.down_until
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .is_some()
    }

    /// Whether to ask the first store. After a pause, whoever comes first asks for all.
    fn tries_primary(&self) -> bool {
        let mut down = self
            .down_until
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        match *down {
            Some(until) if Instant::now() < until => false,
            Some(_) => {
                *down = Some(Instant::now() + self.retry_after);
                true
            }
            None => true,
        }
    }

    /// Remembers what a call of the first store says about it.
    fn judge<T>(&self, result: &StoreResult<T>) {
        let outage = result.as_ref().is_err_and(StoreError::is_outage);
        let was_down = {
            let mut down = self
                .down_until
                .lock()
                .unwrap_or_else(PoisonError::into_inner);
            let was_down = down.is_some();
            *down = outage.then(|| Instant::now() + self.retry_after);
            was_down
        };
        match (was_down, outage) {
            (false, true) => tracing::warn!("a store is down: the second one stands in for it"),
            (true, false) => tracing::info!("the store is back"),
            _ => {}
        }
    }

    /// Makes a call of the first store, and gives `None` where the second one is to be asked.
    async fn first<T>(
        &self,
        collection: &str,
        call: BoxFuture<'_, StoreResult<T>>,
    ) -> Option<StoreResult<T>> {
        let open = self.open.contains(collection);
        if !self.tries_primary() {
            return if open { None } else { Some(Err(down())) };
        }
        let result = call.await;
        self.judge(&result);
        match result {
            Err(error) if open && error.is_outage() => None,
            result => Some(result),
        }
    }

    /// A call for many keys goes to the second store only if all of them may.
    fn weakest<'a>(&self, mut at: impl Iterator<Item = Key<'a>>) -> &'a str {
        let Some(first) = at.next() else {
            return "";
        };
        let closed = |at: &Key<'a>| !self.open.contains(at.collection);
        let closed = Some(first).filter(closed).or_else(|| at.find(closed));
        closed.unwrap_or(first).collection
    }
}

fn down() -> StoreError {
    let text = "the store was found down a moment ago";
    StoreError::new(StoreErrorKind::Unavailable, text)
}

impl<P: KeyValue, S: KeyValue> KeyValue for Fallback<P, S> {
    fn get<'a>(&'a self, at: Key<'a>) -> BoxFuture<'a, StoreResult<Option<Stored>>> {
        Box::pin(async move {
            match self.first(at.collection, self.primary.get(at)).await {
                Some(result) => result,
                None => self.secondary.get(at).await,
            }
        })
    }

    fn put<'a>(
        &'a self,
        at: Key<'a>,
        value: Bytes,
        ttl: Option<Duration>,
    ) -> BoxFuture<'a, StoreResult<()>> {
        Box::pin(async move {
            let call = self.primary.put(at, value.clone(), ttl);
            match self.first(at.collection, call).await {
                Some(result) => result,
                None => self.secondary.put(at, value, ttl).await,
            }
        })
    }

    fn delete<'a>(&'a self, at: Key<'a>) -> BoxFuture<'a, StoreResult<bool>> {
        Box::pin(async move {
            match self.first(at.collection, self.primary.delete(at)).await {
                Some(result) => result,
                None => self.secondary.delete(at).await,
            }
        })
    }

    fn take<'a>(&'a self, at: Key<'a>) -> BoxFuture<'a, StoreResult<Option<Bytes>>> {
        Box::pin(async move {
            match self.first(at.collection, self.primary.take(at)).await {
                Some(result) => result,
                None => self.secondary.take(at).await,
            }
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
            let call = self
                .primary
                .compare_and_set(at, expected.clone(), new.clone(), ttl);
            match self.first(at.collection, call).await {
                Some(result) => result,
                None => self.secondary.compare_and_set(at, expected, new, ttl).await,
            }
        })
    }

    fn add<'a>(
        &'a self,
        at: Key<'a>,
        by: i64,
        ttl: Option<Duration>,
    ) -> BoxFuture<'a, StoreResult<i64>> {
        Box::pin(async move {
            let call = self.primary.add(at, by, ttl);
            match self.first(at.collection, call).await {
                Some(result) => result,
                None => self.secondary.add(at, by, ttl).await,
            }
        })
    }

    fn get_many<'a>(
        &'a self,
        at: &'a [Key<'a>],
    ) -> BoxFuture<'a, StoreResult<Vec<Option<Stored>>>> {
        Box::pin(async move {
            let collection = self.weakest(at.iter().copied());
            match self.first(collection, self.primary.get_many(at)).await {
                Some(result) => result,
                None => self.secondary.get_many(at).await,
            }
        })
    }

    fn put_many<'a>(
        &'a self,
        entries: &'a [(Key<'a>, Bytes)],
        ttl: Option<Duration>,
    ) -> BoxFuture<'a, StoreResult<()>> {
        Box::pin(async move {
            let collection = self.weakest(entries.iter().map(|(at, _)| *at));
            let call = self.primary.put_many(entries, ttl);
            match self.first(collection, call).await {
                Some(result) => result,
                None => self.secondary.put_many(entries, ttl).await,
            }
        })
    }

    fn delete_many<'a>(&'a self, at: &'a [Key<'a>]) -> BoxFuture<'a, StoreResult<usize>> {
        Box::pin(async move {
            let collection = self.weakest(at.iter().copied());
            match self.first(collection, self.primary.delete_many(at)).await {
                Some(result) => result,
                None => self.secondary.delete_many(at).await,
            }
        })
    }

    fn admit<'a>(&'a self, at: Key<'a>, limit: Gcra) -> BoxFuture<'a, StoreResult<Admission>> {
        Box::pin(async move {
            let call = self.primary.admit(at, limit);
            match self.first(at.collection, call).await {
                Some(result) => result,
                None => {
                    let share = limit.shared_among(self.replicas);
                    self.secondary.admit(at, share).await
                }
            }
        })
    }

    fn admit_all<'a>(
        &'a self,
        asked: &'a [(Key<'a>, Gcra)],
    ) -> BoxFuture<'a, StoreResult<Vec<Admission>>> {
        Box::pin(async move {
            let collection = self.weakest(asked.iter().map(|(at, _)| *at));
            let call = self.primary.admit_all(asked);
            match self.first(collection, call).await {
                Some(result) => result,
                None => {
                    let share =
                        |(at, limit): &(Key<'a>, Gcra)| (*at, limit.shared_among(self.replicas));
                    let shares: Vec<_> = asked.iter().map(share).collect();
                    self.secondary.admit_all(&shares).await
                }
            }
        })
    }

    fn changed<'a>(
        &'a self,
        at: Key<'a>,
        seen: Option<Bytes>,
        at_most: Duration,
    ) -> BoxFuture<'a, StoreResult<Option<Stored>>> {
        Box::pin(async move {
            let call = self.primary.changed(at, seen.clone(), at_most);
            match self.first(at.collection, call).await {
                Some(result) => result,
                None => self.secondary.changed(at, seen, at_most).await,
            }
        })
    }

    fn check(&self) -> BoxFuture<'_, StoreResult<()>> {
        Box::pin(async move {
            let result = self.primary.check().await;
            self.judge(&result);
            result
        })
    }
}
