//! A small server, and a client of raw messages to it.

#![allow(dead_code, reason = "not every test needs all of it")]

use std::sync::{Arc, Mutex};

use purlin_core::{
    Context, DynamicTool, Origin, Principal, Result, Server, ToolError, ToolResult, TransportKind,
    protocol::Tool,
    transport::memory::{self, MemoryLink},
};
use serde_json::{Value, json};

/// One end of a connection.
pub(crate) struct Wire(MemoryLink);

impl Wire {
    pub(crate) async fn to(server: &Server) -> Self {
        Self(memory::connect(server).await.unwrap())
    }

    pub(crate) fn over(link: MemoryLink) -> Self {
        Self(link)
    }

    pub(crate) async fn over_http(server: &Server) -> Self {
        let origin = Origin::new(TransportKind::Http);
        Self(memory::connect_from(server, origin).await.unwrap())
    }

    /// From somewhere else, for example from a [`caller`].
    pub(crate) async fn from(server: &Server, origin: Origin) -> Self {
        Self(memory::connect_from(server, origin).await.unwrap())
    }

    pub(crate) fn say(&self, message: &Value) {
        self.0.send(message.to_string().into_bytes());
    }

    pub(crate) async fn hear(&self) -> Value {
        let heard = self.0.recv().await.expect("the connection is open");
        serde_json::from_slice(&heard).unwrap()
    }

    /// Makes this connection a session.
    pub(crate) async fn open_session(&self) {
        self.say(
            &json!({ "jsonrpc": "2.0", "id": 0, "method": "initialize", "params": {
            "protocolVersion": "2025-11-25",
            "capabilities": { "elicitation": {} },
            "clientInfo": { "name": "test", "version": "1" },
        } }),
        );
        self.hear().await;
        self.say(&json!({ "jsonrpc": "2.0", "method": "notifications/initialized" }));
    }

    /// Sends a request of the stateless era.
    pub(crate) fn request(&self, id: u64, method: &str, mut params: Value) {
        params["_meta"] = json!({
            "io.modelcontextprotocol/protocolVersion": "2026-07-28",
            "io.modelcontextprotocol/clientCapabilities": { "elicitation": {} },
        });
        self.say(&json!({ "jsonrpc": "2.0", "id": id, "method": method, "params": params }));
    }

    /// Sends a request of the stateless era and waits for what comes back.
    pub(crate) async fn ask(&self, method: &str, params: Value) -> Value {
        self.request(1, method, params);
        self.hear().await
    }

    pub(crate) async fn call(&self, tool: &str, arguments: Value) -> Value {
        self.ask(
            "tools/call",
            json!({ "name": tool, "arguments": arguments }),
        )
        .await
    }
}

/// Someone over HTTP who has proved who they are.
pub(crate) fn caller(principal: Principal) -> Origin {
    Origin::new(TransportKind::Http).with_principal(principal)
}

/// A tool whose arguments nobody checks.
pub(crate) fn tool<F, Fut>(name: &str, call: F) -> DynamicTool
where
    F: Fn(Context, serde_json::Map<String, Value>) -> Fut + Send + Sync + 'static,
    Fut: Future<Output = Result<ToolResult>> + Send + 'static,
{
    DynamicTool::new(definition(name), call)
}

/// The definition of a tool that takes any object.
pub(crate) fn definition(name: &str) -> Tool {
    Tool::new(name, json!({ "type": "object" }).into())
}

/// A server with a tool `echo`, which answers its arguments, and one that fails.
pub(crate) fn server() -> Server {
    let server = Server::builder("test", "1.0.0");
    let echo = tool("echo", |_, arguments| async move {
        ToolResult::structured(&arguments)
    });
    let fail = tool("fail", |_, _| async {
        Err(ToolError::new("sold out").with_code("sold_out").into())
    });
    server.add_tool(echo).unwrap();
    server.add_tool(fail).unwrap();
    server
}

/// What was written, in order.
#[derive(Clone, Default)]
pub(crate) struct Written(Arc<Mutex<Vec<String>>>);

impl Written {
    pub(crate) fn push(&self, line: impl Into<String>) {
        self.0.lock().unwrap().push(line.into());
    }

    pub(crate) fn take(&self) -> Vec<String> {
        std::mem::take(&mut self.0.lock().unwrap())
    }
}

/// The text of a result.
pub(crate) fn text(answer: &Value) -> &str {
    answer["result"]["content"][0]["text"]
        .as_str()
        .unwrap_or_else(|| panic!("no text in {answer}"))
}
