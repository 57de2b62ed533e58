use std::time::{Duration, SystemTime, UNIX_EPOCH};

use purlin::prelude::*;
use purlin::transport::memory::connect_from;
use purlin::{Origin, TransportKind};
use serde_json::{Value, json};

use crate::wire::{Gate, MODERN, Wire, code, text};

/// Tools and resources, but no prompts.
#[mcp_server]
mod offering {
    /// Answers at once.
    #[mcp_tool]
    fn quick() -> &'static str {
        "quick"
    }

    #[mcp_resource("offering://news")]
    fn news() -> &'static str {
        "none"
    }
}

/// Tools alone.
#[mcp_server]
mod bare {
    /// Answers at once.
    #[mcp_tool]
    fn quick() -> &'static str {
        "quick"
    }
}

const ID: &str = "io.modelcontextprotocol/subscriptionId";

async fn listen(wire: &Wire, id: Value, filter: Value) -> Value {
    wire.start(
        id,
        "subscriptions/listen",
        json!({ "notifications": filter }),
    );
    wire.recv().await
}

#[tokio::test]
async fn the_acknowledgement_comes_first_and_names_what_is_served() {
    let wire = Wire::stateless(offering::Server).await;
    let everything = json!({
        "toolsListChanged": true, "promptsListChanged": true, "resourcesListChanged": true,
        "resourceSubscriptions": ["offering://news"], "taskIds": ["1"],
    });
    let first = listen(&wire, json!(1), everything.clone()).await;
    assert_eq!(first["method"], "notifications/subscriptions/acknowledged");
    assert_eq!(
        first["params"]["notifications"],
        json!({
            "toolsListChanged": true, "resourcesListChanged": true,
            "resourceSubscriptions": ["offering://news"],
        })
    );
    let wire = Wire::stateless(bare::Server).await;
    let first = listen(&wire, json!(1), everything).await;
    assert_eq!(
        first["params"]["notifications"],
        json!({ "toolsListChanged": true })
    );
}

#[tokio::test]
async fn every_message_carries_the_id_in_its_own_type() {
    for id in [json!(0), json!("0"), json!("é\"")] {
        let wire = Wire::stateless(offering::Server).await;
        let ack = listen(&wire, id.clone(), json!({ "toolsListChanged": true })).await;
        assert_eq!(ack["params"]["_meta"][ID], id);
        wire.server.notify_tools_changed();
        assert_eq!(wire.recv().await["params"]["_meta"][ID], id);
        wire.server.shutdown();
        let end = wire.recv().await;
        assert_eq!((&end["id"], &end["result"]["_meta"][ID]), (&id, &id));
        assert_eq!(end["result"]["resultType"], "complete");
    }
}

#[tokio::test]
async fn streams_hear_what_they_asked_for_and_nothing_else() {
    let wire = Wire::stateless(offering::Server).await;
    listen(&wire, json!("tools"), json!({ "toolsListChanged": true })).await;
    let news = json!({ "resourceSubscriptions": ["offering://news"] });
    listen(&wire, json!("news"), news).await;
    listen(&wire, json!("silence"), json!({})).await;
    wire.server.notify_resources_changed();
    wire.server.notify_resource_updated("offering://other");
    wire.server.notify_tools_changed();
    wire.server.notify_resource_updated("offering://news");
    let mut heard = [wire.recv().await, wire.recv().await];
    heard.sort_by_key(|message| message["method"].to_string());
    assert_eq!(heard[0]["method"], "notifications/resources/updated");
    assert_eq!(heard[0]["params"]["uri"], "offering://news");
    assert_eq!(heard[0]["params"]["_meta"][ID], "news");
    assert_eq!(heard[1]["method"], "notifications/tools/list_changed");
    assert_eq!(heard[1]["params"]["_meta"][ID], "tools");
    assert_eq!(text(&wire.call("quick").await), "quick");
}

#[tokio::test]
async fn a_cancelled_subscription_is_silent() {
    let wire = Wire::stateless(offering::Server).await;
    for id in ["gone", "kept"] {
        listen(&wire, json!(id), json!({ "toolsListChanged": true })).await;
    }
    wire.notify("notifications/cancelled", json!({ "requestId": "gone" }));
    wire.server.notify_tools_changed();
    assert_eq!(wire.recv().await["params"]["_meta"][ID], "kept");
    assert_eq!(text(&wire.call("quick").await), "quick");
}

#[tokio::test]
async fn a_filter_that_is_none_is_refused() {
    let wire = Wire::stateless(offering::Server).await;
    for params in [
        json!({}),
        json!({ "notifications": null }),
        json!({ "notifications": [] }),
        json!({ "notifications": { "toolsListChanged": "yes" } }),
    ] {
        let answer = wire.modern("subscriptions/listen", params).await;
        assert_eq!(code(&answer), -32602);
    }
}

#[tokio::test]
async fn sessions_hear_of_lists_unasked_and_of_resources_they_subscribed_to() {
    let wire = Wire::session(offering::Server, "2025-11-25", json!({})).await;
    wire.server.notify_resource_updated("offering://news");
    wire.server.notify_tools_changed();
    let first = wire.recv().await;
    assert_eq!(first["method"], "notifications/tools/list_changed");
    assert_eq!(first["params"], Value::Null);
    let news = json!({ "uri": "offering://news" });
    let answer = wire.bare("resources/subscribe", news.clone()).await;
    assert_eq!(answer["result"], json!({}));
    wire.server.notify_resource_updated("offering://news");
    let update = wire.recv().await;
    assert_eq!(update["method"], "notifications/resources/updated");
    assert_eq!(update["params"], news);
    wire.bare("resources/unsubscribe", news).await;
    wire.server.notify_resource_updated("offering://news");
    assert_eq!(wire.bare("ping", json!({})).await["result"], json!({}));
}

struct Speaking(Gate);

#[mcp_server]
impl Speaking {
    /// Reports progress and waits for the gate.
    #[mcp_tool]
    async fn talk(&self, cx: &Context) -> &'static str {
        cx.progress(1, 2);
        self.0.pass().await;
        "talked"
    }
}

#[tokio::test]
async fn progress_does_not_travel_with_subscriptions() {
    let gate = Gate::new();
    let wire = Wire::stateless(Speaking(gate.clone())).await;
    listen(&wire, json!("tools"), json!({ "toolsListChanged": true })).await;
    let params = json!({ "name": "talk", "_meta": { "progressToken": "p" } });
    wire.start(json!(1), "tools/call", params);
    let progress = wire.recv().await;
    assert_eq!(progress["method"], "notifications/progress");
    assert_eq!(progress["params"].get("_meta"), None);
    gate.open();
    assert_eq!(wire.recv().await["id"], 1);
}

#[tokio::test(start_paused = true)]
async fn a_stream_ends_with_the_token_of_the_caller_and_not_before() {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap();
    let caller = |expires: u64| Principal::new("alice").with_claim("exp", expires);
    let server = offering::Server.into_server();
    let listening = async |caller: Principal| {
        let origin = Origin::new(TransportKind::Http).with_principal(caller);
        let link = connect_from(&server, origin).await.unwrap();
        let request = json!({
            "jsonrpc": "2.0", "id": 1, "method": "subscriptions/listen",
            "params": {
                "notifications": { "toolsListChanged": true },
                "_meta": {
                    "io.modelcontextprotocol/protocolVersion": MODERN,
                    "io.modelcontextprotocol/clientCapabilities": {},
                },
            },
        });
        link.send(request.to_string().into_bytes());
        let first: Value = serde_json::from_slice(&link.recv().await.unwrap()).unwrap();
        (link, first)
    };
    let started = tokio::time::Instant::now();
    let (link, first) = listening(caller(now.as_secs() + 3_600)).await;
    assert_eq!(first["method"], "notifications/subscriptions/acknowledged");
    let end: Value = serde_json::from_slice(&link.recv().await.unwrap()).unwrap();
    assert_eq!((&end["id"], code(&end)), (&json!(1), 401), "{end}");
    let text = end["error"]["message"].as_str().unwrap();
    assert!(text.contains("subscribe again"), "{text}");
    // Clocks differ: those who verify tokens wait a minute too.
    let lasted = started.elapsed().as_secs();
    assert!((3_650..=3_660).contains(&lasted), "{lasted}");
    server.notify_tools_changed();

    let (link, _) = listening(Principal::new("bob")).await;
    tokio::time::advance(Duration::from_secs(1_000_000)).await;
    server.notify_tools_changed();
    let told: Value = serde_json::from_slice(&link.recv().await.unwrap()).unwrap();
    assert_eq!(told["method"], "notifications/tools/list_changed");
}
