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
