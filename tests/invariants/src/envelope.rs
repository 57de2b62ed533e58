//! The envelope of JSON-RPC: what is accepted is JSON, says what it says to any reader, and what is
//! refused gets an answer that is one.

use std::collections::BTreeMap;

use purlin_core::wire::{Frame, Inbound, MessageKind, Refusal, parse};
use serde_json::Value;
use serde_json::value::RawValue;

type Object<'a> = BTreeMap<String, &'a RawValue>;

/// Reads a text, as it comes over a wire.
pub fn check(input: &[u8]) {
    match parse(input.to_vec()) {
        Ok(Frame::One(message)) => {
            assert_eq!(message.text().as_bytes(), input);
            says_what_it_says(&message);
        }
        Ok(Frame::Batch(members)) => {
            for member in members {
                match member {
                    Ok(message) => says_what_it_says(&message),
                    Err(refusal) => is_answered(&refusal),
                }
            }
        }
        Err(refusal) => is_answered(&refusal),
    }
}

/// Another reader, which knows nothing of the envelope, reads the same.
fn says_what_it_says(message: &Inbound) {
    let read: Object<'_> = serde_json::from_str(message.text()).unwrap();
    assert_eq!(text(read.get("jsonrpc")).as_deref(), Some("2.0"));
    let (has_id, has_method) = (read.contains_key("id"), read.contains_key("method"));
    match message.kind() {
        MessageKind::Request => assert!(has_id && has_method),
        MessageKind::Notification => assert!(!has_id && has_method),
        MessageKind::Response => assert!(!has_method),
    }
    if let Some(id) = message.id() {
        assert_eq!(read["id"].get(), id, "an id goes back digit for digit");
    }
    if has_method {
        assert_eq!(text(read.get("method")).as_deref(), Some(message.method()));
    }
    if let Some(params) = message.params().filter(|params| params.is_object()) {
        let params: Object<'_> = serde_json::from_str(params.get()).unwrap();
        for (name, value) in params {
            assert_eq!(message.param(&name).unwrap().get(), value.get(), "{name}");
        }
    }
}

fn text(value: Option<&&RawValue>) -> Option<String> {
    serde_json::from_str(value?.get()).ok()
}

fn is_answered(refusal: &Refusal) {
    let answer: Value = serde_json::from_slice(&refusal.reply().body).unwrap();
    assert_eq!(answer["jsonrpc"], "2.0");
    assert_eq!(answer["error"]["code"], refusal.code());
    assert!(answer["error"]["message"].is_string() && answer.get("result").is_none());
    let id = refusal
        .id()
        .map(|id| serde_json::from_str::<Value>(id).unwrap());
    assert!(
        id.as_ref()
            .is_none_or(|id| id.is_string() || id.is_number())
    );
    assert_eq!(answer.get("id"), id.as_ref());
}
