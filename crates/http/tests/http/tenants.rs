//! What the quotas of a tenant bound, and that they concern nobody else.

use std::{collections::HashMap, future::poll_fn, pin::Pin, sync::Arc, task::Poll, time::Duration};

use http::Request;
use http_body::Body as _;
use proptest::prelude::*;
use purlin_core::{
    DynamicResource, DynamicTool, Origin, Principal, Rate, ResourceResult, Server, Session,
    ToolResult, TransportKind,
    protocol::{Resource, Tool},
    store::{KeyValue, MemoryStore},
    transport::memory::{self, MemoryLink},
    wire,
};
use purlin_http::{Body, HttpConfig, StreamableHttp};
use purlin_middleware::Tenants;
use purlin_stores::testing::{Mood, Moody};
use serde_json::{Value, json};
use tokio::sync::Semaphore;

use crate::{ends::status, replicas::VERSION};

/// One could be taken for a part of the other where names are joined carelessly.
const TENANTS: [&str; 2] = ["a", "1:a"];
const URIS: [&str; 3] = ["note://1", "note://2", "note://3"];

fn tool<F, Fut>(server: &Server, name: &str, call: F)
where
    F: Fn(purlin_core::Context, Value) -> Fut + Send + Sync + 'static,
    Fut: Future<Output = purlin_core::Result<ToolResult>> + Send + 'static,
{
    let definition = Tool::new(name, json!({ "type": "object" }).into());
    let tool = DynamicTool::new(definition, move |cx, arguments| call(cx, arguments.into()));
    server.add_tool(tool).unwrap();
}

fn server(tenants: Tenants, store: Arc<dyn KeyValue>) -> Server {
    let server = Server::builder("tenants", "1.0.0")
        .with_store(store)
        .middleware(tenants);
    tool(&server, "set", |cx, arguments| async move {
        cx.session()?.set("kept", &arguments["value"]).await?;
        Ok(ToolResult::text("kept"))
    });
    for uri in URIS {
        let note = |_, _| async { Ok(ResourceResult::text("note")) };
        let resource = DynamicResource::new(Resource::new(uri, "note"), note);
        server.add_resource(resource).unwrap();
    }
    server
}

/// Calls that have begun, and what lets them go on.
struct Gates {
    started: [Arc<Semaphore>; 2],
    open: [Arc<Semaphore>; 2],
}

impl Gates {
    fn new() -> Self {
        let closed = || [(); 2].map(|()| Arc::new(Semaphore::new(0)));
        Self {
            started: closed(),
            open: closed(),
        }
    }

    fn guard(&self, server: &Server) {
        let gates: HashMap<_, _> = TENANTS
            .into_iter()
            .zip(self.started.iter().cloned().zip(self.open.iter().cloned()))
            .collect();
        tool(server, "wait", move |cx, _| {
            let tenant = cx.principal().and_then(Principal::tenant).unwrap();
            let (started, open) = gates[tenant].clone();
            async move {
                started.add_permits(1);
                open.acquire().await.unwrap().forget();
                Ok(ToolResult::text("waited"))
            }
        });
    }
}

/// A server with everything bounded, and a client of each tenant in each era.
struct World {
    http: StreamableHttp,
    modern: Vec<MemoryLink>,
    sessions: Vec<MemoryLink>,
    open: [Vec<String>; 2],
    waiting: [usize; 2],
    /// The id of the last request.
    last: [u64; 2],
    gates: Gates,
}

#[derive(Clone, Debug)]
enum Step {
    Keep(usize),
    Wait,
    GoOn,
    Open,
    Close,
    Subscribe(&'static str, usize),
    Listen(usize),
}

fn step() -> impl Strategy<Value = (usize, Step)> {
    let step = prop_oneof![
        (0_usize..900).prop_map(Step::Keep),
        Just(Step::Wait),
        Just(Step::GoOn),
        Just(Step::Open),
        Just(Step::Close),
        (
            prop_oneof![Just("subscribe"), Just("unsubscribe")],
            0_usize..3
        )
            .prop_map(|(what, at)| Step::Subscribe(what, at)),
        (0_usize..3).prop_map(Step::Listen),
    ];
    (0_usize..2, step)
}

async fn exchange(link: &MemoryLink, message: &Value) -> Value {
    link.send(message.to_string().into_bytes());
    hear(link).await
}

async fn hear(link: &MemoryLink) -> Value {
    let heard = link.recv().await.expect("the connection is open");
    serde_json::from_slice(&heard).unwrap()
}

fn message(id: u64, method: &str, params: &Value) -> Value {
    json!({ "jsonrpc": "2.0", "id": id, "method": method, "params": params })
}

fn modern(id: u64, method: &str, mut params: Value) -> Value {
    params["_meta"] = json!({
        "io.modelcontextprotocol/protocolVersion": "2026-07-28",
        "io.modelcontextprotocol/clientCapabilities": {},
    });
    message(id, method, &params)
}

fn call(id: u64, tool: &str, arguments: &Value) -> Value {
    modern(
        id,
        "tools/call",
        json!({ "name": tool, "arguments": arguments }),
    )
}

impl World {
    async fn new(replicated: bool) -> Self {
        // No period ends while the test runs.
        let calls = Rate::new(9, Duration::from_secs(100 * 365 * 24 * 60 * 60));
        let tenants = Tenants::required()
            .calls(calls)
            .concurrency(2)
            .bytes(700)
            .subscriptions(3);
        let server = server(tenants, Arc::new(MemoryStore::new()));
        let gates = Gates::new();
        gates.guard(&server);
        let config = HttpConfig::new()
            .replicated(replicated)
            .sessions_per_tenant(2);
        let http = StreamableHttp::with_config(server.clone(), config).unwrap();
        let (mut modern, mut sessions) = (Vec::new(), Vec::new());
        for tenant in TENANTS {
            let link = || {
                let caller = Principal::new("alice").with_tenant(tenant);
                let origin = Origin::new(TransportKind::Http).with_principal(caller);
                memory::connect_from(&server, origin)
            };
            modern.push(link().await.unwrap());
            let session = link().await.unwrap();
            let opening = json!({
                "protocolVersion": VERSION,
                "capabilities": {},
                "clientInfo": { "name": "test", "version": "1" },
            });
            exchange(&session, &message(0, "initialize", &opening)).await;
            sessions.push(session);
        }
        Self {
            http,
            modern,
            sessions,
            open: Default::default(),
            waiting: [0; 2],
            last: [0; 2],
            gates,
        }
    }

    /// What a tenant sees of a step.
    async fn take(&mut self, tenant: usize, step: &Step) -> String {
        self.last[tenant] += 1;
        let id = self.last[tenant];
        let (link, session) = (&self.modern[tenant], &self.sessions[tenant]);
        match step {
            Step::Keep(bytes) => {
                let value = json!({ "value": "x".repeat(*bytes) });
                told(&exchange(link, &call(id, "set", &value)).await)
            }
            Step::Wait => {
                link.send(call(id, "wait", &json!({})).to_string().into_bytes());
                tokio::select! {
                    permit = self.gates.started[tenant].acquire() => {
                        permit.unwrap().forget();
                        self.waiting[tenant] += 1;
                        "waits".to_owned()
                    }
                    refused = hear(link) => told(&refused),
                }
            }
            Step::GoOn if self.waiting[tenant] == 0 => String::new(),
            Step::GoOn => {
                self.waiting[tenant] -= 1;
                self.gates.open[tenant].add_permits(1);
                told(&hear(link).await)
            }
            Step::Open => {
                let caller = format!("alice@{}", TENANTS[tenant]);
                let (status, id) = status(&self.http, "POST", None, &caller).await;
                self.open[tenant].extend(id);
                status.to_string()
            }
            Step::Close => {
                let Some(id) = self.open[tenant].pop() else {
                    return String::new();
                };
                let caller = format!("alice@{}", TENANTS[tenant]);
                let closed = status(&self.http, "DELETE", Some(&id), &caller).await;
                closed.0.to_string()
            }
            Step::Subscribe(what, uri) => {
                let method = format!("resources/{what}");
                let uri = json!({ "uri": URIS[*uri] });
                told(&exchange(session, &message(id, &method, &uri)).await)
            }
            Step::Listen(resources) => {
                let filter = json!({ "resourceSubscriptions": URIS[..*resources] });
                let listen = json!({ "notifications": filter });
                told(&exchange(link, &modern(id, "subscriptions/listen", listen)).await)
            }
        }
    }
}

/// An answer, without how long a period lasts yet.
fn told(answer: &Value) -> String {
    let mut answer = answer.clone();
    if let Some(data) = answer.pointer_mut("/error/data") {
        data["retryAfterMs"] = Value::Null;
    }
    let text = answer.to_string();
    match text.split_once("try again in ") {
        Some((before, after)) => {
            format!(
                "{before}{}",
                after.trim_start_matches(|it: char| it.is_ascii_digit())
            )
        }
        None => text,
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(32))]

    /// Whatever another tenant does, a tenant sees what it would see alone: answers,
    /// refusals, and their words.
    #[test]
    fn no_quota_of_one_tenant_is_seen_by_another(
        replicated: bool,
        steps in prop::collection::vec(step(), 1..60),
    ) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(async {
            let mut together = World::new(replicated).await;
            let mut alone = [World::new(replicated).await, World::new(replicated).await];
            for (tenant, step) in &steps {
                let seen = together.take(*tenant, step).await;
                assert_eq!(seen, alone[*tenant].take(*tenant, step).await, "{step:?}");
            }
        });
    }
}

async fn ask(at: &StreamableHttp, session: &str, caller: &str, message: &Value) -> String {
    let mut request = Request::builder()
        .method("POST")
        .uri("/mcp")
        .header("host", "localhost")
        .header("content-type", "application/json")
        .header("accept", "application/json, text/event-stream")
        .header("mcp-session-id", session)
        .body(Body::from(message.to_string().into_bytes()))
        .unwrap();
    let caller = Principal::new(caller).with_tenant("acme");
    request.extensions_mut().insert(caller);
    let mut body = at.handle(request).await.into_body();
    let mut said = Vec::new();
    while let Some(Ok(frame)) = poll_fn(|cx| Pin::new(&mut body).poll_frame(cx)).await {
        said.extend(frame.into_data().unwrap_or_default());
    }
    String::from_utf8(said).unwrap()
}

#[tokio::test]
async fn the_subscriptions_of_sessions_count_at_all_replicas_together() {
    let store = Arc::new(MemoryStore::new());
    let replica = || {
        let tenants = Tenants::required().subscriptions(2);
        let config = HttpConfig::new().replicated(true);
        StreamableHttp::with_config(server(tenants, store.clone()), config).unwrap()
    };
    let (one, two) = (replica(), replica());
    let alice = status(&one, "POST", None, "alice@acme").await.1.unwrap();
    let bob = status(&two, "POST", None, "bob@acme").await.1.unwrap();
    let subscribe = |uri| message(1, "resources/subscribe", &json!({ "uri": uri }));
    let refused = "at most 2 subscriptions";
    // The second is the same as the first, at another replica.
    for (at, uri) in [(&one, URIS[0]), (&two, URIS[0]), (&two, URIS[1])] {
        let said = ask(at, &alice, "alice", &subscribe(uri)).await;
        assert!(said.contains("result"), "{said}");
    }
    let said = ask(&one, &bob, "bob", &subscribe(URIS[0])).await;
    assert!(said.contains(refused), "{said}");
    let unsubscribe = message(1, "resources/unsubscribe", &json!({ "uri": URIS[0] }));
    ask(&one, &alice, "alice", &unsubscribe).await;
    let said = ask(&one, &bob, "bob", &subscribe(URIS[0])).await;
    assert!(said.contains("result"), "{said}");
    let said = ask(&two, &bob, "bob", &subscribe(URIS[1])).await;
    assert!(said.contains(refused), "{said}");
    // A session takes its subscriptions with it, wherever it ends.
    assert_eq!(
        status(&one, "DELETE", Some(&alice), "alice@acme").await.0,
        204
    );
    let said = ask(&two, &bob, "bob", &subscribe(URIS[1])).await;
    assert!(said.contains("result"), "{said}");
}

/// A session of somebody of the tenant `acme` that replicas share.
async fn shared(server: &Server, name: &str) -> (Session, Origin) {
    let opening = json!({
        "protocolVersion": VERSION,
        "capabilities": {},
        "clientInfo": { "name": "test", "version": "1" },
    });
    let caller = Principal::new(name).with_tenant("acme");
    let origin = Origin::new(TransportKind::Http).with_principal(caller);
    let initialize = inbound(&message(0, "initialize", &opening));
    let opening = server.open_session(initialize, origin.clone()).unwrap();
    let (session, _) = opening.await.unwrap();
    let hour = Duration::from_secs(3_600);
    session.share(name.to_owned(), hour).await.unwrap();
    (session, origin)
}

fn inbound(message: &Value) -> wire::Inbound {
    match wire::parse(message.to_string().into_bytes()).unwrap() {
        wire::Frame::One(message) => message,
        wire::Frame::Batch(_) => panic!("this is one message"),
    }
}

fn about(what: &str, uri: &str) -> wire::Inbound {
    let method = format!("resources/{what}");
    inbound(&message(1, &method, &json!({ "uri": uri })))
}

#[tokio::test]
async fn a_subscribe_that_is_dropped_anywhere_leaves_no_count_behind() {
    for polls in 1..60 {
        let (tenants, store) = (Tenants::required().subscriptions(1), Arc::new(Moody::new()));
        store.set_mood(Mood::Slow);
        let server = server(tenants, store);
        let (alice, hers) = shared(&server, "alice").await;
        let (bob, his) = shared(&server, "bob").await;
        let mut dropped = alice
            .accept(about("subscribe", URIS[0]), hers.clone())
            .unwrap()
            .unwrap();
        for _ in 0..polls {
            let ready = poll_fn(|cx| Poll::Ready(Pin::new(&mut dropped).poll(cx).is_ready()));
            if ready.await {
                break;
            }
            tokio::task::yield_now().await;
        }
        drop(dropped);
        let mut said = String::new();
        for _ in 0..100 {
            // What became of it may take a while, and then she ends it.
            let end = about("unsubscribe", URIS[0]);
            let ended = alice.accept(end, hers.clone()).unwrap().unwrap();
            ended.await.unwrap();
            let begin = about("subscribe", URIS[1]);
            let begun = bob.accept(begin, his.clone()).unwrap().unwrap();
            said = String::from_utf8(begun.await.unwrap().body).unwrap();
            if said.contains("result") {
                break;
            }
        }
        assert!(said.contains("result"), "after {polls} polls: {said}");
    }
}
