//! A record as an item of a table.

use std::{
    collections::HashMap,
    fmt::Write,
    time::{Duration, SystemTime, UNIX_EPOCH},
};

use aws_sdk_dynamodb::{primitives::Blob, types::AttributeValue};
use bytes::Bytes;
use orion::hazardous::hash::sha2::sha256::Sha256;
use purlin_core::store::{Key, MAX_TTL, Stored};

pub(super) const PARTITION: &str = "pk";
pub(super) const SORT: &str = "sk";
pub(super) const BINARY: &str = "val_b";
pub(super) const NUMBER: &str = "val_n";
pub(super) const UNTIL_MS: &str = "until_ms";
/// The attribute for DynamoDB's own time to live, in seconds.
pub(super) const UNTIL_S: &str = "until_s";

/// A sort key has 1,024 bytes.
const LONGEST: usize = 1_000;

pub(super) type Item = HashMap<String, AttributeValue>;

/// Where an item lies.
#[derive(Debug, Clone)]
pub(super) struct Place {
    pub(super) partition: AttributeValue,
    pub(super) sort: AttributeValue,
}

impl Place {
    /// The length of the namespace keeps its end apart from the collection. A sort key may not be
    /// empty, so it begins with a mark, which also tells keys from digests.
    pub(super) fn new(namespace: &str, at: Key<'_>) -> Self {
        let partition = format!("{}:{namespace}{}", namespace.len(), at.collection);
        let sort = match at.key.len() {
            ..=LONGEST => format!("={}", at.key),
            _ => format!("#{}", digest(at.key)),
        };
        Self {
            partition: AttributeValue::S(partition),
            sort: AttributeValue::S(sort),
        }
    }

    pub(super) fn into_item(self) -> Item {
        HashMap::from([
            (PARTITION.to_owned(), self.partition),
            (SORT.to_owned(), self.sort),
        ])
    }
}

fn digest(key: &str) -> String {
    let digest = Sha256::digest(key.as_bytes()).expect("SHA-256 takes any key");
    digest
        .as_ref()
        .iter()
        .fold(String::new(), |mut text, byte| {
            _ = write!(text, "{byte:02x}");
            text
        })
}

/// The attribute that holds a value, and its content: a number if it is a counter's text, so that
/// the service can count.
pub(super) fn content(value: &Bytes) -> (&'static str, AttributeValue) {
    match counter(value) {
        Some(number) => (NUMBER, AttributeValue::N(number.to_string())),
        None => (BINARY, AttributeValue::B(Blob::new(value.to_vec()))),
    }
}

/// Only the one text that a number has.
fn counter(value: &[u8]) -> Option<i64> {
    let text = std::str::from_utf8(value).ok()?;
    let number: i64 = text.parse().ok()?;
    (number.to_string() == text).then_some(number)
}

/// Now, in milliseconds since 1970.
pub(super) fn now() -> u64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH);
    since.map_or(0, |since| {
        u64::try_from(since.as_millis()).unwrap_or(u64::MAX)
    })
}

pub(super) fn number(number: impl Into<i128>) -> AttributeValue {
    AttributeValue::N(number.into().to_string())
}

/// The attributes of an expiry, rounded up.
pub(super) fn until(ttl: Duration, now: u64) -> [(String, AttributeValue); 2] {
    let millis = ttl.min(MAX_TTL).as_nanos().div_ceil(1_000_000);
    let until = now.saturating_add(u64::try_from(millis).unwrap_or(u64::MAX));
    [
        (UNTIL_MS.to_owned(), number(until)),
        (UNTIL_S.to_owned(), number(until.div_ceil(1_000))),
    ]
}

/// What an item holds, if it has not expired.
pub(super) fn stored(item: &Item, now: u64) -> Option<Stored> {
    let value = match (item.get(BINARY), item.get(NUMBER)) {
        (Some(AttributeValue::B(value)), None) => Bytes::copy_from_slice(value.as_ref()),
        (None, Some(AttributeValue::N(number))) => number.clone().into(),
        _ => return None,
    };
    match item.get(UNTIL_MS) {
        None => Some(Stored::new(value, None)),
        Some(AttributeValue::N(until)) => {
            let left = until.parse::<u64>().ok()?.checked_sub(now)?;
            (left > 0).then(|| Stored::new(value, Some(Duration::from_millis(left))))
        }
        // Not ours.
        Some(_) => None,
    }
}
