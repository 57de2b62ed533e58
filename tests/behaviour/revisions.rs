use purlin::{prelude::*, protocol::Content};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::wire::{SESSIONS, Wire, code, text};

#[derive(Serialize, JsonSchema)]
struct Point {
    x: i64,
}

#[derive(Debug, Deserialize, JsonSchema)]
struct Name {
    #[allow(dead_code)]
    name: String,
}

/// Something from every revision.
#[mcp_server(title = "Everything", website = "https://example.com")]
mod everything {
    use super::*;

    /// An object.
    #[mcp_tool(title = "A point", read_only, icons("https://example.com/i.png"))]
    fn object() -> Point {
        Point { x: 1 }
    }

    /// A number.
    #[mcp_tool]
    fn number() -> i64 {
        7
    }

    /// Nothing, said with a schema.
    #[mcp_tool]
    fn nothing() -> Option<Point> {
        None
    }

    /// What old clients do not know.
    #[mcp_tool]
    fn blocks() -> Vec<Content> {
        vec![
            Content::text("text"),
            Audio::wav(b"RIFF").into(),
            Content::link("file:///notes.txt", "Notes"),
        ]
    }

    /// Says how far it is.
    #[mcp_tool]
    fn progress(cx: &Context) -> &'static str {
        cx.progress_with(1, 2, "half");
        "done"
    }

    /// Asks.
    #[mcp_tool]
    async fn ask(cx: &Context) -> Result<String> {
        Ok(format!("{:?}", cx.elicit::<Name>("Who?").await?))
    }

    /// A prompt with what old clients do not know.
    #[mcp_prompt]
    fn letter() -> Vec<PromptMessage> {
        vec![
            PromptMessage::user(Audio::wav(b"RIFF")),
            PromptMessage::user(Content::link("file:///notes.txt", "Notes")),
        ]
    }
}

async fn session(revision: &str) -> Wire {
    Wire::session(everything::Server, revision, json!({ "elicitation": {} })).await
}

async fn call(wire: &Wire, tool: &str) -> Value {
    wire.bare("tools/call", json!({ "name": tool })).await["result"].clone()
}

#[tokio::test]
async fn results_of_sessions_have_no_members_of_the_stateless_era() {
    for revision in SESSIONS {
        let wire = session(revision).await;
        for (method, params) in [
            ("tools/list", json!({})),
            ("tools/call", json!({ "name": "object" })),
            ("prompts/list", json!({})),
            ("prompts/get", json!({ "name": "letter" })),
        ] {
            let answer = wire.bare(method, params).await;
            let result = answer["result"].as_object().unwrap();
            for member in ["resultType", "ttlMs", "cacheScope", "_meta"] {
                assert!(
                    !result.contains_key(member),
                    "{revision} {method}: {answer}"
                );
            }
        }
        assert_eq!(wire.bare("ping", json!({})).await["result"], json!({}));
    }
}

#[tokio::test]
async fn tools_are_listed_with_what_their_revision_knows() {
    for (revision, members) in [
        ("2024-11-05", &["description", "inputSchema", "name"][..]),
        (
            "2025-03-26",
            &["annotations", "description", "inputSchema", "name"],
        ),
        (
            "2025-06-18",
            &[
                "annotations",
                "description",
                "inputSchema",
                "name",
                "outputSchema",
                "title",
            ],
        ),
        (
            "2025-11-25",
            &[
                "annotations",
                "description",
                "icons",
                "inputSchema",
                "name",
                "outputSchema",
                "title",
            ],
        ),
    ] {
        let wire = session(revision).await;
        let list = wire.bare("tools/list", json!({})).await;
        let mut found: Vec<_> = list["result"]["tools"][0]
            .as_object()
            .unwrap()
            .keys()
            .collect();
        found.sort();
        assert_eq!(found, members, "{revision}");
        let tools = list["result"]["tools"].as_array().unwrap();
        for schema in tools.iter().filter_map(|tool| tool.get("outputSchema")) {
            assert_eq!(schema["type"], "object", "{revision}");
        }
    }
}

#[tokio::test]
async fn structured_content_is_an_object_in_sessions_and_anything_after() {
    for (revision, number, nothing) in [
        ("2024-11-05", None, None),
        ("2025-03-26", None, None),
        (
            "2025-06-18",
            Some(json!({ "result": 7 })),
            Some(json!({ "result": null })),
        ),
        (
            "2025-11-25",
            Some(json!({ "result": 7 })),
            Some(json!({ "result": null })),
        ),
    ] {
        let wire = session(revision).await;
        let structured = call(&wire, "number").await;
        assert_eq!(structured.get("structuredContent"), number.as_ref());
        assert_eq!(structured["content"][0]["text"], "7");
        let structured = call(&wire, "nothing").await;
        assert_eq!(structured.get("structuredContent"), nothing.as_ref());
    }
    let wire = Wire::stateless(everything::Server).await;
    let answer = wire.call("number").await;
    assert_eq!(answer["result"]["structuredContent"], 7);
    // Null is a value, and not the same as nothing.
    let answer = wire.call("nothing").await;
    assert_eq!(
        answer["result"].get("structuredContent"),
        Some(&Value::Null)
    );
}

#[tokio::test]
async fn blocks_an_old_client_does_not_know_become_text() {
    for (revision, kinds) in [
        ("2024-11-05", ["text", "text", "text"]),
        ("2025-03-26", ["text", "audio", "text"]),
        ("2025-06-18", ["text", "audio", "resource_link"]),
        ("2025-11-25", ["text", "audio", "resource_link"]),
    ] {
        let wire = session(revision).await;
        let result = call(&wire, "blocks").await;
        let found: Vec<_> = result["content"].as_array().unwrap().iter().collect();
        for (block, kind) in found.iter().zip(kinds) {
            assert_eq!(block["type"], kind, "{revision}: {block}");
        }
        if kinds[2] == "text" {
            let text = found[2]["text"].as_str().unwrap();
            assert!(text.contains("file:///notes.txt") && text.contains("Notes"));
        }
        let prompt = wire.bare("prompts/get", json!({ "name": "letter" })).await;
        for (message, kind) in prompt["result"]["messages"]
            .as_array()
            .unwrap()
            .iter()
            .zip(&kinds[1..])
        {
            assert_eq!(message["content"]["type"], *kind, "{revision}");
        }
    }
}

#[tokio::test]
async fn progress_has_a_sentence_where_the_revision_has_one() {
    for (revision, message) in [
        ("2024-11-05", None),
        ("2025-03-26", Some(json!("half"))),
        ("2025-11-25", Some(json!("half"))),
    ] {
        let wire = session(revision).await;
        let params = json!({ "name": "progress", "_meta": { "progressToken": 7 } });
        wire.send(&json!({ "jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": params }));
        let progress = wire.recv().await;
        assert_eq!(progress["params"]["progressToken"], 7);
        assert_eq!(progress["params"].get("message"), message.as_ref());
        assert_eq!(wire.recv().await["id"], 1);
    }
}

#[tokio::test]
async fn forms_are_asked_where_the_revision_has_them() {
    for (revision, asks) in [
        ("2024-11-05", false),
        ("2025-03-26", false),
        ("2025-06-18", true),
        ("2025-11-25", true),
    ] {
        let wire = session(revision).await;
        wire.send(&json!({
            "jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": { "name": "ask" },
        }));
        let next = wire.recv().await;
        if !asks {
            assert_eq!(next["result"]["isError"], true, "{revision}: {next}");
            continue;
        }
        assert_eq!(next["method"], "elicitation/create", "{revision}");
        let result = json!({ "action": "decline" });
        wire.send(&json!({ "jsonrpc": "2.0", "id": next["id"], "result": result }));
        assert_eq!(text(&wire.recv().await), "Declined");
    }
}

#[tokio::test]
async fn an_unknown_revision_is_answered_with_the_newest_that_has_sessions() {
    for wanted in ["1999-01-01", "2026-07-28", "2030-01-01", ""] {
        let wire = Wire::stateless(everything::Server).await;
        let answer = wire.initialize(wanted, json!({})).await;
        assert_eq!(
            answer["result"]["protocolVersion"], "2025-11-25",
            "{wanted}"
        );
    }
}

#[tokio::test]
async fn requests_are_served_before_the_client_says_it_is_initialized() {
    let wire = Wire::stateless(everything::Server).await;
    assert_eq!(wire.bare("ping", json!({})).await["result"], json!({}));
    wire.initialize("2025-06-18", json!({})).await;
    assert_eq!(wire.bare("ping", json!({})).await["result"], json!({}));
    assert_eq!(call(&wire, "number").await["content"][0]["text"], "7");
}

#[tokio::test]
async fn a_session_is_opened_once() {
    let wire = session("2025-06-18").await;
    let again = wire.initialize("2025-11-25", json!({})).await;
    assert_eq!(code(&again), -32600);
    assert_eq!(
        call(&wire, "number").await["structuredContent"]["result"],
        7
    );
}

#[tokio::test]
async fn stateless_methods_do_not_exist_in_sessions() {
    let wire = session("2025-11-25").await;
    for method in ["server/discover", "subscriptions/listen", "tasks/get"] {
        assert_eq!(
            code(&wire.bare(method, json!({})).await),
            -32601,
            "{method}"
        );
    }
}

#[tokio::test]
async fn batches_are_answered_in_the_one_revision_that_has_them() {
    let ping = |id: u32| json!({ "jsonrpc": "2.0", "id": id, "method": "ping" });
    let note = json!({ "jsonrpc": "2.0", "method": "notifications/whatever" });
    for revision in SESSIONS {
        let wire = session(revision).await;
        wire.send(&json!([ping(1), note, ping(2), 3]));
        let answer = wire.recv().await;
        if revision == "2025-03-26" {
            let answers = answer.as_array().unwrap();
            assert_eq!(answers.len(), 3, "{answer}");
            assert!(answers.iter().any(|answer| answer.get("error").is_some()));
        } else {
            assert_eq!(code(&answer), -32600, "{revision}");
        }
    }
}
