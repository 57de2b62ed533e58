use purlin::{prelude::*, protocol::CreateMessageParams};
use serde_json::json;

use crate::wire::{Wire, code, text};

/// Says what it can.
#[mcp_server]
mod telling {
    use super::*;

    /// Asks the model.
    #[mcp_tool]
    async fn think(cx: &Context) -> Result<String> {
        let question = CreateMessageParams::new(10).user("?");
        Ok(cx.sample(question).await?.text())
    }

    /// Says something in the log.
    #[mcp_tool]
    fn speak(cx: &Context) -> &'static str {
        cx.error("heard?");
        "spoken"
    }
}

#[tokio::test]
async fn capabilities_of_an_earlier_request_do_not_count() {
    let wire = Wire::stateless(telling::Server)
        .await
        .declaring(json!({ "sampling": {} }));
    let asked = wire.call("think").await;
    assert_eq!(asked["result"]["resultType"], "input_required");
    let wire = wire.declaring(json!({}));
    assert_eq!(code(&wire.call("think").await), -32021);
}

#[tokio::test]
async fn the_log_level_of_an_earlier_request_does_not_count() {
    let wire = Wire::stateless(telling::Server).await;
    let params = json!({
        "name": "speak", "_meta": { "io.modelcontextprotocol/logLevel": "debug" },
    });
    wire.start(json!(1), "tools/call", params);
    assert_eq!(wire.recv().await["method"], "notifications/message");
    assert_eq!(text(&wire.recv().await), "spoken");
    assert_eq!(text(&wire.call("speak").await), "spoken");
}

#[tokio::test]
async fn a_session_on_the_same_connection_changes_nothing() {
    let wire = Wire::session(telling::Server, "2025-11-25", json!({ "sampling": {} })).await;
    wire.bare("logging/setLevel", json!({ "level": "debug" }))
        .await;
    assert_eq!(text(&wire.call("speak").await), "spoken");
    assert_eq!(code(&wire.call("think").await), -32021);
    // Nothing is asked by request either: the next message is the next answer.
    let wire = wire.declaring(json!({ "sampling": {} }));
    let asked = wire.call("think").await;
    assert_eq!(asked["result"]["resultType"], "input_required");
}

#[tokio::test]
async fn ids_come_back_as_they_were_sent() {
    let wire = Wire::stateless(telling::Server).await;
    for id in [
        json!(0),
        json!(-7),
        json!(9_007_199_254_740_991_i64),
        json!(""),
        json!("1"),
        json!("\u{1F980} \"quoted\""),
    ] {
        wire.start(id.clone(), "tools/list", json!({}));
        assert_eq!(wire.recv().await["id"], id);
    }
}

#[tokio::test]
async fn requests_without_their_envelope_are_refused() {
    let wire = Wire::stateless(telling::Server).await;
    let version = "io.modelcontextprotocol/protocolVersion";
    let capabilities = "io.modelcontextprotocol/clientCapabilities";
    for meta in [
        json!({ version: "2026-07-28" }),
        json!({ version: "2026-07-28", capabilities: null }),
        json!({ version: "2026-07-28", capabilities: [] }),
        json!({ version: 20_260_728, capabilities: {} }),
        json!({ capabilities: {} }),
    ] {
        let answer = wire.bare("tools/list", json!({ "_meta": meta })).await;
        assert_eq!(code(&answer), -32602, "{meta}");
    }
}

#[tokio::test]
async fn the_stateless_era_has_no_handshake() {
    let wire = Wire::stateless(telling::Server).await;
    for method in [
        "initialize",
        "ping",
        "logging/setLevel",
        "resources/subscribe",
        "resources/unsubscribe",
    ] {
        assert_eq!(
            code(&wire.modern(method, json!({})).await),
            -32601,
            "{method}"
        );
    }
}
