use proptest::prelude::*;
use purlin_core::{DynamicTool, Server, ToolResult, protocol::Content};
use serde_json::{Value, json};

use super::{ResponseLimit, cut::fit};
use crate::fixture::{Wire, definition, server, text, tool};

const LIMIT: usize = 2_000;

/// A server whose tool `big` answers this.
fn answering(limit: ResponseLimit, result: ToolResult) -> Server {
    let server = server().middleware(limit);
    let big = tool("big", move |_, _| {
        let result = result.clone();
        async move { Ok(result) }
    });
    server.add_tool(big).unwrap();
    server
}

async fn answer(result: ToolResult) -> Value {
    let server = answering(ResponseLimit::bytes(LIMIT), result);
    Wire::to(&server).await.call("big", json!({})).await["result"].clone()
}

#[tokio::test]
async fn what_fits_is_left_alone() {
    let result = answer(ToolResult::text("x".repeat(LIMIT - 100))).await;
    assert_eq!(
        result["content"][0]["text"].as_str().unwrap().len(),
        LIMIT - 100
    );
    assert!(result["_meta"]["purlin/cut"].is_null());
}

#[tokio::test]
async fn text_is_cut_between_characters_and_says_so() {
    let result = answer(ToolResult::text("ä€𝄞".repeat(1_000))).await;
    let text = result["content"][0]["text"].as_str().unwrap();
    let (kept, note) = text.split_once("\n\n").unwrap();
    assert!("ä€𝄞".repeat(1_000).starts_with(kept) && kept.len() > 1_000);
    let missing = 9_000 - kept.len();
    assert_eq!(
        note,
        format!("[cut: {missing} bytes are missing; ask for less]")
    );
    assert_eq!(result["_meta"]["purlin/cut"]["limit"], LIMIT);
    assert!(result["isError"].is_null());
}

#[tokio::test]
async fn structured_content_that_does_not_fit_is_an_error_with_advice() {
    let result = answer(ToolResult::structured(&vec!["item"; 1_000]).unwrap()).await;
    assert_eq!(result["isError"], true);
    assert!(result["structuredContent"].is_null());
    let text = result["content"][0]["text"].as_str().unwrap();
    assert!(
        text.contains("2000 are allowed") && text.contains("Ask for less"),
        "{text}"
    );
}

#[tokio::test]
async fn structured_content_that_fits_stays_whole() {
    let value = json!({ "items": vec!["item"; 180] });
    let result = answer(ToolResult::structured(&value).unwrap()).await;
    assert_eq!(result["structuredContent"], value);
    assert!(
        result["content"][0]["text"]
            .as_str()
            .unwrap()
            .contains("left out")
    );
    assert!(result["isError"].is_null());
}

#[tokio::test]
async fn a_picture_that_does_not_fit_is_left_out() {
    let picture = ToolResult::from_iter([
        Content::text("A map:"),
        Content::image(vec![0; 3 * LIMIT], "image/png"),
        Content::text("Turn left."),
    ]);
    let result = answer(picture).await;
    let texts: Vec<_> = result["content"]
        .as_array()
        .unwrap()
        .iter()
        .map(|block| &block["text"])
        .collect();
    assert_eq!(
        texts,
        [
            "A map:",
            "Turn left.\n\n[left out: 1 blocks that are too large]"
        ]
    );
}

#[tokio::test]
async fn tools_have_limits_of_their_own() {
    let limit = ResponseLimit::bytes(1_000).tool("big", 10_000);
    let server = answering(limit, ToolResult::text("x".repeat(5_000)));
    let wire = Wire::to(&server).await;
    assert_eq!(text(&wire.call("big", json!({})).await).len(), 5_000);
}

#[tokio::test]
async fn a_declared_schema_is_still_met_after_a_cut() {
    let schema = json!({ "type": "string" });
    let definition = definition("words").with_output_schema(schema.into());
    let words = DynamicTool::new(definition, |_, _| async {
        Ok(ToolResult::text("word ".repeat(1_000)))
    });
    let server = server().middleware(ResponseLimit::bytes(LIMIT));
    server.add_tool(words).unwrap();
    let answer = Wire::to(&server).await.call("words", json!({})).await;
    let failed = answer["result"]["isError"] == true;
    assert!(
        failed || answer["result"]["structuredContent"].is_string(),
        "{answer}"
    );
}

fn results() -> impl Strategy<Value = ToolResult> {
    let block = prop_oneof![
        any::<String>().prop_map(Content::text),
        ".{0,3000}".prop_map(Content::text),
        prop::collection::vec(any::<u8>(), 0..3_000)
            .prop_map(|bytes| Content::image(bytes, "image/png")),
    ];
    let blocks = prop::collection::vec(block, 0..6).prop_map(ToolResult::from_iter);
    let structured = prop::collection::vec(any::<String>(), 0..60)
        .prop_map(|items| ToolResult::structured(&items).unwrap());
    let both = (prop::collection::vec(any::<String>(), 0..60), ".{0,3000}")
        .prop_map(|(items, text)| ToolResult::text(text).with_structured(&items).unwrap());
    prop_oneof![blocks, structured, both]
}

proptest! {
    #[test]
    fn whatever_is_cut_fits_and_keeps_its_structure(result in results()) {
        let size = result.encoded_len();
        prop_assume!(size > 1_000);
        let before = result.structured_json().map(str::to_owned);
        let cut = fit(result, size, 1_000);
        prop_assert!(cut.encoded_len() <= 1_000, "{} bytes", cut.encoded_len());
        let after = cut.structured_json().map(str::to_owned);
        prop_assert!(after == before || cut.is_error());
    }
}
