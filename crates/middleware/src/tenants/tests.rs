use std::{sync::Arc, time::Duration};

use proptest::prelude::*;
use purlin_core::{
    DynamicResource, Principal, Rate, ResourceResult, Server, ToolResult,
    protocol::Resource,
    store::{Collection, MemoryStore},
};
use purlin_stores::testing::{Mood, Moody};
use serde_json::{Value, json};
use tokio::sync::Semaphore;

use super::{Tenant, Tenants};
use crate::fixture::{Wire, caller, server, text, tool};

async fn wire(server: &Server, subject: &str, tenant: Option<&str>) -> Wire {
    let mut person = Principal::new(subject);
    if let Some(tenant) = tenant {
        person = person.with_tenant(tenant);
    }
    Wire::from(server, caller(person)).await
}

async fn code(wire: &Wire) -> i64 {
    let answer = wire.call("echo", json!({})).await;
    answer["error"]["code"].as_i64().unwrap_or_default()
}

/// So many in a hundred years: no period ends while a test runs.
fn quota(calls: u32) -> Rate {
    Rate::new(calls, Duration::from_secs(100 * 365 * 24 * 60 * 60))
}

#[tokio::test]
async fn callers_without_a_tenant_are_refused_or_share_one() {
    let tenants = Tenants::required();
    let strict = server().middleware(tenants.clone());
    assert_eq!(code(&wire(&strict, "a", Some("acme")).await).await, 0);
    assert_eq!(code(&wire(&strict, "a", None).await).await, 403);
    assert_eq!(code(&Wire::over_http(&strict).await).await, 401);
    assert_eq!(code(&Wire::to(&strict).await).await, 401);
    assert_eq!(tenants.statistics().without, 3);
    let shared = server().middleware(Tenants::sharing().calls(quota(2)));
    let mut codes = Vec::new();
    for subject in ["a", "b", "c"] {
        codes.push(code(&wire(&shared, subject, None).await).await);
    }
    assert_eq!(codes, [0, 0, 429]);
    assert_eq!(code(&wire(&shared, "a", Some("")).await).await, 0);
}

#[tokio::test]
async fn a_quota_is_counted_over_processes_and_lists_are_free() {
    let store = Arc::new(MemoryStore::default());
    let mut passed = 0;
    for _ in 0..3 {
        let tenants = Tenants::required().calls(quota(5)).store(store.clone());
        let server = server().middleware(tenants);
        let acme = wire(&server, "a", Some("acme")).await;
        for _ in 0..3 {
            passed += i64::from(code(&acme).await == 0);
        }
        let list = acme.ask("tools/list", json!({})).await;
        assert!(list["result"]["tools"].is_array());
        assert_eq!(code(&wire(&server, "z", Some("zoo")).await).await.min(1), 0);
    }
    assert_eq!(passed, 5);
}

#[tokio::test]
async fn a_tenant_runs_so_much_at_one_time_and_gives_it_back() {
    let tenants = Tenants::required().concurrency(1);
    let server = server().middleware(tenants.clone());
    let let_go = Arc::new(Semaphore::new(0));
    let gate = let_go.clone();
    let slow = tool("slow", move |_, _| {
        let gate = gate.clone();
        async move {
            gate.acquire().await.unwrap().forget();
            Ok(ToolResult::text("done"))
        }
    });
    server.add_tool(slow).unwrap();
    let (acme, zoo) = (
        wire(&server, "a", Some("acme")).await,
        wire(&server, "a", Some("zoo")).await,
    );
    for end in ["cancelled", "answered"] {
        acme.request(7, "tools/call", json!({ "name": "slow" }));
        while tenants.statistics().running == 0 {
            tokio::task::yield_now().await;
        }
        assert_eq!(code(&acme).await, 503);
        assert_eq!(code(&zoo).await, 0);
        if end == "cancelled" {
            let cancelled = json!({ "requestId": 7 });
            acme.say(&json!({ "jsonrpc": "2.0", "method": "notifications/cancelled", "params": cancelled }));
        } else {
            let_go.add_permits(1);
            assert_eq!(text(&acme.hear().await), "done");
        }
        while tenants.statistics().running > 0 {
            tokio::task::yield_now().await;
        }
        assert_eq!(code(&acme).await, 0);
    }
}

/// A server that keeps a note under a key for each tenant.
fn notes() -> Server {
    let server = Server::builder("notes", "1.0.0").middleware(Tenants::required());
    let notes = Arc::new(Collection::<Value>::new(
        Arc::new(MemoryStore::default()),
        "notes",
    ));
    let note = tool("note", move |cx, arguments| {
        let notes = notes.clone();
        async move {
            let tenant = cx
                .state()
                .get::<Tenant>()
                .expect("the middleware has put it there");
            let key = tenant.key(arguments["key"].as_str().unwrap_or_default());
            if let Some(note) = arguments.get("note") {
                notes.put(&key, note).await?;
            }
            ToolResult::structured(&notes.get(&key).await?)
        }
    });
    server.add_tool(note).unwrap();
    server
}

#[derive(Clone, Debug)]
struct Step {
    tenant: usize,
    key: String,
    note: Option<u8>,
}

fn step() -> impl Strategy<Value = Step> {
    (0_usize..4, "[0-9:a]{0,3}", prop::option::of(any::<u8>()))
        .prop_map(|(tenant, key, note)| Step { tenant, key, note })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(32))]

    /// What one tenant sees is what it would see alone.
    #[test]
    fn no_tenant_sees_another(steps in prop::collection::vec(step(), 1..40)) {
        const NAMES: [&str; 4] = ["a", "1:a", "", "aa"];
        let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap();
        runtime.block_on(async {
            let together = notes();
            let alone: Vec<Server> = NAMES.iter().map(|_| notes()).collect();
            for step in &steps {
                let mut arguments = json!({ "key": step.key });
                if let Some(note) = step.note {
                    arguments["note"] = note.into();
                }
                let mut answers = Vec::new();
                for server in [&together, &alone[step.tenant]] {
                    let wire = wire(server, "someone", Some(NAMES[step.tenant])).await;
                    answers.push(wire.call("note", arguments.clone()).await);
                }
                assert_eq!(answers[0], answers[1]);
            }
        });
    }
}

/// A server whose tools keep a value of the session, and one of a collection.
fn keeper(tenants: Tenants, store: Arc<MemoryStore>) -> Server {
    let server = Server::builder("keeper", "1.0.0")
        .with_store(store)
        .middleware(tenants);
    let set = tool("set", |cx, arguments| async move {
        cx.session()?.set("kept", &arguments["value"]).await?;
        Ok(ToolResult::text("kept"))
    });
    let end = tool("end", |cx, _| async move {
        cx.session()?.end().await?;
        Ok(ToolResult::text("ended"))
    });
    let put = tool("put", |cx, arguments| async move {
        let tenant = cx.state().get::<Tenant>().unwrap();
        let kept = Collection::<Value>::new(tenant.store(&cx), "kept");
        kept.put(&tenant.key("it"), &arguments["value"]).await?;
        Ok(ToolResult::text("kept"))
    });
    for tool in [set, end, put] {
        server.add_tool(tool).unwrap();
    }
    for uri in ["note://1", "note://2"] {
        let note = |_, _| async { Ok(ResourceResult::text("note")) };
        let resource = DynamicResource::new(Resource::new(uri, "note"), note);
        server.add_resource(resource).unwrap();
    }
    server
}

#[tokio::test]
async fn the_bytes_of_a_tenant_are_bounded_over_callers_collections_and_processes() {
    let store = Arc::new(MemoryStore::default());
    let replica = || keeper(Tenants::required().bytes(1_000), store.clone());
    let (one, two) = (replica(), replica());
    let kept = |wire: Wire, tool: &'static str, bytes: usize| async move {
        let answer = wire.call(tool, json!({ "value": "x".repeat(bytes) })).await;
        text(&answer).to_owned()
    };
    assert_eq!(
        kept(wire(&one, "a", Some("acme")).await, "set", 500).await,
        "kept"
    );
    for tool in ["set", "put"] {
        let refused = kept(wire(&two, "b", Some("acme")).await, tool, 500).await;
        assert!(
            refused.contains("at most 1000 bytes, of which"),
            "{refused}"
        );
        assert!(refused.contains("remove some"), "{refused}");
        // Others are not concerned.
        let zoo = wire(&two, "b", Some(&format!("zoo-{tool}"))).await;
        assert_eq!(kept(zoo, tool, 500).await, "kept");
    }
    // What is written over counts once, and what is gone no more.
    assert_eq!(
        kept(wire(&two, "a", Some("acme")).await, "set", 600).await,
        "kept"
    );
    wire(&two, "a", Some("acme"))
        .await
        .call("end", json!({}))
        .await;
    assert_eq!(
        kept(wire(&one, "b", Some("acme")).await, "put", 800).await,
        "kept"
    );
}

async fn listen(wire: &Wire, resources: &[&str]) -> Value {
    let filter = json!({ "resourceSubscriptions": resources });
    wire.ask("subscriptions/listen", json!({ "notifications": filter }))
        .await
}

async fn subscribe(wire: &Wire, method: &str, uri: &str) -> i64 {
    let method = format!("resources/{method}");
    let params = json!({ "uri": uri });
    wire.say(&json!({ "jsonrpc": "2.0", "id": 5, "method": method, "params": params }));
    let answer = wire.hear().await;
    answer["error"]["code"].as_i64().unwrap_or_default()
}

fn is_heard(answer: &Value) -> bool {
    answer["method"] == "notifications/subscriptions/acknowledged"
}

#[tokio::test]
async fn the_subscriptions_of_a_tenant_are_bounded_in_both_eras_and_come_back() {
    let tenants = Tenants::required().subscriptions(3);
    let server = keeper(tenants, Arc::default());
    let session = wire(&server, "a", Some("acme")).await;
    session.open_session().await;
    assert_eq!(subscribe(&session, "subscribe", "note://1").await, 0);
    // Once more is not one more.
    assert_eq!(subscribe(&session, "subscribe", "note://1").await, 0);
    let stream = wire(&server, "b", Some("acme")).await;
    assert!(is_heard(&listen(&stream, &["note://1"]).await));
    let other = wire(&server, "b", Some("acme")).await;
    let refused = listen(&other, &[]).await;
    assert_eq!(refused["error"]["code"], 429);
    let said = refused["error"]["message"].as_str().unwrap();
    assert!(
        said.contains("at most 3 subscriptions") && said.contains("end some"),
        "{said}"
    );
    assert_eq!(subscribe(&session, "subscribe", "note://2").await, 429);
    let zoo = wire(&server, "b", Some("zoo")).await;
    assert!(is_heard(&listen(&zoo, &["note://1", "note://2"]).await));
    // What ends makes room: a subscription, a stream, a session.
    assert_eq!(subscribe(&session, "unsubscribe", "note://1").await, 0);
    assert!(is_heard(&listen(&other, &[]).await));
    drop((stream, other, session));
    let again = wire(&server, "a", Some("acme")).await;
    while !is_heard(&listen(&again, &["note://1", "note://2"]).await) {
        tokio::task::yield_now().await;
    }
}

#[tokio::test]
async fn streams_count_over_processes_that_share_their_changes() {
    let store = Arc::new(MemoryStore::default());
    let replica = || {
        let server = keeper(Tenants::required().subscriptions(2), store.clone());
        server.share_changes();
        server
    };
    let (one, two) = (replica(), replica());
    let first = wire(&one, "a", Some("acme")).await;
    assert!(is_heard(&listen(&first, &["note://1"]).await));
    let second = wire(&two, "b", Some("acme")).await;
    assert_eq!(listen(&second, &[]).await["error"]["code"], 429);
    assert!(is_heard(
        &listen(&wire(&two, "b", Some("zoo")).await, &[]).await
    ));
    drop(first);
    while !is_heard(&listen(&second, &["note://1"]).await) {
        tokio::task::yield_now().await;
    }
}

#[tokio::test(start_paused = true)]
async fn calls_do_not_wait_for_a_store_of_quotas_that_is_away() {
    let store = Arc::new(Moody::new());
    let tenants = Tenants::sharing()
        .calls("2/day".parse().unwrap())
        .store(store.clone());
    let server = server().middleware(tenants.clone());
    let wire = Wire::to(&server).await;
    for mood in [Mood::Hanging, Mood::Away] {
        store.set_mood(mood);
        let (asked, uncounted) = (store.asked(), tenants.statistics().uncounted);
        for _ in 0..50 {
            let answer = wire.call("echo", json!({})).await;
            assert!(answer["error"].is_null(), "{answer}");
        }
        assert_eq!(store.asked(), asked + 1, "{mood:?}");
        assert_eq!(tenants.statistics().uncounted, uncounted + 50);
        tokio::time::advance(Duration::from_secs(1)).await;
    }
    store.set_mood(Mood::Well);
    for expected in [Value::Null, Value::Null, json!(429)] {
        let answer = wire.call("echo", json!({})).await;
        assert_eq!(answer["error"]["code"], expected, "{answer}");
    }
}
