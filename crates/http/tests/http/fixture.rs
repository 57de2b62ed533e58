//! A hosted server whose tools wait for the test.

use std::{net::SocketAddr, sync::Arc};

use purlin_core::{DynamicTool, Server, protocol::Tool, tool::ToolResult};
use purlin_http::{HttpConfig, HttpServer, HttpServerBuilder};
use serde_json::json;
use tokio::{sync::Semaphore, task::JoinHandle};

use crate::raw::{Event, Events, Head, Raw, post};

/// The server and what its tools tell and wait for.
#[derive(Clone)]
pub(crate) struct Fixture {
    pub(crate) server: Server,
    /// One permit for each call that has begun to wait.
    pub(crate) started: Arc<Semaphore>,
    /// Each permit lets one waiting call go on.
    pub(crate) gate: Arc<Semaphore>,
    /// One permit for each waiting call that was dropped or has finished.
    pub(crate) ended: Arc<Semaphore>,
}

struct Ended(Arc<Semaphore>);

impl Drop for Ended {
    fn drop(&mut self) {
        self.0.add_permits(1);
    }
}

pub(crate) async fn take(semaphore: &Semaphore) {
    semaphore.acquire().await.unwrap().forget();
}

impl Fixture {
    pub(crate) fn new() -> Self {
        Self::of(Server::builder("fixture", "1.0.0"))
    }

    /// The tools in a server that has settings of its own.
    pub(crate) fn of(server: Server) -> Self {
        let fixture = Self {
            server,
            started: Arc::new(Semaphore::new(0)),
            gate: Arc::new(Semaphore::new(0)),
            ended: Arc::new(Semaphore::new(0)),
        };
        // Answers at once.
        fixture.tool("echo", |_, text| async move { text });
        // Says a word, then answers at once.
        fixture.tool("say", |context: Waiting, text| async move {
            context.cx.progress(1, 2);
            text
        });
        // Waits at the gate.
        fixture.tool("wait", |context: Waiting, text| async move {
            context.wait().await;
            text
        });
        // Says a word, waits at the gate, says another.
        fixture.tool("talk", |context: Waiting, text| async move {
            context.cx.progress(1, 3);
            context.wait().await;
            context.cx.progress(2, 3);
            text
        });
        // Closes its stream, waits at the gate, answers.
        fixture.tool("close", |context: Waiting, text| async move {
            context.cx.close_stream();
            context.wait().await;
            text
        });
        // Asks the client for its roots and answers with the first.
        fixture.tool("ask", |context: Waiting, _| async move {
            match context.cx.roots().await {
                Ok(roots) => roots[0].uri.clone(),
                Err(error) => error.to_string(),
            }
        });
        // Answers with a mebibyte.
        fixture.tool("large", |_, _| async move { "x".repeat(1 << 20) });
        fixture
    }

    fn tool<F, Fut>(&self, name: &'static str, call: F)
    where
        F: Fn(Waiting, String) -> Fut + Send + Sync + 'static,
        Fut: Future<Output = String> + Send + 'static,
    {
        let (started, gate, ended) = (self.started.clone(), self.gate.clone(), self.ended.clone());
        let schema = json!({ "type": "object" });
        let tool = DynamicTool::new(Tool::new(name, schema.into()), move |cx, arguments| {
            let text = arguments
                .get("text")
                .and_then(|text| text.as_str())
                .unwrap_or("ok")
                .to_owned();
            let (started, gate, ended) = (started.clone(), gate.clone(), ended.clone());
            let answer = call(
                Waiting {
                    cx,
                    started,
                    gate,
                    ended,
                },
                text,
            );
            async move { Ok(ToolResult::text(answer.await)) }
        });
        self.server.add_tool(tool).unwrap();
    }

    /// How the tests host it: no signals, a free port.
    pub(crate) fn builder(&self) -> HttpServerBuilder {
        HttpServer::builder(self.server.clone())
            .bind("127.0.0.1:0")
            .signals(false)
    }

    pub(crate) async fn host(&self) -> Hosted {
        self.host_with(self.builder()).await
    }

    pub(crate) async fn host_config(&self, config: HttpConfig) -> Hosted {
        self.host_with(self.builder().config(config)).await
    }

    pub(crate) async fn host_with(&self, builder: HttpServerBuilder) -> Hosted {
        let http = builder.listen().await.unwrap();
        let address = http.local_addr();
        let task = tokio::spawn(async move { http.serve().await.unwrap() });
        Hosted {
            fixture: self.clone(),
            address,
            task,
        }
    }
}

/// The context of one call, and the gate.
pub(crate) struct Waiting {
    pub(crate) cx: purlin_core::Context,
    started: Arc<Semaphore>,
    gate: Arc<Semaphore>,
    ended: Arc<Semaphore>,
}

impl Waiting {
    async fn wait(&self) {
        let _ended = Ended(self.ended.clone());
        self.started.add_permits(1);
        take(&self.gate).await;
    }
}

/// A fixture behind a socket.
pub(crate) struct Hosted {
    pub(crate) fixture: Fixture,
    pub(crate) address: SocketAddr,
    pub(crate) task: JoinHandle<()>,
}

impl Hosted {
    pub(crate) async fn connect(&self) -> Raw {
        Raw::connect(self.address).await
    }

    /// Sends raw bytes on a new connection and reads the answer.
    pub(crate) async fn exchange(&self, bytes: impl AsRef<[u8]>) -> (Head, String) {
        let mut raw = self.connect().await;
        raw.send(bytes).await;
        raw.answer().await
    }

    /// The status of the answer to raw bytes on a new connection.
    pub(crate) async fn status(&self, bytes: impl AsRef<[u8]>) -> u16 {
        self.exchange(bytes).await.0.status
    }

    /// Posts a stateless call and opens its event stream.
    pub(crate) async fn stream(&self, bytes: impl AsRef<[u8]>) -> Events {
        let mut raw = self.connect().await;
        raw.send(bytes).await;
        let head = raw.head().await.unwrap();
        assert_eq!(head.status, 200);
        assert_eq!(head.field("content-type"), Some("text/event-stream"));
        Events::of(raw)
    }

    /// Opens a session; its id.
    pub(crate) async fn open(&self, version: &str) -> String {
        let (head, body) = self.exchange(post(&[], &initialize(version))).await;
        assert_eq!(head.status, 200, "{body}");
        let id = head
            .field("mcp-session-id")
            .expect("a session id")
            .to_owned();
        let initialized = r#"{"jsonrpc":"2.0","method":"notifications/initialized"}"#;
        let status = self
            .status(post(&[("Mcp-Session-Id", &id)], initialized))
            .await;
        assert_eq!(status, 202);
        id
    }

    /// A GET in a session.
    pub(crate) async fn get(&self, session: &str, last_event: Option<&str>) -> (Head, Raw) {
        let mut raw = self.connect().await;
        let last = last_event
            .map(|id| format!("Last-Event-ID: {id}\r\n"))
            .unwrap_or_default();
        raw.send(format!(
            "GET /mcp HTTP/1.1\r\nHost: localhost\r\nAccept: text/event-stream\r\nMcp-Session-Id: {session}\r\n{last}\r\n"
        ))
        .await;
        let head = raw.head().await.unwrap();
        (head, raw)
    }

    /// Resumes a stream after an event.
    pub(crate) async fn resume(&self, session: &str, last_event: &str) -> Vec<Event> {
        let (head, raw) = self.get(session, Some(last_event)).await;
        assert_eq!(head.status, 200);
        Events::of(raw).rest().await
    }
}

pub(crate) const MODERN: &str = "2026-07-28";

/// The `_meta` of a stateless request.
pub(crate) fn meta() -> serde_json::Value {
    json!({
        "io.modelcontextprotocol/protocolVersion": MODERN,
        "io.modelcontextprotocol/clientInfo": { "name": "tests", "version": "1.0.0" },
        "io.modelcontextprotocol/clientCapabilities": {},
        "progressToken": "p",
    })
}

/// The body of a stateless request.
pub(crate) fn modern_body(method: &str, mut params: serde_json::Value) -> String {
    params["_meta"] = meta();
    json!({ "jsonrpc": "2.0", "id": 1, "method": method, "params": params }).to_string()
}

/// A stateless request with the headers that go with it.
pub(crate) fn modern(method: &str, params: serde_json::Value) -> String {
    let name = params
        .get("name")
        .and_then(|name| name.as_str())
        .unwrap_or("")
        .to_owned();
    let headers = [
        ("MCP-Protocol-Version", MODERN),
        ("Mcp-Method", method),
        ("Mcp-Name", name.as_str()),
    ];
    post(&headers, &modern_body(method, params))
}

/// A stateless call of a tool.
pub(crate) fn modern_call(tool: &str) -> String {
    modern("tools/call", json!({ "name": tool, "arguments": {} }))
}

pub(crate) fn initialize(version: &str) -> String {
    json!({
        "jsonrpc": "2.0", "id": 0, "method": "initialize",
        "params": {
            "protocolVersion": version,
            "capabilities": { "roots": {} },
            "clientInfo": { "name": "tests", "version": "1.0.0" },
        },
    })
    .to_string()
}

/// The body of a call in a session.
pub(crate) fn call_body(id: u32, tool: &str) -> String {
    let params = json!({ "name": tool, "arguments": {}, "_meta": { "progressToken": "p" } });
    json!({ "jsonrpc": "2.0", "id": id, "method": "tools/call", "params": params }).to_string()
}

/// A call in a session.
pub(crate) fn session_call(session: &str, id: u32, tool: &str) -> String {
    post(&[("Mcp-Session-Id", session)], &call_body(id, tool))
}

/// The code of a JSON-RPC error.
pub(crate) fn error_code(body: &str) -> i64 {
    let body: serde_json::Value = serde_json::from_str(body).expect("JSON");
    body["error"]["code"]
        .as_i64()
        .unwrap_or_else(|| panic!("no error in {body}"))
}
