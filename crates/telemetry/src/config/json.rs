//! JSON in a variable or behind a flag, where a list or a table is wanted.

use serde_json::Value as Json;

use super::{
    Node, Origin,
    node::{DEPTH, Value},
};

/// Reads a text; `None` when it is no JSON.
pub(crate) fn read(text: &str, origin: &Origin) -> Option<Value> {
    let json: Json = serde_json::from_str(text).ok()?;
    value(json, origin, DEPTH)
}

fn value(json: Json, origin: &Origin, depth: usize) -> Option<Value> {
    let depth = depth.checked_sub(1)?;
    let node = |json| Some(Node::new(value(json, origin, depth)?, origin.clone()));
    Some(match json {
        Json::Null => Value::Null,
        Json::Bool(value) => Value::Bool(value),
        Json::Number(number) => Value::Number(number.to_string()),
        Json::String(text) => Value::Text(text),
        Json::Array(items) => Value::List(items.into_iter().map(node).collect::<Option<_>>()?),
        Json::Object(members) => Value::Table(
            members
                .into_iter()
                .map(|(name, json)| Some((name, node(json)?)))
                .collect::<Option<_>>()?,
        ),
    })
}
