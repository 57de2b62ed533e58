//! Own types as arguments and results, by one derive each.

use std::collections::HashMap;

use purlin::prelude::*;
use purlin::testing::{ErrorKind, TestClient};
use serde_json::{Value, json};

use crate::features::connect;

/// A place to go to.
#[derive(Debug, ToolArg)]
#[arg(rename_all = "camelCase")]
struct Stop {
    /// City name, for example `Paris`.
    #[arg(min_length = 2)]
    city_name: String,
    /// Nights to stay.
    #[arg(range = 1..=30, default = 1)]
    nights: u8,
    #[arg(name = "by")]
    travels_by: Option<Means>,
    #[serde(skip)]
    seen: bool,
}

/// How to travel.
#[derive(Clone, Copy, Debug, PartialEq, ToolArg)]
#[arg(rename_all = "snake_case")]
enum Means {
    /// Slow and pleasant.
    NightTrain,
    /// Fast and loud.
    Plane,
    #[arg(name = "bike")]
    Bicycle,
}

#[derive(ToolArg)]
enum Shape {
    Circle {
        #[arg(min = 0)]
        radius: f64,
    },
    Square(f64),
    Point,
}

#[derive(ToolArg)]
struct Percent(#[arg(range = 0..=100)] u8);

#[derive(ToolArg)]
struct Tree {
    label: String,
    #[arg(default = Vec::new())]
    children: Vec<Tree>,
}

#[derive(ToolArg)]
struct Page<T> {
    items: Vec<T>,
    next: Option<u32>,
}

#[derive(ToolOutput)]
struct Report<'a, T> {
    /// What it is called.
    title: &'a str,
    rows: Vec<T>,
    #[serde(skip_serializing_if = "Option::is_none")]
    note: Option<String>,
    #[serde(skip_serializing)]
    _secret: u8,
}

#[mcp_server]
mod travel {
    use super::*;

    /// Plans a trip.
    #[mcp_tool]
    fn plan(stops: Vec<Stop>) -> String {
        let stops = stops.iter().map(|stop| {
            let by = stop.travels_by.map(|by| format!(" by {by:?}"));
            assert!(!stop.seen);
            format!(
                "{} {}{}",
                stop.city_name,
                stop.nights,
                by.unwrap_or_default()
            )
        });
        stops.collect::<Vec<_>>().join(", ")
    }

    /// Gives it back.
    #[mcp_tool]
    fn echo(stop: Stop) -> Stop {
        stop
    }

    /// Its area.
    #[mcp_tool]
    fn area(shape: Shape) -> f64 {
        match shape {
            Shape::Circle { radius } => radius * radius * 3.0,
            Shape::Square(side) => side * side,
            Shape::Point => 0.0,
        }
    }

    /// Half of it.
    #[mcp_tool]
    fn half(#[arg(default = Percent(50))] share: Percent) -> u8 {
        share.0 / 2
    }

    /// How many nodes.
    #[mcp_tool]
    fn count(tree: Tree) -> usize {
        1 + tree.children.into_iter().map(count).sum::<usize>() + usize::from(tree.label.is_empty())
    }

    /// A page of prices.
    #[mcp_tool]
    fn page(page: Page<HashMap<String, f64>>) -> Report<'static, u32> {
        Report {
            title: "page",
            rows: page
                .next
                .into_iter()
                .chain([page.items.len() as u32])
                .collect(),
            note: None,
            _secret: 7,
        }
    }
}

async fn call(client: &TestClient, tool: &str, arguments: Value) -> Value {
    client.call(tool, arguments).await.unwrap()
}

async fn refused(client: &TestClient, tool: &str, arguments: Value) -> String {
    let error = client.call::<Value>(tool, arguments).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Tool, "{error}");
    error.tool_result().unwrap().text()
}

#[purlin::test]
async fn names_defaults_and_variants_are_those_of_the_derive() {
    let client = connect(travel::Server).await;
    let stops = json!([
        {"cityName": "Oslo", "by": "night_train"},
        {"cityName": "Rome", "nights": 3, "by": "bike"},
        {"cityName": "Bari", "by": null},
    ]);
    let plan = client
        .call::<String>("plan", json!({ "stops": stops }))
        .await;
    assert_eq!(
        plan.unwrap(),
        "Oslo 1 by NightTrain, Rome 3 by Bicycle, Bari 1"
    );
}

#[purlin::test]
async fn the_schema_says_what_the_derive_was_told() {
    let client = connect(travel::Server).await;
    let stop = schema(&client, "echo", "stop").await;
    assert_eq!(
        stop,
        json!({
            "type": "object",
            "description": "A place to go to.",
            "properties": {
                "cityName": {
                    "type": "string",
                    "description": "City name, for example `Paris`.",
                    "minLength": 2,
                },
                "nights": {
                    "type": "integer",
                    "description": "Nights to stay.",
                    "minimum": 1,
                    "maximum": 30,
                    "default": 1,
                },
                "by": {
                    "type": "string",
                    "description": "How to travel.\n\n- `night_train`: Slow and pleasant.\n- `plane`: Fast and loud.",
                    "enum": ["bike", "night_train", "plane"],
                },
            },
            "required": ["cityName"],
            "additionalProperties": false,
        })
    );
    let share = schema(&client, "half", "share").await;
    assert_eq!(
        share,
        json!({"type": "integer", "minimum": 0, "maximum": 100, "default": 50})
    );
}

#[purlin::test]
async fn data_enums_newtypes_generics_and_trees_are_read() {
    let client = connect(travel::Server).await;
    let circle = call(&client, "area", json!({"shape": {"Circle": {"radius": 2}}})).await;
    assert_eq!(circle, 12.0);
    let square = call(&client, "area", json!({"shape": {"Square": 3}})).await;
    assert_eq!(square, 9.0);
    assert_eq!(call(&client, "area", json!({"shape": "Point"})).await, 0.0);
    assert_eq!(call(&client, "half", json!({})).await, 25);
    assert_eq!(call(&client, "half", json!({"share": 80})).await, 40);
    let tree = json!({"label": "a", "children": [{"label": "b"}, {"label": "c"}]});
    assert_eq!(call(&client, "count", json!({ "tree": tree })).await, 3);
    let page = json!({"items": [{"tea": 1.5}, {}], "next": 4});
    let report = call(&client, "page", json!({ "page": page })).await;
    assert_eq!(report, json!({"title": "page", "rows": [4, 2]}));
}

#[purlin::test]
async fn an_argument_type_can_be_returned() {
    let client = connect(travel::Server).await;
    let stop = json!({"cityName": "Oslo", "nights": 2, "by": "plane"});
    assert_eq!(call(&client, "echo", json!({ "stop": stop })).await, stop);
}

#[purlin::test]
async fn a_member_nobody_asked_for_is_refused() {
    let client = connect(travel::Server).await;
    let stop = json!({"cityName": "Oslo", "nigths": 2});
    let text = refused(&client, "echo", json!({ "stop": stop })).await;
    assert!(text.contains("nigths"), "{text}");
}

#[purlin::test]
async fn an_output_shows_what_is_written() {
    let client = connect(travel::Server).await;
    let catalogue = client.catalogue().await;
    let tool = catalogue.tool("page").unwrap();
    let schema: Value = tool.output_schema.as_ref().unwrap().decode().unwrap();
    assert_eq!(schema["required"], json!(["title", "rows"]));
    assert_eq!(
        schema["properties"]["title"],
        json!({"type": "string", "description": "What it is called."})
    );
    assert_eq!(schema["properties"].get("_secret"), None);
}

async fn schema(client: &TestClient, tool: &str, argument: &str) -> Value {
    let catalogue = client.catalogue().await;
    let schema: Value = catalogue.tool(tool).unwrap().input_schema.decode().unwrap();
    schema["properties"][argument].clone()
}
