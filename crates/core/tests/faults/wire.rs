//! A client of raw messages.

use std::time::Duration;

use purlin_core::{
    Context, DynamicTool, Result, Server,
    protocol::Tool,
    tool::ToolResult,
    transport::memory::{self, MemoryLink},
};
use serde_json::{Value, json};

/// When a test fails rather than hangs.
const DEADLINE: Duration = Duration::from_secs(30);

/// One end of a connection.
pub(crate) struct Wire(MemoryLink);

impl Wire {
    pub(crate) async fn to(server: &Server) -> Self {
        Self(memory::connect(server).await.unwrap())
    }

    pub(crate) fn say(&self, message: &Value) {
        self.0.send(message.to_string().into_bytes());
    }

    pub(crate) async fn hear(&self) -> Value {
        let heard = tokio::time::timeout(DEADLINE, self.0.recv()).await;
        serde_json::from_slice(&heard.expect("an answer").unwrap()).unwrap()
    }

    /// Sends a request of the stateless era and waits for what comes back.
    pub(crate) async fn ask(&self, method: &str, mut params: Value) -> Value {
        params["_meta"] = json!({
            "io.modelcontextprotocol/protocolVersion": "2026-07-28",
            "io.modelcontextprotocol/clientCapabilities": { "elicitation": {} },
        });
        self.say(&json!({ "jsonrpc": "2.0", "id": 1, "method": method, "params": params }));
        self.hear().await
    }

    pub(crate) async fn call(&self, tool: &str) -> Value {
        self.ask("tools/call", json!({ "name": tool, "arguments": {} }))
            .await
    }
}

/// A tool without arguments.
pub(crate) fn tool<F, Fut>(name: &str, call: F) -> DynamicTool
where
    F: Fn(Context) -> Fut + Send + Sync + 'static,
    Fut: Future<Output = Result<ToolResult>> + Send + 'static,
{
    let tool = Tool::new(name, json!({ "type": "object" }).into());
    DynamicTool::new(tool, move |cx, _| call(cx))
}

/// A server of these tools, and one that works.
pub(crate) fn server(tools: impl IntoIterator<Item = DynamicTool>) -> Server {
    let server = Server::builder("test", "1.0.0");
    let well = tool("well", |_| async { Ok(ToolResult::text("well")) });
    for tool in tools.into_iter().chain([well]) {
        server.add_tool(tool).unwrap();
    }
    server
}

/// The text of a result.
pub(crate) fn text(answer: &Value) -> &str {
    let text = &answer["result"]["content"][0]["text"];
    text.as_str()
        .unwrap_or_else(|| panic!("no text in {answer}"))
}
