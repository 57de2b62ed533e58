//! What ties an answer to a line of the log.

use std::{
    fmt,
    fmt::Write as _,
    sync::atomic::{AtomicU64, Ordering},
};

/// What ties an answer to a line of the log: 24 hexadecimal digits that no other
/// failure has.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct CorrelationId(String);

impl CorrelationId {
    /// A new one.
    pub(super) fn new() -> Self {
        static COUNT: AtomicU64 = AtomicU64::new(0);
        let mut bytes = [0; 12];
        if getrandom::fill(&mut bytes).is_err() {
            // Without randomness it is still unlike those before it.
            let count = COUNT.fetch_add(1, Ordering::Relaxed).to_be_bytes();
            bytes[4..].copy_from_slice(&count);
        }
        let mut text = String::with_capacity(24);
        for byte in bytes {
            let _ = write!(text, "{byte:02x}");
        }
        Self(text)
    }

    /// The digits.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for CorrelationId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}
