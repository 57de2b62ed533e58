//! Requests as bytes, and the text of answers.

use std::net::SocketAddr;

use serde_json::Value;

const STATELESS: &str = "2026-07-28";
const SESSIONS: &str = "2025-11-25";
const META: &str = r#""_meta":{"io.modelcontextprotocol/protocolVersion":"2026-07-28","io.modelcontextprotocol/clientInfo":{"name":"load","version":"1.0.0"},"io.modelcontextprotocol/clientCapabilities":{}}"#;

/// What everybody watches who watches something.
pub(crate) const NEWS: &str = "load://news";

/// A call in the stateless era.
pub(crate) fn call(address: SocketAddr, tool: &str, arguments: &str, id: u64) -> Vec<u8> {
    let params = format!(r#"{{"name":"{tool}","arguments":{arguments},{META}}}"#);
    let fields = format!("Mcp-Method: tools/call\r\nMcp-Name: {tool}\r\n");
    post(
        address,
        STATELESS,
        &fields,
        &body("tools/call", &params, id),
    )
}

/// A stream of changes in the stateless era.
pub(crate) fn listen(address: SocketAddr) -> Vec<u8> {
    let params = format!(r#"{{"notifications":{{"resourceSubscriptions":["{NEWS}"]}},{META}}}"#);
    let fields = "Mcp-Method: subscriptions/listen\r\n";
    let body = body("subscriptions/listen", &params, 1);
    post(address, STATELESS, fields, &body)
}

/// Opens a session.
pub(crate) fn initialize(address: SocketAddr) -> Vec<u8> {
    let params = format!(
        r#"{{"protocolVersion":"{SESSIONS}","capabilities":{{}},"clientInfo":{{"name":"load","version":"1.0.0"}}}}"#
    );
    post(address, SESSIONS, "", &body("initialize", &params, 1))
}

/// Says that a session is in use.
pub(crate) fn initialized(address: SocketAddr, session: &str) -> Vec<u8> {
    let body = r#"{"jsonrpc":"2.0","method":"notifications/initialized"}"#;
    post(address, SESSIONS, &of(session), body)
}

/// A request of a session.
pub(crate) fn within(
    address: SocketAddr,
    session: &str,
    method: &str,
    params: &str,
    id: u64,
) -> Vec<u8> {
    let body = body(method, params, id);
    post(address, SESSIONS, &of(session), &body)
}

/// The stream on which a session hears what it did not ask for.
pub(crate) fn stream(address: SocketAddr, session: &str) -> Vec<u8> {
    let session = of(session);
    format!(
        "GET /mcp HTTP/1.1\r\nHost: {address}\r\nAccept: text/event-stream\r\n\
         MCP-Protocol-Version: {SESSIONS}\r\n{session}\r\n"
    )
    .into_bytes()
}

fn of(session: &str) -> String {
    format!("Mcp-Session-Id: {session}\r\n")
}

fn body(method: &str, params: &str, id: u64) -> String {
    format!(r#"{{"jsonrpc":"2.0","id":{id},"method":"{method}","params":{params}}}"#)
}

fn post(address: SocketAddr, revision: &str, fields: &str, body: &str) -> Vec<u8> {
    let length = body.len();
    format!(
        "POST /mcp HTTP/1.1\r\nHost: {address}\r\nContent-Type: application/json\r\n\
         Accept: application/json, text/event-stream\r\nContent-Length: {length}\r\n\
         MCP-Protocol-Version: {revision}\r\n{fields}\r\n{body}"
    )
    .into_bytes()
}

/// What a tool said.
pub(crate) fn text(body: &str) -> Option<String> {
    let message = message(body)?;
    let text = message["result"]["content"][0]["text"].as_str()?;
    Some(text.to_owned())
}

/// Whether this answers the request with this id by this text.
pub(crate) fn answers(body: &str, id: u64, expected: &str) -> bool {
    let Some(message) = message(body) else {
        return false;
    };
    let result = &message["result"];
    message["id"] == id && result["isError"] != true && result["content"][0]["text"] == expected
}

/// The message, or the one in the last event of a stream.
fn message(body: &str) -> Option<Value> {
    let event = body
        .lines()
        .rev()
        .find_map(|line| line.strip_prefix("data:"));
    serde_json::from_str(event.unwrap_or(body).trim()).ok()
}
