use purlin::prelude::*;
use purlin::testing::protocol::Tool;
use purlin::testing::{Change, Era, Subscription};
use purlin::{DynamicTool, Server};
use serde_json::json;

use crate::features::connect;

#[mcp_server]
mod base {
    /// Stays.
    #[mcp_tool]
    fn stay() -> bool {
        true
    }

    /// Changes.
    #[mcp_resource("data://stats")]
    fn stats() -> String {
        "1".to_owned()
    }

    /// Asks.
    #[mcp_prompt]
    fn ask() -> String {
        "?".to_owned()
    }
}

fn extra(name: &str) -> DynamicTool {
    DynamicTool::new(
        Tool::new(name, json!({"type": "object"}).into()),
        |_, _| async { Ok(ToolResult::text("extra")) },
    )
}

#[purlin::test(eras)]
async fn tools_that_come_and_go_are_announced() {
    let server = base::Server.into_server();
    let client = connect(server.clone()).await;
    let mut changes = client.listen(Subscription::new().tools()).await.unwrap();
    server.add_tool(extra("more")).unwrap();
    assert_eq!(
        changes.next().await.transpose().unwrap(),
        Some(Change::Tools)
    );
    assert_eq!(client.catalogue().await.tool_names(), ["stay", "more"]);
    assert_eq!(client.call::<String>("more", ()).await.unwrap(), "extra");
    assert!(server.remove_tool("more"));
    assert_eq!(
        changes.next().await.transpose().unwrap(),
        Some(Change::Tools)
    );
    assert_eq!(
        client.call::<String>("more", ()).await.unwrap_err().code(),
        Some(-32602)
    );
}

#[purlin::test(eras)]
async fn only_what_was_subscribed_to_is_told() {
    let server = base::Server.into_server();
    let client = connect(server.clone()).await;
    let mut changes = client
        .listen(Subscription::new().resource("data://stats"))
        .await
        .unwrap();
    server.notify_resource_updated("data://other");
    server.notify_resource_updated("data://stats");
    assert_eq!(
        changes.next().await.transpose().unwrap(),
        Some(Change::Resource("data://stats".to_owned()))
    );
    server.notify_tools_changed();
    server.notify_resource_updated("data://stats");
    assert_eq!(
        changes.next().await.transpose().unwrap(),
        Some(Change::Resource("data://stats".to_owned()))
    );
}

#[purlin::test(eras)]
async fn every_listener_is_told() {
    let server: Server = base::Server.into_server();
    let (one, two) = (connect(server.clone()).await, connect(server.clone()).await);
    let mut first = one.listen(Subscription::lists()).await.unwrap();
    let mut second = two.listen(Subscription::lists()).await.unwrap();
    server.notify_prompts_changed();
    assert_eq!(
        first.next().await.transpose().unwrap(),
        Some(Change::Prompts)
    );
    assert_eq!(
        second.next().await.transpose().unwrap(),
        Some(Change::Prompts)
    );
}

#[purlin::test]
async fn a_list_that_a_session_was_promised_is_answered_even_when_it_is_empty() {
    let server = Server::builder("shrinking", "1.0.0");
    server.add_tool(extra("only")).unwrap();
    let client = crate::features::client(server.clone())
        .era(Era::Session)
        .connect()
        .await;
    assert!(server.remove_tool("only"));
    assert_eq!(client.list_tools().await.unwrap(), []);
}
