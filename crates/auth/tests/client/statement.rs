//! Signed statements, as others read them.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::Value;

fn part(statement: &str, at: usize) -> Value {
    let part = statement.split('.').nth(at).unwrap();
    serde_json::from_slice(&URL_SAFE_NO_PAD.decode(part).unwrap()).unwrap()
}

pub(crate) fn header(statement: &str) -> Value {
    part(statement, 0)
}

/// What it says, verified or not.
pub(crate) fn claims(statement: &str) -> Value {
    part(statement, 1)
}
