use serde_json::json;

use crate::fixture::{Fixture, MODERN, modern_body, modern_call};

fn body() -> String {
    modern_body("tools/call", json!({ "name": "echo", "arguments": {} }))
}

/// A call with these framing lines and this raw body.
fn framed(lines: &str, body: &str) -> String {
    format!(
        "POST /mcp HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n\
         MCP-Protocol-Version: {MODERN}\r\nMcp-Method: tools/call\r\nMcp-Name: echo\r\n\
         {lines}\r\n{body}"
    )
}

fn chunked(body: &str) -> String {
    format!("{:x}\r\n{body}\r\n0\r\n\r\n", body.len())
}

#[tokio::test]
async fn one_chunked_coding_is_read() {
    let hosted = Fixture::new().host().await;
    let request = framed("Transfer-Encoding: chunked\r\n", &chunked(&body()));
    assert_eq!(hosted.status(request).await, 200);
}

#[tokio::test]
async fn a_length_beside_a_coding_ends_the_connection_after_one_answer() {
    let hosted = Fixture::new().host().await;
    let smuggled = modern_call("echo");
    for lines in [
        "Content-Length: 5\r\nTransfer-Encoding: chunked\r\n",
        "Transfer-Encoding: chunked\r\nContent-Length: 5\r\n",
    ] {
        let mut raw = hosted.connect().await;
        raw.send(framed(lines, &chunked(&body())) + &smuggled).await;
        let (head, _) = raw.answer().await;
        assert_eq!(head.field("connection"), Some("close"), "{lines:?}");
        assert!(raw.head().await.is_none(), "{lines:?}");
    }
}

#[tokio::test]
async fn ambiguous_framing_is_refused_and_ends_the_connection() {
    let hosted = Fixture::new().host().await;
    let body = body();
    let length = body.len();
    for lines in [
        format!(
            "Content-Length: {length}\r\nContent-Length: {}\r\n",
            length + 1
        ),
        format!("Content-Length: {length}, {}\r\n", length + 1),
        format!("Content-Length: +{length}\r\n"),
        format!("Content-Length: {length}\r\n X-Folded: yes\r\n"),
        format!("Content-Length: {length}\r\nX-Control: a\x01b\r\n"),
        format!("Content-Length : {length}\r\n"),
        "Transfer-Encoding: gzip, chunked\r\n".into(),
        "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n".into(),
        "Transfer-Encoding: identity\r\n".into(),
    ] {
        let mut raw = hosted.connect().await;
        raw.send(framed(&lines, &body)).await;
        assert_eq!(raw.head().await.unwrap().status, 400, "{lines:?}");
        raw.closed().await;
    }
}

#[tokio::test]
async fn broken_chunks_are_400() {
    let hosted = Fixture::new().host().await;
    for broken in ["zz\r\n{}\r\n0\r\n\r\n", "2\r\n{}XX0\r\n\r\n", "-1\r\n\r\n"] {
        let mut raw = hosted.connect().await;
        raw.send(framed("Transfer-Encoding: chunked\r\n", broken))
            .await;
        assert_eq!(raw.head().await.unwrap().status, 400, "{broken:?}");
    }
}

#[tokio::test]
async fn paths_match_exactly() {
    let hosted = Fixture::new().host().await;
    for path in [
        "/",
        "/mcp/",
        "//mcp",
        "/MCP",
        "/mcp/../mcp",
        "/mcp/../x",
        "/%6dcp",
        "/mcp%2f",
        "/./mcp",
        "/mcp;x",
    ] {
        let request = modern_call("echo").replacen("/mcp", path, 1);
        assert_eq!(hosted.status(request).await, 404, "{path}");
    }
    let request = modern_call("echo").replacen("/mcp", "/mcp?x=/y", 1);
    assert_eq!(hosted.status(request).await, 200);
}
