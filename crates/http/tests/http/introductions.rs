//! Middleware around `initialize`, over sockets.

use std::sync::Arc;

use purlin_core::{
    BoxFuture, Error, ErrorKind, Result, Server,
    middleware::{Hooks, Initialize, Middleware, Next},
    protocol::InitializeResult,
};
use tokio::sync::Semaphore;

use crate::{
    fixture::{Fixture, Hosted, error_code, initialize, session_call, take},
    raw::post,
};

const VERSION: &str = "2025-11-25";

/// Waits for the test, and turns away whoever speaks 2025-03-26.
struct Doorkeeper {
    reached: Arc<Semaphore>,
    gate: Arc<Semaphore>,
    left: Arc<Semaphore>,
}

struct Left<'a>(&'a Semaphore);

impl Drop for Left<'_> {
    fn drop(&mut self) {
        self.0.add_permits(1);
    }
}

impl Middleware for Doorkeeper {
    fn hooks(&self) -> Hooks {
        Hooks::INITIALIZE
    }

    fn on_initialize<'a>(
        &'a self,
        asked: Initialize<'a>,
        next: Next<'a>,
    ) -> BoxFuture<'a, Result<InitializeResult>> {
        Box::pin(async move {
            let _left = Left(&self.left);
            self.reached.add_permits(1);
            take(&self.gate).await;
            if asked.params().protocol_version == "2025-03-26" {
                let refused = Error::new(ErrorKind::RateLimited, "too many sessions");
                return Err(refused.with_retry_after(std::time::Duration::from_secs(7)));
            }
            next.run(asked).await
        })
    }
}

struct Guarded {
    hosted: Hosted,
    reached: Arc<Semaphore>,
    gate: Arc<Semaphore>,
    left: Arc<Semaphore>,
}

/// A server behind the doorkeeper, whose gate lets so many pass at once.
async fn guarded(open: usize) -> Guarded {
    let (reached, left) = (Arc::new(Semaphore::new(0)), Arc::new(Semaphore::new(0)));
    let gate = Arc::new(Semaphore::new(open));
    let keeper = Doorkeeper {
        reached: Arc::clone(&reached),
        gate: Arc::clone(&gate),
        left: Arc::clone(&left),
    };
    let server = Server::builder("guarded", "1.0.0").middleware(keeper);
    Guarded {
        hosted: Fixture::of(server).host().await,
        reached,
        gate,
        left,
    }
}

#[tokio::test]
async fn who_is_refused_gets_an_error_and_no_session() {
    let guarded = guarded(2).await;
    let (head, body) = guarded
        .hosted
        .exchange(post(&[], &initialize("2025-03-26")))
        .await;
    assert_eq!((head.status, error_code(&body)), (200, 429), "{body}");
    assert_eq!(head.field("mcp-session-id"), None);
    assert_eq!(head.field("retry-after"), Some("7"));
    let id = guarded.hosted.open(VERSION).await;
    let status = guarded.hosted.status(session_call(&id, 1, "echo")).await;
    assert_eq!(status, 200);
}

#[tokio::test]
async fn an_initialize_that_waits_is_answered_with_its_session() {
    let guarded = guarded(0).await;
    let mut raw = guarded.hosted.connect().await;
    raw.send(post(&[], &initialize(VERSION))).await;
    take(&guarded.reached).await;
    guarded.gate.add_permits(1);
    let (head, body) = raw.answer().await;
    assert_eq!(head.status, 200, "{body}");
    let id = head.field("mcp-session-id").expect("a session id");
    let status = guarded.hosted.status(session_call(id, 1, "echo")).await;
    assert_eq!(status, 200);
}

#[tokio::test]
async fn a_client_that_goes_away_leaves_no_session_behind() {
    let guarded = guarded(0).await;
    let mut raw = guarded.hosted.connect().await;
    raw.send(post(&[], &initialize(VERSION))).await;
    take(&guarded.reached).await;
    drop(raw);
    take(&guarded.left).await;
}

#[cfg(feature = "legacy-sse")]
mod legacy {
    use super::*;
    use crate::{fixture::call_body, raw::Events};

    const GET: &str = "GET /sse HTTP/1.1\r\nHost: localhost\r\nAccept: text/event-stream\r\n\r\n";

    async fn open(hosted: &Hosted) -> (String, Events) {
        let mut stream = hosted.stream(GET).await;
        let endpoint = stream.next().await.unwrap();
        (endpoint.data, stream)
    }

    async fn send(hosted: &Hosted, to: &str, body: &str) -> u16 {
        hosted.status(post(&[], body).replacen("/mcp", to, 1)).await
    }

    #[tokio::test]
    async fn who_is_refused_hears_why_and_may_try_again() {
        let guarded = guarded(2).await;
        let (to, mut stream) = open(&guarded.hosted).await;
        let status = send(&guarded.hosted, &to, &initialize("2025-03-26")).await;
        assert_eq!(status, 202);
        let refused = stream.next().await.unwrap();
        assert_eq!(error_code(&refused.data), 429, "{refused:?}");
        assert_eq!(send(&guarded.hosted, &to, &call_body(1, "echo")).await, 400);
        assert_eq!(send(&guarded.hosted, &to, &initialize(VERSION)).await, 202);
        assert!(stream.next().await.unwrap().data.contains(VERSION));
        assert_eq!(send(&guarded.hosted, &to, &call_body(1, "echo")).await, 202);
        assert!(stream.next().await.unwrap().data.contains("\"result\""));
    }

    #[tokio::test]
    async fn what_comes_before_the_answer_is_refused() {
        let guarded = guarded(0).await;
        let (to, mut stream) = open(&guarded.hosted).await;
        assert_eq!(send(&guarded.hosted, &to, &initialize(VERSION)).await, 202);
        take(&guarded.reached).await;
        assert_eq!(send(&guarded.hosted, &to, &call_body(1, "echo")).await, 202);
        let early = stream.next().await.unwrap();
        assert_eq!(error_code(&early.data), -32600, "{early:?}");
        guarded.gate.add_permits(1);
        assert!(stream.next().await.unwrap().data.contains(VERSION));
        drop(stream);
        take(&guarded.left).await;
    }
}
