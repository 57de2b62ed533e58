use purlin_core::{DynamicTool, Principal, Server, ToolResult};
use serde_json::{Value, json};

use super::ToolInjection;
use crate::fixture::{Wire, caller, server, text, tool};

fn saying(name: &str, says: &'static str) -> DynamicTool {
    tool(name, move |_, _| async move { Ok(ToolResult::text(says)) })
}

async fn names(wire: &Wire) -> Vec<String> {
    let answer = wire.ask("tools/list", json!({})).await;
    let tools = answer["result"]["tools"].as_array().unwrap();
    let name = |tool: &Value| tool["name"].as_str().unwrap().to_owned();
    tools.iter().map(name).collect()
}

#[tokio::test]
async fn an_injected_tool_is_listed_and_called() {
    let injection = ToolInjection::new([saying("help", "ask")]);
    let wire = Wire::to(&server().middleware(injection)).await;
    assert_eq!(names(&wire).await, ["echo", "fail", "help"]);
    assert_eq!(text(&wire.call("help", json!({})).await), "ask");
    assert_eq!(text(&wire.call("echo", json!({})).await), "{}");
}

#[tokio::test]
async fn an_injected_tool_wins_its_name() {
    let injection = ToolInjection::new([saying("echo", "first"), saying("echo", "second")]);
    let wire = Wire::to(&server().middleware(injection)).await;
    assert_eq!(names(&wire).await, ["fail", "echo"]);
    assert_eq!(text(&wire.call("echo", json!({})).await), "second");
}

#[tokio::test]
async fn who_may_not_use_it_does_not_see_it() {
    let admin = saying("admin", "done").roles(["admin"]);
    let server = server().middleware(ToolInjection::new([admin]));
    let stranger = Wire::over_http(&server).await;
    assert_eq!(names(&stranger).await, ["echo", "fail"]);
    let answer = stranger.call("admin", json!({})).await;
    assert!(
        answer["error"]["message"]
            .as_str()
            .unwrap()
            .contains("Unknown tool"),
        "{answer}"
    );
}

#[tokio::test]
async fn it_works_on_a_mount_and_under_its_prefix() {
    let child = server().middleware(ToolInjection::new([saying("echo", "injected")]));
    let parent = Server::builder("parent", "1.0.0");
    parent.mount("child", &child).unwrap();
    let wire = Wire::to(&parent).await;
    assert_eq!(text(&wire.call("child_echo", json!({})).await), "injected");
}

#[tokio::test]
async fn what_the_server_demands_is_demanded_of_an_injected_tool_too() {
    let injection = ToolInjection::new([saying("help", "ask")]);
    let server = server().middleware(injection).scopes(["app"]);
    let stranger = Wire::over_http(&server).await;
    assert!(names(&stranger).await.is_empty());
    assert_eq!(stranger.call("help", json!({})).await["error"]["code"], 401);
    let member = caller(Principal::new("alice").with_scopes(["app"]));
    let member = Wire::from(&server, member).await;
    assert_eq!(text(&member.call("help", json!({})).await), "ask");
}
