//! The messages sent, as bytes with a place for the id.

use std::net::SocketAddr;

use serde_json::{Value, json};

use crate::Error;

/// The two eras of the protocol.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Era {
    /// 2026-07-28: every request stands alone.
    Stateless,
    /// 2025-11-25: a session opened by `initialize`.
    Session,
}

/// What is asked of a server.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Operation {
    Add,
    Search,
    List,
    /// One MiB there and back.
    Echo,
}

/// The first id; every id has as many digits, so that requests keep their length.
const FIRST_ID: u64 = 10_000_000;

/// How many ids each connection has to itself.
const IDS_EACH: u64 = 300_000;

impl Era {
    fn revision(self) -> &'static str {
        match self {
            Self::Stateless => "2026-07-28",
            Self::Session => "2025-11-25",
        }
    }
}

impl Operation {
    fn method(self) -> &'static str {
        if self == Self::List {
            "tools/list"
        } else {
            "tools/call"
        }
    }

    fn tool(self) -> Option<&'static str> {
        match self {
            Self::Add => Some("add"),
            Self::Search => Some("search"),
            Self::Echo => Some("echo"),
            Self::List => None,
        }
    }

    fn arguments(self) -> Value {
        match self {
            Self::Add => json!({"a": 19, "b": 23}),
            Self::Search => json!({"query": "purlins"}),
            Self::Echo => json!({"text": "echo ".repeat((1 << 20) / 5)}),
            Self::List => json!({}),
        }
    }

    /// What a right answer holds.
    pub(crate) fn sign(self) -> &'static str {
        match self {
            Self::Add => "42",
            Self::Search => "Row 19",
            Self::Echo => "echo echo",
            Self::List => "\"add\"",
        }
    }

    fn params(self, era: Era) -> Value {
        let mut params = match self.tool() {
            Some(name) => json!({"name": name, "arguments": self.arguments()}),
            None => json!({}),
        };
        if era == Era::Stateless {
            params["_meta"] = meta();
        }
        params
    }
}

fn meta() -> Value {
    json!({
        "io.modelcontextprotocol/protocolVersion": Era::Stateless.revision(),
        "io.modelcontextprotocol/clientInfo": {"name": "bench", "version": "1.0.0"},
        "io.modelcontextprotocol/clientCapabilities": {},
    })
}

/// A request that is sent again and again, each time with the next id.
#[derive(Clone, Debug)]
pub(crate) struct Template {
    bytes: Vec<u8>,
    id_at: usize,
    next: u64,
}

impl Template {
    fn new(bytes: Vec<u8>) -> Result<Self, Error> {
        let digits = FIRST_ID.to_string();
        let found = bytes
            .windows(digits.len())
            .rposition(|window| window == digits.as_bytes());
        Ok(Self {
            id_at: found.ok_or("the message has no id")?,
            bytes,
            next: FIRST_ID,
        })
    }

    /// Moves the ids into a range of their own, for the `number`th user of the
    /// same session.
    pub(crate) fn apart(mut self, number: usize) -> Self {
        self.next += IDS_EACH * number as u64;
        self
    }

    /// The bytes with an id not used before.
    pub(crate) fn next(&mut self) -> &[u8] {
        let digits = self.next.to_string();
        self.bytes[self.id_at..self.id_at + digits.len()].copy_from_slice(digits.as_bytes());
        self.next += 1;
        &self.bytes
    }
}

/// A line on stdio.
pub(crate) fn line(operation: Operation, era: Era) -> Result<Template, Error> {
    let mut bytes = body(operation.method(), operation.params(era)).into_bytes();
    bytes.push(b'\n');
    Template::new(bytes)
}

/// A POST.
pub(crate) fn post(
    operation: Operation,
    era: Era,
    address: SocketAddr,
    session: Option<&str>,
) -> Result<Template, Error> {
    let body = body(operation.method(), operation.params(era));
    let mut head = head(address, era, body.len());
    if era == Era::Stateless {
        head.push_str(&format!("Mcp-Method: {}\r\n", operation.method()));
        if let Some(tool) = operation.tool() {
            head.push_str(&format!("Mcp-Name: {tool}\r\n"));
        }
    }
    if let Some(session) = session {
        head.push_str(&format!("Mcp-Session-Id: {session}\r\n"));
    }
    Template::new(format!("{head}\r\n{body}").into_bytes())
}

/// The POST that opens a session, or shows that a stateless server is there.
pub(crate) fn first_post(era: Era, address: SocketAddr) -> Vec<u8> {
    let body = first(era);
    let mut head = head(address, era, body.len());
    if era == Era::Stateless {
        head.push_str("Mcp-Method: server/discover\r\n");
    }
    format!("{head}\r\n{body}").into_bytes()
}

/// The POST that says a session is in use.
pub(crate) fn initialized_post(address: SocketAddr, session: Option<&str>) -> Vec<u8> {
    let body = INITIALIZED;
    let mut head = head(address, Era::Session, body.len());
    if let Some(session) = session {
        head.push_str(&format!("Mcp-Session-Id: {session}\r\n"));
    }
    format!("{head}\r\n{body}").into_bytes()
}

/// The notification that ends the handshake.
pub(crate) const INITIALIZED: &str = r#"{"jsonrpc":"2.0","method":"notifications/initialized"}"#;

/// The first message of an era: `initialize` or `server/discover`.
pub(crate) fn first(era: Era) -> String {
    match era {
        Era::Stateless => body("server/discover", json!({"_meta": meta()})),
        Era::Session => body(
            "initialize",
            json!({
                "protocolVersion": era.revision(),
                "capabilities": {},
                "clientInfo": {"name": "bench", "version": "1.0.0"},
            }),
        ),
    }
}

fn body(method: &str, params: Value) -> String {
    // Params before the id, so that the id is the last number of its kind.
    let params = params.to_string();
    format!(r#"{{"jsonrpc":"2.0","method":"{method}","params":{params},"id":{FIRST_ID}}}"#)
}

fn head(address: SocketAddr, era: Era, length: usize) -> String {
    format!(
        "POST /mcp HTTP/1.1\r\nHost: {address}\r\nContent-Type: application/json\r\n\
         Accept: application/json, text/event-stream\r\nContent-Length: {length}\r\n\
         MCP-Protocol-Version: {}\r\n",
        era.revision()
    )
}
