use serde_json::{Value, json};

use crate::{
    fixture::{Fixture, MODERN, error_code, modern, modern_body, modern_call, take},
    raw::{events, post},
};
use purlin_http::HttpConfig;

#[tokio::test]
async fn a_call_is_answered_as_json() {
    let hosted = Fixture::new().host().await;
    let mut raw = hosted.connect().await;
    for _ in 0..3 {
        raw.send(modern_call("echo")).await;
        let (head, body) = raw.answer().await;
        assert_eq!(
            (head.status, head.field("content-type")),
            (200, Some("application/json"))
        );
        assert_eq!(head.field("mcp-session-id"), None);
        let body: Value = serde_json::from_str(&body).unwrap();
        assert_eq!(body["result"]["content"][0]["text"], "ok");
    }
}

#[tokio::test]
async fn a_call_that_speaks_is_answered_as_a_stream_that_ends_with_the_answer() {
    let hosted = Fixture::new().host().await;
    for tool in ["say", "talk"] {
        hosted.fixture.gate.add_permits(1);
        let (head, body) = hosted.exchange(modern_call(tool)).await;
        assert_eq!(head.field("content-type"), Some("text/event-stream"));
        assert_eq!(head.field("x-accel-buffering"), Some("no"));
        assert_eq!(head.field("cache-control"), Some("no-store, no-transform"));
        let events = events(&body);
        let (answer, before) = events.split_last().unwrap();
        assert!(answer.data.contains("\"result\""), "{body}");
        assert!(
            before
                .iter()
                .all(|event| event.data.contains("notifications/progress")),
            "{body}"
        );
        assert!(
            events
                .iter()
                .all(|event| event.id.is_none() && event.retry.is_none()),
            "{body}"
        );
    }
}

#[tokio::test]
async fn a_word_is_sent_before_the_next_one_is_spoken() {
    let hosted = Fixture::new().host().await;
    let mut stream = hosted.stream(modern_call("talk")).await;
    assert!(stream.next().await.unwrap().data.contains("\"progress\":1"));
    hosted.fixture.gate.add_permits(1);
    assert!(stream.next().await.unwrap().data.contains("\"progress\":2"));
    assert!(stream.next().await.unwrap().data.contains("\"result\""));
    assert_eq!(stream.next().await, None);
}

#[tokio::test]
async fn a_lost_connection_cancels_the_call() {
    let hosted = Fixture::new().host().await;
    for tool in ["wait", "talk"] {
        let mut raw = hosted.connect().await;
        raw.send(modern_call(tool)).await;
        take(&hosted.fixture.started).await;
        drop(raw);
        take(&hosted.fixture.ended).await;
    }
}

#[tokio::test]
async fn a_silent_call_becomes_a_stream_with_comments() {
    let config = HttpConfig::new().keep_alive(std::time::Duration::from_millis(100));
    let hosted = Fixture::new().host_config(config).await;
    let mut raw = hosted.connect().await;
    raw.send(modern_call("wait")).await;
    let head = raw.head().await.unwrap();
    assert_eq!(head.field("content-type"), Some("text/event-stream"));
    assert_eq!(raw.text_chunk().await, ": keep-alive\n\n");
    assert_eq!(raw.text_chunk().await, ": keep-alive\n\n");
    hosted.fixture.gate.add_permits(1);
    let rest = crate::raw::Events::of(raw).rest().await;
    assert!(rest.last().unwrap().data.contains("\"result\""));
}

#[tokio::test]
async fn a_request_without_its_meta_is_refused() {
    let hosted = Fixture::new().host().await;
    let headers = [
        ("MCP-Protocol-Version", MODERN),
        ("Mcp-Method", "server/discover"),
    ];
    let body = r#"{"jsonrpc":"2.0","id":7,"method":"server/discover","params":{}}"#;
    let (head, body) = hosted.exchange(post(&headers, body)).await;
    assert_eq!((head.status, error_code(&body)), (400, -32602));
    assert!(body.contains("\"id\":7"), "{body}");
}

#[tokio::test]
async fn headers_must_repeat_the_body() {
    let hosted = Fixture::new().host().await;
    let call = modern_call("echo");
    for (line, other) in [
        ("Mcp-Method: tools/call\r\n", "Mcp-Method: tools/list\r\n"),
        ("Mcp-Method: tools/call\r\n", "Mcp-Method: TOOLS/CALL\r\n"),
        ("Mcp-Method: tools/call\r\n", ""),
        (
            "Mcp-Method: tools/call\r\n",
            "Mcp-Method: tools/call\r\nMcp-Method: tools/call\r\n",
        ),
        ("Mcp-Name: echo\r\n", "Mcp-Name: other\r\n"),
        ("Mcp-Name: echo\r\n", ""),
        ("Mcp-Name: echo\r\n", "Mcp-Name: =?base64?ZWNobw?=\r\n"),
        (
            "MCP-Protocol-Version: 2026-07-28\r\n",
            "MCP-Protocol-Version: 2025-11-25\r\n",
        ),
        (
            "MCP-Protocol-Version: 2026-07-28\r\n",
            "MCP-Protocol-Version: v999.0.0\r\n",
        ),
        ("MCP-Protocol-Version: 2026-07-28\r\n", ""),
    ] {
        let (head, body) = hosted.exchange(call.replacen(line, other, 1)).await;
        assert_eq!((head.status, error_code(&body)), (400, -32020), "{other:?}");
    }
    let wrapped = call.replacen("Mcp-Name: echo", "mcp-NAME:   =?base64?ZWNobw==?=  ", 1);
    assert_eq!(hosted.status(wrapped).await, 200);
}

#[tokio::test]
async fn an_unknown_version_is_named_with_those_we_know() {
    let hosted = Fixture::new().host().await;
    let request = modern_call("echo").replace(MODERN, "v999.0.0xx");
    let (head, body) = hosted.exchange(request).await;
    assert_eq!((head.status, error_code(&body)), (400, -32022));
    assert!(
        body.contains("\"requested\":\"v999.0.0xx\"") && body.contains(MODERN),
        "{body}"
    );
}

#[tokio::test]
async fn unknown_and_removed_methods_are_404() {
    let hosted = Fixture::new().host().await;
    for method in [
        "initialize",
        "ping",
        "logging/setLevel",
        "resources/subscribe",
        "unknown/method",
    ] {
        let (head, body) = hosted.exchange(modern(method, json!({}))).await;
        assert_eq!((head.status, error_code(&body)), (404, -32601), "{method}");
    }
}

#[tokio::test]
async fn session_headers_mean_nothing() {
    let hosted = Fixture::new().host().await;
    let request = modern_call("echo").replacen(
        "\r\n",
        "\r\nMcp-Session-Id: nonsense\r\nLast-Event-ID: 1\r\n",
        1,
    );
    let (head, _) = hosted.exchange(request).await;
    assert_eq!((head.status, head.field("mcp-session-id")), (200, None));
}

#[tokio::test]
async fn get_and_delete_are_405_with_allow() {
    let hosted = Fixture::new().host().await;
    for method in ["GET", "DELETE", "PUT", "HEAD"] {
        let request = format!(
            "{method} /mcp HTTP/1.1\r\nHost: localhost\r\nMCP-Protocol-Version: {MODERN}\r\nMcp-Session-Id: x\r\n\r\n"
        );
        let mut raw = hosted.connect().await;
        raw.send(request).await;
        let head = raw.head().await.unwrap();
        assert_eq!(head.status, 405, "{method}");
        assert!(
            head.field("allow")
                .is_some_and(|allow| allow.contains("POST")),
            "{method}"
        );
    }
}

#[tokio::test]
async fn broken_text_is_a_parse_error_and_the_connection_goes_on() {
    let hosted = Fixture::new().host().await;
    let mut raw = hosted.connect().await;
    for (body, code) in [
        ("{broken", -32700),
        ("", -32700),
        ("\u{feff}{}", -32700),
        ("[]", -32600),
        ("{}", -32600),
        ("1", -32600),
        (r#"{"jsonrpc":"1.0","id":1,"method":"x"}"#, -32600),
        (r#"{"jsonrpc":"2.0","id":null,"method":"x"}"#, -32600),
        (r#"{"jsonrpc":"2.0","id":1,"id":2,"method":"x"}"#, -32600),
    ] {
        raw.send(post(&[], body)).await;
        let (head, answer) = raw.answer().await;
        assert_eq!((head.status, error_code(&answer)), (400, code), "{body}");
    }
    raw.send(modern_call("echo")).await;
    assert_eq!(raw.answer().await.0.status, 200);
}

#[tokio::test]
async fn batches_and_answers_of_clients_are_refused() {
    let hosted = Fixture::new().host().await;
    let call = modern_body("tools/list", json!({}));
    let headers = [("MCP-Protocol-Version", MODERN)];
    let (head, body) = hosted.exchange(post(&headers, &format!("[{call}]"))).await;
    assert_eq!((head.status, error_code(&body)), (400, -32600));
    let (head, _) = hosted
        .exchange(post(&headers, r#"{"jsonrpc":"2.0","id":1,"result":{}}"#))
        .await;
    assert_eq!(head.status, 400);
}

#[tokio::test]
async fn notifications_are_accepted_without_an_answer() {
    let hosted = Fixture::new().host().await;
    let headers = [("MCP-Protocol-Version", MODERN)];
    let note = r#"{"jsonrpc":"2.0","method":"notifications/whatever"}"#;
    let (head, body) = hosted.exchange(post(&headers, note)).await;
    assert_eq!((head.status, body.as_str()), (202, ""));
}

#[tokio::test]
async fn a_subscription_is_acknowledged_and_hears_of_changes() {
    let hosted = Fixture::new().host().await;
    let filter = json!({ "notifications": { "toolsListChanged": true } });
    let mut stream = hosted.stream(modern("subscriptions/listen", filter)).await;
    let first = stream.next().await.unwrap();
    assert!(
        first
            .data
            .contains("notifications/subscriptions/acknowledged"),
        "{first:?}"
    );
    assert!(hosted.fixture.server.remove_tool("large"));
    let change = stream.next().await.unwrap();
    assert!(
        change.data.contains("notifications/tools/list_changed"),
        "{change:?}"
    );
}
