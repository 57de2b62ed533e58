use std::sync::{
    Arc,
    mpsc::{self, Receiver},
};

use purlin_core::{private::run_blocking, tool::ToolResult};
use serde_json::json;

use crate::wire::{Wire, server, text, tool};

/// As many as may run and wait at once.
const ROOM: usize = 64 + 256;

#[tokio::test]
async fn blocking_calls_beyond_what_may_wait_are_busy_and_hold_up_nobody() {
    let (release, blocked) = mpsc::channel::<()>();
    let blocked = Arc::new(std::sync::Mutex::new(blocked));
    let block = tool("block", move |_| {
        let blocked = Arc::clone(&blocked);
        async move {
            run_blocking(move || wait(&blocked)).await?;
            Ok(ToolResult::text("done"))
        }
    });
    let wire = Wire::to(&server([block])).await;
    let start = |id: usize| {
        let meta = json!({
            "io.modelcontextprotocol/protocolVersion": "2026-07-28",
            "io.modelcontextprotocol/clientCapabilities": {},
        });
        let params = json!({ "name": "block", "arguments": {}, "_meta": meta });
        wire.say(&json!({ "jsonrpc": "2.0", "id": id, "method": "tools/call", "params": params }));
    };
    (0..ROOM).for_each(start);
    for id in ["one", "another"] {
        start(ROOM);
        let busy = wire.hear().await;
        assert_eq!(busy["result"]["isError"], true, "{id}: {busy}");
        assert!(text(&busy).contains("too many"), "{busy}");
    }
    assert_eq!(text(&wire.call("well").await), "well");
    drop(release);
    for _ in 0..ROOM {
        assert_eq!(text(&wire.hear().await), "done");
    }
}

/// Waits for the sender to be dropped.
fn wait(blocked: &std::sync::Mutex<Receiver<()>>) {
    let _ = blocked.lock().unwrap().recv();
}
