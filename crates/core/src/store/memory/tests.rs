//! What is particular to memory; what every store does, the conformance suite checks.

use std::{sync::Arc, time::Duration};

use tokio::time::advance;

use super::*;
use crate::Rate;

const HOUR: Duration = Duration::from_secs(3_600);

fn at(key: &str) -> Key<'_> {
    Key::new("tests", key)
}

async fn put(store: &MemoryStore, key: &str, ttl: Option<Duration>) -> StoreResult<()> {
    store.put(at(key), "value".into(), ttl).await
}

async fn has(store: &MemoryStore, key: &str) -> bool {
    store.get(at(key)).await.unwrap().is_some()
}

#[tokio::test(start_paused = true)]
async fn values_expire_and_their_room_is_used_again() {
    let store = MemoryStore::new().max_entries(2);
    put(&store, "a", Some(HOUR)).await.unwrap();
    put(&store, "b", Some(2 * HOUR)).await.unwrap();
    let full = put(&store, "c", None).await.unwrap_err();
    assert_eq!(full.kind(), StoreErrorKind::Quota);
    advance(HOUR).await;
    assert!(!has(&store, "a").await);
    let left = store.get(at("b")).await.unwrap().unwrap().expires_in;
    assert_eq!(left, Some(HOUR));
    put(&store, "c", None).await.unwrap();
    assert_eq!(store.len(), 2);
}

#[tokio::test]
async fn a_full_store_still_replaces_reads_and_deletes() {
    let store = MemoryStore::new().max_bytes(11);
    put(&store, "a", None).await.unwrap();
    assert!(put(&store, "b", None).await.is_err());
    put(&store, "a", None).await.unwrap();
    assert!(has(&store, "a").await);
    assert!(store.delete(at("a")).await.unwrap());
    assert!(store.is_empty());
    put(&store, "b", None).await.unwrap();
    let large = store.put(at("b"), vec![0; 12].into(), None).await;
    assert_eq!(large.unwrap_err().kind(), StoreErrorKind::TooLarge);
    assert!(has(&store, "b").await);
}

#[tokio::test]
async fn a_cache_forgets_what_was_used_least_recently() {
    let store = MemoryStore::new()
        .max_entries(2)
        .when_full(WhenFull::ForgetOldest);
    put(&store, "a", None).await.unwrap();
    put(&store, "b", None).await.unwrap();
    assert!(has(&store, "a").await);
    put(&store, "c", None).await.unwrap();
    assert!(!has(&store, "b").await);
    assert!(has(&store, "a").await && has(&store, "c").await);
}

#[tokio::test(start_paused = true)]
async fn many_values_leave_nothing_behind() {
    let store = MemoryStore::new().max_entries(50_000);
    for round in 0..3 {
        for serial in 0..20_000 {
            put(&store, &format!("{round}-{serial}"), Some(HOUR))
                .await
                .unwrap();
        }
        advance(HOUR).await;
    }
    for serial in 0..5_000 {
        put(&store, &format!("last-{serial}"), Some(HOUR))
            .await
            .unwrap();
    }
    assert_eq!(store.len(), 5_000);
}

#[tokio::test(start_paused = true)]
async fn a_waiter_is_woken_by_the_change_alone() {
    let store = Arc::new(MemoryStore::new());
    let waiter = tokio::spawn({
        let store = Arc::clone(&store);
        async move { store.changed(at("a"), None, HOUR).await }
    });
    tokio::task::yield_now().await;
    put(&store, "b", None).await.unwrap();
    tokio::task::yield_now().await;
    assert!(!waiter.is_finished());
    let before = Instant::now();
    put(&store, "a", None).await.unwrap();
    let found = waiter.await.unwrap().unwrap().unwrap();
    assert_eq!(found.value, "value");
    assert_eq!(Instant::now(), before);
}

#[tokio::test(start_paused = true)]
async fn expiry_is_a_change() {
    let store = MemoryStore::new();
    put(&store, "a", Some(HOUR)).await.unwrap();
    let before = Instant::now();
    let found = store.changed(at("a"), Some("value".into()), 5 * HOUR).await;
    assert_eq!(found.unwrap(), None);
    // The clock of timers moves in whole milliseconds.
    assert!(before.elapsed() < HOUR + Duration::from_millis(2));
}

#[tokio::test(start_paused = true)]
async fn admission_is_paid_back_in_time() {
    let store = MemoryStore::new();
    let limit = Gcra::new(Rate::new(2, Duration::from_secs(60)));
    let ask = async || store.admit(at("caller"), limit).await.unwrap();
    assert!(ask().await.is_granted());
    assert!(ask().await.is_granted());
    let wait = Duration::from_secs(30);
    assert_eq!(ask().await, Admission::Refused { retry_after: wait });
    advance(wait).await;
    assert!(ask().await.is_granted());
    assert!(!ask().await.is_granted());
    advance(HOUR).await;
    assert_eq!(store.get(at("caller")).await.unwrap(), None);
    let dear = store.admit(at("caller"), limit.cost(3)).await;
    assert_eq!(dear.unwrap_err().kind(), StoreErrorKind::Invalid);
}

#[tokio::test]
async fn nothing_of_a_value_is_printed() {
    let store = MemoryStore::new();
    store
        .put(at("s3cret"), "s3cret".into(), None)
        .await
        .unwrap();
    let found = store.get(at("s3cret")).await.unwrap();
    let printed = format!("{store:?} {found:?} {:?}", at("s3cret"));
    assert!(!printed.contains("s3cret"), "{printed}");
}
