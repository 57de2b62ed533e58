use serde_json::json;

use crate::{
    fixture::{Fixture, MODERN, modern, modern_body, modern_call},
    raw::post,
};

/// A call with one header changed; an empty value leaves it out.
fn call_with(name: &str, value: &str) -> String {
    let body = modern_body("tools/call", json!({ "name": "echo", "arguments": {} }));
    let headers = [
        ("MCP-Protocol-Version", MODERN),
        ("Mcp-Method", "tools/call"),
        ("Mcp-Name", "echo"),
        (name, value),
    ];
    post(&headers, &body)
}

#[tokio::test]
async fn content_must_be_json_in_utf8() {
    let hosted = Fixture::new().host().await;
    for (value, expected) in [
        ("application/json", 200),
        ("Application/JSON; charset=UTF-8", 200),
        ("application/json; profile=x", 200),
        ("application/json; charset=latin1", 415),
        ("text/plain", 415),
        ("application/x-www-form-urlencoded", 415),
        ("", 415),
    ] {
        assert_eq!(
            hosted.status(call_with("Content-Type", value)).await,
            expected,
            "{value}"
        );
    }
}

#[tokio::test]
async fn content_encoding_is_refused() {
    let hosted = Fixture::new().host().await;
    for coding in ["gzip", "br", "identity"] {
        assert_eq!(
            hosted.status(call_with("Content-Encoding", coding)).await,
            415,
            "{coding}"
        );
    }
}

#[tokio::test]
async fn accept_must_admit_json() {
    let hosted = Fixture::new().host().await;
    for (value, expected) in [
        ("application/json, text/event-stream", 200),
        ("text/event-stream;q=0.5, application/json;q=0.1", 200),
        ("*/*", 200),
        ("application/*", 200),
        ("application/json", 200),
        ("", 200),
        ("text/event-stream", 406),
        ("application/json;q=0, */*;q=0", 406),
        ("text/html", 406),
    ] {
        assert_eq!(
            hosted.status(call_with("Accept", value)).await,
            expected,
            "{value}"
        );
    }
}

#[tokio::test]
async fn accept_must_admit_events_where_they_are_needed() {
    let hosted = Fixture::new().host().await;
    let listen = modern(
        "subscriptions/listen",
        json!({ "notifications": { "toolsListChanged": true } }),
    );
    let json_only = listen.replacen("application/json, text/event-stream", "application/json", 1);
    assert_eq!(hosted.status(json_only).await, 406);
    let session = hosted.open("2025-11-25").await;
    let get = format!(
        "GET /mcp HTTP/1.1\r\nHost: localhost\r\nAccept: application/json\r\nMcp-Session-Id: {session}\r\n\r\n"
    );
    assert_eq!(hosted.status(get).await, 406);
}

#[tokio::test]
async fn a_client_that_reads_no_events_still_gets_the_answer() {
    let hosted = Fixture::new().host().await;
    let call =
        modern_call("say").replacen("application/json, text/event-stream", "application/json", 1);
    let (head, body) = hosted.exchange(call).await;
    assert_eq!(head.field("content-type"), Some("application/json"));
    assert!(body.contains("\"ok\""), "{body}");
}
