use std::time::Duration;

use purlin::{prelude::*, protocol::CreateMessageParams};
use serde_json::{Value, json};

use crate::wire::{Gate, Wire, text};

struct Waiting(Gate);

#[mcp_server]
impl Waiting {
    /// Waits for the gate.
    #[mcp_tool]
    async fn wait(&self) -> &'static str {
        self.0.pass().await;
        "waited"
    }

    /// Asks the model.
    #[mcp_tool]
    async fn ask(&self, cx: &Context) -> Result<String> {
        let question = CreateMessageParams::new(10).user("?");
        Ok(cx.sample(question).await?.text())
    }

    /// Waits for the gate, in vain.
    #[mcp_tool(timeout = "2s")]
    async fn hang(&self) -> &'static str {
        self.0.pass().await;
        "never"
    }

    /// Answers at once.
    #[mcp_tool]
    fn quick(&self) -> &'static str {
        "quick"
    }
}

fn call(id: &Value, tool: &str) -> Value {
    json!({ "jsonrpc": "2.0", "id": id, "method": "tools/call", "params": { "name": tool } })
}

fn cancel(wire: &Wire, id: &Value) {
    wire.notify("notifications/cancelled", json!({ "requestId": id }));
}

#[tokio::test]
async fn a_cancelled_request_is_dropped_and_never_answered() {
    let gate = Gate::new();
    let wire = Wire::session(Waiting(gate.clone()), "2025-11-25", json!({})).await;
    wire.send(&call(&json!(1), "wait"));
    gate.reached().await;
    cancel(&wire, &json!(1));
    gate.left().await;
    gate.open();
    wire.send(&call(&json!(2), "quick"));
    assert_eq!(wire.recv().await["id"], 2);
}

#[tokio::test]
async fn a_stateless_request_can_be_cancelled_too() {
    let gate = Gate::new();
    let wire = Wire::stateless(Waiting(gate.clone())).await;
    wire.start(json!("a"), "tools/call", json!({ "name": "wait" }));
    gate.reached().await;
    cancel(&wire, &json!("a"));
    gate.left().await;
    assert_eq!(text(&wire.call("quick").await), "quick");
}

#[tokio::test]
async fn a_stateless_request_beside_a_session_can_be_cancelled() {
    let gate = Gate::new();
    let wire = Wire::session(Waiting(gate.clone()), "2025-11-25", json!({})).await;
    wire.start(json!("a"), "tools/call", json!({ "name": "wait" }));
    gate.reached().await;
    cancel(&wire, &json!("a"));
    gate.left().await;
    assert_eq!(text(&wire.call("quick").await), "quick");
}

#[tokio::test]
async fn cancelling_what_is_not_there_does_nothing() {
    let gate = Gate::new();
    let wire = Wire::session(Waiting(gate.clone()), "2025-11-25", json!({})).await;
    wire.send(&call(&json!(1), "wait"));
    gate.reached().await;
    // An id of another type is another id.
    for id in [json!("1"), json!(2), json!(null), json!({})] {
        cancel(&wire, &id);
    }
    wire.notify("notifications/cancelled", json!({}));
    gate.open();
    let answer = wire.recv().await;
    assert_eq!((&answer["id"], text(&answer)), (&json!(1), "waited"));
    // Too late: it is answered already.
    cancel(&wire, &json!(1));
    wire.send(&call(&json!(2), "quick"));
    assert_eq!(wire.recv().await["id"], 2);
}

#[tokio::test]
async fn an_answer_to_a_cancelled_question_does_no_harm() {
    let wire = Wire::session(
        Waiting(Gate::new()),
        "2025-11-25",
        json!({ "sampling": {} }),
    )
    .await;
    wire.send(&call(&json!(1), "ask"));
    let question = wire.recv().await;
    assert_eq!(question["method"], "sampling/createMessage");
    cancel(&wire, &json!(1));
    let content = json!({ "type": "text", "text": "late" });
    let result = json!({ "role": "assistant", "model": "m", "content": content });
    wire.send(&json!({ "jsonrpc": "2.0", "id": question["id"], "result": result }));
    wire.send(&json!({ "jsonrpc": "2.0", "id": question["id"], "result": result }));
    wire.send(&json!({ "jsonrpc": "2.0", "id": 999, "result": {} }));
    wire.send(&call(&json!(2), "quick"));
    let answer = wire.recv().await;
    assert_eq!((&answer["id"], text(&answer)), (&json!(2), "quick"));
}

#[tokio::test(start_paused = true)]
async fn a_call_that_takes_too_long_is_stopped_and_answered() {
    let gate = Gate::new();
    let wire = Wire::stateless(Waiting(gate.clone())).await;
    let begun = tokio::time::Instant::now();
    let answer = wire.call("hang").await;
    assert_eq!(answer["result"]["isError"], true, "{answer}");
    assert_eq!(begun.elapsed().as_secs(), Duration::from_secs(2).as_secs());
    gate.left().await;
}

#[tokio::test]
async fn the_end_of_the_connection_cancels_everything() {
    let gate = Gate::new();
    let wire = Wire::session(Waiting(gate.clone()), "2025-06-18", json!({})).await;
    wire.send(&call(&json!(1), "wait"));
    wire.start(json!(2), "tools/call", json!({ "name": "wait" }));
    gate.reached().await;
    gate.reached().await;
    drop(wire);
    gate.left().await;
    gate.left().await;
}
