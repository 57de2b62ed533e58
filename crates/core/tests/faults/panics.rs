use purlin_core::{
    BoxFuture, Error, Result,
    middleware::{AnyMessage, AnyResponse, Middleware, Next},
    tool::ToolResult,
};
use serde_json::json;

use crate::wire::{Wire, server, text, tool};

async fn panic_later() -> Result<ToolResult> {
    tokio::task::yield_now().await;
    panic!("later")
}

#[tokio::test]
async fn ten_thousand_panics_leave_the_server_healthy() {
    let at_once = tool("at_once", |_| -> std::future::Ready<Result<ToolResult>> {
        panic!("at once")
    });
    let later = tool("later", |_| panic_later());
    let wire = Wire::to(&server([at_once, later])).await;
    for _ in 0..5_000 {
        for name in ["at_once", "later"] {
            assert_eq!(wire.call(name).await["result"]["isError"], true);
        }
    }
    assert_eq!(text(&wire.call("well").await), "well");
}

/// Panics where it is asked to.
struct Panicking(&'static str);

impl Middleware for Panicking {
    fn on_message<'a>(
        &'a self,
        message: AnyMessage<'a>,
        next: Next<'a>,
    ) -> BoxFuture<'a, Result<AnyResponse, Error>> {
        assert_ne!(message.method(), self.0);
        Box::pin(async move {
            tokio::task::yield_now().await;
            next.run(message).await
        })
    }
}

#[tokio::test]
async fn middleware_that_panics_fails_one_request() {
    let server = server([]).middleware(Panicking("tools/call"));
    let wire = Wire::to(&server).await;
    for _ in 0..100 {
        let answer = wire.call("well").await;
        assert_eq!(
            (&answer["id"], &answer["error"]["code"]),
            (&json!(1), &json!(-32603))
        );
        assert!(wire.ask("tools/list", json!({})).await["result"].is_object());
    }
}

#[tokio::test]
async fn middleware_that_panics_on_a_notification_answers_nothing() {
    let server = server([]).middleware(Panicking("notifications/heard"));
    let wire = Wire::to(&server).await;
    let meta = json!({
        "io.modelcontextprotocol/protocolVersion": "2026-07-28",
        "io.modelcontextprotocol/clientCapabilities": {},
    });
    wire.say(&json!({
        "jsonrpc": "2.0", "method": "notifications/heard", "params": { "_meta": meta },
    }));
    assert_eq!(text(&wire.call("well").await), "well");
}
