//! The JSON-RPC envelope as a client writes and reads it.
//!
//! Written straight into the outgoing bytes; read with the parts that matter borrowed, so that a
//! result is copied once, when it is handed to the caller who waits for it.

use std::borrow::Cow;
use std::sync::Arc;

use purlin_core::protocol::{ErrorObject, Meta, RawJson, RequestId};
use serde::{Deserialize, Deserializer};
use serde_json::Value;
use serde_json::value::RawValue;

/// The parameters of one request: named JSON texts, and the `_meta` that goes with them.
#[derive(Clone, Debug, Default)]
pub(crate) struct Params {
    members: Vec<(Cow<'static, str>, RawJson)>,
    pub(crate) meta: Meta,
    /// Members of `_meta` that are the same in every request, encoded once: `"a":1,"b":2`.
    pub(crate) prefix: Option<Arc<str>>,
}

impl Params {
    /// Sets a member, replacing one of the same name.
    pub(crate) fn set(&mut self, name: impl Into<Cow<'static, str>>, value: impl Into<RawJson>) {
        let (name, value) = (name.into(), value.into());
        match self.members.iter_mut().find(|(known, _)| *known == name) {
            Some(member) => member.1 = value,
            None => self.members.push((name, value)),
        }
    }

    /// Removes a member.
    pub(crate) fn unset(&mut self, name: &str) {
        self.members.retain(|(known, _)| known != name);
    }

    /// The JSON text of a member.
    pub(crate) fn get(&self, name: &str) -> Option<&RawJson> {
        self.members
            .iter()
            .find(|(known, _)| known == name)
            .map(|(_, value)| value)
    }

    /// The members as one text, without `_meta`.
    pub(crate) fn text(&self) -> String {
        let mut text = String::new();
        for (name, value) in &self.members {
            text.extend([name.as_ref(), "=", value.get(), ";"]);
        }
        text
    }

    fn write(&self, out: &mut Vec<u8>) {
        out.push(b'{');
        for (name, value) in &self.members {
            write_key(out, name);
            out.extend_from_slice(value.get().as_bytes());
            out.push(b',');
        }
        if self.has_meta() {
            write_key(out, "_meta");
            self.write_meta(out);
        } else if out.last() == Some(&b',') {
            out.pop();
        }
        out.push(b'}');
    }

    fn write_meta(&self, out: &mut Vec<u8>) {
        out.push(b'{');
        if let Some(prefix) = &self.prefix {
            out.extend_from_slice(prefix.as_bytes());
            out.push(b',');
        }
        for (name, value) in self.meta.as_map() {
            write_key(out, name);
            write_json(out, value);
            out.push(b',');
        }
        out.pop();
        out.push(b'}');
    }

    fn has_meta(&self) -> bool {
        self.prefix.is_some() || !self.meta.is_empty()
    }

    fn is_empty(&self) -> bool {
        self.members.is_empty() && !self.has_meta()
    }
}

impl From<Value> for Params {
    fn from(value: Value) -> Self {
        let mut params = Self::default();
        if let Value::Object(members) = value {
            for (name, value) in members {
                match (name.as_str(), value) {
                    ("_meta", Value::Object(meta)) => params.meta = meta.into(),
                    (_, value) => params.members.push((name.into(), value.into())),
                }
            }
        }
        params
    }
}

fn write_json<T: serde::Serialize + ?Sized>(out: &mut Vec<u8>, value: &T) {
    serde_json::to_writer(out, value).expect("JSON trees and strings always serialise into memory");
}

fn write_key(out: &mut Vec<u8>, name: &str) {
    write_json(out, name);
    out.push(b':');
}

fn open(capacity: usize) -> Vec<u8> {
    let mut out = Vec::with_capacity(capacity);
    out.extend_from_slice(br#"{"jsonrpc":"2.0""#);
    out
}

/// Encodes a request.
pub(crate) fn request(id: i64, method: &str, params: &Params) -> Vec<u8> {
    let mut out = open(256);
    out.extend_from_slice(b",\"id\":");
    write_json(&mut out, &id);
    out.extend_from_slice(b",\"method\":");
    write_json(&mut out, method);
    if !params.is_empty() {
        out.extend_from_slice(b",\"params\":");
        params.write(&mut out);
    }
    out.push(b'}');
    out
}

/// Encodes a notification; empty parameters are left out.
pub(crate) fn notification(method: &str, params: &Params) -> Vec<u8> {
    let mut out = open(128);
    out.extend_from_slice(b",\"method\":");
    write_json(&mut out, method);
    if !params.is_empty() {
        out.extend_from_slice(b",\"params\":");
        params.write(&mut out);
    }
    out.push(b'}');
    out
}

/// Encodes the answer to a request of the server.
pub(crate) fn response(id: &RequestId, outcome: &Result<RawJson, ErrorObject>) -> Vec<u8> {
    let mut out = open(128);
    out.extend_from_slice(b",\"id\":");
    write_json(&mut out, id);
    match outcome {
        Ok(result) => {
            out.extend_from_slice(b",\"result\":");
            out.extend_from_slice(result.get().as_bytes());
        }
        Err(error) => {
            out.extend_from_slice(b",\"error\":");
            write_json(&mut out, error);
        }
    }
    out.push(b'}');
    out
}

/// One message of the server.
#[derive(Debug)]
pub(crate) enum Message<'a> {
    Request {
        id: RequestId,
        method: Cow<'a, str>,
        params: Option<&'a RawValue>,
    },
    Notification {
        method: Cow<'a, str>,
        params: Option<&'a RawValue>,
    },
    /// The id is absent where the server could not read that of the request.
    Response {
        id: Option<RequestId>,
        outcome: Result<&'a RawValue, ErrorObject>,
    },
}

#[derive(Deserialize)]
struct Envelope<'a> {
    #[serde(default)]
    id: Option<RequestId>,
    #[serde(default, borrow)]
    method: Option<Cow<'a, str>>,
    #[serde(default, borrow)]
    params: Option<&'a RawValue>,
    #[serde(default, borrow, deserialize_with = "present")]
    result: Option<&'a RawValue>,
    #[serde(default)]
    error: Option<ErrorObject>,
}

/// Reads a member that may be `null`: absence and `null` stay distinct.
fn present<'de: 'a, 'a, D: Deserializer<'de>>(input: D) -> Result<Option<&'a RawValue>, D::Error> {
    <&RawValue>::deserialize(input).map(Some)
}

/// Reads one message, or the batch that revision 2025-03-26 allows.
///
/// # Errors
/// Says what is wrong; nothing of the frame is delivered then.
pub(crate) fn parse(frame: &[u8]) -> Result<Vec<Message<'_>>, String> {
    let batch = frame.iter().find(|byte| !byte.is_ascii_whitespace()) == Some(&b'[');
    let envelopes: Vec<Envelope<'_>> = if batch {
        serde_json::from_slice(frame)
    } else {
        serde_json::from_slice(frame).map(|envelope| vec![envelope])
    }
    .map_err(|error| format!("a message that is no JSON-RPC message: {error}"))?;
    envelopes.into_iter().map(Message::try_from).collect()
}

impl<'a> TryFrom<Envelope<'a>> for Message<'a> {
    type Error = String;

    fn try_from(envelope: Envelope<'a>) -> Result<Self, String> {
        let Envelope {
            id,
            method,
            params,
            result,
            error,
        } = envelope;
        match (method, result, error) {
            (Some(method), None, None) => Ok(match id {
                Some(id) => Self::Request { id, method, params },
                None => Self::Notification { method, params },
            }),
            (None, Some(result), None) => Ok(Self::Response {
                id,
                outcome: Ok(result),
            }),
            (None, None, Some(error)) => Ok(Self::Response {
                id,
                outcome: Err(error),
            }),
            (None, Some(_), Some(_)) => Err("an answer with both `result` and `error`".to_owned()),
            _ => Err("a message that is neither request, notification nor answer".to_owned()),
        }
    }
}

/// The number of our request that an answer's id names. Some peers answer a number as a string.
pub(crate) fn own_id(id: &RequestId) -> Option<i64> {
    match id {
        RequestId::Number(number) => Some(*number),
        RequestId::String(text) => text.parse().ok(),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn one(text: &str) -> Result<Message<'_>, String> {
        parse(text.as_bytes()).map(|mut all| all.remove(0))
    }

    #[test]
    fn a_request_is_written_member_by_member() {
        let mut params = Params::default();
        params.set("name", json!("a\"b"));
        params.meta.insert("k", 1);
        assert_eq!(
            String::from_utf8(request(7, "tools/call", &params)).unwrap(),
            r#"{"jsonrpc":"2.0","id":7,"method":"tools/call","params":{"name":"a\"b","_meta":{"k":1}}}"#
        );
        assert_eq!(
            request(0, "ping", &Params::default()),
            br#"{"jsonrpc":"2.0","id":0,"method":"ping"}"#
        );
    }

    #[test]
    fn a_null_result_is_a_result() {
        let Ok(Message::Response {
            outcome: Ok(result),
            ..
        }) = one(r#"{"id":1,"result":null}"#)
        else {
            panic!("not a response");
        };
        assert_eq!(result.get(), "null");
    }

    #[test]
    fn an_answer_with_result_and_error_is_refused() {
        assert!(one(r#"{"id":1,"result":{},"error":{"code":1,"message":""}}"#).is_err());
        assert!(one(r#"{"id":1}"#).is_err());
    }

    #[test]
    fn a_batch_gives_each_message() {
        let all = parse(br#" [{"id":1,"result":{}},{"method":"notifications/progress"}]"#).unwrap();
        assert!(matches!(all[0], Message::Response { .. }));
        assert!(matches!(all[1], Message::Notification { params: None, .. }));
    }

    #[test]
    fn numbers_answered_as_strings_are_recognised() {
        assert_eq!(own_id(&RequestId::from("12")), Some(12));
        assert_eq!(own_id(&RequestId::from("x")), None);
    }
}
