#![cfg(feature = "legacy-sse")]

use crate::{
    fixture::{Fixture, Hosted, call_body, initialize, take},
    raw::{Events, post},
};

const GET: &str = "GET /sse HTTP/1.1\r\nHost: localhost\r\nAccept: text/event-stream\r\n\r\n";

/// Opens the stream; where to post, and the stream.
async fn open(hosted: &Hosted) -> (String, Events) {
    let mut stream = hosted.stream(GET).await;
    let endpoint = stream.next().await.unwrap();
    assert_eq!(endpoint.kind, "endpoint");
    (endpoint.data, stream)
}

async fn send(hosted: &Hosted, to: &str, body: &str) -> u16 {
    hosted.status(post(&[], body).replacen("/mcp", to, 1)).await
}

#[tokio::test]
async fn everything_said_travels_on_the_stream() {
    let hosted = Fixture::new().host().await;
    let (to, mut stream) = open(&hosted).await;
    assert_eq!(send(&hosted, &to, &initialize("2024-11-05")).await, 202);
    let answer = stream.next().await.unwrap();
    assert!(
        answer.kind == "message" && answer.data.contains("2024-11-05"),
        "{answer:?}"
    );
    let initialized = r#"{"jsonrpc":"2.0","method":"notifications/initialized"}"#;
    assert_eq!(send(&hosted, &to, initialized).await, 202);
    assert_eq!(send(&hosted, &to, &call_body(1, "say")).await, 202);
    assert!(
        stream
            .next()
            .await
            .unwrap()
            .data
            .contains("notifications/progress")
    );
    assert!(stream.next().await.unwrap().data.contains("\"result\""));
    assert!(hosted.fixture.server.remove_tool("large"));
    assert!(stream.next().await.unwrap().data.contains("list_changed"));
}

#[tokio::test]
async fn the_first_message_is_initialize() {
    let hosted = Fixture::new().host().await;
    let (to, _stream) = open(&hosted).await;
    assert_eq!(send(&hosted, &to, &call_body(1, "echo")).await, 400);
}

#[tokio::test]
async fn the_end_of_the_stream_ends_the_session() {
    let hosted = Fixture::new().host().await;
    let (to, mut stream) = open(&hosted).await;
    send(&hosted, &to, &initialize("2024-11-05")).await;
    stream.next().await.unwrap();
    send(&hosted, &to, &call_body(1, "wait")).await;
    take(&hosted.fixture.started).await;
    drop(stream);
    take(&hosted.fixture.ended).await;
    assert_eq!(send(&hosted, &to, &call_body(2, "echo")).await, 404);
}

#[tokio::test]
async fn the_old_endpoints_are_guarded_like_the_new_one() {
    let hosted = Fixture::new().host().await;
    let foreign = GET.replacen("Accept", "Origin: http://evil.example.com\r\nAccept", 1);
    assert_eq!(hosted.status(foreign).await, 403);
    assert_eq!(
        hosted
            .status(GET.replacen("localhost", "evil.example.com", 1))
            .await,
        403
    );
    assert_eq!(
        send(&hosted, "/messages?session_id=unknown", "{}").await,
        404
    );
    assert_eq!(send(&hosted, "/messages", "{}").await, 404);
}
