//! From an answer to the value the caller asked for.

use purlin_core::protocol::{CallToolResult, RawJson};
use serde::de::value::{Error as Unfit, StrDeserializer};
use serde::de::{DeserializeOwned, IntoDeserializer};
use serde_json::value::RawValue;
use std::collections::BTreeMap;

use crate::Result;
use crate::error::ClientError;

/// Decodes a result by the type of the method that was asked.
pub(super) fn result<R: DeserializeOwned>(raw: &RawJson) -> Result<R> {
    raw.decode()
        .map_err(|error| ClientError::decode("the result", error))
}

/// Decodes what a tool answered.
///
/// Structured content is the answer where there is any. Revisions that allow only objects there
/// carry other values as `{"result": …}`, which is undone when the whole does not fit `T`. Without
/// structured content the text is the answer: as it is for strings, as JSON for everything else.
///
/// # Errors
/// [`ErrorKind::Tool`](crate::ErrorKind::Tool) when the tool failed, `Decode` when nothing fits.
pub(super) fn tool_result<T: DeserializeOwned>(result: CallToolResult) -> Result<T> {
    if result.is_error {
        return Err(ClientError::tool(result));
    }
    match &result.structured_content {
        Some(structured) => from_structured(structured).or_else(|error| {
            // Asked for a plain string: the text is what the tool says in words.
            from_words(&result.text()).ok_or(error)
        }),
        None => from_text(&result),
    }
    .map_err(|error| ClientError::decode("what the tool answered", error))
}

fn from_structured<T: DeserializeOwned>(structured: &RawJson) -> serde_json::Result<T> {
    structured
        .decode()
        .or_else(|error| match lone_result(structured) {
            Some(inner) => serde_json::from_str(inner.get()),
            None => Err(error),
        })
}

fn lone_result(structured: &RawJson) -> Option<&RawValue> {
    let members: BTreeMap<&str, &RawValue> = serde_json::from_str(structured.get()).ok()?;
    (members.len() == 1)
        .then(|| members.get("result").copied())
        .flatten()
}

fn from_text<T: DeserializeOwned>(result: &CallToolResult) -> serde_json::Result<T> {
    if result.content.is_empty() {
        return serde_json::from_str("null");
    }
    let text = result.text();
    // JSON first, so that a number is a number and a tree is a tree; but a text that happens to
    // look like JSON still is the string the caller asked for.
    serde_json::from_str(&text).or_else(|error| from_words(&text).ok_or(error))
}

fn from_words<T: DeserializeOwned>(text: &str) -> Option<T> {
    let words: StrDeserializer<'_, Unfit> = text.into_deserializer();
    T::deserialize(words).ok()
}

#[cfg(test)]
mod tests {
    use std::fmt::Debug;

    use serde::Deserialize;
    use serde_json::{Value, json};

    use super::*;
    use crate::ErrorKind;

    #[allow(clippy::needless_pass_by_value)] // For the sake of the calls.
    fn check<T: DeserializeOwned + PartialEq + Debug>(answer: &Value, expected: T) {
        let answer = CallToolResult::deserialize(answer).unwrap();
        assert_eq!(tool_result::<T>(answer).unwrap(), expected);
    }

    fn text(text: &str) -> Value {
        json!({"content": [{"type": "text", "text": text}]})
    }

    #[derive(Debug, PartialEq, Deserialize)]
    struct Outcome {
        result: i64,
    }

    #[test]
    fn structured_content_is_the_answer() {
        check(
            &json!({"content": [], "structuredContent": {"result": 5}}),
            Outcome { result: 5 },
        );
        check(
            &json!({"content": [], "structuredContent": [1, 2]}),
            vec![1, 2],
        );
        check(
            &json!({"content": [], "structuredContent": null}),
            None::<i64>,
        );
    }

    #[test]
    fn a_wrapped_value_is_unwrapped() {
        check(
            &json!({"content": [], "structuredContent": {"result": 5}}),
            5,
        );
        check(
            &json!({"content": [], "structuredContent": {"result": [1]}}),
            vec![1],
        );
    }

    #[test]
    fn text_is_the_answer_where_nothing_is_structured() {
        check(&text("hello"), "hello".to_owned());
        check(&text("5"), 5);
        check(&text("[1,2]"), vec![1, 2]);
        check(&json!({"content": []}), ());
    }

    #[test]
    fn text_that_looks_like_json_is_still_a_string() {
        check(&text("5"), "5".to_owned());
        check(&text("{\"a\":1}"), "{\"a\":1}".to_owned());
    }

    #[test]
    fn a_failed_tool_is_an_error_with_its_answer() {
        let answer = serde_json::from_value(
            json!({"isError": true, "content": [{"type": "text", "text": "no"}]}),
        );
        let error = tool_result::<String>(answer.unwrap()).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Tool);
        assert_eq!(error.to_string(), "the tool failed: no");
        assert!(error.tool_result().unwrap().is_error);
    }

    #[test]
    fn what_does_not_fit_is_said() {
        let answer = serde_json::from_value(text("hello")).unwrap();
        assert_eq!(
            tool_result::<i64>(answer).unwrap_err().kind(),
            ErrorKind::Decode
        );
    }
}
