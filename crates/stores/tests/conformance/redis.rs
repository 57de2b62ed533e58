//! A real Redis, bare, in a stack of wrappers, and as a cluster.

use std::{sync::Arc, time::Duration};

use purlin_core::{
    KeyRing,
    store::{Key, KeyValue, MemoryStore},
};
use purlin_stores::{
    Compressed, Encrypted, Fallback, Prefixed, Redis, TtlClamp, testing::Conformance,
};

use crate::redis_server::RedisServer;

fn url(server: &RedisServer) -> String {
    format!("redis://{}/", server.address())
}

#[tokio::test(flavor = "multi_thread")]
async fn redis_conforms() {
    let server = RedisServer::start().await;
    let store = Redis::builder(url(&server)).build().unwrap();
    Conformance::new(Arc::new(store)).run().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stack_over_redis_conforms() {
    let server = RedisServer::start().await;
    let store = Redis::builder(url(&server)).connections(4).build().unwrap();
    let store = Compressed::new(Encrypted::new(store, KeyRing::default()));
    let store = TtlClamp::new(store).at_most(Duration::from_secs(86_400));
    let store = Fallback::new(Prefixed::new(store, "tenant"), MemoryStore::new());
    Conformance::new(Arc::new(store)).run().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_cluster_conforms() {
    let server = RedisServer::start_with(&["--cluster-enabled", "yes"]).await;
    take_all_slots(&server).await;
    let store = Redis::cluster([url(&server)]).build().unwrap();
    Conformance::new(Arc::new(store)).run().await;
}

/// Makes a cluster of the one node.
async fn take_all_slots(server: &RedisServer) {
    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    let mut stream = tokio::net::TcpStream::connect(server.address())
        .await
        .unwrap();
    stream
        .write_all(b"CLUSTER ADDSLOTSRANGE 0 16383\r\n")
        .await
        .unwrap();
    let mut answer = [0; 5];
    stream.read_exact(&mut answer).await.unwrap();
    assert_eq!(&answer, b"+OK\r\n");
    // The node takes a moment to find that its cluster is complete.
    let mut state = String::new();
    while !state.contains("cluster_state:ok") {
        stream.write_all(b"CLUSTER INFO\r\n").await.unwrap();
        let mut part = [0; 4_096];
        let read = stream.read(&mut part).await.unwrap();
        state.push_str(&String::from_utf8_lossy(&part[..read]));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn namespaces_do_not_meet() {
    let server = RedisServer::start().await;
    let store = |namespace: &str| {
        let builder = Redis::builder(url(&server)).namespace(namespace);
        builder.build().unwrap()
    };
    let (mine, yours) = (store("mine"), store("yours"));
    let at = Key::new("c", "k");
    mine.put(at, "v".into(), None).await.unwrap();
    assert_eq!(yours.get(at).await.unwrap(), None);
}

/// Two replicas are two connections to one server: what one writes wakes the other.
#[tokio::test(flavor = "multi_thread")]
async fn a_replica_sees_what_another_writes() {
    let server = RedisServer::start().await;
    let replica = || Redis::builder(url(&server)).build().unwrap();
    let (writer, reader) = (replica(), replica());
    let waiting = tokio::spawn(async move {
        let patience = Duration::from_secs(60);
        reader.changed(Key::new("c", "k"), None, patience).await
    });
    writer
        .put(Key::new("c", "k"), "v".into(), None)
        .await
        .unwrap();
    assert_eq!(waiting.await.unwrap().unwrap().unwrap().value, "v");
}
