//! Holding any JSON against any schema, for whoever got both from somebody else.

use serde_json::Value;

use super::Validator;
use crate::protocol::{RawJson, Schema};

/// How many mistakes are told at once.
const MOST: usize = 32;

/// What is wrong with a value that claims to follow a schema; empty when nothing is.
///
/// Looks at types, choices, limits, members, items, combinations and references inside the schema
/// (JSON Schema 2020-12). Other keywords demand nothing, and nothing is fetched from anywhere.
///
/// ```
/// use purlin_core::protocol::{RawJson, Schema};
/// use purlin_core::schema_mistakes;
/// use serde_json::json;
///
/// let schema = Schema::from(json!({"type": "object", "properties": {"n": {"type": "integer"}}}));
/// assert!(schema_mistakes(&schema, &RawJson::from(json!({"n": 1}))).is_empty());
/// let mistakes = schema_mistakes(&schema, &RawJson::from(json!({"n": "one"})));
/// assert!(mistakes[0].starts_with("$.n "), "{mistakes:?}");
/// ```
pub fn schema_mistakes(schema: &Schema, value: &RawJson) -> Vec<String> {
    let schema: Value = match schema.decode() {
        Ok(schema) => schema,
        Err(error) => return vec![format!("$ has a schema that cannot be read: {error}")],
    };
    let mut mistakes = Vec::new();
    Validator::new(&schema).validate(value.get(), &mut |place, problem| {
        if mistakes.len() < MOST {
            mistakes.push(format!("${place} {problem}"));
        }
    });
    mistakes
}
