//! Redis behind a network that delays, cuts, half-opens and corrupts: every call ends, what it says
//! is true, and the store is back when the network is.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

#[path = "../servers/proxy.rs"]
#[allow(dead_code, reason = "the soak knows more weathers")]
mod proxy;
#[path = "../servers/redis.rs"]
mod redis_server;

use std::{future::Future, sync::Arc, time::Duration};

use bytes::Bytes;
use purlin_core::{
    KeyRing, Server,
    health::{Health, Status},
    store::{Gcra, Key, KeyValue, MemoryStore, StoreError, StoreErrorKind, StoreHealth},
};
use purlin_stores::{Encrypted, Fallback, Redis};

use proxy::{Proxy, Weather};
use redis_server::RedisServer;

/// The store promises three seconds for a call and five to be back. A test machine may be slow, so
/// what is held against them is that they happen at all.
const DEADLINE: Duration = Duration::from_secs(30);
const AT: Key<'_> = Key::new("c", "k");

struct Scene {
    _server: RedisServer,
    proxy: Proxy,
    store: Redis,
}

impl Scene {
    async fn new() -> Self {
        let server = RedisServer::start().await;
        let proxy = Proxy::before(server.address()).await;
        let store = Redis::builder(format!("redis://{}/", proxy.address()))
            .build()
            .unwrap();
        let scene = Self {
            _server: server,
            proxy,
            store,
        };
        scene.put("before").await;
        scene
    }

    async fn put(&self, value: &'static str) {
        let put = self.store.put(AT, value.into(), None);
        in_time(put).await.unwrap();
    }

    /// The network is fine again: waits until the store is.
    async fn recover(&self) {
        self.proxy.set(Weather::Fine);
        recovered(&self.store).await;
    }
}

async fn recovered(store: &dyn KeyValue) {
    let back = async { while store.check().await.is_err() {} };
    in_time(back).await;
}

async fn in_time<T>(call: impl Future<Output = T>) -> T {
    let ended = tokio::time::timeout(DEADLINE, call).await;
    ended.expect("every call ends")
}

fn is_outage(kind: StoreErrorKind) -> bool {
    matches!(kind, StoreErrorKind::Unavailable | StoreErrorKind::Timeout)
}

/// Every operation fails as in an outage, and so does the check.
async fn is_down(store: &dyn KeyValue) {
    let kinds = [
        in_time(store.get(AT)).await.unwrap_err().kind(),
        in_time(store.put(AT, "lost".into(), None))
            .await
            .unwrap_err()
            .kind(),
        in_time(store.add(Key::new("c", "n"), 1, None))
            .await
            .unwrap_err()
            .kind(),
        in_time(store.get_many(&[AT, AT])).await.unwrap_err().kind(),
        in_time(store.check()).await.unwrap_err().kind(),
    ];
    for kind in kinds {
        assert!(is_outage(kind), "{kind:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_cut_network_is_an_error_and_then_over() {
    let scene = Scene::new().await;
    scene.proxy.set(Weather::Cut);
    is_down(&scene.store).await;
    scene.recover().await;
    assert_eq!(scene.store.get(AT).await.unwrap().unwrap().value, "before");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_half_open_connection_is_given_up() {
    let scene = Scene::new().await;
    scene.proxy.set(Weather::HalfOpen);
    is_down(&scene.store).await;
    scene.recover().await;
    scene.put("after").await;
    assert_eq!(scene.store.get(AT).await.unwrap().unwrap().value, "after");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_slow_network_is_borne_and_a_very_slow_one_is_not() {
    let scene = Scene::new().await;
    scene.proxy.set(Weather::Slow(Duration::from_millis(50)));
    assert_eq!(
        in_time(scene.store.get(AT)).await.unwrap().unwrap().value,
        "before"
    );
    scene.proxy.set(Weather::Slow(DEADLINE));
    let error = in_time(scene.store.get(AT)).await.unwrap_err();
    assert!(is_outage(error.kind()));
    scene.recover().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_dies_while_many_wait_fails_them_all() {
    let mut scene = Scene::new().await;
    let waiting: Vec<_> = (0..100)
        .map(|_| {
            let store = scene.store.clone();
            tokio::spawn(async move {
                let patience = Duration::from_secs(3_600);
                in_time(store.changed(Key::new("c", "never"), None, patience)).await
            })
        })
        .collect();
    scene._server.kill();
    for waiter in waiting {
        let error = waiter.await.unwrap().unwrap_err();
        assert!(is_outage(error.kind()));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_fallback_bridges_the_outage_for_what_is_open() {
    let scene = Scene::new().await;
    let store = Fallback::new(scene.store.clone(), MemoryStore::new()).open("limits");
    let limit = Gcra::new("3/hour".parse().unwrap());
    let ask = || async {
        let asked = in_time(store.admit(Key::new("limits", "alice"), limit)).await;
        asked.unwrap().is_granted()
    };
    assert!(ask().await);
    scene.proxy.set(Weather::HalfOpen);
    // The second store does not know of the first call.
    assert!(ask().await && ask().await && ask().await && !ask().await);
    let closed = in_time(store.take(Key::new("codes", "1"))).await;
    assert!(is_outage(closed.unwrap_err().kind()));
    assert!(in_time(store.check()).await.is_err());
    scene.proxy.set(Weather::Fine);
    recovered(&store).await;
    assert!(ask().await && ask().await && !ask().await);
    assert_eq!(
        in_time(store.take(Key::new("codes", "1"))).await.unwrap(),
        None
    );
}

/// Asks until the server is ready, or until it is not.
async fn until_ready(server: &Server, ready: bool) -> Health {
    in_time(async {
        loop {
            let health = server.health().await;
            if health.is_ready() == ready {
                return health;
            }
            tokio::task::yield_now().await;
        }
    })
    .await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_is_not_ready_while_a_store_is_away_that_it_needs() {
    let scene = Scene::new().await;
    let (needed, wanted) = (scene.store.clone(), scene.store.clone());
    let server = Server::builder("shop", "1.0.0")
        .health_check(StoreHealth::new("sessions", needed))
        .health_check(StoreHealth::new("answers", wanted).optional());
    until_ready(&server, true).await;
    scene.proxy.set(Weather::Cut);
    let health = until_ready(&server, false).await;
    let states = health.dependencies().iter();
    let states: Vec<_> = states.map(|have| (have.name(), have.status())).collect();
    let away = [("sessions", Status::Failed), ("answers", Status::Degraded)];
    assert_eq!(states, away);
    scene.proxy.set(Weather::Fine);
    until_ready(&server, true).await;
}

/// Eight clients in all weathers. Whatever is read was written there by that client, or is missing
/// because what arrived did not open.
#[tokio::test(flavor = "multi_thread")]
async fn no_weather_makes_a_call_hang_or_an_answer_wrong() {
    let scene = Scene::new().await;
    let store = Arc::new(Encrypted::new(scene.store.clone(), KeyRing::default()));
    let all = [
        Weather::Corrupt(20),
        Weather::Fine,
        Weather::Cut,
        Weather::Slow(Duration::from_millis(20)),
        Weather::Corrupt(500),
        Weather::HalfOpen,
        Weather::Corrupt(3),
    ];
    for (round, weather) in all.into_iter().enumerate() {
        scene.proxy.set(weather);
        let clients: Vec<_> = (0..8)
            .map(|client| tokio::spawn(write_and_read(Arc::clone(&store), round, client)))
            .collect();
        for client in clients {
            client.await.unwrap();
        }
        scene.recover().await;
        for client in 0..8 {
            write_and_read(Arc::clone(&store), round, client).await;
        }
    }
}

async fn write_and_read(store: Arc<Encrypted<Redis>>, round: usize, client: usize) {
    let key = format!("client {client}");
    let at = Key::new("c", &key);
    for serial in 0..5 {
        let value = Bytes::from(format!("{client} in round {round}: {serial}"));
        let put = in_time(store.put(at, value, None)).await;
        let get = in_time(store.get(at)).await;
        for kind in [
            put.as_ref().map_err(StoreError::kind).err(),
            get.as_ref().map_err(StoreError::kind).err(),
        ] {
            assert!(kind.is_none_or(is_outage), "{kind:?}");
        }
        if let Ok(Some(found)) = get {
            let text = std::str::from_utf8(&found.value).unwrap().to_owned();
            assert!(text.starts_with(&format!("{client} in round")), "{text}");
        }
    }
}

/// What a node of a cluster tells of itself, so that its clients come by the proxy.
async fn announce(server: &RedisServer, address: std::net::SocketAddr) {
    let client = redis::Client::open(format!("redis://{}/", server.address())).unwrap();
    let mut connection = client.get_multiplexed_async_connection().await.unwrap();
    for (setting, value) in [
        ("cluster-announce-ip", address.ip().to_string()),
        ("cluster-announce-port", address.port().to_string()),
    ] {
        let mut set = redis::cmd("CONFIG");
        set.arg("SET").arg(setting).arg(value);
        set.exec_async(&mut connection).await.unwrap();
    }
}

/// A write whose answer was lost may have been done: to do it again would be to do it twice.
#[tokio::test(flavor = "multi_thread")]
async fn what_was_written_without_an_answer_is_not_written_again() {
    for cluster in [false, true] {
        let server = match cluster {
            true => RedisServer::start_cluster().await,
            false => RedisServer::start().await,
        };
        let proxy = Proxy::before(server.address()).await;
        let address = format!("redis://{}/", proxy.address());
        let store = match cluster {
            true => {
                announce(&server, proxy.address()).await;
                Redis::cluster([address]).connections(1).build().unwrap()
            }
            false => Redis::builder(address).connections(1).build().unwrap(),
        };
        let (counter, value) = (Key::new("c", "counter"), Key::new("c", "value"));
        recovered(&store).await;
        // The server learns the scripts.
        store.add(counter, 1, None).await.unwrap();
        store.take(value).await.unwrap();
        let mut unanswered = 0;
        for adds in 2..=4_u8 {
            proxy.lose_next_answer();
            unanswered += u8::from(in_time(store.add(counter, 1, None)).await.is_err());
            recovered(&store).await;
            let count = store.get(counter).await.unwrap().unwrap().value;
            assert_eq!(count, adds.to_string(), "in a cluster: {cluster}");

            store.put(value, "tea".into(), None).await.unwrap();
            proxy.lose_next_answer();
            let taken = in_time(store.take(value)).await;
            assert!(
                !matches!(taken, Ok(None)),
                "it was taken, and nobody has it"
            );
            recovered(&store).await;
        }
        // Of the later ones, a connection that is being made may have lost its answer in their place.
        assert!(unanswered >= 1);
    }
}
