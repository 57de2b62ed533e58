use std::time::Duration;

use bytes::Bytes;
use http::Request;
use purlin_http::{Body, StreamableHttp};
use serde_json::json;

use crate::{
    fixture::{Fixture, error_code, modern, modern_call, session_call, take},
    raw::{Events, Raw},
};

#[tokio::test]
async fn calls_in_flight_are_answered_before_the_end() {
    const CALLS: usize = 200;
    let hosted = Fixture::new().host().await;
    let mut calls = Vec::new();
    for _ in 0..CALLS {
        let mut raw = hosted.connect().await;
        raw.send(modern_call("wait")).await;
        take(&hosted.fixture.started).await;
        calls.push(raw);
    }
    hosted.fixture.server.shutdown();
    hosted.fixture.gate.add_permits(CALLS);
    for mut raw in calls {
        assert_eq!(raw.answer().await.0.status, 200);
    }
    hosted.task.await.unwrap();
}

#[tokio::test]
async fn nobody_is_accepted_after_the_end_has_begun() {
    let hosted = Fixture::new().host().await;
    let mut idle = hosted.connect().await;
    idle.send(modern_call("echo")).await;
    assert_eq!(idle.answer().await.0.status, 200);
    hosted.fixture.server.shutdown();
    idle.closed().await;
    hosted.task.await.unwrap();
    assert!(
        tokio::net::TcpStream::connect(hosted.address)
            .await
            .is_err()
    );
}

#[tokio::test]
async fn subscriptions_end_with_their_result() {
    let hosted = Fixture::new().host().await;
    let filter = json!({ "notifications": { "toolsListChanged": true } });
    let mut stream = hosted.stream(modern("subscriptions/listen", filter)).await;
    stream.next().await.unwrap();
    hosted.fixture.server.shutdown();
    let rest = stream.rest().await;
    assert!(rest.last().unwrap().data.contains("\"result\""), "{rest:?}");
    hosted.task.await.unwrap();
}

#[tokio::test]
async fn streams_of_sessions_end() {
    let hosted = Fixture::new().host().await;
    let session = hosted.open("2025-11-25").await;
    let (_, listening) = hosted.get(&session, None).await;
    hosted.fixture.server.shutdown();
    Events::of(listening).rest().await;
    hosted.task.await.unwrap();
}

#[tokio::test]
async fn requests_of_sessions_without_a_connection_have_the_grace_period_too() {
    let hosted = Fixture::new().host().await;
    let session = hosted.open("2025-11-25").await;
    let mut raw = hosted.connect().await;
    raw.send(session_call(&session, 1, "wait")).await;
    take(&hosted.fixture.started).await;
    drop(raw);
    // Answered only when the lost connection has been noticed.
    assert_eq!(hosted.status(session_call(&session, 2, "echo")).await, 200);
    hosted.fixture.server.shutdown();
    hosted.fixture.gate.add_permits(1);
    take(&hosted.fixture.ended).await;
    hosted.task.await.unwrap();
}

#[tokio::test]
async fn calls_that_outlast_the_grace_period_are_answered_with_an_error() {
    let fixture = Fixture::new();
    let hosted = fixture
        .host_with(fixture.builder().grace(Duration::from_millis(100)))
        .await;
    let mut silent = hosted.connect().await;
    silent.send(modern_call("wait")).await;
    let mut speaking = hosted.stream(modern_call("talk")).await;
    speaking.next().await.unwrap();
    take(&hosted.fixture.started).await;
    take(&hosted.fixture.started).await;
    hosted.fixture.server.shutdown();
    let (head, body) = silent.answer().await;
    assert_eq!((head.status, error_code(&body)), (503, -32603));
    let rest = speaking.rest().await;
    assert_eq!(error_code(&rest.last().unwrap().data), -32603);
    hosted.task.await.unwrap();
    take(&hosted.fixture.ended).await;
    take(&hosted.fixture.ended).await;
}

#[tokio::test]
async fn a_future_of_the_caller_ends_the_server() {
    let (end, ended) = tokio::sync::oneshot::channel::<()>();
    let http = Fixture::new().builder().listen().await.unwrap();
    let http = http.shutdown_on(async move {
        let _ = ended.await;
    });
    let address = http.local_addr();
    let task = tokio::spawn(http.serve());
    let mut raw = Raw::connect(address).await;
    raw.send(modern_call("echo")).await;
    assert_eq!(raw.answer().await.0.status, 200);
    end.send(()).unwrap();
    task.await.unwrap().unwrap();
}

#[tokio::test]
async fn ready_turns_503_while_health_stays() {
    let fixture = Fixture::new();
    let endpoint = StreamableHttp::new(fixture.server.clone());
    let status = async |path: &str| {
        let request = Request::get(path).body(Body::from(Bytes::new())).unwrap();
        endpoint.handle(request).await.status().as_u16()
    };
    assert_eq!(
        (status("/ready").await, status("/health").await),
        (200, 200)
    );
    fixture.server.shutdown();
    assert_eq!(
        (status("/ready").await, status("/health").await),
        (503, 200)
    );
}
