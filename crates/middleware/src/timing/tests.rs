use std::time::Duration;

use purlin_core::ToolResult;
use serde_json::json;

use super::Timing;
use crate::fixture::{Wire, Written, server, tool};

#[tokio::test(start_paused = true)]
async fn each_request_is_one_line_with_its_time() {
    let written = Written::default();
    let sink = written.clone();
    let slow = tool("slow", |_, _| async {
        tokio::time::sleep(Duration::from_micros(1_500)).await;
        Ok(ToolResult::new())
    });
    let server = server().middleware(Timing::new().to(move |line| sink.push(line)));
    server.add_tool(slow).unwrap();
    let wire = Wire::to(&server).await;
    wire.call("slow", json!({})).await;
    wire.call("fail", json!({})).await;
    wire.ask("tools/list", json!({})).await;
    assert_eq!(
        written.take(),
        [
            // Tokio's timers have the grain of a millisecond.
            "Request tools/call completed in 2.00ms",
            "Request tools/call failed after 0.00ms",
            "Request tools/list completed in 0.00ms",
        ]
    );
}

#[tokio::test(start_paused = true)]
async fn what_has_no_hook_of_its_own_is_told_with_its_outcome_and_a_stream_is_not_told() {
    let written = Written::default();
    let sink = written.clone();
    let server = server().middleware(Timing::new().to(move |line| sink.push(line)));
    let wire = Wire::to(&server).await;
    // Acknowledged, and open from then on.
    wire.ask("subscriptions/listen", json!({ "notifications": {} }))
        .await;
    let refused = wire.ask("no/such", json!({})).await;
    assert_eq!(refused["error"]["code"], -32601);
    wire.ask("server/discover", json!({})).await;
    let session = Wire::to(&server).await;
    session.open_session().await;
    session.say(&json!({ "jsonrpc": "2.0", "id": 1, "method": "ping" }));
    session.hear().await;
    assert_eq!(
        written.take(),
        [
            "Request no/such failed after 0.00ms",
            "Request server/discover completed in 0.00ms",
            "Request initialize completed in 0.00ms",
            "Request ping completed in 0.00ms",
        ]
    );
}
