use std::time::Duration;

use purlin_http::HttpConfig;
use serde_json::json;

use crate::{
    fixture::{Fixture, MODERN, modern_body, modern_call, take},
    raw::{Raw, post},
};

const SHORT: Duration = Duration::from_millis(150);
const LONG: Duration = Duration::from_secs(60);

/// The head of a POST with these framing lines.
fn head(lines: &str) -> String {
    format!(
        "POST /mcp HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n\
         MCP-Protocol-Version: {MODERN}\r\nMcp-Method: tools/call\r\nMcp-Name: echo\r\n{lines}\r\n"
    )
}

#[tokio::test]
async fn a_declared_body_above_the_limit_is_refused_unread() {
    let hosted = Fixture::new().host().await;
    let mut raw = hosted.connect().await;
    // The client waits to be asked for the body, and is not.
    raw.send(head("Content-Length: 4194305\r\nExpect: 100-continue\r\n"))
        .await;
    let (head, _) = raw.answer().await;
    assert_eq!(head.status, 413);
    raw.closed().await;
}

#[tokio::test]
async fn a_body_is_asked_for_when_it_is_welcome() {
    let hosted = Fixture::new().host().await;
    let body = modern_body("tools/call", json!({ "name": "echo", "arguments": {} }));
    let mut raw = hosted.connect().await;
    let length = body.len();
    raw.send(head(&format!(
        "Content-Length: {length}\r\nExpect: 100-continue\r\n"
    )))
    .await;
    assert_eq!(raw.head().await.unwrap().status, 100);
    raw.send(body).await;
    assert_eq!(raw.answer().await.0.status, 200);
}

#[tokio::test]
async fn a_chunked_body_above_the_limit_is_refused() {
    let hosted = Fixture::new()
        .host_config(HttpConfig::new().body_limit(16))
        .await;
    let mut raw = hosted.connect().await;
    raw.send(head("Transfer-Encoding: chunked\r\n")).await;
    raw.send("10\r\n0123456789abcdef\r\n1\r\nx\r\n").await;
    assert_eq!(raw.answer().await.0.status, 413);
    raw.closed().await;
}

#[tokio::test]
async fn too_large_or_too_many_headers_are_431() {
    let hosted = Fixture::new().host().await;
    let large = format!("X-Large: {}\r\n", "x".repeat(64 * 1024));
    let many: String = (0..100).map(|n| format!("X-{n}: y\r\n")).collect();
    for lines in [large, many] {
        let mut raw = hosted.connect().await;
        raw.send(head(&lines)).await;
        assert_eq!(raw.head().await.unwrap().status, 431);
        raw.closed().await;
    }
}

#[tokio::test]
async fn a_target_above_8_kib_is_414() {
    let hosted = Fixture::new().host().await;
    let long = format!("/mcp?{}", "x".repeat(8 * 1024));
    let request = modern_call("echo").replacen("/mcp", &long, 1);
    assert_eq!(hosted.status(request).await, 414);
}

#[tokio::test]
async fn slow_headers_end_the_connection() {
    let fixture = Fixture::new();
    let hosted = fixture
        .host_with(fixture.builder().connection_timeouts(SHORT, LONG, LONG))
        .await;
    let mut silent = hosted.connect().await;
    let mut slow = hosted.connect().await;
    slow.send("POST /mcp HTTP/1.1\r\nHost:").await;
    silent.closed().await;
    slow.closed().await;
}

#[tokio::test]
async fn a_stalled_body_is_408() {
    let config = HttpConfig::new().body_timeouts(SHORT, LONG);
    let hosted = Fixture::new().host_config(config).await;
    let mut raw = hosted.connect().await;
    raw.send(head("Content-Length: 10\r\n") + "{").await;
    assert_eq!(raw.answer().await.0.status, 408);
    raw.closed().await;
}

#[tokio::test]
async fn an_idle_connection_is_closed() {
    let fixture = Fixture::new();
    let hosted = fixture
        .host_with(fixture.builder().connection_timeouts(LONG, SHORT, LONG))
        .await;
    let mut raw = hosted.connect().await;
    raw.send(modern_call("echo")).await;
    assert_eq!(raw.answer().await.0.status, 200);
    raw.closed().await;
}

#[tokio::test]
async fn a_waiting_call_is_not_idle() {
    let fixture = Fixture::new();
    let hosted = fixture
        .host_with(fixture.builder().connection_timeouts(LONG, SHORT, LONG))
        .await;
    let mut waiting = hosted.connect().await;
    waiting.send(modern_call("wait")).await;
    take(&hosted.fixture.started).await;
    // A connection that is idle for as long is closed meanwhile.
    let mut idle = hosted.connect().await;
    idle.send(modern_call("echo")).await;
    assert_eq!(idle.answer().await.0.status, 200);
    idle.closed().await;
    hosted.fixture.gate.add_permits(1);
    assert_eq!(waiting.answer().await.0.status, 200);
}

#[tokio::test]
async fn connections_per_address_are_bounded() {
    let fixture = Fixture::new();
    let hosted = fixture
        .host_with(fixture.builder().connections_per_address(1))
        .await;
    let mut first = hosted.connect().await;
    first.send(modern_call("echo")).await;
    assert_eq!(first.answer().await.0.status, 200);
    let mut second = hosted.connect().await;
    second.closed().await;
    first.send(modern_call("echo")).await;
    assert_eq!(first.answer().await.0.status, 200);
}

#[tokio::test]
async fn connections_of_a_trusted_proxy_are_those_of_all_its_callers() {
    let fixture = Fixture::new();
    let builder = fixture
        .builder()
        .config(HttpConfig::new().trusted_proxies(["127.0.0.1"]))
        .connections_per_address(1);
    let hosted = fixture.host_with(builder).await;
    let mut first = hosted.connect().await;
    first.send(modern_call("echo")).await;
    assert_eq!(first.answer().await.0.status, 200);
    assert_eq!(hosted.status(modern_call("echo")).await, 200);
}

#[tokio::test]
async fn a_client_that_never_reads_is_given_up() {
    let fixture = Fixture::new();
    let builder = fixture
        .builder()
        .connection_timeouts(LONG, LONG, SHORT)
        .connections_per_address(1);
    let hosted = fixture.host_with(builder).await;
    let mut greedy = hosted.connect().await;
    // Far more than the buffers of two sockets take.
    for _ in 0..32 {
        greedy.send(modern_call("large")).await;
    }
    // Its place is free again only when the server has given it up.
    while Raw::attempt(hosted.address, &modern_call("echo")).await != Some(200) {}
}

#[tokio::test]
async fn a_stream_queue_that_nobody_reads_is_bounded() {
    // The queue itself is core's; here: a client that says nothing more keeps
    // neither the server nor other clients from going on.
    let hosted = Fixture::new().host().await;
    let mut raw = hosted.connect().await;
    raw.send(modern_call("talk")).await;
    take(&hosted.fixture.started).await;
    assert_eq!(hosted.status(modern_call("echo")).await, 200);
}

#[tokio::test]
async fn bad_requests_in_a_row_cost_nothing_but_time() {
    let hosted = Fixture::new().host().await;
    let mut raw = hosted.connect().await;
    for _ in 0..1_000 {
        raw.send(post(&[], "{broken")).await;
        assert_eq!(raw.answer().await.0.status, 400);
    }
    assert_eq!(hosted.status(modern_call("echo")).await, 200);
}
