use purlin_core::tool::ToolResult;
use serde_json::json;

use crate::wire::{Wire, server, text, tool};

#[tokio::test]
async fn what_is_no_number_is_no_progress() {
    let report = tool("report", |cx| async move {
        for done in [f64::NAN, f64::INFINITY, f64::NEG_INFINITY] {
            cx.progress(done, 1);
        }
        cx.progress(1, f64::INFINITY);
        Ok(ToolResult::text("done"))
    });
    let wire = Wire::to(&server([report])).await;
    let meta = json!({
        "io.modelcontextprotocol/protocolVersion": "2026-07-28",
        "io.modelcontextprotocol/clientCapabilities": {},
        "progressToken": "p",
    });
    let params = json!({ "name": "report", "_meta": meta });
    wire.say(&json!({ "jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": params }));
    let progress = wire.hear().await;
    assert_eq!(
        progress["params"],
        json!({ "progressToken": "p", "progress": 1 })
    );
    assert_eq!(text(&wire.hear().await), "done");
}
