//! Middleware around `initialize` and `server/discover`.

// Capabilities are made where they are declared.
#![allow(clippy::needless_pass_by_value)]

use std::sync::{Arc, Mutex};
use std::time::Duration;

use purlin::middleware::{AnyMessage, AnyRequest, AnyResponse, Discover, Initialize};
use purlin::prelude::*;
use purlin::protocol::{CacheScope, DiscoverResult, InitializeResult};
use purlin::{ErrorKind, Server};
use serde_json::{Value, json};

use crate::wire::{Gate, SESSIONS, Wire, code};

type Lines = Arc<Mutex<Vec<String>>>;

#[mcp_server(name = "introduced", instructions = "Adds.")]
mod tools {
    /// Adds.
    #[mcp_tool]
    fn add(a: i64, b: i64) -> i64 {
        a + b
    }
}

fn server() -> Server {
    tools::Server.into_server()
}

/// Notes which of its hooks see what.
struct Trace(Lines);

impl Trace {
    fn note(&self, what: String) {
        self.0.lock().unwrap().push(what);
    }
}

#[middleware]
impl Trace {
    async fn message(&self, message: AnyMessage<'_>, next: Next<'_>) -> Result<AnyResponse> {
        self.note(format!("message {}", message.method()));
        next.run(message).await
    }

    async fn request(&self, request: AnyRequest<'_>, next: Next<'_>) -> Result<AnyResponse> {
        self.note(format!("request {}", request.method()));
        let response = next.run(request).await;
        let is_typed = matches!(
            response,
            Ok(AnyResponse::Initialize(_) | AnyResponse::Discover(_))
        );
        self.note(format!("response {is_typed}"));
        response
    }

    async fn opens(&self, asked: Initialize<'_>, next: Next<'_>) -> Result<InitializeResult> {
        let revision = asked.context().revision();
        let wanted = &asked.params().protocol_version;
        self.note(format!("initialize {wanted} {}", revision.as_str()));
        next.run(asked).await
    }

    async fn discovers(&self, asked: Discover<'_>, next: Next<'_>) -> Result<DiscoverResult> {
        self.note(format!("discover {}", asked.context().revision().as_str()));
        next.run(asked).await
    }
}

/// Turns clients away that call themselves `bad`, and tells the others more.
#[middleware]
async fn doorkeeper(asked: Initialize<'_>, next: Next<'_>) -> Result<InitializeResult> {
    if asked.client_info().name == "bad" {
        return Err(Error::new(ErrorKind::Forbidden, "not you"));
    }
    let roots = asked.capabilities().roots.is_some();
    let mut result = next.run(asked).await?;
    result.instructions = Some(format!("roots: {roots}"));
    result.protocol_version = "1999-01-01".to_owned();
    Ok(result)
}

fn initialize(id: u32, client: &str, capabilities: Value) -> Value {
    json!({ "jsonrpc": "2.0", "id": id, "method": "initialize", "params": {
        "protocolVersion": "2025-11-25",
        "capabilities": capabilities,
        "clientInfo": { "name": client, "version": "1.0.0" },
    } })
}

#[tokio::test]
async fn each_hook_sees_the_introductions_of_its_era() {
    for revision in SESSIONS {
        let lines = Lines::default();
        let server = server().middleware(Trace(Arc::clone(&lines)));
        let _wire = Wire::session(server, revision, json!({})).await;
        let seen = lines.lock().unwrap().clone();
        let own = format!("initialize {revision} {revision}");
        let expected = [
            "message initialize",
            "request initialize",
            &own,
            "response true",
            "message notifications/initialized",
        ];
        assert_eq!(seen, expected);
    }
    let lines = Lines::default();
    let wire = Wire::stateless(server().middleware(Trace(Arc::clone(&lines)))).await;
    wire.modern("server/discover", json!({})).await;
    let seen = lines.lock().unwrap().clone();
    let expected = [
        "message server/discover",
        "request server/discover",
        "discover 2026-07-28",
        "response true",
    ];
    assert_eq!(seen, expected);
}

#[tokio::test]
async fn the_answers_are_the_same_with_and_without_middleware() {
    let (bare, traced) = (server(), server().middleware(Trace(Lines::default())));
    let (bare, traced) = (Wire::stateless(bare).await, Wire::stateless(traced).await);
    let asked = || json!({});
    assert_eq!(
        bare.modern("server/discover", asked()).await,
        traced.modern("server/discover", asked()).await
    );
    for revision in SESSIONS {
        let (bare, traced) = (server(), server().middleware(Trace(Lines::default())));
        let (bare, traced) = (Wire::stateless(bare).await, Wire::stateless(traced).await);
        assert_eq!(
            bare.initialize(revision, json!({})).await,
            traced.initialize(revision, json!({})).await
        );
    }
}

#[tokio::test]
async fn who_is_refused_gets_no_session_and_may_try_again() {
    let wire = Wire::stateless(server().middleware(doorkeeper)).await;
    wire.send(&initialize(1, "bad", json!({})));
    let refused = wire.recv().await;
    assert_eq!(refused["error"]["message"], "not you", "{refused}");

    let call = wire.bare("tools/list", json!({})).await;
    assert_eq!(code(&call), -32602, "there is a session: {call}");

    wire.send(&initialize(2, "good", json!({ "roots": {} })));
    let opened = wire.recv().await;
    assert_eq!(opened["result"]["instructions"], "roots: true", "{opened}");
    assert_eq!(opened["result"]["protocolVersion"], "2025-11-25");
    wire.notify("notifications/initialized", json!({}));
    let list = wire.bare("tools/list", json!({})).await;
    assert_eq!(list["result"]["tools"][0]["name"], "add");

    wire.send(&initialize(3, "good", json!({})));
    assert_eq!(code(&wire.recv().await), -32600);
}

#[tokio::test]
async fn a_session_that_was_refused_is_not_reported_as_ended() {
    let (told, mut ends) = tokio::sync::mpsc::unbounded_channel();
    let server = server()
        .middleware(doorkeeper)
        .on_session_end(move |end| told.send(end.revision().to_string()).unwrap());
    let wire = Wire::stateless(server).await;
    let mut bad = initialize(1, "bad", json!({}));
    bad["params"]["protocolVersion"] = json!("2025-03-26");
    wire.send(&bad);
    assert_eq!(wire.recv().await["error"]["message"], "not you");
    wire.send(&initialize(2, "good", json!({})));
    wire.recv().await;
    drop(wire);
    assert_eq!(ends.recv().await.as_deref(), Some("2025-11-25"));
}

/// Lets nobody in before the gate is open.
struct Waits(Gate);

#[middleware]
impl Waits {
    async fn opens(&self, asked: Initialize<'_>, next: Next<'_>) -> Result<InitializeResult> {
        self.0.pass().await;
        asked.context().info("not before the answer");
        next.run(asked).await
    }
}

#[tokio::test]
async fn nothing_but_ping_is_served_before_the_answer() {
    let gate = Gate::new();
    let wire = Wire::stateless(server().middleware(Waits(gate.clone()))).await;
    wire.send(&initialize(1, "good", json!({})));
    gate.reached().await;

    let early = wire.bare("tools/list", json!({})).await;
    assert_eq!(code(&early), -32600);
    let text = early["error"]["message"].as_str().unwrap();
    assert!(
        text.contains("wait for the answer to `initialize`"),
        "{text}"
    );
    wire.send(&initialize(2, "good", json!({})));
    assert_eq!(code(&wire.recv().await), -32600);
    assert_eq!(wire.bare("ping", json!({})).await["result"], json!({}));
    // The stateless era has nothing to wait for.
    let list = wire.modern("tools/list", json!({})).await;
    assert_eq!(list["result"]["tools"][0]["name"], "add");
    // It cannot be cancelled (2025-11-25, "Cancellation").
    wire.notify("notifications/cancelled", json!({ "requestId": 1 }));
    // Clients that do not wait before this are not punished for it.
    wire.notify("notifications/initialized", json!({}));

    gate.open();
    let opened = wire.recv().await;
    assert_eq!(opened["id"], 1, "{opened}");
    assert_eq!(opened["result"]["protocolVersion"], "2025-11-25");
    let list = wire.bare("tools/list", json!({})).await;
    assert_eq!(list["result"]["tools"][0]["name"], "add");
    assert!(wire.server.remove_tool("add"));
    assert_eq!(
        wire.recv().await["method"],
        "notifications/tools/list_changed"
    );
}

#[tokio::test]
async fn the_end_of_the_connection_ends_an_initialize_that_waits() {
    let gate = Gate::new();
    let wire = Wire::stateless(server().middleware(Waits(gate.clone()))).await;
    wire.send(&initialize(1, "good", json!({})));
    gate.reached().await;
    drop(wire);
    gate.left().await;
}

/// Asks before there is a session.
#[middleware]
async fn curious(asked: Initialize<'_>, next: Next<'_>) -> Result<InitializeResult> {
    let roots = asked.context().roots().await;
    let problem = roots.map_or_else(|error| error.to_string(), |_| "roots".to_owned());
    let mut result = next.run(asked).await?;
    result.instructions = Some(problem);
    Ok(result)
}

#[tokio::test]
async fn a_client_is_asked_nothing_before_the_answer() {
    let wire = Wire::stateless(server().middleware(curious)).await;
    wire.send(&initialize(1, "good", json!({ "roots": {} })));
    let opened = wire.recv().await;
    let told = opened["result"]["instructions"].as_str().unwrap();
    assert!(told.contains("before `initialize` is answered"), "{told}");
}

/// Panics.
#[middleware]
async fn panics(asked: Initialize<'_>, _next: Next<'_>) -> Result<InitializeResult> {
    panic!("a bug at {}", asked.client_info().name);
}

#[tokio::test]
async fn a_middleware_that_panics_refuses_the_session() {
    let wire = Wire::stateless(server().middleware(panics)).await;
    wire.send(&initialize(1, "good", json!({})));
    assert_eq!(code(&wire.recv().await), -32603);
    let call = wire.bare("tools/list", json!({})).await;
    assert_eq!(code(&call), -32602, "{call}");
}

/// Tells each caller something else.
struct Greeting(Option<CacheScope>);

#[middleware]
impl Greeting {
    async fn greets(&self, asked: Discover<'_>, next: Next<'_>) -> Result<DiscoverResult> {
        let caller = asked.context().client_info().map(|client| client.name);
        if caller.as_deref() == Some("bad") {
            return Err(Error::new(ErrorKind::Forbidden, "not you"));
        }
        let mut result = next.run(asked).await?;
        result.instructions = Some("for you".to_owned());
        if let Some(scope) = &self.0 {
            result.cache_scope = Some(*scope);
        }
        Ok(result)
    }
}

#[tokio::test]
async fn what_is_told_to_one_caller_is_not_cached_for_another() {
    let wire = Wire::stateless(server().middleware(Greeting(None))).await;
    let told = wire.modern("server/discover", json!({})).await;
    assert_eq!(told["result"]["instructions"], "for you");
    assert_eq!(told["result"]["cacheScope"], "private");
    assert_eq!(told["result"]["resultType"], "complete");
    let name = &told["result"]["_meta"]["io.modelcontextprotocol/serverInfo"]["name"];
    assert_eq!(name, "introduced");

    let open = server().cache_hints(Duration::from_secs(60), CacheScope::Private);
    let wire = Wire::stateless(open.middleware(Greeting(Some(CacheScope::Public)))).await;
    let told = wire.modern("server/discover", json!({})).await;
    assert_eq!(told["result"]["cacheScope"], "public");
}

#[tokio::test]
async fn a_discovery_can_be_refused() {
    let wire = Wire::stateless(server().middleware(Greeting(None))).await;
    let client = json!({ "io.modelcontextprotocol/clientInfo": { "name": "bad", "version": "1" } });
    let refused = wire
        .modern("server/discover", json!({ "_meta": client }))
        .await;
    assert_eq!(refused["error"]["message"], "not you", "{refused}");
}
