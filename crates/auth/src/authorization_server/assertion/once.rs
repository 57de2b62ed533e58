//! Statements that were used.

use std::time::Duration;

use purlin_core::store::StoreResult;
use serde_json::{Map, Value};

use crate::authorization_server::storage::{Records, Storage};

/// Longer than any statement is valid, clocks that differ included.
const REMEMBERED: Duration = Duration::from_secs(2 * 60 * 60);

/// Remembers statements until they end (RFC 7523, section 3, `jti`).
#[derive(Clone, Debug)]
pub(super) struct Once(Records<bool>);

impl Once {
    pub(super) fn new(storage: &Storage, purpose: &str) -> Self {
        Self(storage.records(purpose))
    }

    /// Whether nobody has used a statement of this party before; it is used now.
    pub(super) async fn claim(&self, party: &str, id: &str) -> StoreResult<bool> {
        // With its length before it, no party can write into the ids of another.
        let key = format!("{} {party} {id}", party.len());
        self.0.insert(&key, &true, REMEMBERED).await
    }
}

/// A claim that is a text with something in it.
pub(super) fn text<'a>(claims: &'a Map<String, Value>, name: &str) -> Option<&'a str> {
    let text = claims.get(name).and_then(Value::as_str);
    text.filter(|text| !text.is_empty())
}

/// Whether a statement is for one of these and for nobody else: an audience that somebody else
/// shares could hand it on.
pub(super) fn is_for(claims: &Map<String, Value>, audiences: &[String]) -> bool {
    let one = match claims.get("aud") {
        Some(Value::String(one)) => Some(one.as_str()),
        Some(Value::Array(list)) => match list.as_slice() {
            [one] => one.as_str(),
            _ => None,
        },
        _ => None,
    };
    one.is_some_and(|one| audiences.iter().any(|ours| ours == one))
}
