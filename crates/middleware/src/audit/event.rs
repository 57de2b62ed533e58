//! What happened.

use std::time::Duration;

use purlin_core::Principal;
use serde_json::{Map, Value};

use crate::line;

/// How long a text may be, in characters.
const MAX_TEXT: usize = 2_000;
/// How many fields an event may have.
const MAX_FIELDS: usize = 32;
/// The fields that tie a record to the others. No event can have them.
const RESERVED: [&str; 4] = ["seq", "time", "prev", "hash"];

/// How something ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Outcome {
    /// As it should.
    Ok,
    /// It failed.
    Error,
    /// The caller may not do it.
    Denied,
    /// Nobody waited for the end.
    Cancelled,
}

impl Outcome {
    fn word(self) -> &'static str {
        match self {
            Self::Ok => "ok",
            Self::Error => "error",
            Self::Denied => "denied",
            Self::Cancelled => "cancelled",
        }
    }
}

/// Something to be recorded.
///
/// ```
/// use purlin_core::Principal;
/// use purlin_middleware::audit::{AuditEvent, Outcome};
///
/// let event = AuditEvent::new("login")
///     .by(&Principal::new("alice"))
///     .outcome(Outcome::Denied)
///     .field("reason", "expired");
/// ```
#[derive(Debug, Clone)]
pub struct AuditEvent {
    time: jiff::Timestamp,
    fields: Map<String, Value>,
}

impl AuditEvent {
    /// An event of this name, now.
    pub fn new(event: impl AsRef<str>) -> Self {
        let event_field = Self {
            time: jiff::Timestamp::now(),
            fields: Map::new(),
        };
        event_field.field("event", event.as_ref())
    }

    /// Who did it.
    #[must_use]
    pub fn by(self, who: &Principal) -> Self {
        self.field("subject", who.subject())
            .optional("issuer", who.issuer())
            .optional("client", who.client())
            .optional("tenant", who.tenant())
    }

    /// What it was done to.
    #[must_use]
    pub fn target(self, target: impl AsRef<str>) -> Self {
        self.field("target", target.as_ref())
    }

    /// How it ended.
    #[must_use]
    pub fn outcome(self, outcome: Outcome) -> Self {
        self.field("outcome", outcome.word())
    }

    /// How long it took.
    #[must_use]
    pub fn took(self, took: Duration) -> Self {
        let micros = u64::try_from(took.as_micros()).unwrap_or(u64::MAX);
        self.with("micros", micros.into())
    }

    /// Anything else. A field that there is already is replaced; `seq`, `time`,
    /// `prev` and `hash` belong to the chain and are passed over, and so is what
    /// comes after 32 fields.
    #[must_use]
    pub fn field(self, name: &str, value: &str) -> Self {
        self.with(name, line::cut(value, MAX_TEXT).0.into())
    }

    pub(super) fn optional(self, name: &str, value: Option<&str>) -> Self {
        match value {
            Some(value) => self.field(name, value),
            None => self,
        }
    }

    fn with(mut self, name: &str, value: Value) -> Self {
        let fits = self.fields.len() < MAX_FIELDS || self.fields.contains_key(name);
        if fits && !RESERVED.contains(&name) {
            let name = line::cut(name, line::MAX_TEXT).0;
            self.fields.insert(name.to_owned(), value);
        }
        self
    }

    /// The record up to its hash.
    pub(super) fn body(&self, sequence: u64, prev: &str) -> String {
        let fields = Value::Object(self.fields.clone()).to_string();
        let fields = fields.trim_start_matches('{').strip_suffix('}');
        let time = self.time;
        // serde_json escapes what ends a line, so the record is one.
        format!(
            r#"{{"seq":{sequence},"time":"{time}",{},"prev":"{prev}""#,
            fields.unwrap_or_default()
        )
    }
}
