use purlin::prelude::*;
use purlin::testing::{ErrorKind, TestClient};
use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::{Value, json};

use crate::features::connect;

#[derive(Deserialize, JsonSchema)]
struct Point {
    x: i64,
    y: i64,
}

#[mcp_server]
mod picky {
    use super::*;

    /// Wants much.
    #[mcp_tool]
    fn order(
        /// What to order.
        #[arg(min_length = 2, max_length = 5)]
        item: String,
        #[arg(range = 1..=10)] count: u32,
        #[arg(default = "home")] place: String,
        note: Option<String>,
    ) -> String {
        format!("{count} {item} to {place}{}", note.unwrap_or_default())
    }

    /// Wants a point.
    #[mcp_tool]
    fn walk(to: Point) -> i64 {
        to.x + to.y
    }
}

async fn mistakes(client: &TestClient, tool: &str, arguments: Value) -> String {
    let error = client.call::<String>(tool, arguments).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Tool, "{error}");
    error.tool_result().unwrap().text()
}

#[purlin::test(eras)]
async fn defaults_and_absent_options_are_filled_in() {
    let client = connect(picky::Server).await;
    let call = |arguments: Value| client.call::<String>("order", arguments);
    assert_eq!(
        call(json!({"item": "tea", "count": 2})).await.unwrap(),
        "2 tea to home"
    );
    let all = json!({"item": "tea", "count": 2, "place": "work", "note": "!"});
    assert_eq!(call(all).await.unwrap(), "2 tea to work!");
    let null = json!({"item": "tea", "count": 2, "note": null});
    assert_eq!(call(null).await.unwrap(), "2 tea to home");
}

#[purlin::test(eras)]
async fn every_bad_argument_is_named_at_once() {
    let client = connect(picky::Server).await;
    let text = mistakes(&client, "order", json!({"item": "x", "count": 11})).await;
    assert!(text.contains("item") && text.contains("count"), "{text}");
    let text = mistakes(&client, "order", json!({"item": 7})).await;
    assert!(text.contains("item") && text.contains("count"), "{text}");
}

#[purlin::test(eras)]
async fn a_mistake_inside_an_argument_is_named_with_its_path() {
    let client = connect(picky::Server).await;
    let text = mistakes(&client, "walk", json!({"to": {"x": 1, "y": "far"}})).await;
    assert!(text.contains("to") && text.contains('y'), "{text}");
}

#[purlin::test]
async fn what_is_enforced_is_in_the_schema() {
    let client = connect(picky::Server).await;
    let catalogue = client.catalogue().await;
    let schema: Value = catalogue
        .tool("order")
        .unwrap()
        .input_schema
        .decode()
        .unwrap();
    assert_eq!(schema["required"], json!(["item", "count"]));
    let properties = &schema["properties"];
    assert_eq!(properties["item"]["description"], "What to order.");
    assert_eq!(properties["item"]["maxLength"], 5);
    assert_eq!(properties["count"]["maximum"], 10);
    assert_eq!(properties["place"]["default"], "home");
}
