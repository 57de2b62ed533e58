use std::sync::Mutex;

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

/// What a middleware saw of the last call.
static SEEN: Mutex<String> = Mutex::new(String::new());

#[middleware]
async fn watch(call: ToolCall<'_>, next: Next<'_>) -> Result<ToolResult> {
    let arguments = call.redacted_arguments().unwrap_or_default();
    *SEEN.lock().unwrap() = arguments.into_owned();
    next.run(call).await
}

/// A line of an order.
#[derive(ToolArg)]
struct Line {
    #[arg(range = 1..=99, alias("qty"))]
    quantity: u8,
    #[arg(one_of("tea", "coffee"))]
    item: String,
    #[arg(sensitive, max_length = 4)]
    code: Option<String>,
}

#[mcp_server]
mod shop {
    use super::*;

    /// Takes an order.
    #[mcp_tool]
    fn order(
        lines: Vec<Line>,
        #[arg(format = "date", alias("on"))] day: String,
        #[arg(pattern = "^[A-Z]{2}$")] country: Option<String>,
        #[arg(sensitive, min_length = 4)] pin: String,
        #[arg(lenient)] express: Option<bool>,
    ) -> String {
        let codes = lines.iter().filter(|line| line.code.is_some()).count();
        let lines: Vec<_> = lines
            .iter()
            .map(|line| format!("{} {}", line.quantity, line.item))
            .collect();
        let country = country.unwrap_or_default();
        let (lines, express) = (lines.join(", "), express.unwrap_or_default());
        format!("{lines} on {day} {country} {express} {} {codes}", pin.len())
    }

    /// A report.
    #[mcp_resource("shop://reports/{year}")]
    fn report(#[arg(range = 2000..=2100)] year: u16) -> String {
        year.to_string()
    }

    /// Asks for a tip.
    #[mcp_prompt]
    fn tip(#[arg(alias("place"), pattern = "^[a-z]+$")] city: String) -> String {
        city
    }
}

#[mcp_server(lenient)]
mod forgiving {
    /// Counts.
    #[mcp_tool]
    fn count(items: Vec<u8>, label: String, #[arg(default = false)] loud: bool) -> String {
        format!("{items:?} {label} {loud}")
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

#[purlin::test(eras)]
async fn mistakes_inside_own_types_are_named_all_at_once() {
    let client = connect(shop::Server).await;
    let arguments = json!({
        "lines": [{"qty": 100, "item": "tea"}, {"quantity": 1, "item": "milk", "code": "12345"}],
        "day": "2026-02-30",
        "country": "fr",
        "pin": "123",
    });
    let text = mistakes(&client, "order", arguments).await;
    assert_eq!(
        text,
        "Invalid arguments for `order`:\n\
         $.lines[0].qty: must be at most 99, got 100\n\
         $.lines[1].code: must have at most 4 characters\n\
         $.lines[1].item: must be `tea` or `coffee`\n\
         $.day: must be a date such as 2026-01-31\n\
         $.country: must match the pattern `^[A-Z]{2}$`\n\
         $.pin: must have at least 4 characters"
    );
    let arguments =
        json!({"lines": [{"qty": "1", "itm": "tea"}], "day": "2026-01-31", "pin": "1234"});
    let text = mistakes(&client, "order", arguments).await;
    assert_eq!(
        text,
        "Invalid arguments for `order`:\n\
         $.lines[0].itm: unknown member; did you mean `item`?\n\
         $.lines[0].qty: expected an integer from 1 to 99, got the string \"1\"\n\
         $.lines[0].item: is required"
    );
}

#[purlin::test(eras)]
async fn arguments_have_aliases_that_are_not_listed() {
    let client = connect(shop::Server).await;
    let arguments = json!({
        "lines": [{"qty": 2, "item": "tea", "code": "1"}],
        "on": "2026-01-31",
        "pin": "1234",
        "express": "true",
    });
    let text: String = client.call("order", arguments).await.unwrap();
    assert_eq!(text, "2 tea on 2026-01-31  true 4 1");
    let both = json!({"lines": [], "on": "2026-01-31", "day": "2026-01-31", "pin": "1234"});
    let text = mistakes(&client, "order", both).await;
    assert!(text.contains("is given twice, as `"), "{text}");
    let catalogue = client.catalogue().await;
    let schema = catalogue
        .tool("order")
        .unwrap()
        .input_schema
        .get()
        .to_owned();
    assert!(
        !schema.contains("\"on\"") && !schema.contains("qty"),
        "{schema}"
    );
    assert!(!schema.contains("x-"), "{schema}");
}

#[purlin::test(eras)]
async fn what_is_sensitive_is_hidden_from_middleware_that_logs() {
    let client = connect(shop::Server.into_server().middleware(watch)).await;
    let arguments = json!({
        "lines": [{"quantity": 1, "item": "tea", "code": "s3c"}],
        "day": "2026-01-31",
        "pin": "98765",
    });
    let _: String = client.call("order", arguments).await.unwrap();
    let seen = SEEN.lock().unwrap().clone();
    assert!(
        seen.contains("tea") && seen.contains("[redacted]"),
        "{seen}"
    );
    assert!(!seen.contains("98765") && !seen.contains("s3c"), "{seen}");
}

#[purlin::test(eras)]
async fn a_lenient_server_takes_kindred_values() {
    let client = connect(forgiving::Server).await;
    let arguments = json!({"items": ["1", 2.0, true], "label": 7, "loud": "true"});
    let text: String = client.call("count", arguments).await.unwrap();
    assert_eq!(text, "[1, 2, 1] 7 true");
    let text = mistakes(&client, "count", json!({"items": "[1]", "label": "x"})).await;
    assert!(text.contains("$.items"), "{text}");

    let picky = picky::Server.into_server();
    let strict = connect(picky.clone()).await;
    let arguments = json!({"item": "tea", "count": "2"});
    mistakes(&strict, "order", arguments.clone()).await;
    let lenient = connect(picky.lenient()).await;
    let text: String = lenient.call("order", arguments).await.unwrap();
    assert_eq!(text, "2 tea to home");
}

#[purlin::test(eras)]
async fn limits_hold_for_resources_and_prompts() {
    let client = connect(shop::Server).await;
    assert!(client.read("shop://reports/2026").await.is_ok());
    let error = client.read("shop://reports/1999").await.unwrap_err();
    assert!(error.to_string().contains("at least 2000"), "{error}");
    assert!(
        client
            .prompt("tip", json!({"place": "paris"}))
            .await
            .is_ok()
    );
    let error = client
        .prompt("tip", json!({"city": "Paris"}))
        .await
        .unwrap_err();
    assert!(error.to_string().contains("must match"), "{error}");
}
