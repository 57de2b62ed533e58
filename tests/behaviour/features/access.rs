use std::sync::Arc;
use std::time::Duration;

use purlin::prelude::*;
use purlin::protocol::{CompleteParams, ErrorObject, Reference, Tool};
use purlin::testing::TestClient;
use purlin::{
    DynamicTool, Extensions, McpServer, Origin, Principal, Rate, Server, TransportKind,
    access::SharedLimits, store::MemoryStore,
};
use serde_json::json;

use crate::features::client;

#[mcp_server]
mod shop {
    use purlin::prelude::*;

    /// Anyone's.
    #[mcp_tool]
    fn open() -> &'static str {
        "open"
    }

    /// What has been ordered.
    #[mcp_tool(scopes("orders:read"))]
    fn orders(#[arg(min = 1)] count: u8) -> u8 {
        count
    }

    /// Orders.
    #[mcp_tool(scopes("orders:read", "orders:write"))]
    fn order() -> &'static str {
        "order"
    }

    /// Closes the shop.
    #[mcp_tool(roles("owner", "admin"))]
    fn close() -> &'static str {
        "close"
    }

    /// The books.
    #[mcp_resource("shop://books", roles("admin"))]
    fn books() -> &'static str {
        "books"
    }

    /// A bill.
    #[mcp_resource("shop://bills/{number}", scopes("bills"))]
    fn bill(number: u32) -> String {
        number.to_string()
    }

    /// A letter to someone who has not paid.
    #[mcp_prompt(roles("admin"))]
    fn reminder(name: String) -> String {
        name
    }

    #[mcp_completion(prompt = "reminder", argument = "name")]
    fn debtors(_typed: &str) -> Vec<String> {
        vec!["Bob".to_owned()]
    }
}

/// Calls over HTTP, as somebody or as nobody.
async fn over_http(server: impl McpServer, caller: Option<Principal>) -> TestClient {
    let origin = Origin::new(TransportKind::Http);
    let origin = match caller {
        Some(caller) => origin.with_principal(caller),
        None => origin,
    };
    client(server).origin(origin).connect().await
}

fn clerk() -> Principal {
    Principal::new("clerk").with_scopes(["orders:read"])
}

fn admin() -> Principal {
    Principal::new("admin").with_roles(["admin"])
}

async fn refused(client: &TestClient, tool: &str) -> ErrorObject {
    let answer = client.call_tool(tool, json!({})).await;
    answer.unwrap_err().rpc().unwrap().clone()
}

#[purlin::test(eras)]
async fn lists_show_what_the_caller_may_use() {
    let trusted = client(shop::Server).connect().await.catalogue().await;
    assert_eq!(trusted.tool_names(), ["open", "orders", "order", "close"]);
    assert_eq!(trusted.resource_uris(), ["shop://books"]);
    for (caller, tools, resources, templates, prompts) in [
        (None, vec!["open"], 0, 0, 0),
        (Some(clerk()), vec!["open", "orders"], 0, 0, 0),
        (Some(admin()), vec!["open", "close"], 1, 0, 1),
        (
            Some(clerk().with_scopes(["bills", "orders:write"])),
            vec!["open", "orders", "order"],
            0,
            1,
            0,
        ),
    ] {
        let listed = over_http(shop::Server, caller).await.catalogue().await;
        assert_eq!(listed.tool_names(), tools);
        assert_eq!(listed.resources.len(), resources);
        assert_eq!(listed.templates.len(), templates);
        assert_eq!(listed.prompts.len(), prompts);
    }
}

#[purlin::test(eras)]
async fn who_lacks_scopes_is_told_all_that_the_operation_needs() {
    let nobody = over_http(shop::Server, None).await;
    let error = refused(&nobody, "order").await;
    assert_eq!(error.code, 401);
    let scopes = json!(["orders:read", "orders:write"]);
    assert_eq!(error.data, Some(json!({ "requiredScopes": scopes })));

    let clerk = over_http(shop::Server, Some(clerk())).await;
    let error = refused(&clerk, "order").await;
    assert_eq!(error.code, 403);
    let data = json!({ "requiredScopes": scopes, "missingScopes": ["orders:write"] });
    assert_eq!(error.data, Some(data));
    assert_eq!(
        error.message,
        "not permitted: the caller lacks the scope `orders:write`"
    );
    assert_eq!(
        clerk
            .call::<u8>("orders", json!({ "count": 2 }))
            .await
            .unwrap(),
        2
    );
}

#[purlin::test(eras)]
async fn who_lacks_a_role_cannot_tell_that_there_is_something() {
    let clerk = over_http(shop::Server, Some(clerk())).await;
    let (hidden, missing) = (
        refused(&clerk, "close").await,
        refused(&clerk, "clos").await,
    );
    assert_eq!(hidden.code, missing.code);
    assert_eq!(hidden.data, missing.data);
    assert_eq!(hidden.message, format!("{}e", missing.message));

    let hidden = clerk.read_resource("shop://books").await.unwrap_err();
    let missing = clerk.read_resource("shop://book").await.unwrap_err();
    let code = |error: &purlin::testing::ClientError| error.code().unwrap();
    assert_eq!(code(&hidden), code(&missing));

    let hidden = clerk.get_prompt("reminder", json!({ "name": "Bob" })).await;
    let missing = clerk.get_prompt("remind", json!({ "name": "Bob" })).await;
    assert_eq!(code(&hidden.unwrap_err()), code(&missing.unwrap_err()));

    let admin = over_http(shop::Server, Some(admin())).await;
    assert_eq!(
        admin.call::<String>("close", json!({})).await.unwrap(),
        "close"
    );
    admin.read_resource("shop://books").await.unwrap();
}

#[purlin::test(eras)]
async fn access_is_decided_before_arguments_are_read() {
    let nobody = over_http(shop::Server, None).await;
    let answer = nobody
        .call::<u8>("orders", json!({ "count": "no number" }))
        .await;
    assert_eq!(answer.unwrap_err().code().unwrap(), 401);
}

#[purlin::test(eras)]
async fn completions_are_for_those_who_may_use_what_they_complete() {
    let ask = async |caller| {
        let client = over_http(shop::Server, Some(caller)).await;
        let params = CompleteParams::new(Reference::prompt("reminder"), "name", "B");
        client.complete(params).await
    };
    assert_eq!(ask(admin()).await.unwrap().values, ["Bob"]);
    assert!(ask(clerk()).await.is_err());
}

/// A department.
#[mcp_server(scopes("staff"))]
mod department {
    /// Hires.
    #[mcp_tool(roles("manager"))]
    fn hire() {}

    /// Works.
    #[mcp_tool]
    fn work() {}
}

#[mcp_server(roles("guest", "employee"))]
struct Company {
    #[mount(prefix = "sales", scopes("sales"), roles("employee"))]
    sales: department::Server,
    #[mount(prefix = "help")]
    help: department::Server,
}

const COMPANY: Company = Company {
    sales: department::Server,
    help: department::Server,
};

#[middleware]
async fn look(list: ToolList<'_>, next: Next<'_>) -> Result<purlin::middleware::Listing<Tool>> {
    next.run(list).await
}

#[purlin::test(eras)]
async fn all_that_is_demanded_on_the_way_is_demanded() {
    let all = ["sales_hire", "sales_work", "help_hire", "help_work"];
    for (roles, scopes, seen) in [
        (vec![], vec!["staff", "sales"], vec![]),
        (vec!["employee"], vec![], vec![]),
        (vec!["guest"], vec!["staff", "sales"], vec!["help_work"]),
        (vec!["employee"], vec!["staff"], vec!["help_work"]),
        (
            vec!["employee"],
            vec!["staff", "sales"],
            vec!["sales_work", "help_work"],
        ),
        (
            vec!["employee", "manager"],
            vec!["staff", "sales"],
            all.to_vec(),
        ),
    ] {
        let caller = Principal::new("alice")
            .with_scopes(scopes)
            .with_roles(roles);
        // Hooks on lists take another way to them.
        for server in [
            COMPANY.into_server(),
            COMPANY.into_server().middleware(look),
        ] {
            let client = over_http(server, Some(caller.clone())).await;
            assert_eq!(client.catalogue().await.tool_names(), seen, "{caller:?}");
            for tool in all {
                let answer = client.call::<()>(tool, json!({})).await;
                assert_eq!(
                    answer.is_ok(),
                    seen.contains(&tool),
                    "{tool} for {caller:?}"
                );
            }
        }
    }
    let missing = refused(
        &over_http(
            COMPANY,
            Some(Principal::new("bob").with_roles(["employee"])),
        )
        .await,
        "sales_work",
    )
    .await;
    assert_eq!(
        missing.data.unwrap()["missingScopes"],
        json!(["staff", "sales"])
    );
}

#[purlin::test(eras)]
async fn servers_made_at_run_time_demand_as_much() {
    let schema = json!({ "type": "object" });
    let tool = DynamicTool::new(Tool::new("audit", schema.into()), |_, _| async {
        Ok(ToolResult::text("done"))
    });
    let server = Server::builder("books", "1.0.0").roles(["auditor"]);
    server.add_tool(tool.scopes(["books"])).unwrap();
    let auditor = Principal::new("alice").with_roles(["auditor"]);
    let client = over_http(server.clone(), Some(auditor.clone())).await;
    assert_eq!(refused(&client, "audit").await.code, 403);
    let client = over_http(server.clone(), Some(auditor.with_scopes(["books"]))).await;
    assert_eq!(
        client.call::<String>("audit", json!({})).await.unwrap(),
        "done"
    );
    let client = over_http(server, Some(clerk().with_scopes(["books"]))).await;
    assert_eq!(refused(&client, "audit").await.code, -32602);
}

#[purlin::test]
async fn what_differs_between_callers_is_cached_for_one() {
    use purlin::protocol::CacheScope;
    let minute = Duration::from_secs(60);
    let server = shop::Server
        .into_server()
        .cache_hints(minute, CacheScope::Public);
    let client = client(server)
        .era(purlin::testing::Era::Stateless)
        .connect()
        .await;
    client.list_tools().await.unwrap();
    let frames = client.frames();
    let answer = &frames.last().unwrap().message;
    assert_eq!(answer["result"]["cacheScope"], "private");
}

#[mcp_server]
mod counter {
    use purlin::prelude::*;

    /// Counts.
    #[mcp_tool(rate_limit = "2/minute")]
    fn count(_n: Option<u8>) {}

    /// A number.
    #[mcp_resource("counter://number", rate_limit = "1/s")]
    fn number() -> &'static str {
        "1"
    }

    /// A question.
    #[mcp_prompt(rate_limit = "1/hour")]
    fn ask() -> &'static str {
        "why?"
    }
}

async fn wait_of(client: &TestClient, tool: &str) -> u64 {
    let error = refused(client, tool).await;
    assert_eq!(error.code, 429, "{error}");
    error.data.unwrap()["retryAfterMs"].as_u64().unwrap()
}

#[purlin::test(eras)]
async fn a_limit_says_when_to_come_again() {
    tokio::time::pause();
    let client = client(counter::Server).connect().await;
    for _ in 0..2 {
        client.call::<()>("count", json!({})).await.unwrap();
    }
    let error = refused(&client, "count").await;
    assert_eq!(error.message, "at most 2 per minute: try again in 30.0 s");
    assert_eq!(wait_of(&client, "count").await, 30_000);
    tokio::time::advance(Duration::from_secs(30)).await;
    client.call::<()>("count", json!({})).await.unwrap();
    assert_eq!(wait_of(&client, "count").await, 30_000);
}

#[purlin::test]
async fn limits_of_components_are_counted_by_several_processes() {
    let store = Arc::new(MemoryStore::default());
    let mut passed = 0;
    for _ in 0..3 {
        let shared = SharedLimits::new(store.clone()).replicas(3);
        let server = Server::builder("outer", "1.0.0").share_limits(shared);
        server.mount("one", &counter::Server.into_server()).unwrap();
        let client = client(server)
            .principal(Principal::new("alice"))
            .connect()
            .await;
        for _ in 0..2 {
            passed += u32::from(client.call::<()>("one_count", json!({})).await.is_ok());
        }
    }
    assert_eq!(passed, 2);
}

#[purlin::test(eras)]
async fn limits_are_on_resources_and_prompts_too() {
    tokio::time::pause();
    let client = client(counter::Server).connect().await;
    client.read_resource("counter://number").await.unwrap();
    assert!(client.read_resource("counter://number").await.is_err());
    client.get_prompt("ask", json!({})).await.unwrap();
    assert!(client.get_prompt("ask", json!({})).await.is_err());
    tokio::time::advance(Duration::from_secs(1)).await;
    client.read_resource("counter://number").await.unwrap();
    assert!(client.get_prompt("ask", json!({})).await.is_err());
}

#[purlin::test(eras)]
async fn callers_are_counted_by_who_they_are_then_by_where_they_come_from() {
    tokio::time::pause();
    let server = counter::Server.into_server();
    let from = |address: &str| {
        let address = address.parse().unwrap();
        Origin::new(TransportKind::Http).with_peer(address)
    };
    let alice = Principal::new("alice");
    let (home, away) = (from("192.0.2.1"), from("192.0.2.2"));
    for (origin, left) in [
        (home.clone(), true),
        (home.clone(), true),
        (home.clone(), false),
        (away.clone(), true),
        (home.clone().with_principal(alice.clone()), true),
        (away.clone().with_principal(alice.clone()), true),
        (home.with_principal(alice), false),
        (away, true),
        (Origin::new(TransportKind::Memory), true),
    ] {
        let client = client(server.clone())
            .origin(origin.clone())
            .connect()
            .await;
        let answer = client.call::<()>("count", json!({})).await;
        assert_eq!(answer.is_ok(), left, "{origin:?}");
    }
}

#[purlin::test]
async fn a_second_mount_lends_no_second_allowance() {
    tokio::time::pause();
    let shared = counter::Server.into_server();
    let server = Server::builder("twice", "1.0.0")
        .with("a", shared.clone())
        .with("b", shared);
    let client = client(server).connect().await;
    client.call::<()>("a_count", json!({})).await.unwrap();
    client.call::<()>("b_count", json!({})).await.unwrap();
    assert_eq!(wait_of(&client, "a_count").await, 30_000);
}

#[purlin::test]
async fn many_callers_do_not_make_the_limit_grow_or_leak() {
    tokio::time::pause();
    let schema = json!({ "type": "object" });
    let tool = DynamicTool::new(Tool::new("count", schema.into()), |_, _| async {
        Ok(ToolResult::text("counted"))
    });
    let server = Server::builder("counter", "1.0.0");
    server
        .add_tool(tool.rate_limit(Rate::new(1, Duration::from_secs(60))))
        .unwrap();
    for number in 0..200 {
        let caller = Principal::new(number.to_string());
        let client = client(server.clone()).principal(caller).connect().await;
        client.call::<String>("count", json!({})).await.unwrap();
        assert_eq!(wait_of(&client, "count").await, 60_000);
    }
}

struct Region(&'static str);

#[mcp_server]
mod who {
    use purlin::prelude::*;
    use purlin::{Extension, Principal};

    use super::Region;

    /// Who is calling.
    #[mcp_tool]
    fn must(caller: Principal) -> String {
        caller.subject().to_owned()
    }

    /// Who is calling, lent.
    #[mcp_tool]
    fn lent(caller: &Principal) -> String {
        caller.subject().to_owned()
    }

    /// Who may be calling.
    #[mcp_tool]
    fn may(caller: Option<Principal>) -> String {
        caller.map_or_else(|| "nobody".to_owned(), |caller| caller.subject().to_owned())
    }

    /// Where the call comes from.
    #[mcp_tool]
    fn region(region: Extension<Region>) -> String {
        region.0.0.to_owned()
    }

    /// Where the call may come from.
    #[mcp_tool]
    fn some_region(region: Option<Extension<Region>>) -> String {
        region.map_or("nowhere", |region| region.0.0).to_owned()
    }

    /// What middleware left.
    #[mcp_tool]
    fn state(region: Option<State<Region>>) -> String {
        region.map_or("nothing", |region| region.0.0).to_owned()
    }
}

#[middleware]
async fn leave(call: ToolCall<'_>, next: Next<'_>) -> Result<ToolResult> {
    call.context().state().insert(Region("left"));
    next.run(call).await
}

#[purlin::test(eras)]
async fn handlers_get_the_caller_and_what_came_with_the_request() {
    let extensions = Arc::new(Extensions::new());
    extensions.insert(Region("north"));
    let plain = Origin::new(TransportKind::Memory);
    let alice = plain.clone().with_principal(Principal::new("alice"));
    let north = plain.clone().with_extensions(extensions);
    for (tool, origin, answer) in [
        ("must", &plain, None),
        ("must", &alice, Some("alice")),
        ("lent", &plain, None),
        ("lent", &alice, Some("alice")),
        ("may", &plain, Some("nobody")),
        ("may", &alice, Some("alice")),
        ("region", &plain, None),
        ("region", &north, Some("north")),
        ("some_region", &plain, Some("nowhere")),
        ("some_region", &north, Some("north")),
        ("state", &plain, Some("left")),
        ("state", &north, Some("left")),
    ] {
        let server = who::Server.into_server().middleware(leave);
        let client = client(server).origin(origin.clone()).connect().await;
        let got = client.call::<String>(tool, json!({})).await;
        assert_eq!(got.ok().as_deref(), answer, "{tool} from {origin:?}");
        let schema = client
            .catalogue()
            .await
            .tool(tool)
            .unwrap()
            .input_schema
            .clone();
        assert!(!schema.get().contains("properties"), "{}", schema.get());
    }
    let client = client(who::Server).connect().await;
    assert_eq!(refused(&client, "must").await.code, 401);
}
