//! Schemas that somebody else wrote: whatever they say, values are held against them in bounded time
//! and space, and nothing is fetched for it (a test of libFuzzer's own alarm and memory limit).
//!
//! The input is a schema and a value, each on a line.

use purlin_core::protocol::{RawJson, Schema};
use purlin_core::schema_mistakes;
use serde_json::Value;

/// How many mistakes are told at once.
const MOST: usize = 32;
/// No mistake takes more room, whatever it quotes.
const LONGEST: usize = 16 << 10;

/// Holds the value against the schema.
pub fn check(input: &[u8]) {
    let text = String::from_utf8_lossy(input);
    let (schema, value) = text.split_once('\n').unwrap_or((&text, "null"));
    let (Ok(schema), Ok(value)) = (json(schema), json(value)) else {
        return;
    };
    let anything = schema == Value::Bool(true) || schema == Value::Object(serde_json::Map::new());
    let mistakes = schema_mistakes(&Schema::from(schema), &RawJson::from(value));
    assert!(mistakes.len() <= MOST);
    assert!(
        mistakes
            .iter()
            .all(|it| it.starts_with('$') && it.len() <= LONGEST)
    );
    assert!(!anything || mistakes.is_empty(), "{mistakes:?}");
}

fn json(text: &str) -> serde_json::Result<Value> {
    serde_json::from_str(text)
}
