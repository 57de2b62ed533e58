//! A real Redis, bare, in a stack of wrappers, and as a cluster.

use std::{sync::Arc, time::Duration};

use ::redis::{Client, FromRedisValue};
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
    let server = RedisServer::start_cluster().await;
    let store = Redis::cluster([url(&server)]).build().unwrap();
    Conformance::new(Arc::new(store)).run().await;
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

/// Asks the server itself.
async fn ask<T: FromRedisValue>(server: &RedisServer, words: &[&str]) -> T {
    let client = Client::open(url(server)).unwrap();
    let mut connection = client.get_multiplexed_async_connection().await.unwrap();
    let mut command = ::redis::cmd(words[0]);
    command.arg(&words[1..]);
    command.query_async(&mut connection).await.unwrap()
}

/// The channels that somebody listens to.
async fn channels(server: &RedisServer) -> Vec<String> {
    ask(server, &["PUBSUB", "CHANNELS"]).await
}

async fn until(mut holds: impl AsyncFnMut() -> bool) {
    while !holds().await {
        tokio::task::yield_now().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn who_waits_is_woken_also_after_the_connection_broke() {
    let server = RedisServer::start().await;
    let store = Redis::builder(url(&server)).build().unwrap();
    let at = Key::new("c", "k");
    let mut seen = None;
    for value in ["a", "b", "c"] {
        let waiting = tokio::spawn({
            let (store, seen) = (store.clone(), seen.clone());
            async move { store.changed(at, seen, Duration::from_secs(60)).await }
        });
        // It listens, once more when it was cut off.
        until(async || channels(&server).await == ["purlin:1:c:k"]).await;
        if value == "b" {
            let cut: u64 = ask(&server, &["CLIENT", "KILL", "TYPE", "pubsub"]).await;
            assert_eq!(cut, 1);
        }
        store.put(at, value.into(), None).await.unwrap();
        seen = waiting.await.unwrap().unwrap().map(|stored| stored.value);
        assert_eq!(seen.as_deref(), Some(value.as_bytes()));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn who_may_not_listen_or_tell_waits_all_the_same() {
    let server = RedisServer::start().await;
    let rules = [
        "ACL",
        "SETUSER",
        "shop",
        "on",
        "nopass",
        "~*",
        "+@all",
        "resetchannels",
    ];
    ask::<()>(&server, &rules).await;
    let store = Redis::builder(format!("redis://shop:any@{}/", server.address()));
    Conformance::new(Arc::new(store.build().unwrap()))
        .run()
        .await;
    assert_eq!(channels(&server).await, [""; 0]);
}

#[cfg(feature = "redis-tls")]
mod tls {
    use std::net::TcpListener;

    use purlin_core::store::StoreErrorKind;
    use rcgen::{BasicConstraints, CertificateParams, IsCa, Issuer, KeyPair};

    use super::*;

    /// A server with a certificate, and the authority that has signed it.
    struct Tls {
        _server: RedisServer,
        url: String,
        authority: String,
    }

    fn authority() -> (Issuer<'static, KeyPair>, String) {
        let mut params = CertificateParams::new([]).unwrap();
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        let key = KeyPair::generate().unwrap();
        let certificate = params.self_signed(&key).unwrap().pem();
        (Issuer::new(params, key), certificate)
    }

    async fn start() -> Tls {
        let (issuer, authority) = authority();
        let key = KeyPair::generate().unwrap();
        let params = CertificateParams::new(["127.0.0.1".to_owned()]).unwrap();
        let certificate = params.signed_by(&key, &issuer).unwrap();
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        drop(listener);
        let directory =
            std::env::temp_dir().join(format!("purlin-tls-{}-{port}", std::process::id()));
        std::fs::create_dir_all(&directory).unwrap();
        let file = |name: &str, text: &str| {
            let path = directory.join(name);
            std::fs::write(&path, text).unwrap();
            path.to_str().unwrap().to_owned()
        };
        let (certificate, key) = (
            file("server.pem", &certificate.pem()),
            file("server.key", &key.serialize_pem()),
        );
        let ca = file("ca.pem", &authority);
        let port = port.to_string();
        let options = [
            ["--tls-port", &port],
            ["--tls-cert-file", &certificate],
            ["--tls-key-file", &key],
            ["--tls-ca-cert-file", &ca],
            ["--tls-auth-clients", "no"],
        ];
        let server = RedisServer::start_with(&options.concat()).await;
        std::fs::remove_dir_all(&directory).unwrap();
        let url = format!("rediss://127.0.0.1:{port}/");
        Tls {
            _server: server,
            url,
            authority,
        }
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn redis_conforms_over_tls() {
        let tls = start().await;
        let builder = Redis::builder(&tls.url).root_certificates(tls.authority.as_str());
        Conformance::new(Arc::new(builder.build().unwrap()))
            .run()
            .await;
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn a_server_that_nobody_vouches_for_is_not_talked_to() {
        let tls = start().await;
        let (_, other) = authority();
        for builder in [
            Redis::builder(&tls.url),
            Redis::builder(&tls.url).root_certificates(other),
        ] {
            let store = builder.build().unwrap();
            let error = store.check().await.unwrap_err();
            assert_eq!(error.kind(), StoreErrorKind::Unavailable);
        }
    }
}
