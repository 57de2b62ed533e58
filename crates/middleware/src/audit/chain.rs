//! Lines that hang together.

use std::{fmt, str::FromStr};

use hmac::{Hmac, KeyInit as _, Mac as _};
use sha2::{Digest as _, Sha256};

use super::AuditEvent;

/// How many bytes a hash has.
const HASH: usize = 32;

/// What comes before the hash of a record, at its end.
pub(super) const HASH_MEMBER: &str = ",\"hash\":\"";

/// The last record of a chain: its number and its hash. As text `12:3f…`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Head {
    /// The number of the record; the first is 1.
    pub sequence: u64,
    pub(super) hash: String,
}

impl Head {
    /// What the first record follows.
    pub(super) fn start() -> Self {
        Self {
            sequence: 0,
            hash: "0".repeat(2 * HASH),
        }
    }
}

impl fmt::Display for Head {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.sequence, self.hash)
    }
}

/// A text that is no [`Head`].
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct InvalidHead;

impl fmt::Display for InvalidHead {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a head is a number, a colon, and 64 hexadecimal digits")
    }
}

impl std::error::Error for InvalidHead {}

impl FromStr for Head {
    type Err = InvalidHead;

    fn from_str(text: &str) -> Result<Self, InvalidHead> {
        let (sequence, hash) = text.trim().split_once(':').ok_or(InvalidHead)?;
        let sequence = sequence.parse().map_err(|_| InvalidHead)?;
        if !is_hash(hash) {
            return Err(InvalidHead);
        }
        Ok(Self {
            sequence,
            hash: hash.to_owned(),
        })
    }
}

pub(super) fn is_hash(text: &str) -> bool {
    text.len() == 2 * HASH
        && text
            .bytes()
            .all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'))
}

/// How records are hashed.
#[derive(Clone)]
pub(super) enum Hasher {
    Plain,
    Keyed(Box<Hmac<Sha256>>),
}

impl Hasher {
    pub(super) fn new(key: Option<&[u8]>) -> Self {
        match key {
            None => Self::Plain,
            Some(key) => {
                let mac = Hmac::new_from_slice(key).expect("HMAC takes keys of any length");
                Self::Keyed(Box::new(mac))
            }
        }
    }

    /// The hash of a record without its hash, in hexadecimal.
    pub(super) fn hash(&self, body: &str) -> String {
        let mut text = String::with_capacity(2 * HASH);
        match self {
            Self::Plain => hex_into(&mut text, &Sha256::digest(body.as_bytes())),
            Self::Keyed(mac) => {
                let mut mac = mac.clone();
                mac.update(body.as_bytes());
                hex_into(&mut text, &mac.finalize().into_bytes());
            }
        }
        text
    }
}

fn hex_into(out: &mut String, bytes: &[u8]) {
    use fmt::Write as _;
    for byte in bytes {
        let _ = write!(out, "{byte:02x}");
    }
}

/// Where a chain has got to.
pub(super) struct Chain {
    hasher: Hasher,
    head: Head,
}

impl Chain {
    pub(super) fn new(key: Option<&[u8]>, head: Option<Head>) -> Self {
        Self {
            hasher: Hasher::new(key),
            head: head.unwrap_or_else(Head::start),
        }
    }

    /// The line of the next record, and the head there will be with it. The
    /// chain goes on only when it is told that the line was kept.
    pub(super) fn next(&self, event: &AuditEvent) -> (String, Head) {
        let sequence = self.head.sequence + 1;
        let mut line = event.body(sequence, &self.head.hash);
        let hash = self.hasher.hash(&line);
        line.push_str(HASH_MEMBER);
        line.push_str(&hash);
        line.push_str("\"}");
        (line, Head { sequence, hash })
    }

    pub(super) fn advance(&mut self, head: Head) {
        self.head = head;
    }
}
