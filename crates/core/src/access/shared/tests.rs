use std::sync::atomic::{AtomicBool, AtomicU32};

use tokio::time::{Instant, advance};

use super::*;
use crate::{
    BoxFuture, ErrorKind,
    store::{Gcra, MemoryStore, StoreErrorKind, StoreResult, Stored, outage::PAUSE},
};
use bytes::Bytes;

/// A store that can be cut off.
#[derive(Debug, Default)]
struct Cut {
    store: MemoryStore,
    cut: AtomicBool,
    hangs: AtomicBool,
    asked: AtomicU32,
    steps: AtomicU32,
}

impl KeyValue for Cut {
    fn get<'a>(&'a self, at: Key<'a>) -> BoxFuture<'a, StoreResult<Option<Stored>>> {
        self.store.get(at)
    }

    fn put<'a>(
        &'a self,
        at: Key<'a>,
        value: Bytes,
        ttl: Option<Duration>,
    ) -> BoxFuture<'a, StoreResult<()>> {
        self.store.put(at, value, ttl)
    }

    fn delete<'a>(&'a self, at: Key<'a>) -> BoxFuture<'a, StoreResult<bool>> {
        self.store.delete(at)
    }

    fn take<'a>(&'a self, at: Key<'a>) -> BoxFuture<'a, StoreResult<Option<Bytes>>> {
        self.store.take(at)
    }

    fn compare_and_set<'a>(
        &'a self,
        at: Key<'a>,
        expected: Option<Bytes>,
        new: Option<Bytes>,
        ttl: Option<Duration>,
    ) -> BoxFuture<'a, StoreResult<bool>> {
        self.store.compare_and_set(at, expected, new, ttl)
    }

    fn add<'a>(
        &'a self,
        at: Key<'a>,
        by: i64,
        ttl: Option<Duration>,
    ) -> BoxFuture<'a, StoreResult<i64>> {
        self.store.add(at, by, ttl)
    }

    fn check(&self) -> BoxFuture<'_, StoreResult<()>> {
        self.store.check()
    }

    fn admit<'a>(&'a self, at: Key<'a>, limit: Gcra) -> BoxFuture<'a, StoreResult<Admission>> {
        self.asked.fetch_add(1, Ordering::Relaxed);
        Box::pin(async move {
            if self.hangs.load(Ordering::Relaxed) {
                std::future::pending::<()>().await;
            }
            if self.cut.load(Ordering::Relaxed) {
                return Err(StoreError::new(StoreErrorKind::Unavailable, "cut off"));
            }
            self.store.admit(at, limit).await
        })
    }

    fn admit_all<'a>(
        &'a self,
        asked: &'a [(Key<'a>, Gcra)],
    ) -> BoxFuture<'a, StoreResult<Vec<Admission>>> {
        self.steps.fetch_add(1, Ordering::Relaxed);
        Box::pin(async move {
            if self.cut.load(Ordering::Relaxed) {
                return Err(StoreError::new(StoreErrorKind::Unavailable, "cut off"));
            }
            self.store.admit_all(asked).await
        })
    }
}

#[tokio::test(start_paused = true)]
async fn limits_of_one_request_are_asked_in_one_step() {
    let store = Arc::new(Cut::default());
    let shared = SharedLimits::new(store.clone());
    let [narrow, wide] = ["3/hour", "2/hour"].map(|rate| Limiter::new(rate.parse().unwrap()));
    let counted = [
        Charge::new("principal", "alice", &narrow),
        Charge::new("everyone", "", &wide),
    ];
    for _ in 0..2 {
        shared.admit_all(&counted).await.unwrap();
    }
    let (refused, error) = shared.admit_all(&counted).await.unwrap_err();
    assert_eq!((refused, error.kind()), (1, ErrorKind::RateLimited));
    assert_eq!(store.steps.load(Ordering::Relaxed), 3);
    assert_eq!(store.asked.load(Ordering::Relaxed), 0);
    // While it is away, each counts here.
    store.cut.store(true, Ordering::Relaxed);
    let granted = async || shared.admit_all(&counted).await.is_ok();
    assert_eq!(
        [granted().await, granted().await, granted().await],
        [true, true, false]
    );
    assert_eq!(store.steps.load(Ordering::Relaxed), 4);
}

fn alice() -> Caller {
    Caller::Principal("alice".into())
}

/// How many of `tries` this process lets through.
async fn granted(shared: &SharedLimits, limiter: &Limiter, tries: u32) -> u32 {
    let mut granted = 0;
    for _ in 0..tries {
        match shared.admit("calls", &alice(), limiter).await {
            Ok(()) => granted += 1,
            Err(error) => assert_eq!(error.kind(), ErrorKind::RateLimited),
        }
    }
    granted
}

#[tokio::test(start_paused = true)]
async fn processes_count_together() {
    let store = Arc::new(Cut::default());
    let rate = "10/hour".parse().unwrap();
    let mut through = 0;
    for _ in 0..3 {
        let (shared, limiter) = (SharedLimits::new(store.clone()), Limiter::new(rate));
        through += granted(&shared, &limiter, 7).await;
    }
    assert_eq!(through, 10);
}

#[tokio::test(start_paused = true)]
async fn while_the_store_is_away_each_process_has_its_part_and_then_all_again() {
    for hangs in [false, true] {
        let store = Arc::new(Cut::default());
        let shared = SharedLimits::new(store.clone()).replicas(3);
        let limiter = Limiter::new("12/hour".parse().unwrap());
        let way = if hangs { &store.hangs } else { &store.cut };
        way.store(true, Ordering::Relaxed);
        assert_eq!(granted(&shared, &limiter, 50).await, 4);
        let statistics = shared.statistics();
        assert!(statistics.away);
        assert_eq!((statistics.outages, statistics.fallbacks), (1, 50));
        // A store that is away is asked once, and then once in a second.
        assert_eq!(store.asked.load(Ordering::Relaxed), 1);
        way.store(false, Ordering::Relaxed);
        advance(PAUSE).await;
        assert_eq!(granted(&shared, &limiter, 50).await, 12);
        assert!(!shared.statistics().away);
    }
}

#[tokio::test(start_paused = true)]
async fn a_part_of_a_small_limit_still_lets_one_through() {
    let store = Arc::new(Cut::default());
    store.cut.store(true, Ordering::Relaxed);
    let shared = SharedLimits::new(store).replicas(5);
    let limiter = Limiter::new("1/minute".parse().unwrap());
    assert_eq!(granted(&shared, &limiter, 9).await, 1);
    advance(Duration::from_secs(5 * 60)).await;
    assert_eq!(granted(&shared, &limiter, 9).await, 1);
}

#[tokio::test(start_paused = true)]
async fn limits_and_callers_do_not_share_a_cell() {
    let shared = SharedLimits::new(Arc::new(Cut::default()));
    let limiter = Limiter::new("1/hour".parse().unwrap());
    for (limit, key) in [("a", "b c"), ("a b", "c"), ("a", "b"), ("b", "b")] {
        shared.admit_key(limit, key, &limiter).await.unwrap();
        shared.admit_key(limit, key, &limiter).await.unwrap_err();
    }
}

#[tokio::test(start_paused = true)]
async fn each_process_has_its_part_of_as_many_as_it_has_seen() {
    let store = Arc::new(Cut::default());
    let shared = || SharedLimits::new(store.clone()).count_replicas();
    let (one, two) = (shared(), shared());
    let limiter = Limiter::new("12/hour".parse().unwrap());
    for shared in [&one, &two] {
        shared.admit_key("calls", "bob", &limiter).await.unwrap();
    }
    while [&one, &two]
        .iter()
        .any(|shared| shared.0.settings.parts() != 2)
    {
        tokio::time::sleep(Duration::from_secs(1)).await;
    }
    store.cut.store(true, Ordering::Relaxed);
    assert_eq!(granted(&one, &limiter, 50).await, 6);
}

#[tokio::test(start_paused = true)]
async fn a_request_waits_for_the_store_as_long_as_it_is_told_to() {
    let store = Arc::new(Cut::default());
    store.hangs.store(true, Ordering::Relaxed);
    let time = Duration::from_millis(40);
    let shared = SharedLimits::new(store).patience(time);
    let limiter = Limiter::new("12/hour".parse().unwrap());
    let start = Instant::now();
    shared.admit("calls", &alice(), &limiter).await.unwrap();
    assert_eq!(start.elapsed(), time);
}
