use std::time::Duration;

use bytes::Bytes;
use http::{Request, Response};
use purlin_core::Principal;
use purlin_http::{Body, HttpConfig, StreamableHttp};

use crate::{
    fixture::{Fixture, call_body, error_code, initialize, session_call},
    raw::post,
};

const VERSION: &str = "2025-11-25";

#[tokio::test]
async fn initialize_gives_an_id_of_visible_ascii() {
    let hosted = Fixture::new().host().await;
    let (one, two) = (hosted.open(VERSION).await, hosted.open(VERSION).await);
    assert_ne!(one, two);
    assert!(one.len() >= 22 && one.bytes().all(|byte| (0x21..=0x7e).contains(&byte)));
}

#[tokio::test]
async fn every_version_with_sessions_is_negotiated_with_and_without_its_header() {
    let hosted = Fixture::new().host().await;
    for version in ["2024-11-05", "2025-03-26", "2025-06-18", "2025-11-25"] {
        let (head, body) = hosted.exchange(post(&[], &initialize(version))).await;
        assert!(head.status == 200 && body.contains(version), "{body}");
        let headers = [
            ("MCP-Protocol-Version", version),
            ("Mcp-Method", "initialize"),
        ];
        let (head, body) = hosted.exchange(post(&headers, &initialize(version))).await;
        assert!(head.status == 200 && body.contains(version), "{body}");
    }
}

#[tokio::test]
async fn a_request_outside_of_any_session_is_400() {
    let hosted = Fixture::new().host().await;
    let (head, body) = hosted.exchange(post(&[], &call_body(9, "echo"))).await;
    assert_eq!((head.status, error_code(&body)), (400, -32600));
    assert!(body.contains("\"id\":9"), "{body}");
    let note = r#"{"jsonrpc":"2.0","method":"notifications/initialized"}"#;
    assert_eq!(hosted.status(post(&[], note)).await, 400);
}

#[tokio::test]
async fn an_unknown_or_ended_session_is_404() {
    let hosted = Fixture::new().host().await;
    let id = hosted.open(VERSION).await;
    let delete = format!("DELETE /mcp HTTP/1.1\r\nHost: localhost\r\nMcp-Session-Id: {id}\r\n\r\n");
    assert_eq!(hosted.status(session_call(&id, 1, "echo")).await, 200);
    assert_eq!(hosted.status(&delete).await, 204);
    assert_eq!(hosted.status(&delete).await, 404);
    assert_eq!(hosted.status(session_call(&id, 2, "echo")).await, 404);
    assert_eq!(hosted.get(&id, None).await.0.status, 404);
    for unknown in ["nonsense", &"0".repeat(32)] {
        assert_eq!(hosted.status(session_call(unknown, 1, "echo")).await, 404);
    }
}

#[tokio::test]
async fn two_session_headers_are_400() {
    let hosted = Fixture::new().host().await;
    let id = hosted.open(VERSION).await;
    let headers = [
        ("Mcp-Session-Id", id.as_str()),
        ("Mcp-Session-Id", id.as_str()),
    ];
    assert_eq!(
        hosted.status(post(&headers, &call_body(1, "echo"))).await,
        400
    );
}

#[tokio::test]
async fn the_version_header_may_be_absent_but_not_wrong() {
    let hosted = Fixture::new().host().await;
    let id = hosted.open(VERSION).await;
    for (version, expected) in [
        ("", 200),
        (VERSION, 200),
        ("2025-06-18", 200),
        ("v999.0.0", 400),
        ("1.0", 400),
    ] {
        let headers = [
            ("Mcp-Session-Id", id.as_str()),
            ("MCP-Protocol-Version", version),
        ];
        let status = hosted.status(post(&headers, &call_body(1, "echo"))).await;
        assert_eq!(status, expected, "{version}");
    }
}

#[tokio::test]
async fn notifications_and_answers_are_202() {
    let hosted = Fixture::new().host().await;
    let id = hosted.open(VERSION).await;
    for body in [
        r#"{"jsonrpc":"2.0","method":"notifications/cancelled","params":{"requestId":5}}"#,
        r#"{"jsonrpc":"2.0","id":77,"result":{}}"#,
    ] {
        let (head, answer) = hosted
            .exchange(post(&[("Mcp-Session-Id", &id)], body))
            .await;
        assert_eq!((head.status, answer.as_str()), (202, ""), "{body}");
    }
}

#[tokio::test]
async fn errors_travel_in_the_body() {
    let hosted = Fixture::new().host().await;
    let id = hosted.open(VERSION).await;
    let unknown = r#"{"jsonrpc":"2.0","id":1,"method":"unknown/method"}"#;
    let (head, body) = hosted
        .exchange(post(&[("Mcp-Session-Id", &id)], unknown))
        .await;
    assert_eq!((head.status, error_code(&body)), (200, -32601));
    let (head, body) = hosted
        .exchange(post(&[("Mcp-Session-Id", &id)], "{broken"))
        .await;
    assert_eq!((head.status, error_code(&body)), (400, -32700));
}

#[tokio::test]
async fn batches_exist_in_sessions_of_2025_03_26_only() {
    let hosted = Fixture::new().host().await;
    let old = hosted.open("2025-03-26").await;
    let batch = format!(
        r#"[{},{},{{"jsonrpc":"2.0","method":"notifications/x"}},{{"jsonrpc":"2.0"}}]"#,
        call_body(1, "echo"),
        call_body(2, "echo")
    );
    let (head, body) = hosted
        .exchange(post(&[("Mcp-Session-Id", &old)], &batch))
        .await;
    assert_eq!(head.status, 200);
    let answers: Vec<serde_json::Value> = serde_json::from_str(&body).unwrap();
    let results = answers
        .iter()
        .filter(|answer| answer.get("result").is_some());
    assert_eq!((answers.len(), results.count()), (3, 2), "{body}");
    let notes = r#"[{"jsonrpc":"2.0","method":"notifications/x"}]"#;
    assert_eq!(
        hosted
            .status(post(&[("Mcp-Session-Id", &old)], notes))
            .await,
        202
    );
    for version in ["2024-11-05", "2025-06-18", "2025-11-25"] {
        let id = hosted.open(version).await;
        let (head, body) = hosted
            .exchange(post(&[("Mcp-Session-Id", &id)], &batch))
            .await;
        assert_eq!((head.status, error_code(&body)), (400, -32600), "{version}");
    }
}

#[tokio::test]
async fn a_batch_holds_at_most_100_messages() {
    let hosted = Fixture::new().host().await;
    let session = hosted.open("2025-03-26").await;
    for (count, expected) in [(100, 200), (101, 400)] {
        let batch = vec![call_body(1, "echo"); count].join(",");
        let request = post(&[("Mcp-Session-Id", &session)], &format!("[{batch}]"));
        assert_eq!(hosted.status(request).await, expected, "{count}");
    }
}

#[tokio::test]
async fn sessions_can_be_switched_off() {
    let hosted = Fixture::new()
        .host_config(HttpConfig::new().sessions(false))
        .await;
    let status = hosted.status(post(&[], &initialize(VERSION))).await;
    assert_eq!(status, 400);
}

#[tokio::test]
async fn sessions_in_all_are_bounded() {
    let hosted = Fixture::new()
        .host_config(HttpConfig::new().session_limits(2, 100))
        .await;
    let first = hosted.open(VERSION).await;
    hosted.open(VERSION).await;
    let (head, _) = hosted.exchange(post(&[], &initialize(VERSION))).await;
    assert_eq!(head.status, 503);
    assert!(head.field("retry-after").is_some());
    let delete =
        format!("DELETE /mcp HTTP/1.1\r\nHost: localhost\r\nMcp-Session-Id: {first}\r\n\r\n");
    assert_eq!(hosted.status(delete).await, 204);
    hosted.open(VERSION).await;
}

/// A request as a layer that authenticates hands it on.
fn request(owner: Option<&str>, session: Option<&str>, body: String) -> Request<Body> {
    let mut request = Request::post("/mcp")
        .header("host", "localhost")
        .header("content-type", "application/json");
    if let Some(session) = session {
        request = request.header("mcp-session-id", session);
    }
    let mut request = request.body(Body::from(Bytes::from(body))).unwrap();
    if let Some(owner) = owner {
        let principal = Principal::new(owner)
            .with_issuer("https://issuer.example")
            .with_client("client");
        request.extensions_mut().insert(principal);
    }
    request
}

fn session_of(response: &Response<Body>) -> String {
    response.headers()["mcp-session-id"]
        .to_str()
        .unwrap()
        .to_owned()
}

async fn open(endpoint: &StreamableHttp, owner: Option<&str>) -> Response<Body> {
    endpoint
        .handle(request(owner, None, initialize(VERSION)))
        .await
}

async fn call(endpoint: &StreamableHttp, owner: Option<&str>, session: &str) -> u16 {
    let request = request(owner, Some(session), call_body(1, "echo"));
    endpoint.handle(request).await.status().as_u16()
}

#[tokio::test]
async fn a_session_is_bound_to_its_principal() {
    let endpoint = StreamableHttp::new(Fixture::new().server);
    let session = session_of(&open(&endpoint, Some("alice")).await);
    assert_eq!(call(&endpoint, Some("alice"), &session).await, 200);
    assert_eq!(call(&endpoint, Some("mallory"), &session).await, 404);
    assert_eq!(call(&endpoint, None, &session).await, 404);
}

#[tokio::test]
async fn sessions_of_one_principal_are_bounded() {
    let config = HttpConfig::new().session_limits(100, 1);
    let endpoint = StreamableHttp::with_config(Fixture::new().server, config).unwrap();
    assert_eq!(open(&endpoint, Some("alice")).await.status(), 200);
    assert_eq!(open(&endpoint, Some("alice")).await.status(), 429);
    assert_eq!(open(&endpoint, Some("bob")).await.status(), 200);
}

#[tokio::test(start_paused = true)]
async fn idle_sessions_end_on_a_server_that_nobody_asks_anything() {
    let fixture = Fixture::new();
    let config = HttpConfig::new().session_idle(Duration::from_secs(60));
    let endpoint = StreamableHttp::with_config(fixture.server.clone(), config).unwrap();
    let sessions = || fixture.server.samples().value("mcp_http_sessions", &[]);
    for _ in 0..2 {
        open(&endpoint, None).await;
        open(&endpoint, None).await;
        tokio::time::sleep(Duration::from_secs(59)).await;
        assert_eq!(sessions(), Some(2.0));
        tokio::time::sleep(Duration::from_secs(32)).await;
        assert_eq!(sessions(), Some(0.0));
    }
}

#[tokio::test(start_paused = true)]
async fn an_idle_session_ends() {
    let endpoint = StreamableHttp::new(Fixture::new().server);
    let session = session_of(&open(&endpoint, None).await);
    tokio::time::advance(Duration::from_secs(29 * 60)).await;
    assert_eq!(call(&endpoint, None, &session).await, 200);
    tokio::time::advance(Duration::from_secs(29 * 60)).await;
    assert_eq!(call(&endpoint, None, &session).await, 200);
    tokio::time::advance(Duration::from_secs(31 * 60)).await;
    assert_eq!(call(&endpoint, None, &session).await, 404);
}
