//! What a secret is known by, once it is forgotten.

use std::fmt;

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use ring::{digest, hmac};
use serde::{Deserialize, Serialize};

use crate::random;

/// The SHA-256 of a secret with at least 128 random bits. A password is no such secret.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub(crate) struct Digest([u8; 32]);

impl Digest {
    pub(crate) fn of(secret: &[u8]) -> Self {
        let mut bytes = [0; 32];
        bytes.copy_from_slice(digest::digest(&digest::SHA256, secret).as_ref());
        Self(bytes)
    }

    /// Reads what [`Display`](fmt::Display) wrote.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        let bytes = URL_SAFE_NO_PAD.decode(text).ok()?;
        Some(Self(bytes.try_into().ok()?))
    }

    /// Whether it is the digest of this secret, in a time that does not depend on where they
    /// differ.
    pub(crate) fn is_of(&self, secret: &[u8]) -> bool {
        // Under a key that nobody knows, comparing tells nothing of the digests.
        let key = hmac::Key::new(hmac::HMAC_SHA256, &random::bytes::<32>());
        let tag = hmac::sign(&key, &self.0);
        hmac::verify(&key, &Self::of(secret).0, tag.as_ref()).is_ok()
    }
}

/// As a key of a store, and as a name in claims.
impl fmt::Display for Digest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&URL_SAFE_NO_PAD.encode(self.0))
    }
}

impl fmt::Debug for Digest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Digest([redacted])")
    }
}
