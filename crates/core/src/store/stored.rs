//! A value as it was found.

use std::{fmt, time::Duration};

use bytes::Bytes;

/// The longest time to live that stores keep; a longer one counts as this one.
///
/// A hundred years, so that no store overflows when it adds it to the present.
pub const MAX_TTL: Duration = Duration::from_secs(100 * 365 * 24 * 60 * 60);

/// A value, and how long it will still be there.
#[derive(Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Stored {
    /// The value.
    pub value: Bytes,
    /// How long it will still be there; `None` when it does not expire.
    pub expires_in: Option<Duration>,
}

impl Stored {
    /// A value that expires after `expires_in`, or never.
    pub const fn new(value: Bytes, expires_in: Option<Duration>) -> Self {
        Self { value, expires_in }
    }
}

impl fmt::Debug for Stored {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // A value may be a secret.
        f.debug_struct("Stored")
            .field("value", &format_args!("[{} bytes]", self.value.len()))
            .field("expires_in", &self.expires_in)
            .finish()
    }
}
