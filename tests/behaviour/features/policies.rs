//! Who may use what where scopes and roles are not enough: policies, what roles and tags bring with
//! them, and the lists that follow from it.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use purlin::access::{self, Asked, Decision, Permissions, Policy, Purpose};
use purlin::prelude::*;
use purlin::protocol::{CompleteParams, ErrorObject, Reference, Tool};
use purlin::testing::TestClient;
use purlin::testing::{Change, Subscription};
use purlin::{BoxFuture, DynamicTool, Origin, TransportKind};
use serde_json::json;

use crate::features::client;

/// Calls over HTTP, as somebody or as nobody.
async fn over_http(server: impl McpServer, caller: impl Into<Option<Principal>>) -> TestClient {
    let origin = Origin::new(TransportKind::Http);
    let origin = match caller.into() {
        Some(caller) => origin.with_principal(caller),
        None => origin,
    };
    client(server).origin(origin).connect().await
}

fn person(name: &str) -> Principal {
    Principal::new(name)
}

fn with_scopes(scopes: &[&str]) -> Principal {
    person("carol").with_scopes(scopes.iter().copied())
}

fn with_roles(roles: &[&str]) -> Principal {
    person("carol").with_roles(roles.iter().copied())
}

async fn refused(client: &TestClient, tool: &str, arguments: serde_json::Value) -> ErrorObject {
    let answer = client.call_tool(tool, arguments).await;
    answer.unwrap_err().rpc().unwrap().clone()
}

/// A tool that answers `done`.
fn dynamic(name: &str) -> DynamicTool {
    let schema = json!({ "type": "object" });
    DynamicTool::new(Tool::new(name, schema.into()), |_, _| async {
        Ok(ToolResult::text("done"))
    })
}

/// Who has ordered what.
struct Ledger;

impl Ledger {
    fn owner(&self, order: u64) -> &'static str {
        match order {
            1 => "alice",
            _ => "bob",
        }
    }
}

/// Of whoever has ordered it.
#[policy]
async fn owns_order(caller: &Principal, order: u64) -> bool {
    tokio::task::yield_now().await;
    Ledger.owner(order) == caller.subject()
}

/// The same, of nobody's interest but the owner's.
#[policy]
fn knows_order(caller: Option<Principal>, order: Option<u64>) -> Decision {
    match (caller, order) {
        (None, _) => Decision::Hide,
        (Some(_), None) => Decision::Allow,
        (Some(caller), Some(order)) if Ledger.owner(order) == caller.subject() => Decision::Allow,
        _ => Decision::Hide,
    }
}

#[policy]
fn broken() -> Result<bool, ToolError> {
    Err(ToolError::new("the directory at 10.0.0.7 is away"))
}

#[policy]
fn panics(cx: &Context) -> bool {
    assert!(cx.principal().is_none(), "a bug");
    false
}

#[policy]
async fn hangs() -> bool {
    std::future::pending().await
}

#[policy]
fn wants_approval() -> Decision {
    Decision::Scopes(vec!["approve".into(), "orders".into()])
}

#[mcp_server]
mod orders {
    use purlin::prelude::*;

    use super::{broken, hangs, knows_order, owns_order, panics, wants_approval};

    /// Anyone's.
    #[mcp_tool]
    fn open() {}

    /// Of whoever has ordered it.
    #[mcp_tool(policy(owns_order))]
    fn cancel(#[arg(alias("id"))] order: u64, _reason: Option<String>) -> u64 {
        order
    }

    /// The same, with arguments of kindred types.
    #[mcp_tool(policy(owns_order))]
    fn pay(#[arg(lenient)] order: u64) -> u64 {
        order
    }

    /// Of no interest to others.
    #[mcp_tool(policy(knows_order))]
    fn look(order: u64) -> u64 {
        order
    }

    /// Nobody's.
    #[mcp_tool(policy(broken))]
    fn fail() {}

    /// Nobody's.
    #[mcp_tool(policy(panics))]
    fn panic() {}

    /// Nobody's.
    #[mcp_tool(policy(hangs))]
    fn hang() {}

    /// Of who may approve.
    #[mcp_tool(scopes("orders"), policy(wants_approval))]
    fn approve() {}

    /// An order.
    #[mcp_resource("orders://{order}", policy(knows_order))]
    fn order(order: u64) -> String {
        order.to_string()
    }

    /// The book of orders.
    #[mcp_resource("orders://book", policy(broken))]
    fn book() -> &'static str {
        "book"
    }

    /// A reminder.
    #[mcp_prompt(policy(owns_order))]
    fn remind(order: u64, tone: Option<String>) -> String {
        format!("{order} {}", tone.unwrap_or_default())
    }

    #[mcp_completion(prompt = "remind", argument = "order")]
    fn orders(_typed: &str) -> Vec<String> {
        vec!["1".to_owned()]
    }

    #[mcp_completion(prompt = "remind", argument = "tone")]
    fn tones(_typed: &str) -> Vec<String> {
        vec!["kind".to_owned()]
    }

    #[mcp_completion(resource = "orders://{order}", argument = "order")]
    fn own_orders(_typed: &str) -> Vec<String> {
        vec!["1".to_owned()]
    }

    /// A farewell.
    #[mcp_prompt(policy(broken))]
    fn farewell(name: String) -> String {
        name
    }

    #[mcp_completion(prompt = "farewell", argument = "name")]
    fn names(_typed: &str) -> Vec<String> {
        vec!["Bob".to_owned()]
    }
}

#[purlin::test(eras)]
async fn a_policy_takes_the_caller_and_arguments_by_name() {
    let alice = over_http(orders::Server, person("alice")).await;
    let call = async |arguments| alice.call::<u64>("cancel", arguments).await;
    assert_eq!(call(json!({ "order": 1 })).await.unwrap(), 1);
    assert_eq!(
        call(json!({ "_reason": "late", "order": 1 }))
            .await
            .unwrap(),
        1
    );
    let error = refused(&alice, "cancel", json!({ "order": 2 })).await;
    assert_eq!((error.code, &*error.message), (403, "not permitted"));
    // An alias does not lead around it, nor does saying it twice.
    assert_eq!(
        refused(&alice, "cancel", json!({ "id": 2 })).await.code,
        403
    );
    assert_eq!(call(json!({ "id": 1 })).await.unwrap(), 1);
    assert!(call(json!({ "id": 2, "order": 1 })).await.is_err());
    assert_eq!(
        alice
            .call::<u64>("pay", json!({ "order": "1" }))
            .await
            .unwrap(),
        1
    );
    assert_eq!(
        refused(&alice, "pay", json!({ "order": "2" })).await.code,
        403
    );

    let nobody = over_http(orders::Server, None).await;
    let error = refused(&nobody, "cancel", json!({ "order": 1 })).await;
    assert_eq!(
        (error.code, &*error.message),
        (401, "authentication is required")
    );
}

#[purlin::test(eras)]
async fn arguments_that_a_policy_cannot_read_let_nobody_in() {
    let alice = over_http(orders::Server, person("alice")).await;
    for arguments in [
        json!({}),
        json!({ "order": "one" }),
        json!({ "order": null }),
    ] {
        let result = alice.call_tool("cancel", arguments).await.unwrap();
        assert!(result.is_error);
        assert!(result.text().contains("order"), "{}", result.text());
    }
}

#[purlin::test(eras)]
async fn resources_and_prompts_ask_with_their_own_arguments() {
    let alice = over_http(orders::Server, person("alice")).await;
    assert_eq!(alice.read("orders://1").await.unwrap(), "1");
    let hidden = alice.read_resource("orders://2").await.unwrap_err();
    let missing = alice.read_resource("nothing://2").await.unwrap_err();
    assert_eq!(hidden.code(), missing.code());
    alice
        .get_prompt("remind", json!({ "order": "1" }))
        .await
        .unwrap();
    let refused = alice.get_prompt("remind", json!({ "order": "2" })).await;
    assert_eq!(refused.unwrap_err().code().unwrap(), 403);
}

#[purlin::test(eras)]
async fn what_is_hidden_is_answered_as_what_is_not_there() {
    let alice = over_http(orders::Server, person("alice")).await;
    assert_eq!(
        alice
            .call::<u64>("look", json!({ "order": 1 }))
            .await
            .unwrap(),
        1
    );
    let hidden = refused(&alice, "look", json!({ "order": 2 })).await;
    let missing = refused(&alice, "leak", json!({ "order": 2 })).await;
    assert_eq!((hidden.code, &hidden.data), (missing.code, &missing.data));
    assert_eq!(hidden.message, missing.message.replace("leak", "look"));
}

#[purlin::test(eras)]
async fn a_policy_that_fails_panics_or_hangs_denies() {
    tokio::time::pause();
    let alice = over_http(orders::Server, person("alice")).await;
    for tool in ["fail", "panic", "hang"] {
        let error = refused(&alice, tool, json!({})).await;
        assert_eq!(
            (error.code, &*error.message),
            (403, "not permitted"),
            "{tool}"
        );
        assert_eq!(error.data, None);
    }
    let refused = alice.read_resource("orders://book").await.unwrap_err();
    assert_eq!(refused.code().unwrap(), 403);
}

#[purlin::test(eras)]
async fn lists_show_what_policies_allow_and_wait_for_them_a_while() {
    tokio::time::pause();
    for (caller, tools, templates, prompts) in [
        // What needs an order to be decided is shown.
        (
            Some(person("alice")),
            vec!["open", "cancel", "pay", "look"],
            1,
            vec!["remind"],
        ),
        (None, vec!["open", "cancel", "pay"], 0, vec!["remind"]),
    ] {
        let catalogue = over_http(orders::Server, caller).await.catalogue().await;
        assert_eq!(catalogue.tool_names(), tools);
        assert_eq!(catalogue.resource_uris(), Vec::<&str>::new());
        assert_eq!(catalogue.templates.len(), templates);
        assert_eq!(catalogue.prompt_names(), prompts);
    }
    let trusted = client(orders::Server).connect().await.catalogue().await;
    assert_eq!(trusted.tool_names().len(), 8);
}

#[purlin::test(eras)]
async fn completions_are_for_those_whom_policies_let_in() {
    let alice = over_http(orders::Server, person("alice")).await;
    let complete = async |prompt, argument| {
        let params = CompleteParams::new(Reference::prompt(prompt), argument, "");
        alice.complete(params).await
    };
    assert_eq!(
        complete("farewell", "name")
            .await
            .unwrap_err()
            .code()
            .unwrap(),
        403
    );
}

#[purlin::test(eras)]
async fn a_policy_that_cannot_decide_yet_refuses_a_completion() {
    let alice = over_http(orders::Server, person("alice")).await;
    let complete = async |argument, order: Option<&str>| {
        let params = CompleteParams::new(Reference::prompt("remind"), argument, "");
        let params = match order {
            Some(order) => params.with_known("order", order),
            None => params,
        };
        alice.complete(params).await
    };
    let completion = complete("tone", Some("1")).await.unwrap();
    assert_eq!(completion.values, ["kind"]);
    let foreign = complete("tone", Some("2")).await.unwrap_err();
    assert_eq!(foreign.code().unwrap(), 403);
    for (argument, order) in [("tone", None), ("tone", Some("one")), ("order", None)] {
        let error = complete(argument, order).await.unwrap_err();
        assert_eq!(error.code().unwrap(), -32602);
        assert!(error.to_string().contains("order"), "{error}");
    }
    // One that can do without is asked.
    let params = || CompleteParams::new(Reference::resource("orders://{order}"), "order", "");
    assert_eq!(alice.complete(params()).await.unwrap().values, ["1"]);
    let nobody = over_http(orders::Server, None).await;
    assert!(nobody.complete(params()).await.is_err());
}

#[purlin::test(eras)]
async fn no_completion_is_had_under_the_name_of_another_kind() {
    let alice = over_http(orders::Server, person("alice")).await;
    for (reference, argument) in [
        (Reference::resource("farewell"), "name"),
        (Reference::resource("remind"), "order"),
    ] {
        let params = CompleteParams::new(reference, argument, "");
        let error = alice.complete(params).await.unwrap_err();
        assert_eq!(error.code().unwrap(), -32602);
    }
}

/// A department.
#[mcp_server(scopes("staff"), policy(super::wants_approval))]
mod department {
    /// Works.
    #[mcp_tool(scopes("work"))]
    fn work() {}
}

#[mcp_server(scopes("company"))]
struct Company {
    #[mount(prefix = "sales", scopes("sales"), policy(wants_badge))]
    sales: department::Server,
}

#[policy]
fn wants_badge() -> Decision {
    Decision::Scopes(vec!["badge".into()])
}

#[purlin::test(eras)]
async fn all_that_is_missing_on_the_way_is_in_one_answer() {
    let company = || Company {
        sales: department::Server,
    };
    let carol = over_http(company(), with_scopes(&["sales", "approve"])).await;
    let error = refused(&carol, "sales_work", json!({})).await;
    assert_eq!(error.code, 403);
    let data = error.data.unwrap();
    let sorted = |name: &str| {
        let mut scopes = data[name].as_array().unwrap().clone();
        scopes.sort_by_key(ToString::to_string);
        scopes
    };
    assert_eq!(
        sorted("requiredScopes"),
        [
            "approve", "badge", "company", "orders", "sales", "staff", "work"
        ]
    );
    assert_eq!(
        sorted("missingScopes"),
        ["badge", "company", "orders", "staff", "work"]
    );
    let nobody = over_http(company(), None).await;
    let error = refused(&nobody, "sales_work", json!({})).await;
    assert_eq!(error.code, 401);
    assert_eq!(
        error.data.unwrap()["requiredScopes"]
            .as_array()
            .unwrap()
            .len(),
        7
    );
}

#[purlin::test(eras)]
async fn roles_and_scopes_bring_others_with_them() {
    tokio::time::pause();
    let permissions = || {
        Permissions::new()
            .role("approver", ["approve", "orders"])
            .role("boss", ["*"])
            .implies("orders:write", ["orders"])
            .wildcards()
    };
    let server = || {
        let tool = dynamic("write").scopes(["orders:write"]);
        let server = orders::Server.into_server().permissions(permissions());
        server.add_tool(tool).unwrap();
        server
    };
    for (caller, sees) in [
        (with_scopes(&["orders"]), vec![]),
        (with_scopes(&["orders:write"]), vec!["write"]),
        (with_scopes(&["orders:*"]), vec!["write"]),
        (
            with_scopes(&["orders:write", "approve"]),
            vec!["approve", "write"],
        ),
        (with_roles(&["approver"]), vec!["approve"]),
        (with_roles(&["boss"]), vec!["approve", "write"]),
    ] {
        let carol = over_http(server(), caller.clone()).await;
        let listed = carol.catalogue().await;
        for tool in ["approve", "write"] {
            let expected = sees.contains(&tool);
            assert_eq!(listed.tool(tool).is_some(), expected, "{tool} {caller:?}");
            let answer = carol.call_tool(tool, json!({})).await;
            assert_eq!(answer.is_ok(), expected, "{tool} {caller:?}");
        }
    }
    let carol = over_http(server(), with_scopes(&["orders:write"])).await;
    let error = refused(&carol, "approve", json!({})).await;
    assert_eq!(
        error.data.unwrap(),
        json!({ "requiredScopes": ["orders", "approve"], "missingScopes": ["approve"] })
    );
}

#[purlin::test(eras)]
async fn handlers_ask_for_scopes_as_the_server_understands_them() {
    let tool = Tool::new("has", json!({ "type": "object" }).into());
    let tool = DynamicTool::new(tool, |cx: Context, _| async move {
        Ok(ToolResult::text(cx.has_scope("orders:read").to_string()))
    });
    let server = Server::builder("test", "0.0.0")
        .permissions(Permissions::new().role("clerk", ["orders:*"]));
    server.add_tool(tool).unwrap();
    for (caller, has) in [
        (with_roles(&["clerk"]), "true"),
        (with_roles(&["guest"]), "false"),
    ] {
        let carol = over_http(server.clone(), caller).await;
        assert_eq!(carol.call_tool("has", json!({})).await.unwrap().text(), has);
    }
}

#[purlin::test(eras)]
async fn a_tag_demands_scopes_and_roles_wherever_it_is() {
    let inner = Server::builder("inner", "1.0.0");
    inner.add_tool(dynamic("bill").tag("billing")).unwrap();
    inner.add_tool(dynamic("wipe").tag("internal")).unwrap();
    inner.add_tool(dynamic("free")).unwrap();
    let outer = Server::builder("outer", "1.0.0")
        .tag_scopes("billing", ["billing:read"])
        .tag_roles("internal", ["staff"]);
    outer.mount("in", &inner).unwrap();
    outer.add_tool(dynamic("own").tag("billing")).unwrap();
    let caller = with_scopes(&["billing:read"]);
    let carol = over_http(outer.clone(), caller).await;
    assert_eq!(
        carol.catalogue().await.tool_names(),
        ["own", "in_bill", "in_free"]
    );
    let staff = over_http(outer.clone(), with_roles(&["staff"])).await;
    assert_eq!(staff.catalogue().await.tool_names(), ["in_wipe", "in_free"]);
    assert_eq!(
        refused(&staff, "in_bill", json!({})).await.data.unwrap()["missingScopes"],
        json!(["billing:read"])
    );
    // A rule that comes later counts for what is there.
    let outer = outer.tag_scopes("billing", ["more"]);
    let carol = over_http(outer, with_scopes(&["billing:read"])).await;
    assert_eq!(carol.catalogue().await.tool_names(), ["in_free"]);
}

/// Remembers what it was asked, and allows by name.
struct Witness {
    asked: Arc<std::sync::Mutex<Vec<String>>>,
}

impl Policy for Witness {
    fn decide<'a>(&'a self, asked: &'a Asked<'a>) -> BoxFuture<'a, Result<Decision>> {
        Box::pin(async move {
            let resource = asked.context().resource::<&'static str>();
            let line = format!(
                "{:?} {:?} {} {:?} {:?}",
                asked.purpose(),
                asked.kind(),
                asked.name(),
                asked.uri(),
                resource
            );
            self.asked.lock().unwrap().push(line);
            Ok(Decision::from(!asked.name().ends_with("secret")))
        })
    }
}

#[purlin::test(eras)]
async fn a_policy_knows_names_and_values_of_the_server_it_was_given_to() {
    let heard = Arc::new(std::sync::Mutex::new(Vec::new()));
    let witness = || Witness {
        asked: Arc::clone(&heard),
    };
    let inner = Server::builder("inner", "1.0.0")
        .lifespan(|| async { Ok::<_, Error>("pool") }, |_| async {})
        .policy(witness());
    inner.add_tool(dynamic("open")).unwrap();
    inner.add_tool(dynamic("secret")).unwrap();
    let outer = Server::builder("outer", "1.0.0").policy(witness());
    outer.mount("in", &inner).unwrap();
    let carol = over_http(outer, person("carol")).await;
    carol.call_tool("in_open", json!({})).await.unwrap();
    let call = std::mem::take(&mut *heard.lock().unwrap());
    assert_eq!(
        call,
        [
            r#"Use Tool open None Some("pool")"#,
            "Use Tool in_open None None"
        ]
    );
    assert_eq!(carol.catalogue().await.tool_names(), ["in_open"]);
    assert!(
        heard
            .lock()
            .unwrap()
            .iter()
            .all(|line| line.starts_with("List"))
    );
}

#[purlin::test(eras)]
async fn copies_and_mounts_of_mounts_stay_guarded() {
    let heard = Arc::new(std::sync::Mutex::new(Vec::new()));
    let inner = Server::builder("inner", "1.0.0").policy(Witness {
        asked: heard.clone(),
    });
    inner.add_tool(dynamic("secret")).unwrap();
    let copy = Server::builder("copy", "1.0.0");
    copy.import("c", &inner).unwrap();
    let middle = Server::builder("middle", "1.0.0");
    middle.mount("b", &inner).unwrap();
    let outer = Server::builder("outer", "1.0.0");
    outer.mount("a", &middle).unwrap();
    for (server, tool) in [(copy, "c_secret"), (outer, "a_b_secret")] {
        let carol = over_http(server, person("carol")).await;
        assert!(carol.catalogue().await.tool_names().is_empty());
        assert_eq!(refused(&carol, tool, json!({})).await.code, 403);
    }
    assert!(
        heard
            .lock()
            .unwrap()
            .iter()
            .all(|line| line.contains(" secret "))
    );
}

#[middleware]
async fn look(list: ToolList<'_>, next: Next<'_>) -> Result<purlin::middleware::Listing<Tool>> {
    next.run(list).await
}

/// Many tools, of which each caller may see its own.
fn crowd(asked: &Arc<AtomicUsize>) -> Server {
    let asked = Arc::clone(asked);
    let server = Server::builder("crowd", "1.0.0").check(move |about| {
        asked.fetch_add(1, Ordering::Relaxed);
        let caller = about.principal().map_or("", Principal::subject);
        about.name().starts_with(caller)
    });
    for index in 0..20 {
        let owner = ["alice", "bob"][index % 2];
        server
            .add_tool(dynamic(&format!("{owner}-{index}")))
            .unwrap();
    }
    server
}

#[purlin::test(eras)]
async fn pages_are_pages_of_what_the_caller_may_see() {
    let asked = Arc::new(AtomicUsize::new(0));
    for server in [
        crowd(&asked).page_size(3),
        crowd(&asked).page_size(3).middleware(look),
    ] {
        let alice = over_http(server.clone(), person("alice")).await;
        let seen = alice.catalogue().await;
        assert_eq!(seen.tools.len(), 10);
        assert!(
            seen.tool_names()
                .iter()
                .all(|name| name.starts_with("alice"))
        );
        let bob = over_http(server, person("bob")).await;
        let seen = bob.catalogue().await;
        assert_eq!(seen.tools.len(), 10);
        assert!(seen.tool_names().iter().all(|name| name.starts_with("bob")));
    }
}

#[purlin::test(eras)]
async fn a_list_asks_once_for_each_item_hooks_or_not() {
    for hooked in [false, true] {
        let asked = Arc::new(AtomicUsize::new(0));
        let mut server = Server::builder("outer", "1.0.0");
        server.mount("in", &crowd(&asked)).unwrap();
        if hooked {
            server = server.middleware(look);
        }
        let alice = over_http(server, person("alice")).await;
        alice.list_tools().await.unwrap();
        assert_eq!(asked.load(Ordering::Relaxed), 20, "{hooked}");
    }
}

#[purlin::test]
async fn a_list_that_policies_decide_is_cached_for_one() {
    use purlin::protocol::CacheScope;
    let server = crowd(&Arc::default()).cache_hints(Duration::from_secs(60), CacheScope::Public);
    let client = client(server)
        .era(purlin::testing::Era::Stateless)
        .connect()
        .await;
    client.list_tools().await.unwrap();
    let frames = client.frames();
    assert_eq!(
        frames.last().unwrap().message["result"]["cacheScope"],
        "private"
    );
}

/// Policies that open and close while a server runs.
struct Switch(Arc<std::sync::atomic::AtomicBool>);

impl Policy for Switch {
    fn decide<'a>(&'a self, _: &'a Asked<'a>) -> BoxFuture<'a, Result<Decision>> {
        let open = self.0.load(Ordering::Relaxed);
        Box::pin(async move {
            Ok(if open {
                Decision::Allow
            } else {
                Decision::Hide
            })
        })
    }

    fn trusts_nobody(&self) -> bool {
        true
    }
}

#[purlin::test(eras)]
async fn lists_follow_policies_and_changes_are_announced() {
    let open = Arc::new(std::sync::atomic::AtomicBool::new(true));
    let server = Server::builder("test", "1.0.0").declare_all();
    server.add_tool(dynamic("always")).unwrap();
    let client = client(server.clone()).connect().await;
    let _changes = client.listen(Subscription::lists()).await.unwrap();
    server
        .add_tool(dynamic("guarded").policy(Switch(open.clone())))
        .unwrap();
    assert!(matches!(client.next_change().await, Change::Tools));
    assert_eq!(client.list_tools().await.unwrap().len(), 2);
    open.store(false, Ordering::Relaxed);
    assert_eq!(client.list_tools().await.unwrap().len(), 1);
    // It trusts nobody, not even who has started the process.
    assert_eq!(refused(&client, "guarded", json!({})).await.code, -32602);
}

#[purlin::test(eras)]
async fn many_slow_policies_are_asked_together() {
    tokio::time::pause();
    struct Slow;
    impl Policy for Slow {
        fn decide<'a>(&'a self, _: &'a Asked<'a>) -> BoxFuture<'a, Result<Decision>> {
            Box::pin(async {
                tokio::time::sleep(Duration::from_secs(1)).await;
                Ok(Decision::Allow)
            })
        }
    }
    let server = Server::builder("slow", "1.0.0").policy(Slow);
    for index in 0..200 {
        server.add_tool(dynamic(&format!("tool-{index}"))).unwrap();
    }
    let alice = purlin::testing::client(server)
        .principal(person("alice"))
        .connect()
        .await;
    let listed = alice.list_tools().await.unwrap();
    // 32 at a time, a second each, and five seconds for all.
    assert!((128..=160).contains(&listed.len()), "{}", listed.len());
    assert_eq!(listed[0].name, "tool-0");
}

#[purlin::test(eras)]
async fn whoever_has_started_the_process_is_trusted_unless_a_policy_trusts_nobody() {
    let client = client(orders::Server).connect().await;
    client.call_tool("fail", json!({})).await.unwrap();
    client.call_tool("approve", json!({})).await.unwrap();
    // Whoever was named is asked about, wherever it calls from.
    let named = crate::features::client(orders::Server)
        .principal(person("alice"))
        .connect()
        .await;
    assert_eq!(refused(&named, "fail", json!({})).await.code, 403);
}

#[purlin::test]
async fn purposes_tell_reading_from_watching() {
    let heard = Arc::new(std::sync::Mutex::new(Vec::new()));
    let seen = Arc::clone(&heard);
    let server = orders::Server
        .into_server()
        .policy(access::check(move |asked| {
            seen.lock()
                .unwrap()
                .push((asked.purpose(), asked.arguments().map(str::to_owned)));
            true
        }));
    let origin = Origin::new(TransportKind::Http).with_principal(person("alice"));
    let alice = client(server).origin(origin).connect().await;
    alice.read("orders://1").await.unwrap();
    let one = Subscription::new().resource("orders://1");
    let _changes = alice.listen(one).await.unwrap();
    let heard = heard.lock().unwrap().clone();
    let arguments = Some(r#"{"order":"1"}"#.to_owned());
    assert!(
        heard.contains(&(Purpose::Use, arguments.clone())),
        "{heard:?}"
    );
    assert!(heard.contains(&(Purpose::Watch, arguments)), "{heard:?}");
}

/// Lets hear of orders as long as it is switched on.
#[mcp_server]
mod switched {
    /// An order.
    #[mcp_resource("orders://{order}")]
    fn order(order: u64) -> String {
        order.to_string()
    }

    /// Nobody's order.
    #[mcp_resource("news://today")]
    fn news() -> &'static str {
        "none"
    }
}

#[purlin::test(eras)]
async fn who_hears_of_a_resource_is_judged_each_time_it_changes() {
    let open = Arc::new(std::sync::atomic::AtomicBool::new(true));
    let is_open = Arc::clone(&open);
    let server = switched::Server
        .into_server()
        .policy(access::check(move |asked| {
            asked.name() != "orders://{order}" || is_open.load(Ordering::Relaxed)
        }));
    let origin = Origin::new(TransportKind::Http).with_principal(person("alice"));
    let alice = client(server.clone()).origin(origin).connect().await;
    let both = Subscription::new()
        .resource("orders://1")
        .resource("news://today");
    let _changes = alice.listen(both).await.unwrap();
    let heard = async || match alice.next_change().await {
        Change::Resource(uri) => uri,
        other => panic!("{other:?}"),
    };
    server.notify_resource_updated("orders://1");
    assert_eq!(heard().await, "orders://1");

    open.store(false, Ordering::Relaxed);
    server.notify_resource_updated("orders://1");
    server.notify_resource_updated("news://today");
    assert_eq!(heard().await, "news://today");

    // From a thread of one's own, which has no runtime.
    open.store(true, Ordering::Relaxed);
    std::thread::scope(|scope| {
        scope.spawn(|| server.notify_resource_updated("orders://1"));
    });
    assert_eq!(heard().await, "orders://1");
}
