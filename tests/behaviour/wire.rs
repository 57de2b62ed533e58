//! A client that says exactly what it is told to.

// Messages are made where they are said.
#![allow(clippy::needless_pass_by_value)]

use std::{cell::Cell, sync::Arc};

use purlin::{
    McpServer, Server,
    transport::memory::{MemoryLink, connect},
};
use serde_json::{Value, json};
use tokio::sync::Semaphore;

pub(crate) const MODERN: &str = "2026-07-28";

/// The revisions with sessions.
pub(crate) const SESSIONS: [&str; 4] = ["2024-11-05", "2025-03-26", "2025-06-18", "2025-11-25"];

/// One connection to a server in memory.
pub(crate) struct Wire {
    link: MemoryLink,
    pub(crate) server: Server,
    capabilities: Value,
    next_id: Cell<u32>,
}

impl Wire {
    /// Connects as a client of the stateless era that can do nothing.
    pub(crate) async fn stateless(server: impl McpServer) -> Self {
        let server = server.into_server();
        Self {
            link: connect(&server).await.unwrap(),
            server,
            capabilities: json!({}),
            next_id: Cell::new(100),
        }
    }

    /// Connects and opens a session.
    pub(crate) async fn session(
        server: impl McpServer,
        revision: &str,
        capabilities: Value,
    ) -> Self {
        let wire = Self::stateless(server).await;
        let answer = wire.initialize(revision, capabilities).await;
        assert_eq!(answer["result"]["protocolVersion"], revision, "{answer}");
        wire.notify("notifications/initialized", json!({}));
        wire
    }

    /// Declares these capabilities with every stateless request from now on.
    pub(crate) fn declaring(mut self, capabilities: Value) -> Self {
        self.capabilities = capabilities;
        self
    }

    pub(crate) async fn initialize(&self, revision: &str, capabilities: Value) -> Value {
        let params = json!({
            "protocolVersion": revision,
            "capabilities": capabilities,
            "clientInfo": { "name": "tests", "version": "1.0.0" },
        });
        self.bare("initialize", params).await
    }

    pub(crate) fn send(&self, message: &Value) {
        self.say(&message.to_string());
    }

    pub(crate) fn say(&self, text: &str) {
        self.link.send(text.as_bytes().to_vec());
    }

    pub(crate) fn notify(&self, method: &str, params: Value) {
        self.send(&json!({ "jsonrpc": "2.0", "method": method, "params": params }));
    }

    pub(crate) async fn recv(&self) -> Value {
        let message = self.link.recv().await.expect("the connection is open");
        serde_json::from_slice(&message).expect("messages are JSON")
    }

    fn id(&self) -> u32 {
        self.next_id.replace(self.next_id.get() + 1)
    }

    /// Sends a request as it is, and gives the next message.
    pub(crate) async fn bare(&self, method: &str, params: Value) -> Value {
        let id = self.id();
        self.send(&json!({ "jsonrpc": "2.0", "id": id, "method": method, "params": params }));
        let answer = self.recv().await;
        assert_eq!(answer["id"], id, "{answer}");
        answer
    }

    /// Sends a stateless request, and gives the next message.
    pub(crate) async fn modern(&self, method: &str, params: Value) -> Value {
        let id = self.id();
        self.start(json!(id), method, params);
        let answer = self.recv().await;
        assert_eq!(answer["id"], id, "{answer}");
        answer
    }

    /// Sends a stateless request and waits for nothing.
    pub(crate) fn start(&self, id: Value, method: &str, mut params: Value) {
        params["_meta"]["io.modelcontextprotocol/protocolVersion"] = json!(MODERN);
        params["_meta"]["io.modelcontextprotocol/clientCapabilities"] = self.capabilities.clone();
        self.send(&json!({ "jsonrpc": "2.0", "id": id, "method": method, "params": params }));
    }

    /// Calls a tool without arguments, in the stateless era.
    pub(crate) async fn call(&self, tool: &str) -> Value {
        self.modern("tools/call", json!({ "name": tool })).await
    }
}

/// A tool that waits for the test, and tells when it is gone.
#[derive(Clone)]
pub(crate) struct Gate {
    started: Arc<Semaphore>,
    open: Arc<Semaphore>,
    gone: Arc<Semaphore>,
}

struct Gone(Arc<Semaphore>);

impl Drop for Gone {
    fn drop(&mut self) {
        self.0.add_permits(1);
    }
}

async fn take(semaphore: &Semaphore) {
    semaphore.acquire().await.unwrap().forget();
}

impl Gate {
    pub(crate) fn new() -> Self {
        let closed = || Arc::new(Semaphore::new(0));
        Self {
            started: closed(),
            open: closed(),
            gone: closed(),
        }
    }

    /// For the tool: waits until the test opens the gate.
    pub(crate) async fn pass(&self) {
        let _gone = Gone(Arc::clone(&self.gone));
        self.started.add_permits(1);
        take(&self.open).await;
    }

    /// Waits until a call has come to the gate.
    pub(crate) async fn reached(&self) {
        take(&self.started).await;
    }

    /// Lets one call pass.
    pub(crate) fn open(&self) {
        self.open.add_permits(1);
    }

    /// Waits until a call that came to the gate has passed or was dropped.
    pub(crate) async fn left(&self) {
        take(&self.gone).await;
    }
}

/// The code of an error answer.
pub(crate) fn code(answer: &Value) -> i64 {
    answer["error"]["code"]
        .as_i64()
        .unwrap_or_else(|| panic!("no error in {answer}"))
}

/// The text a tool answered with.
pub(crate) fn text(answer: &Value) -> &str {
    answer["result"]["content"][0]["text"]
        .as_str()
        .unwrap_or_else(|| panic!("no text in {answer}"))
}
