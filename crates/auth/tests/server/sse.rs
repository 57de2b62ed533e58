//! HTTP+SSE, the transport of revision 2024-11-05: the stream and each message need the token.

use http::Method;
use serde_json::{Value, json};
use tokio::io::{AsyncBufReadExt as _, AsyncWriteExt as _, BufReader, Lines};
use tokio::net::TcpStream;

use crate::{METADATA, READER, Town, WRITER, bearer, challenge, text};

/// The open stream of a session.
struct Stream(Lines<BufReader<TcpStream>>);

impl Stream {
    async fn open(town: &Town, token: &str) -> Self {
        let host = town.origin.trim_start_matches("http://");
        let mut socket = TcpStream::connect(host).await.unwrap();
        let request = format!(
            "GET /sse HTTP/1.1\r\nHost: {host}\r\nAccept: text/event-stream\r\n\
             Authorization: {}\r\n\r\n",
            bearer(token)
        );
        socket.write_all(request.as_bytes()).await.unwrap();
        let mut lines = BufReader::new(socket).lines();
        let status = lines.next_line().await.unwrap().unwrap();
        assert!(status.contains(" 200 "), "{status}");
        Self(lines)
    }

    /// What the next event says.
    async fn next(&mut self) -> String {
        loop {
            let line = self.0.next_line().await.unwrap().expect("the stream ended");
            if let Some(data) = line.strip_prefix("data:") {
                return data.trim().to_owned();
            }
        }
    }
}

fn call(tool: &str) -> Value {
    let params = json!({ "name": tool, "arguments": {} });
    json!({ "jsonrpc": "2.0", "id": 2, "method": "tools/call", "params": params })
}

#[tokio::test]
async fn a_stream_of_the_first_revision_is_opened_for_a_token_alone() {
    let town = Town::new().await;
    let unknown = bearer("canary-unknown");
    for (headers, said) in [
        (&[][..], "Bearer scope=\"mcp\", "),
        (
            &[("authorization", &*unknown)],
            "Bearer error=\"invalid_token\"",
        ),
    ] {
        let answer = town.send(Method::GET, "/sse", headers, &json!({})).await;
        assert_eq!(answer.status(), 401, "{}", text(&answer));
        let challenge = challenge(answer.headers());
        assert!(challenge.starts_with(said), "{challenge}");
        assert!(challenge.contains(METADATA), "{challenge}");
    }
}

#[tokio::test]
async fn each_message_of_the_first_revision_needs_the_token_that_opened_the_stream() {
    let town = Town::new().await;
    let (reader, writer) = (bearer(READER), bearer(WRITER));
    let mut stream = Stream::open(&town, READER).await;
    let to = stream.next().await;
    let params = json!({
        "protocolVersion": "2024-11-05",
        "capabilities": {},
        "clientInfo": { "name": "test", "version": "1" },
    });
    let open = json!({ "jsonrpc": "2.0", "id": 1, "method": "initialize", "params": params });
    for (token, message, status) in [
        (None, &open, 401),
        (Some(&writer), &open, 404),
        (Some(&reader), &open, 202),
        (None, &call("who"), 401),
        (Some(&writer), &call("who"), 404),
        (Some(&reader), &call("who"), 202),
    ] {
        let headers = token.map(|token| ("authorization", &**token));
        let answer = town
            .send(Method::POST, &to, headers.as_slice(), message)
            .await;
        assert_eq!(answer.status(), status, "{}", text(&answer));
    }
    let opened = stream.next().await;
    assert!(opened.contains("2024-11-05"), "{opened}");
    let who = stream.next().await;
    assert!(who.contains("reader") && !who.contains("canary"), "{who}");
    let headers = [("authorization", &*reader)];
    let answer = town.send(Method::POST, &to, &headers, &call("write")).await;
    assert_eq!(answer.status(), 202, "{}", text(&answer));
    let refused: Value = serde_json::from_str(&stream.next().await).unwrap();
    assert_eq!(
        refused["error"]["data"]["requiredScopes"],
        json!(["orders:read", "orders:write"]),
        "{refused}"
    );
}
