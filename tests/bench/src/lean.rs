//! A hand-written server: the envelope is borrowed, the method matched, the
//! answer written into one buffer. It shows how near the floor one can get, not
//! how to write servers.

use serde::Deserialize;
use serde_json::Value;
use serde_json::value::RawValue;

use crate::{search, tools};

#[derive(Deserialize)]
struct Envelope<'a> {
    #[serde(borrow)]
    id: Option<&'a RawValue>,
    #[serde(borrow)]
    method: std::borrow::Cow<'a, str>,
    #[serde(borrow)]
    params: Option<&'a RawValue>,
}

#[derive(Deserialize)]
struct Call<'a> {
    #[serde(borrow)]
    name: std::borrow::Cow<'a, str>,
    #[serde(borrow)]
    arguments: &'a RawValue,
}

#[derive(Deserialize)]
struct Add {
    a: i64,
    b: i64,
}

#[derive(Deserialize)]
struct Search<'a> {
    #[serde(borrow)]
    query: std::borrow::Cow<'a, str>,
}

#[derive(Deserialize)]
struct Echo<'a> {
    #[serde(borrow)]
    text: std::borrow::Cow<'a, str>,
}

/// The server; `list` is prepared once.
#[derive(Debug)]
pub struct Lean {
    list: Vec<u8>,
}

const INITIALIZE: &[u8] = br#"{"protocolVersion":"2025-11-25","capabilities":{"tools":{}},"serverInfo":{"name":"lean","version":"1"}}"#;
const DISCOVER: &[u8] = br#"{"resultType":"complete","supportedVersions":["2026-07-28"],"capabilities":{"tools":{}},"ttlMs":0,"cacheScope":"public"}"#;

impl Lean {
    /// A server with so many tools besides its own.
    #[must_use]
    pub fn new(extra: usize) -> Self {
        let tools = Value::Array(tools(extra));
        let list = format!(
            r#"{{"tools":{tools},"resultType":"complete","ttlMs":0,"cacheScope":"public"}}"#
        );
        Self {
            list: list.into_bytes(),
        }
    }

    /// Answers one message; nothing to a notification.
    #[must_use]
    pub fn answer(&self, message: &[u8]) -> Option<Vec<u8>> {
        let envelope: Envelope<'_> = serde_json::from_slice(message).ok()?;
        let id = envelope.id?.get();
        let params = envelope.params.map_or("{}", RawValue::get);
        let mut out = Vec::with_capacity(256);
        out.extend_from_slice(br#"{"jsonrpc":"2.0","id":"#);
        out.extend_from_slice(id.as_bytes());
        match &*envelope.method {
            "initialize" => result(&mut out, INITIALIZE),
            "server/discover" => result(&mut out, DISCOVER),
            "tools/list" => result(&mut out, &self.list),
            "tools/call" => call(&mut out, params)?,
            _ => out.extend_from_slice(br#","error":{"code":-32601,"message":"unknown method"}"#),
        }
        out.push(b'}');
        Some(out)
    }
}

fn result(out: &mut Vec<u8>, json: &[u8]) {
    out.extend_from_slice(br#","result":"#);
    out.extend_from_slice(json);
}

fn call(out: &mut Vec<u8>, params: &str) -> Option<()> {
    let call: Call<'_> = serde_json::from_str(params).ok()?;
    let arguments = call.arguments.get();
    out.extend_from_slice(br#","result":{"content":[{"type":"text","text":"#);
    match &*call.name {
        "add" => {
            let Add { a, b } = serde_json::from_str(arguments).ok()?;
            serde_json::to_writer(&mut *out, &(a + b).to_string()).ok()?;
            out.extend_from_slice(br#"}]"#);
        }
        "search" => {
            let Search { query } = serde_json::from_str(arguments).ok()?;
            let rows = serde_json::to_string(&search(&query)).ok()?;
            serde_json::to_writer(&mut *out, &rows).ok()?;
            out.extend_from_slice(br#"}],"structuredContent":"#);
            out.extend_from_slice(rows.as_bytes());
        }
        "echo" => {
            let Echo { text } = serde_json::from_str(arguments).ok()?;
            serde_json::to_writer(&mut *out, &text).ok()?;
            out.extend_from_slice(br#"}]"#);
        }
        _ => return None,
    }
    out.extend_from_slice(br#","isError":false,"resultType":"complete"}"#);
    Some(())
}
