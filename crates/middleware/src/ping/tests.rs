use std::{
    sync::{Arc, Mutex},
    time::Duration,
};

use purlin_core::{
    BoxFuture, Result, WeakSession,
    middleware::{AnyNotification, AnyResponse, Hooks, Middleware, Next},
};
use tokio::time::Instant;

use super::Ping;
use crate::fixture::{Wire, server};

const INTERVAL: Duration = Duration::from_secs(30);

#[tokio::test(start_paused = true)]
async fn a_session_is_pinged_each_interval() {
    let wire = Wire::to(&server().middleware(Ping::default())).await;
    wire.open_session().await;
    let started = Instant::now();
    for round in 1..=3 {
        assert_eq!(wire.hear().await["method"], "ping");
        assert_eq!(started.elapsed().as_secs(), round * INTERVAL.as_secs());
    }
}

#[tokio::test(start_paused = true)]
async fn a_session_that_says_it_twice_is_pinged_once() {
    let wire = Wire::to(&server().middleware(Ping::default())).await;
    wire.open_session().await;
    for _ in 0..100 {
        wire.say(&serde_json::json!({ "jsonrpc": "2.0", "method": "notifications/initialized" }));
    }
    let started = Instant::now();
    wire.hear().await;
    wire.hear().await;
    assert_eq!(started.elapsed().as_secs(), 2 * INTERVAL.as_secs());
}

#[tokio::test(start_paused = true)]
async fn the_task_ends_with_the_last_session() {
    let ping = Ping::default();
    let rounds = Arc::clone(&ping.rounds);
    let wire = Wire::to(&server().middleware(ping)).await;
    assert!(!rounds.is_running());
    wire.open_session().await;
    assert!(rounds.is_running());
    drop(wire);
    tokio::time::sleep(2 * INTERVAL).await;
    assert!(!rounds.is_running());
}

#[tokio::test(start_paused = true)]
async fn the_task_ends_when_the_server_drains() {
    let ping = Ping::default();
    let rounds = Arc::clone(&ping.rounds);
    let server = server().middleware(ping);
    let wire = Wire::to(&server).await;
    wire.open_session().await;
    server.shutdown();
    tokio::time::sleep(2 * INTERVAL).await;
    assert!(!rounds.is_running());
}

/// Keeps the session it sees.
struct Catch(Arc<Mutex<Option<WeakSession>>>);

impl Middleware for Catch {
    fn hooks(&self) -> Hooks {
        Hooks::NOTIFICATION
    }

    fn on_notification<'a>(
        &'a self,
        told: AnyNotification<'a>,
        next: Next<'a>,
    ) -> BoxFuture<'a, Result<AnyResponse>> {
        *self.0.lock().unwrap() = told.context().weak_session();
        Box::pin(next.run(told))
    }
}

#[tokio::test(start_paused = true)]
async fn the_task_ends_with_the_middleware() {
    let caught = Arc::default();
    let wire = Wire::to(&server().middleware(Catch(Arc::clone(&caught)))).await;
    wire.open_session().await;
    let session = caught.lock().unwrap().take().unwrap();
    let ping = Ping::default();
    let rounds = Arc::clone(&ping.rounds);
    rounds.join(session);
    let alive = || {
        tokio::runtime::Handle::current()
            .metrics()
            .num_alive_tasks()
    };
    let before = alive();
    drop(ping);
    tokio::task::yield_now().await;
    assert_eq!(alive(), before - 1);
}
