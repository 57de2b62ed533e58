//! The headers that repeat what a request says: a header that says something else is refused, and
//! what is encoded is read back.
//!
//! The input has, each on a line: three headers (`-` is one that was not sent), and the name of the
//! tool in the body.

use std::sync::LazyLock;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use purlin_core::wire::{Field, Frame, Inbound, RoutingHeaders, parse};
use purlin_core::{Origin, Server, TransportKind};
use serde_json::json;

const VERSION: &str = "2026-07-28";
const METHOD: &str = "tools/call";

static SERVER: LazyLock<Server> = LazyLock::new(|| Server::builder("invariants", "1"));

/// Sends a call with these headers, and once with the right ones.
pub fn check(input: &[u8]) {
    let mut lines = input.splitn(4, |byte| *byte == b'\n');
    let mut line = || lines.next().unwrap_or_default();
    let sent = [line(), line(), line()];
    let Ok(name) = std::str::from_utf8(line()) else {
        return;
    };
    let [version, method, named] = sent.map(field);
    let headers = RoutingHeaders {
        version,
        method,
        name: named,
        params: Vec::new(),
    };
    if is_accepted(name, &headers) {
        let said = sent.map(|header| decoded(header).unwrap());
        assert_eq!(said, [VERSION, METHOD, name]);
    }
    is_read_back(name);
}

fn field(line: &[u8]) -> Field<'_> {
    match line {
        b"-" => Field::Absent,
        line => Field::One(line),
    }
}

fn is_accepted(name: &str, headers: &RoutingHeaders<'_>) -> bool {
    let message = call(name);
    let origin = Origin::new(TransportKind::Http);
    match SERVER.accept_modern(message, Some(headers), origin) {
        Ok(exchange) => exchange.is_some(),
        Err(reply) => {
            assert_eq!(reply.status, 400);
            false
        }
    }
}

fn call(name: &str) -> Inbound {
    let text = json!({
        "jsonrpc": "2.0", "id": 1, "method": METHOD,
        "params": { "name": name, "_meta": {
            "io.modelcontextprotocol/protocolVersion": VERSION,
            "io.modelcontextprotocol/clientCapabilities": {},
            "io.modelcontextprotocol/clientInfo": { "name": "invariants", "version": "1" },
        } },
    });
    match parse(text.to_string().into_bytes()) {
        Ok(Frame::One(message)) => message,
        other => panic!("{other:?}"),
    }
}

/// What a header says, by SEP-2243: plain ASCII, or Base64 in a wrapper.
fn decoded(header: &[u8]) -> Option<String> {
    let text = std::str::from_utf8(header).ok()?.trim_matches([' ', '\t']);
    let wrapped = text
        .strip_prefix("=?base64?")
        .and_then(|it| it.strip_suffix("?="));
    match wrapped {
        Some(inside) => String::from_utf8(STANDARD.decode(inside).ok()?).ok(),
        None => text.is_ascii().then(|| text.to_owned()),
    }
}

fn is_read_back(name: &str) {
    let encoded = format!("=?base64?{}?=", STANDARD.encode(name));
    let headers = RoutingHeaders {
        version: Field::One(VERSION.as_bytes()),
        method: Field::One(METHOD.as_bytes()),
        name: Field::One(encoded.as_bytes()),
        params: Vec::new(),
    };
    assert!(is_accepted(name, &headers), "{encoded}");
    // A second one never goes along.
    let mut twice = headers;
    twice.name.add(b"x");
    assert!(!is_accepted(name, &twice));
}
