use std::io;

use purlin_core::{
    BoxFuture, DynamicTool, Error, Origin, Principal, Result, Server, ToolResult, TransportKind,
};
use serde_json::{Value, json};

use super::{Asked, Authorize, Decision, Policy};
use crate::fixture::{Wire, caller, text, tool};

/// A server with tools that have tags.
fn server(authorize: Authorize) -> Server {
    let server = Server::builder("test", "1.0.0").middleware(authorize);
    for (name, tags) in [
        ("open", vec![]),
        ("bill", vec!["billing"]),
        ("wipe", vec!["internal"]),
    ] {
        let tool = tool(name, |_, _| async { Ok(ToolResult::text("done")) });
        server
            .add_tool(tags.into_iter().fold(tool, DynamicTool::tag))
            .unwrap();
    }
    server
}

async fn wire(server: &Server, scopes: &[&str], roles: &[&str]) -> Wire {
    let person = Principal::new("alice")
        .with_scopes(scopes.iter().copied())
        .with_roles(roles.iter().copied());
    Wire::from(server, caller(person)).await
}

async fn tools(wire: &Wire) -> Vec<String> {
    let list = wire.ask("tools/list", json!({})).await;
    let tools = list["result"]["tools"].as_array().unwrap().iter();
    tools
        .map(|tool| tool["name"].as_str().unwrap().to_owned())
        .collect()
}

fn by_tags() -> Authorize {
    Authorize::new()
        .tag_scopes("billing", ["billing:read", "billing:write"])
        .tagged("internal", |asked| match asked.principal() {
            Some(caller) if caller.has_role("staff") => Decision::Allow,
            _ => Decision::Hide,
        })
}

#[tokio::test]
async fn tags_decide_what_is_seen_and_used() {
    let authorize = by_tags();
    let server = server(authorize.clone());
    let nobody = wire(&server, &[], &[]).await;
    assert_eq!(tools(&nobody).await, ["open"]);
    assert_eq!(text(&nobody.call("open", json!({})).await), "done");
    let biller = wire(&server, &["billing:read", "billing:write"], &[]).await;
    assert_eq!(tools(&biller).await, ["open", "bill"]);
    let staff = wire(&server, &[], &["staff"]).await;
    assert_eq!(tools(&staff).await, ["open", "wipe"]);
    assert_eq!(text(&staff.call("wipe", json!({})).await), "done");
    assert_eq!(nobody.call("bill", json!({})).await["error"]["code"], 403);
    let statistics = authorize.statistics();
    assert_eq!((statistics.allowed, statistics.denied), (2, 1));
}

/// The answer with another name in it.
fn renamed(answer: &Value, from: &str, to: &str) -> Value {
    serde_json::from_str(&answer.to_string().replace(from, to)).unwrap()
}

#[tokio::test]
async fn what_is_hidden_is_answered_as_what_is_not_there() {
    let outer = Server::builder("outer", "1.0.0");
    outer.mount("in", &server(by_tags())).unwrap();
    let wire = wire(&outer, &[], &[]).await;
    let hidden = wire.call("in_wipe", json!({})).await;
    let unknown = wire.call("in_none", json!({})).await;
    assert_eq!(renamed(&hidden, "in_wipe", "in_none"), unknown);
}

#[tokio::test]
async fn missing_scopes_of_all_are_in_one_answer() {
    let authorize = by_tags().scopes(["app"]);
    let server = server(authorize).scopes(["server"]);
    let reader = wire(&server, &["app", "billing:read"], &[]).await;
    let refused = reader.call("bill", json!({})).await;
    assert_eq!(
        refused["error"]["data"],
        json!({
            "requiredScopes": ["server", "billing:read", "billing:write", "app"],
            "missingScopes": ["server", "billing:write"],
        })
    );
    let stranger = Wire::from(&server, Origin::new(TransportKind::Http)).await;
    let refused = stranger.call("bill", json!({})).await;
    assert_eq!(refused["error"]["code"], 401);
    assert_eq!(refused["error"]["data"]["requiredScopes"][3], "app");
}

struct Broken;

impl Policy for Broken {
    fn decide<'a>(&'a self, asked: &'a Asked<'a>) -> BoxFuture<'a, Result<Decision>> {
        Box::pin(async move {
            tokio::task::yield_now().await;
            match asked.name() {
                "open" => Ok(Decision::Allow),
                _ => Err(Error::internal(io::Error::other("the directory is away"))),
            }
        })
    }
}

#[tokio::test]
async fn all_have_to_allow_and_who_fails_denies() {
    let authorize = Authorize::new().policy(Broken).check(|_| true);
    let server = server(authorize.clone());
    let wire = wire(&server, &[], &[]).await;
    assert_eq!(text(&wire.call("open", json!({})).await), "done");
    let refused = wire.call("bill", json!({})).await;
    assert_eq!(refused["error"]["code"], 403);
    assert!(!refused.to_string().contains("directory"), "{refused}");
    assert_eq!(tools(&wire).await, ["open"]);
    assert_eq!(authorize.statistics().failed, 3);
}

#[tokio::test]
async fn who_has_started_the_process_is_trusted_unless_nobody_is() {
    let never = || Authorize::new().check(|_| false);
    let wire = Wire::to(&server(never())).await;
    assert_eq!(text(&wire.call("wipe", json!({})).await), "done");
    assert_eq!(tools(&wire).await.len(), 3);
    let wire = Wire::to(&server(never().trust_nobody())).await;
    assert_eq!(wire.call("wipe", json!({})).await["error"]["code"], 401);
    assert!(tools(&wire).await.is_empty());
}
