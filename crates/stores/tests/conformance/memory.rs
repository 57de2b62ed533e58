//! The store in memory, bare and in every wrapper.

use std::{sync::Arc, time::Duration};

use purlin_core::{
    BoxFuture, KeyRing,
    store::{Key, KeyValue, MemoryStore, StoreError, StoreErrorKind},
};
use purlin_stores::{
    Compressed, Counted, Encrypted, Fallback, Prefixed, ReadOnly, SizeLimit, TtlClamp,
    testing::Conformance,
};

async fn conforms(store: impl KeyValue) {
    Conformance::new(Arc::new(store)).run().await;
}

fn ring() -> KeyRing {
    KeyRing::new([[2; 32], [1; 32]])
}

#[tokio::test(flavor = "multi_thread")]
async fn memory_conforms() {
    conforms(MemoryStore::new()).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn prefixed_conforms() {
    let place = Arc::new(MemoryStore::new());
    conforms(Prefixed::new(Arc::clone(&place), "1:a")).await;
    conforms(Prefixed::new(Prefixed::new(place, ""), "ü")).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn ttl_clamp_conforms() {
    let bounds = TtlClamp::new(MemoryStore::new()).at_most(Duration::from_secs(86_400));
    conforms(bounds.at_least(Duration::from_millis(1))).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn size_limit_conforms() {
    conforms(SizeLimit::new(MemoryStore::new(), 1 << 20)).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn compressed_conforms() {
    conforms(Compressed::new(MemoryStore::new())).await;
    conforms(Compressed::new(MemoryStore::new()).from_size(0)).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn encrypted_conforms() {
    conforms(Encrypted::new(MemoryStore::new(), ring())).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn counted_conforms() {
    let store = Arc::new(Counted::new(MemoryStore::new(), "test"));
    conforms(Arc::clone(&store)).await;
    let counted = store.statistics();
    assert!(counted.operations > counted.errors && counted.errors > 0);
    assert!(counted.hits > 0 && counted.misses > 0);
    assert!(counted.bytes_read > 1 << 20 && counted.bytes_written > 1 << 20);
}

#[tokio::test(flavor = "multi_thread")]
async fn fallback_conforms_while_the_first_store_is_up() {
    conforms(Fallback::new(MemoryStore::new(), MemoryStore::new())).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stack_of_all_conforms() {
    let place = Arc::new(MemoryStore::new());
    let store = Encrypted::new(Prefixed::new(place, "staging"), ring());
    let store = SizeLimit::new(Compressed::new(store), 1 << 20);
    let store = TtlClamp::new(store).at_most(Duration::from_secs(86_400));
    let store = Fallback::new(Counted::new(store, "test"), MemoryStore::new());
    conforms(Prefixed::new(store, "tenant")).await;
}

#[tokio::test]
async fn read_only_reads_and_refuses_the_rest() {
    let place = Arc::new(MemoryStore::new());
    let at = Key::new("c", "k");
    place.put(at, "v".into(), None).await.unwrap();
    let store = ReadOnly::new(place);
    let refused = |error: StoreError| assert_eq!(error.kind(), StoreErrorKind::ReadOnly);
    refused(store.put(at, "w".into(), None).await.unwrap_err());
    refused(store.delete(at).await.unwrap_err());
    refused(store.take(at).await.unwrap_err());
    refused(store.add(at, 1, None).await.unwrap_err());
    let call = store.compare_and_set(at, Some("v".into()), None, None);
    refused(call.await.unwrap_err());
    refused(store.put_many(&[], None).await.unwrap_err());
    refused(store.delete_many(&[at]).await.unwrap_err());
    assert_eq!(store.get(at).await.unwrap().unwrap().value, "v");
    assert_eq!(store.get_many(&[at]).await.unwrap().len(), 1);
    store.check().await.unwrap();
}

/// A store that is down.
#[derive(Debug)]
struct Down;

fn down<'a, T: Send + 'a>() -> BoxFuture<'a, Result<T, StoreError>> {
    let error = StoreError::new(StoreErrorKind::Unavailable, "down");
    Box::pin(std::future::ready(Err(error)))
}

impl KeyValue for Down {
    fn get<'a>(
        &'a self,
        _: Key<'a>,
    ) -> BoxFuture<'a, Result<Option<purlin_core::store::Stored>, StoreError>> {
        down()
    }

    fn put<'a>(
        &'a self,
        _: Key<'a>,
        _: bytes::Bytes,
        _: Option<Duration>,
    ) -> BoxFuture<'a, Result<(), StoreError>> {
        down()
    }

    fn delete<'a>(&'a self, _: Key<'a>) -> BoxFuture<'a, Result<bool, StoreError>> {
        down()
    }

    fn take<'a>(&'a self, _: Key<'a>) -> BoxFuture<'a, Result<Option<bytes::Bytes>, StoreError>> {
        down()
    }

    fn compare_and_set<'a>(
        &'a self,
        _: Key<'a>,
        _: Option<bytes::Bytes>,
        _: Option<bytes::Bytes>,
        _: Option<Duration>,
    ) -> BoxFuture<'a, Result<bool, StoreError>> {
        down()
    }

    fn add<'a>(
        &'a self,
        _: Key<'a>,
        _: i64,
        _: Option<Duration>,
    ) -> BoxFuture<'a, Result<i64, StoreError>> {
        down()
    }

    fn check(&self) -> BoxFuture<'_, Result<(), StoreError>> {
        down()
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_fallback_that_is_open_goes_on_and_one_that_is_closed_says_so() {
    let store = Fallback::new(Down, MemoryStore::new())
        .open("cache")
        .open("limits")
        .replicas(2);
    let (open, closed) = (Key::new("cache", "k"), Key::new("codes", "k"));
    store.put(open, "v".into(), None).await.unwrap();
    assert_eq!(store.take(open).await.unwrap().unwrap(), "v");
    for at in [closed, closed] {
        let error = store.take(at).await.unwrap_err();
        assert_eq!(error.kind(), StoreErrorKind::Unavailable);
    }
    assert!(store.is_degraded());
    assert!(store.get_many(&[open]).await.is_ok());
    assert!(store.get_many(&[open, closed]).await.is_err());
    assert!(store.check().await.is_err());
    // Each of two replicas grants half.
    let limit = purlin_core::store::Gcra::new("10/day".parse().unwrap());
    let mut granted = 0;
    while store
        .admit(Key::new("limits", "k"), limit)
        .await
        .unwrap()
        .is_granted()
    {
        granted += 1;
    }
    assert_eq!(granted, 5);
}
