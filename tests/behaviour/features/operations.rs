//! Several operations behind one tool.

use purlin::prelude::*;
use purlin::testing::{ErrorKind, TestClient};
use serde_json::{Value, json};

use crate::features::connect;

/// What to do with orders.
#[derive(Debug, Operations)]
#[allow(dead_code, reason = "read by `Debug`")]
enum Order {
    /// Orders something.
    Place {
        /// What to order.
        #[arg(min_length = 2)]
        item: String,
        #[arg(range = 1..=10, default = 1)]
        count: u8,
        note: Option<String>,
    },
    /// Takes an order back
    Cancel {
        /// The number of the order.
        number: u32,
    },
    #[arg(name = "show")]
    ListAll { number: Option<u32> },
}

type Alias = Order;

#[mcp_server]
mod shop {
    use super::*;

    /// Everything about orders.
    #[mcp_tool]
    fn order(verbose: bool, order: Alias, cx: &Context) -> String {
        let _name = cx.method();
        let text = format!("{order:?}");
        if verbose { text.to_uppercase() } else { text }
    }
}

async fn call(client: &TestClient, arguments: Value) -> String {
    client.call("order", arguments).await.unwrap()
}

async fn refused(client: &TestClient, arguments: Value) -> String {
    let error = client.call::<Value>("order", arguments).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Tool, "{error}");
    error.tool_result().unwrap().text()
}

#[purlin::test(eras)]
async fn each_operation_gets_its_own_arguments() {
    let client = connect(shop::Server).await;
    let place = json!({"verbose": false, "operation": "place", "item": "tea"});
    assert_eq!(
        call(&client, place).await,
        r#"Place { item: "tea", count: 1, note: None }"#
    );
    let cancel = json!({"operation": "cancel", "number": 7, "verbose": true});
    assert_eq!(call(&client, cancel).await, "CANCEL { NUMBER: 7 }");
    let show = json!({"operation": "show", "verbose": false});
    assert_eq!(call(&client, show).await, "ListAll { number: None }");
}

#[purlin::test]
async fn the_schema_is_one_plain_object() {
    let client = connect(shop::Server).await;
    let catalogue = client.catalogue().await;
    let schema: Value = catalogue
        .tool("order")
        .unwrap()
        .input_schema
        .decode()
        .unwrap();
    let operations = "What to do with orders.\n\n\
        - `place`: Orders something. Needs `item`. Takes `count`, `note`.\n\
        - `cancel`: Takes an order back. Needs `number`.\n\
        - `show`: Takes `number`.";
    assert_eq!(
        schema,
        json!({
            "type": "object",
            "properties": {
                "verbose": {"type": "boolean"},
                "operation": {
                    "type": "string",
                    "description": operations,
                    "enum": ["place", "cancel", "show"],
                },
                "item": {
                    "type": "string",
                    "description": "What to order.\n\nNeeded by `place`.",
                    "minLength": 2,
                },
                "count": {
                    "type": "integer",
                    "description": "Optional for `place`.",
                    "minimum": 1,
                    "maximum": 10,
                    "default": 1,
                },
                "note": {"type": "string", "description": "Optional for `place`."},
                "number": {
                    "type": "integer",
                    "description": "The number of the order.\n\nNeeded by `cancel`. Optional for `show`.",
                    "minimum": 0,
                    "maximum": u32::MAX,
                },
            },
            "required": ["verbose", "operation"],
            "additionalProperties": false,
        })
    );
}

#[purlin::test]
async fn an_unknown_operation_names_the_known_ones() {
    let client = connect(shop::Server).await;
    for (operation, problem) in [
        (
            json!({"operation": "cancle", "verbose": true}),
            "$.operation: there is no operation \"cancle\"; did you mean `cancel`? \
             known are `place`, `cancel`, `show`",
        ),
        (
            json!({"operation": "fry", "verbose": true}),
            "$.operation: there is no operation \"fry\"; known are `place`, `cancel`, `show`",
        ),
        (
            json!({"operation": 3, "verbose": true}),
            "$.operation: expected the name of an operation, got the number 3",
        ),
        (
            json!({"number": 3, "verbose": true}),
            "$.operation: is required: one of `place`, `cancel`, `show`",
        ),
    ] {
        let text = refused(&client, operation).await;
        assert_eq!(text, format!("Invalid arguments for `order`:\n{problem}"));
    }
}

#[purlin::test]
async fn every_mistake_is_told_with_its_operation() {
    let client = connect(shop::Server).await;
    let missing = refused(&client, json!({"verbose": true, "operation": "cancel"})).await;
    assert_eq!(
        missing,
        "Invalid arguments for `order`:\n$.number: is required by the operation `cancel`"
    );
    let arguments = json!({"operation": "place", "item": "x", "count": 0, "number": 1});
    let many = refused(&client, arguments).await;
    for part in [
        "$.verbose: is required",
        "$.number: is no argument of the operation `place`; it belongs to `cancel`, `show`",
        "$.item: ",
        "$.count: ",
    ] {
        assert!(many.contains(part), "{many}");
    }
    let arguments = json!({"verbose": true, "operation": "show", "nummer": 1});
    let unknown = refused(&client, arguments).await;
    assert!(unknown.contains("did you mean `number`?"), "{unknown}");
}
