//! DynamoDB, held against a look-alike.

use std::{net::SocketAddr, sync::Arc, time::Duration};

use aws_sdk_dynamodb::{
    Client, Config,
    config::{BehaviorVersion, Credentials, Region},
};
use purlin_core::{
    KeyRing,
    store::{Key, KeyValue, StoreErrorKind},
};
use purlin_stores::{Compressed, DynamoDb, Encrypted, Prefixed, testing::Conformance};

use crate::{
    http_proxy::{Fate, HttpProxy},
    moto::Moto,
};

/// A store in a new table.
async fn made(moto: &Moto) -> DynamoDb {
    let store = store(moto.address());
    store.create_table().await.unwrap();
    store
}

#[allow(
    deprecated,
    reason = "each version of the behaviour deprecates the last"
)]
fn store(address: SocketAddr) -> DynamoDb {
    let config = Config::builder()
        .behavior_version(BehaviorVersion::v2025_08_07())
        .region(Region::new("eu-central-1"))
        .credentials_provider(Credentials::new("key", "secret", None, None, "test"))
        .endpoint_url(format!("http://{address}"))
        .http_client(aws_smithy_http_client::Builder::new().build_http())
        .build();
    // The look-alike is slow, and one machine runs many tests.
    DynamoDb::new(&Client::from_conf(config), "records").timeout(Duration::from_secs(60))
}

/// What the service says when it is asked too much.
fn throttled() -> Fate {
    let body = r#"{"__type":"com.amazonaws.dynamodb.v20120810#ProvisionedThroughputExceededException","message":"m"}"#;
    Fate::Answered(format!(
        "HTTP/1.1 400 Bad Request\r\ncontent-type: application/x-amz-json-1.0\r\n\
         connection: close\r\ncontent-length: {}\r\n\r\n{body}",
        body.len()
    ))
}

const AT: Key<'static> = Key {
    collection: "c",
    key: "k",
};

async fn value(store: &DynamoDb) -> Option<bytes::Bytes> {
    store.get(AT).await.unwrap().map(|stored| stored.value)
}

#[tokio::test(flavor = "multi_thread")]
async fn dynamodb_conforms() {
    let moto = Moto::start().await;
    let store = Arc::new(made(&moto).await);
    let suite = Conformance::new(store).largest_value(DynamoDb::LARGEST_VALUE);
    // It answers one after the other, some dozen in a second.
    suite.tasks(20).run().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stack_over_dynamodb_conforms() {
    let moto = Moto::start().await;
    let store = Prefixed::new(made(&moto).await, "tenant");
    let store = Compressed::new(Encrypted::new(store, KeyRing::default()));
    let suite = Conformance::new(Arc::new(store)).largest_value(300 << 10);
    suite.tasks(10).run().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_missing_table_or_service_is_an_outage() {
    let mut moto = Moto::start().await;
    let store = store(moto.address());
    let kind = store.get(AT).await.unwrap_err().kind();
    assert_eq!(kind, StoreErrorKind::Unavailable);
    moto.kill().await;
    let error = store.check().await.unwrap_err();
    assert!(error.is_outage());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_write_whose_answer_was_lost_is_an_error_and_not_sent_again() {
    let moto = Moto::start().await;
    let direct = made(&moto).await;
    let proxy = HttpProxy::before(moto.address()).await;
    let store = store(proxy.address());

    direct.add(AT, 1, None).await.unwrap();
    proxy.next([Fate::AnswerLost]);
    assert!(store.add(AT, 1, None).await.unwrap_err().is_outage());
    assert_eq!(value(&direct).await.unwrap(), "2");

    proxy.next([Fate::AnswerLost]);
    let (old, new) = (Some("2".into()), Some("tea".into()));
    let error = store.compare_and_set(AT, old, new, None).await.unwrap_err();
    assert!(error.is_outage());
    assert_eq!(value(&direct).await.unwrap(), "tea");

    proxy.next([Fate::AnswerLost]);
    assert!(store.take(AT).await.unwrap_err().is_outage());
    assert_eq!(value(&direct).await, None);
    assert_eq!(proxy.waiting(), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_read_whose_answer_was_lost_is_sent_again() {
    let moto = Moto::start().await;
    made(&moto).await.put(AT, "tea".into(), None).await.unwrap();
    let proxy = HttpProxy::before(moto.address()).await;
    proxy.next([Fate::AnswerLost, throttled(), Fate::AnswerLost]);
    assert_eq!(value(&store(proxy.address())).await.unwrap(), "tea");
    assert_eq!(proxy.waiting(), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_write_that_was_put_off_is_sent_again_and_counts_once() {
    let moto = Moto::start().await;
    let direct = made(&moto).await;
    direct.add(AT, 1, None).await.unwrap();
    let proxy = HttpProxy::before(moto.address()).await;
    let store = store(proxy.address());
    proxy.next([throttled(), throttled()]);
    assert_eq!(store.add(AT, 1, None).await.unwrap(), 2);

    // Not for ever.
    proxy.next(std::iter::repeat_n(throttled(), 5));
    let error = store.add(AT, 1, None).await.unwrap_err();
    assert!(error.is_outage() && error.to_string().contains("capacity"));
    assert_eq!(
        (proxy.waiting(), value(&direct).await.unwrap()),
        (0, "2".into())
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_value_above_the_limit_is_refused_before_it_travels() {
    let store = store(SocketAddr::from(([127, 0, 0, 1], 9)));
    let large = vec![0; DynamoDb::LARGEST_VALUE + 1];
    let error = store.put(AT, large.into(), None).await;
    assert_eq!(error.unwrap_err().kind(), StoreErrorKind::TooLarge);
}
