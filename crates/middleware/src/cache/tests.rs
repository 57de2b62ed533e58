use std::{
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use proptest::prelude::*;
use purlin_core::{
    Context, DynamicPrompt, DynamicResource, DynamicTool, Origin, Principal, PromptResult,
    ResourceResult, Server, ToolError, ToolResult, TransportKind,
    protocol::{Prompt, PromptArgument, PromptMessage, Resource, Tool, ToolAnnotations},
};
use serde_json::{Map, Value, json};
use tokio::{sync::Semaphore, time::advance};

use super::{Cache, CacheHandle, canonical::canonical, entry::MAX_FORGOTTEN, flight::Flights};
use crate::fixture::{Wire, caller, definition, text, tool};

/// A server that counts how often its tools ran.
struct Counted {
    server: Server,
    handle: CacheHandle,
    let_go: Arc<Semaphore>,
}

fn read_only(name: &str) -> Tool {
    definition(name).with_annotations(ToolAnnotations::new().with_read_only(true))
}

fn counted(cache: Cache) -> Counted {
    let handle = cache.handle();
    let server = Server::builder("test", "1.0.0").middleware(cache);
    let runs = Arc::new(AtomicU64::new(0));
    let count = {
        let runs = runs.clone();
        move |_: Context, _: Map<String, Value>| {
            let run = runs.fetch_add(1, Ordering::SeqCst) + 1;
            async move { Ok(ToolResult::text(run.to_string())) }
        }
    };
    server
        .add_tool(DynamicTool::new(read_only("count"), count.clone()))
        .unwrap();
    server
        .add_tool(DynamicTool::new(definition("write"), count))
        .unwrap();
    let failing = runs.clone();
    let fail = DynamicTool::new(read_only("fail"), move |_, _| {
        let run = failing.fetch_add(1, Ordering::SeqCst) + 1;
        async move { Err(ToolError::new(run.to_string()).into()) }
    });
    server.add_tool(fail).unwrap();
    let let_go = Arc::new(Semaphore::new(0));
    let (gate, slow) = (let_go.clone(), runs.clone());
    let slow = DynamicTool::new(read_only("slow"), move |_, arguments| {
        let run = slow.fetch_add(1, Ordering::SeqCst) + 1;
        let gate = gate.clone();
        async move {
            gate.acquire().await.unwrap().forget();
            match arguments.get("fails") {
                Some(_) => Err(ToolError::new("no").into()),
                None => Ok(ToolResult::text(run.to_string())),
            }
        }
    });
    server.add_tool(slow).unwrap();
    let asks = runs.clone();
    let ask = DynamicTool::new(read_only("ask"), move |cx: Context, _| {
        let run = asks.fetch_add(1, Ordering::SeqCst) + 1;
        async move {
            cx.elicit_form("Well?", json!({ "type": "object", "properties": {} }))
                .key("q")
                .await?;
            Ok(ToolResult::text(run.to_string()))
        }
    });
    server.add_tool(ask).unwrap();
    Counted {
        server,
        handle,
        let_go,
    }
}

async fn run(wire: &Wire, tool: &str, arguments: Value) -> String {
    text(&wire.call(tool, arguments).await).to_owned()
}

#[tokio::test(start_paused = true)]
async fn what_only_reads_runs_once_until_its_time_is_over() {
    let Counted { server, handle, .. } = counted(Cache::new());
    let wire = Wire::to(&server).await;
    for _ in 0..3 {
        assert_eq!(run(&wire, "count", json!({ "a": 1, "b": 2 })).await, "1");
    }
    assert_eq!(run(&wire, "count", json!({ "b": 2.0, "a": 1 })).await, "1");
    assert_eq!(run(&wire, "count", json!({ "a": 2 })).await, "2");
    advance(Duration::from_secs(3_599)).await;
    assert_eq!(run(&wire, "count", json!({ "a": 2 })).await, "2");
    advance(Duration::from_secs(1)).await;
    assert_eq!(run(&wire, "count", json!({ "a": 2 })).await, "3");
    let statistics = handle.statistics();
    assert_eq!((statistics.hits(), statistics.misses()), (4, 3));
    assert_eq!((statistics.entries, statistics.stored), (2, 3));
    let samples = server.samples();
    assert_eq!(
        samples.value("mcp_cache_hits_total", &[("kind", "call")]),
        Some(4.0)
    );
}

#[tokio::test]
async fn what_writes_or_fails_is_not_kept_unless_it_is_named() {
    let Counted { server, .. } = counted(Cache::new().except(["count"]));
    let wire = Wire::to(&server).await;
    for (expected, tool) in ["count", "count", "write", "write", "fail", "fail"]
        .iter()
        .enumerate()
    {
        assert_eq!(
            run(&wire, tool, json!({})).await,
            (expected + 1).to_string()
        );
    }
    let cache = Cache::none().tool("write", Duration::from_secs(10));
    let Counted { server, .. } = counted(cache);
    let wire = Wire::to(&server).await;
    for (expected, tool) in [
        ("1", "write"),
        ("1", "write"),
        ("2", "count"),
        ("3", "count"),
    ] {
        assert_eq!(run(&wire, tool, json!({})).await, expected);
    }
}

#[tokio::test]
async fn entries_are_private_unless_they_are_shared_by_those_of_equal_grants() {
    let person = |subject: &str, tenant: &str, scopes: &[&str]| {
        caller(
            Principal::new(subject)
                .with_tenant(tenant)
                .with_scopes(scopes.iter().copied()),
        )
    };
    let origins = [
        person("alice", "acme", &["read"]),
        person("bob", "acme", &["read"]),
        person("alice", "zoo", &["read"]),
        person("alice", "acme", &["read", "write"]),
        caller(
            Principal::new("alice")
                .with_tenant("acme")
                .with_roles(["read"]),
        ),
        caller(Principal::new("alice")),
        Origin::new(TransportKind::Http),
        Origin::new(TransportKind::Memory),
    ];
    for (cache, expected) in [
        (Cache::new(), ["1", "2", "3", "4", "5", "6", "7", "8"]),
        (
            Cache::new().shared(),
            ["1", "1", "2", "3", "4", "5", "6", "7"],
        ),
    ] {
        let Counted { server, .. } = counted(cache);
        for (origin, expected) in origins.iter().zip(expected) {
            let wire = Wire::from(&server, origin.clone()).await;
            for _ in 0..2 {
                assert_eq!(run(&wire, "count", json!({})).await, expected, "{origin:?}");
            }
        }
    }
}

#[tokio::test]
async fn who_lacks_a_scope_or_a_role_gets_nothing_from_the_cache() {
    let Counted { server, .. } = counted(Cache::new().shared());
    let secret = tool("secret", |_, _| async { Ok(ToolResult::text("secret")) });
    let cached = Server::builder("inner", "1.0.0");
    cached.add_tool(secret).unwrap();
    server.mount("staff", &cached.roles(["staff"])).unwrap();
    let server = server.middleware(
        Cache::new()
            .shared()
            .tool("staff_secret", Duration::from_secs(60)),
    );
    let staff = Wire::from(&server, caller(Principal::new("a").with_roles(["staff"]))).await;
    let guest = Wire::from(&server, caller(Principal::new("a"))).await;
    assert_eq!(run(&staff, "staff_secret", json!({})).await, "secret");
    let answer = guest.call("staff_secret", json!({})).await;
    assert_eq!(answer["error"]["message"], "Unknown tool: staff_secret");
    let lists = [
        guest.ask("tools/list", json!({})).await,
        staff.ask("tools/list", json!({})).await,
    ];
    let tools = lists.map(|list| list["result"]["tools"].as_array().unwrap().len());
    assert_eq!(tools[0] + 1, tools[1]);
}

#[tokio::test]
async fn answers_to_questions_are_for_one_request() {
    let Counted { server, .. } = counted(Cache::new());
    let wire = Wire::to(&server).await;
    let mut runs = Vec::new();
    for _ in 0..2 {
        let asked = wire.call("ask", json!({})).await;
        let state = &asked["result"]["requestState"];
        assert!(state.is_string(), "{asked}");
        let answer = json!({ "action": "accept", "content": {} });
        let retry = json!({
            "name": "ask", "arguments": {},
            "requestState": state, "inputResponses": { "q": answer },
        });
        runs.push(text(&wire.ask("tools/call", retry).await).to_owned());
    }
    assert_eq!(runs, ["2", "4"]);
}

#[tokio::test]
async fn what_changes_is_forgotten() {
    let Counted { server, handle, .. } = counted(Cache::new());
    let wire = Wire::to(&server).await;
    let count = async |expected: &str| {
        assert_eq!(run(&wire, "count", json!({})).await, expected);
        assert_eq!(run(&wire, "count", json!({})).await, expected);
    };
    count("1").await;
    server.notify_tools_changed();
    count("2").await;
    server.notify_prompts_changed();
    server.notify_resource_updated("docs://a");
    count("2").await;
    handle.forget_tool("other");
    count("2").await;
    handle.forget_tool("count");
    count("3").await;
    handle.clear();
    count("4").await;
    let before = wire.ask("tools/list", json!({})).await;
    server
        .add_tool(tool("more", |_, _| async { Ok(ToolResult::new()) }))
        .unwrap();
    let after = wire.ask("tools/list", json!({})).await;
    let length = |list: &Value| list["result"]["tools"].as_array().unwrap().len();
    assert_eq!(length(&before) + 1, length(&after));
}

/// A server that counts how often its resource was read and its prompt was made.
fn counted_contents(cache: Cache) -> Server {
    let server = Server::builder("test", "1.0.0").middleware(cache);
    let runs = Arc::new(AtomicU64::new(0));
    let reads = runs.clone();
    let resource = Resource::new("docs://a", "a");
    let resource = DynamicResource::new(resource, move |_, _: String| {
        let run = reads.fetch_add(1, Ordering::SeqCst) + 1;
        async move { Ok(ResourceResult::text(run.to_string())) }
    });
    server.add_resource(resource).unwrap();
    let prompt = Prompt::new("letter").with_argument(PromptArgument::new("to"));
    let prompt = DynamicPrompt::new(prompt, move |_, _| {
        let run = runs.fetch_add(1, Ordering::SeqCst) + 1;
        async move { Ok(PromptResult::new([PromptMessage::user(run.to_string())])) }
    });
    server.add_prompt(prompt).unwrap();
    server
}

async fn read_a(wire: &Wire) -> Value {
    let read = wire.ask("resources/read", json!({ "uri": "docs://a" }));
    read.await["result"]["contents"][0]["text"].take()
}

async fn letter(wire: &Wire, to: &str) -> Value {
    let get = json!({ "name": "letter", "arguments": { "to": to } });
    let letter = wire.ask("prompts/get", get);
    letter.await["result"]["messages"][0]["content"]["text"].take()
}

#[tokio::test(start_paused = true)]
async fn contents_and_prompts_are_kept_for_their_time_and_until_they_change() {
    let minute = Duration::from_secs(60);
    let server = counted_contents(Cache::none().reads(minute).prompts(2 * minute));
    let wire = Wire::to(&server).await;
    for _ in 0..2 {
        assert_eq!(read_a(&wire).await, "1");
        assert_eq!(letter(&wire, "alice").await, "2");
        assert_eq!(letter(&wire, "bob").await, "3");
    }
    server.notify_resource_updated("docs://a");
    assert_eq!(read_a(&wire).await, "4");
    assert_eq!(letter(&wire, "alice").await, "2");
    server.notify_prompts_changed();
    assert_eq!(letter(&wire, "alice").await, "5");
    advance(minute).await;
    assert_eq!(read_a(&wire).await, "6");
    assert_eq!(letter(&wire, "alice").await, "5");
    let server = counted_contents(Cache::new().without_reads().without_prompts());
    let wire = Wire::to(&server).await;
    assert_eq!([read_a(&wire).await, read_a(&wire).await], ["1", "2"]);
    let letters = [letter(&wire, "a").await, letter(&wire, "a").await];
    assert_eq!(letters, ["3", "4"]);
}

#[tokio::test]
async fn names_that_are_forgotten_are_bounded_and_forgetting_one_again_costs_nothing() {
    let Counted { server, handle, .. } = counted(Cache::new());
    let wire = Wire::to(&server).await;
    let hits = |kind: &str| {
        let statistics = handle.statistics();
        let kind = statistics.kinds.iter().find(|one| one.kind == kind);
        kind.unwrap().hits
    };
    assert_eq!(run(&wire, "count", json!({})).await, "1");
    wire.ask("tools/list", json!({})).await;
    for number in 0..MAX_FORGOTTEN {
        handle.forget_resource(&format!("docs://{number}"));
    }
    // One that is known as forgotten already, however full it is.
    handle.forget_resource("docs://0");
    assert_eq!(run(&wire, "count", json!({})).await, "1");
    // One too many: what has a name goes, lists stay.
    handle.forget_resource("docs://more");
    assert_eq!(run(&wire, "count", json!({})).await, "2");
    assert_eq!(hits("tools"), 0);
    wire.ask("tools/list", json!({})).await;
    assert_eq!((hits("tools"), hits("call")), (1, 1));
}

#[tokio::test]
async fn an_answer_begun_before_a_change_is_not_kept() {
    let Counted {
        server,
        let_go,
        handle,
    } = counted(Cache::new());
    let wire = Wire::to(&server).await;
    let slow = json!({ "name": "slow", "arguments": {} });
    wire.request(1, "tools/call", slow);
    while handle.statistics().misses() == 0 {
        tokio::task::yield_now().await;
    }
    server.notify_tools_changed();
    let_go.add_permits(2);
    assert_eq!(text(&wire.hear().await), "1");
    assert_eq!(run(&wire, "slow", json!({})).await, "2");
    assert_eq!(run(&wire, "slow", json!({})).await, "2");
}

/// Starts `count` requests for one answer, and waits until they wait.
async fn together(wire: &Wire, handle: &CacheHandle, count: u64, arguments: Value) {
    for id in 0..count {
        wire.request(
            id,
            "tools/call",
            json!({ "name": "slow", "arguments": arguments }),
        );
    }
    while handle.statistics().joined < count - 1 {
        tokio::task::yield_now().await;
    }
}

#[tokio::test]
async fn one_works_it_out_for_all_who_ask_meanwhile() {
    let Counted {
        server,
        let_go,
        handle,
    } = counted(Cache::new());
    let wire = Wire::to(&server).await;
    together(&wire, &handle, 10, json!({})).await;
    let_go.add_permits(1);
    for _ in 0..10 {
        assert_eq!(text(&wire.hear().await), "1");
    }
    assert_eq!(
        (handle.statistics().hits(), handle.statistics().misses()),
        (9, 1)
    );
}

#[tokio::test]
async fn when_the_first_is_dropped_the_next_takes_over() {
    let Counted {
        server,
        let_go,
        handle,
    } = counted(Cache::new());
    let wire = Wire::to(&server).await;
    together(&wire, &handle, 5, json!({})).await;
    for id in [0, 1] {
        wire.say(&json!({
            "jsonrpc": "2.0", "method": "notifications/cancelled", "params": { "requestId": id },
        }));
        while handle.statistics().misses() < id + 2 {
            tokio::task::yield_now().await;
        }
    }
    let_go.add_permits(1);
    for _ in 0..3 {
        assert_eq!(text(&wire.hear().await), "3");
    }
}

#[tokio::test]
async fn what_cannot_be_kept_is_not_waited_for_one_after_the_other() {
    let Counted {
        server,
        let_go,
        handle,
    } = counted(Cache::new());
    let wire = Wire::to(&server).await;
    together(&wire, &handle, 5, json!({ "fails": true })).await;
    let_go.add_permits(1);
    wire.hear().await;
    // All of the others run now, at once.
    while handle.statistics().misses() < 5 {
        tokio::task::yield_now().await;
    }
    let_go.add_permits(4);
    for _ in 0..4 {
        assert_eq!(text(&wire.hear().await), "no");
    }
}

#[tokio::test]
async fn there_is_a_bound_to_items_and_to_all() {
    let Counted { server, handle, .. } = counted(Cache::new().max_item(2).max_total(10_000));
    let wire = Wire::to(&server).await;
    assert_eq!(run(&wire, "count", json!({})).await, "1");
    assert_eq!(run(&wire, "count", json!({})).await, "2");
    assert_eq!(handle.statistics().too_large, 2);
    let Counted { server, handle, .. } = counted(Cache::new().max_total(10_000));
    let wire = Wire::to(&server).await;
    for number in 0..500 {
        run(&wire, "count", json!({ "number": number })).await;
        assert!(handle.statistics().bytes <= 10_000);
    }
    assert!(handle.statistics().entries > 5);
}

#[tokio::test]
async fn one_server_under_two_prefixes_keeps_its_names_apart() {
    let inner = Server::builder("inner", "1.0.0").middleware(Cache::new());
    let link = DynamicTool::new(read_only("link"), |cx: Context, _| async move {
        Ok(ToolResult::text(cx.outer_uri("docs://a")))
    });
    inner.add_tool(link).unwrap();
    let outer = Server::builder("outer", "1.0.0");
    outer.mount("one", &inner).unwrap();
    outer.mount("two", &inner).unwrap();
    let wire = Wire::to(&outer).await;
    for _ in 0..2 {
        assert_eq!(run(&wire, "one_link", json!({})).await, "docs://one/a");
        assert_eq!(run(&wire, "two_link", json!({})).await, "docs://two/a");
    }
}

#[test]
fn a_flight_is_over_when_the_last_has_left() {
    let (flights, key) = (Flights::default(), "key".into());
    let (first, second) = (flights.join(&key), flights.join(&key));
    let turn = first.try_turn();
    assert!(turn.is_some() && second.try_turn().is_none());
    drop(turn);
    assert!(second.try_turn().is_some());
    drop((first, second));
    assert_eq!(flights.len(), 0);
}

#[test]
fn spellings_of_one_value_are_one_key() {
    for (one, other) in [
        (r#"{"a":1,"b":[1,2]}"#, r#"{ "b": [1.0, 20e-1], "a": 1 }"#),
        (r#"{"a":"\u0041"}"#, r#"{"a":"A"}"#),
        (r#"{"a":-0.0}"#, r#"{"a":0}"#),
        (r#"{"a":100}"#, r#"{"a":1e2}"#),
    ] {
        assert_eq!(canonical(one), canonical(other));
    }
    for (one, other) in [
        (r#"{"a":1}"#, r#"{"a":"1"}"#),
        (r#"{"a":"b,1\"c:d"}"#, r#"{"a":"b","c":"d"}"#),
        (
            r#"{"a":18446744073709551616}"#,
            r#"{"a":18446744073709551617}"#,
        ),
        (
            r#"{"a":0.12345678901234567}"#,
            r#"{"a":0.12345678901234568}"#,
        ),
        (r#"{"a":1,"a":2}"#, r#"{"a":2}"#),
        (r#"{"a":[]}"#, r#"{"a":{}}"#),
        (r#"{"a":null}"#, "{}"),
        (r#"{"a":[1,[2]]}"#, r#"{"a":[[1],2]}"#),
    ] {
        assert_ne!(canonical(one), canonical(other));
    }
}

fn value() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i32>().prop_map(Value::from),
        (-1_000_i32..1_000).prop_map(|half| Value::from(f64::from(half) / 2.0)),
        "[a-c\"\\\\:,{}0-9]{0,4}".prop_map(Value::from),
    ];
    leaf.prop_recursive(3, 16, 4, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
            prop::collection::btree_map("[a-c\":]{0,2}", inner, 0..4)
                .prop_map(|members| Value::Object(members.into_iter().collect())),
        ]
    })
}

/// Equal, where 1 is 1.0.
fn equal(one: &Value, other: &Value) -> bool {
    match (one, other) {
        (Value::Number(one), Value::Number(other)) => one.as_f64() == other.as_f64(),
        (Value::Array(one), Value::Array(other)) => {
            one.len() == other.len() && one.iter().zip(other).all(|(one, other)| equal(one, other))
        }
        (Value::Object(one), Value::Object(other)) => {
            one.len() == other.len()
                && one
                    .iter()
                    .all(|(name, value)| other.get(name).is_some_and(|other| equal(value, other)))
        }
        _ => one == other,
    }
}

proptest! {
    #[test]
    fn keys_are_equal_as_values_are(one in value(), other in value()) {
        let keys = [&one, &other].map(|value| canonical(&value.to_string()).into_owned());
        prop_assert_eq!(keys[0] == keys[1], equal(&one, &other));
        let pretty = serde_json::to_string_pretty(&one).unwrap();
        prop_assert_eq!(canonical(&pretty), keys[0].as_str());
    }
}
