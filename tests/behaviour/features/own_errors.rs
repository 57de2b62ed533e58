//! Errors that say what a model may read of them.

use std::fmt;

use purlin::prelude::*;
use purlin::testing::{self, TestClient};
use serde_json::{Value, json};

use crate::features::client;

#[derive(Debug, ToolError)]
enum OrderError {
    #[tool_error(
        "only {left} of `{item}` are left",
        code = "sold_out",
        recovery("Order fewer.")
    )]
    SoldOut { item: String, left: u32 },
    #[tool_error("there is no order {0}", not_found)]
    NoOrder(u64),
    #[allow(dead_code, reason = "read by `Debug`")]
    Database(&'static str),
}

/// Also an error for the rest of the program.
#[derive(Debug, ToolError)]
#[tool_error("ask later", std_error)]
struct Closed {
    until: &'static str,
}

impl fmt::Display for Closed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "secret until {}", self.until)
    }
}

impl std::error::Error for Closed {}

fn closed() -> Result<String, Closed> {
    Err(Closed { until: "noon" })
}

type Outcome<T> = std::result::Result<T, OrderError>;

#[mcp_server]
mod shop {
    use super::*;

    /// Orders.
    #[mcp_tool]
    fn order(item: String) -> Outcome<u8> {
        match &*item {
            "tea" => Err(OrderError::SoldOut { item, left: 2 }),
            _ => Err(OrderError::Database("hunter2")),
        }
    }

    /// Asks by `?`.
    #[mcp_tool]
    fn asks(by: &str) -> Result<String, ToolError> {
        match by {
            "derive" => Err(OrderError::NoOrder(7))?,
            "std" => Ok(closed()?),
            "described" => closed().map_err(ToolError::described),
            "public" => Ok(closed().public()?),
            _ => Err(closed().unwrap_err().public().into()),
        }
    }

    /// Returns it as it is.
    #[mcp_tool]
    fn direct() -> Result<String, Closed> {
        closed()
    }

    /// One order.
    #[mcp_resource("orders://{number}")]
    fn one(number: u64) -> Result<String, OrderError> {
        Err(OrderError::NoOrder(number))
    }

    /// A text about nothing.
    #[mcp_prompt]
    fn brief() -> Result<String, OrderError> {
        Err(OrderError::NoOrder(3))
    }
}

async fn connect() -> TestClient {
    client(shop::Server).connect().await
}

async fn refused(client: &TestClient, tool: &str, arguments: Value) -> String {
    let error = client.call::<Value>(tool, arguments).await.unwrap_err();
    error.tool_result().unwrap().text()
}

#[purlin::test(eras)]
async fn the_model_reads_what_the_derive_says() {
    let client = connect().await;
    assert_eq!(
        refused(&client, "order", json!({"item": "tea"})).await,
        "only 2 of `tea` are left\nCode: sold_out\n- Order fewer."
    );
    assert_eq!(refused(&client, "direct", json!({})).await, "ask later");
}

#[purlin::test]
async fn what_is_not_said_stays_private() {
    let client = testing::client(shop::Server.into_server().mask_errors(true))
        .connect()
        .await;
    let text = refused(&client, "order", json!({"item": "x"})).await;
    assert_eq!(text, "internal error");
}

#[purlin::test]
async fn question_marks_convert_and_public_uncovers() {
    let client = connect().await;
    for (by, expected) in [
        ("derive", "there is no order 7"),
        ("described", "ask later"),
        ("public", "secret until noon"),
        ("one error", "secret until noon"),
    ] {
        assert_eq!(
            refused(&client, "asks", json!({ "by": by })).await,
            expected
        );
    }
}

#[purlin::test]
async fn resources_and_prompts_fail_in_the_same_words() {
    let client = connect().await;
    let error = client.read("orders://5").await.unwrap_err();
    assert!(error.to_string().contains("no order 5"), "{error}");
    let error = client.prompt("brief", ()).await.unwrap_err();
    assert!(error.to_string().contains("no order 3"), "{error}");
}
