use std::{sync::Arc, time::Duration};

use proptest::prelude::*;
use purlin_core::{
    Principal, Rate, Server, ToolResult,
    store::{Collection, MemoryStore},
};
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
