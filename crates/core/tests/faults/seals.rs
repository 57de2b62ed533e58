use purlin_core::{KeyRing, Server, tool::ToolResult};
use serde_json::{Value, json};

use crate::wire::{Wire, server, text, tool};

/// A server that asks, with pages of one tool.
fn asking(keys: &KeyRing) -> Server {
    let ask = |name: &str| {
        tool(name, |cx| async move {
            let form = json!({ "type": "object", "properties": { "x": { "type": "string" } } });
            cx.elicit_form("Well?", form).key("well").await?;
            Ok(ToolResult::text("answered"))
        })
    };
    server([ask("ask"), ask("other")])
        .page_size(1)
        .key_ring(keys.clone())
}

fn answered(name: &str, state: &Value) -> Value {
    let answers = json!({ "well": { "action": "accept", "content": { "x": "y" } } });
    json!({ "name": name, "arguments": {}, "inputResponses": answers, "requestState": state })
}

#[tokio::test]
async fn a_state_opens_for_its_own_tool_and_arguments_only() {
    let wire = Wire::to(&asking(&KeyRing::default())).await;
    let state = wire.call("ask").await["result"]["requestState"].clone();
    let other = wire.ask("tools/call", answered("other", &state)).await;
    assert_eq!(other["error"]["code"], -32602);
    let mut params = answered("ask", &state);
    params["arguments"] = json!({ "more": 1 });
    let changed = wire.ask("tools/call", params).await;
    assert_eq!(changed["error"]["code"], -32602);
    let own = wire.ask("tools/call", answered("ask", &state)).await;
    assert_eq!(text(&own), "answered");
}

#[tokio::test]
async fn a_state_with_any_character_changed_is_refused_in_the_same_words() {
    let wire = Wire::to(&asking(&KeyRing::default())).await;
    let state = wire.call("ask").await["result"]["requestState"].clone();
    let state = state.as_str().unwrap();
    let mut refusals = std::collections::BTreeSet::new();
    for index in 0..state.len() {
        let other = if &state[index..=index] == "A" {
            "B"
        } else {
            "A"
        };
        let changed = format!("{}{other}{}", &state[..index], &state[index + 1..]);
        let answer = wire
            .ask("tools/call", answered("ask", &json!(changed)))
            .await;
        assert_eq!(answer["error"]["code"], -32602, "at {index}: {answer}");
        refusals.insert(answer["error"]["message"].to_string());
    }
    assert_eq!(refusals.len(), 1, "{refusals:?}");
}

#[tokio::test]
async fn a_state_outlives_one_change_of_keys_and_not_two() {
    let keys = KeyRing::new([[1; 32]]);
    let wire = Wire::to(&asking(&keys)).await;
    let state = wire.call("ask").await["result"]["requestState"].clone();
    keys.rotate([2; 32]);
    let answer = wire.ask("tools/call", answered("ask", &state)).await;
    assert_eq!(text(&answer), "answered");
    keys.rotate([3; 32]);
    let answer = wire.ask("tools/call", answered("ask", &state)).await;
    assert_eq!(answer["error"]["code"], -32602);
}

#[tokio::test]
async fn replicas_with_the_same_keys_take_each_other_s_texts() {
    let (one, other) = (KeyRing::new([[7; 32]]), KeyRing::new([[7; 32]]));
    let (one, other) = (
        Wire::to(&asking(&one)).await,
        Wire::to(&asking(&other)).await,
    );
    let state = one.call("ask").await["result"]["requestState"].clone();
    let answer = other.ask("tools/call", answered("ask", &state)).await;
    assert_eq!(text(&answer), "answered");
    let stranger = Wire::to(&asking(&KeyRing::default())).await;
    let answer = stranger.ask("tools/call", answered("ask", &state)).await;
    assert_eq!(answer["error"]["code"], -32602);
}

#[tokio::test]
async fn a_cursor_is_no_state_and_a_state_no_cursor() {
    let wire = Wire::to(&asking(&KeyRing::default())).await;
    let page = wire.ask("tools/list", json!({})).await;
    let cursor = page["result"]["nextCursor"].clone();
    let answer = wire.ask("tools/call", answered("ask", &cursor)).await;
    assert_eq!(answer["error"]["code"], -32602);
    let state = wire.call("ask").await["result"]["requestState"].clone();
    let answer = wire.ask("tools/list", json!({ "cursor": state })).await;
    assert_eq!(answer["error"]["code"], -32602);
}
