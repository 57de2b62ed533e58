use purlin::prelude::*;
use serde_json::json;

use crate::wire::{Wire, code, text};

/// Things that go wrong.
#[mcp_server]
mod failing {
    /// Adds a digit.
    #[mcp_tool]
    fn add(#[arg(range = 0..=9)] a: i64, b: i64) -> i64 {
        a + b
    }

    /// Panics.
    #[mcp_tool]
    fn crash() -> String {
        panic!("the password is hunter2")
    }

    /// Panics after a while.
    #[mcp_tool]
    async fn crash_later() -> String {
        tokio::task::yield_now().await;
        panic!("the password is hunter2")
    }

    /// Answers at once.
    #[mcp_tool]
    fn quick() -> &'static str {
        "quick"
    }

    #[mcp_resource("failing://{id}")]
    fn thing(id: u8) -> Option<String> {
        (id == 1).then(|| "one".to_owned())
    }

    #[mcp_prompt]
    fn ask(days: u8) -> String {
        format!("{days} days")
    }
}

#[tokio::test]
async fn wrong_arguments_are_for_the_model_to_read() {
    for revision in [None, Some("2025-11-25"), Some("2024-11-05")] {
        let params = json!({ "name": "add", "arguments": { "a": 10, "b": "two", "c": 3 } });
        let answer = match revision {
            None => {
                let wire = Wire::stateless(failing::Server).await;
                wire.modern("tools/call", params).await
            }
            Some(revision) => {
                let wire = Wire::session(failing::Server, revision, json!({})).await;
                wire.bare("tools/call", params).await
            }
        };
        assert_eq!(answer["result"]["isError"], true, "{answer}");
        for argument in ["$.a", "$.b", "$.c"] {
            assert!(text(&answer).contains(argument), "{answer}");
        }
    }
}

#[tokio::test]
async fn what_nobody_offers_is_a_protocol_error() {
    let wire = Wire::stateless(failing::Server).await;
    for (method, params) in [
        ("tools/call", json!({ "name": "nothing" })),
        ("tools/call", json!({ "name": "Add", "arguments": {} })),
        ("tools/call", json!({ "name": 1 })),
        ("tools/call", json!({})),
        ("tools/call", json!({ "name": "quick", "arguments": [] })),
        ("prompts/get", json!({ "name": "nothing" })),
        (
            "prompts/get",
            json!({ "name": "ask", "arguments": { "days": "many" } }),
        ),
        ("prompts/get", json!({ "name": "ask" })),
        ("resources/read", json!({})),
    ] {
        let answer = wire.modern(method, params.clone()).await;
        assert_eq!(code(&answer), -32602, "{method} {params}");
    }
}

#[tokio::test]
async fn a_resource_that_is_not_there_has_the_code_of_its_era() {
    for uri in ["failing://2", "elsewhere://1"] {
        let wire = Wire::stateless(failing::Server).await;
        let answer = wire.modern("resources/read", json!({ "uri": uri })).await;
        assert_eq!(
            (code(&answer), &answer["error"]["data"]["uri"]),
            (-32602, &json!(uri))
        );
        let wire = Wire::session(failing::Server, "2025-11-25", json!({})).await;
        let answer = wire.bare("resources/read", json!({ "uri": uri })).await;
        assert_eq!(
            (code(&answer), &answer["error"]["data"]["uri"]),
            (-32002, &json!(uri))
        );
    }
}

#[tokio::test]
async fn the_error_for_a_resource_repeats_nothing_that_may_be_a_secret() {
    for (uri, told) in [
        ("elsewhere://1/a?token=hunter2#x", "elsewhere://1/a"),
        ("elsewhere://1/a#hunter2", "elsewhere://1/a"),
        ("elsewhere://me:hunter2@host/a@b", "elsewhere://host/a@b"),
        ("failing://2?hunter2", "failing://2"),
        ("urn:a:b?=hunter2", "urn:a:b"),
    ] {
        let wire = Wire::stateless(failing::Server).await;
        let answer = wire.modern("resources/read", json!({ "uri": uri })).await;
        assert_eq!(answer["error"]["data"]["uri"], told);
        assert!(!answer.to_string().contains("hunter2"), "{answer}");
    }
}

#[tokio::test]
async fn a_panic_is_one_failed_call() {
    let wire = Wire::stateless(failing::Server.into_server().mask_errors(true)).await;
    for tool in ["crash", "crash_later"] {
        let answer = wire.call(tool).await;
        assert_eq!(answer["result"]["isError"], true, "{answer}");
        assert!(!answer.to_string().contains("hunter2"), "{answer}");
    }
    assert_eq!(text(&wire.call("quick").await), "quick");
}

#[tokio::test]
async fn garbage_is_answered_and_the_connection_goes_on() {
    let wire = Wire::stateless(failing::Server).await;
    for (garbage, expected) in [
        ("{broken", -32700),
        (r#"{"jsonrpc":"2.0","id":1,"method":"a""#, -32700),
        (r#"{"jsonrpc":"2.0","id":1}"#, -32600),
        (
            r#"{"jsonrpc":"2.0","id":1,"result":{},"error":{"code":1,"message":""}}"#,
            -32600,
        ),
        (r#"{"jsonrpc":"2.0","id":null,"method":"ping"}"#, -32600),
        (r#"{"jsonrpc":"2.0","id":1.5,"method":"ping"}"#, -32600),
        (r#"[{"jsonrpc":"2.0","id":1,"method":"ping"}]"#, -32600),
    ] {
        wire.say(garbage);
        assert_eq!(code(&wire.recv().await), expected, "{garbage}");
    }
    assert_eq!(text(&wire.call("quick").await), "quick");
}
