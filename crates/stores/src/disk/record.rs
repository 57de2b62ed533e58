//! A record as it lies in the file.
//!
//! Version (1 byte), expiry in milliseconds since 1970 (8 bytes, 0 for never), BLAKE2b-128 over key
//! and all the rest (16 bytes), value.

use std::time::Duration;

use bytes::Bytes;
use orion::hazardous::hash::blake2::blake2b::Blake2b;
use purlin_core::store::{Key, MAX_TTL, Stored};

const VERSION: u8 = 1;
const EXPIRY: usize = 8;
const DIGEST: usize = 16;
const HEAD: usize = 1 + EXPIRY + DIGEST;

/// A record that is whole.
#[derive(Debug)]
pub(super) struct Record {
    pub(super) value: Bytes,
    /// Milliseconds since 1970; 0 for never.
    pub(super) expires: u64,
}

/// The name of a record. The length of the collection keeps its end apart from the key.
pub(super) fn name(at: Key<'_>) -> Vec<u8> {
    // A checked collection is shorter than 64 KiB.
    let length = u16::try_from(at.collection.len()).unwrap_or(u16::MAX);
    let length = length.to_be_bytes();
    [&length[..], at.collection.as_bytes(), at.key.as_bytes()].concat()
}

/// When something expires that lives for `ttl` from `now` on; rounded up, and 0 for never.
pub(super) fn expiry(ttl: Option<Duration>, now: u64) -> u64 {
    let millis = |ttl: Duration| {
        let millis = ttl.min(MAX_TTL).as_nanos().div_ceil(1_000_000);
        u64::try_from(millis).unwrap_or(u64::MAX)
    };
    ttl.map_or(0, |ttl| now.saturating_add(millis(ttl)).max(1))
}

impl Record {
    pub(super) fn is_alive(&self, now: u64) -> bool {
        self.expires == 0 || self.expires > now
    }

    pub(super) fn into_stored(self, now: u64) -> Stored {
        let left = Duration::from_millis(self.expires.saturating_sub(now));
        Stored::new(self.value, (self.expires != 0).then_some(left))
    }

    pub(super) fn encode(&self, name: &[u8]) -> Vec<u8> {
        let expires = self.expires.to_be_bytes();
        let digest = digest(name, expires, &self.value);
        [&[VERSION][..], &expires, &digest, &self.value].concat()
    }

    /// `None` for what was not written under this name, whole and in this version.
    pub(super) fn decode(name: &[u8], bytes: &[u8]) -> Option<Self> {
        let (head, value) = bytes.split_at_checked(HEAD)?;
        let (version, rest) = head.split_first()?;
        let (expires, written) = rest.split_at_checked(EXPIRY)?;
        let expires = expires.try_into().ok()?;
        if *version != VERSION || written != digest(name, expires, value) {
            return None;
        }
        Some(Self {
            value: Bytes::copy_from_slice(value),
            expires: u64::from_be_bytes(expires),
        })
    }
}

/// The length of the name keeps its end apart from what follows.
fn digest(name: &[u8], expires: [u8; EXPIRY], value: &[u8]) -> [u8; DIGEST] {
    let length = (name.len() as u64).to_be_bytes();
    let parts = [&[VERSION][..], &length, name, &expires, value];
    let hash = || {
        let mut hash = Blake2b::new(DIGEST)?;
        for part in parts {
            hash.update(part)?;
        }
        let digest = hash.finalize()?;
        digest
            .as_ref()
            .try_into()
            .map_err(|_| orion::errors::UnknownCryptoError)
    };
    hash().expect("BLAKE2b has digests of 16 bytes and takes any input in one go")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn any_changed_byte_or_name_is_noticed() {
        let name = name(Key::new("c", "k"));
        let record = Record {
            value: "value".into(),
            expires: 7,
        };
        let bytes = record.encode(&name);
        assert_eq!(Record::decode(&name, &bytes).unwrap().value, "value");
        assert!(Record::decode(b"other", &bytes).is_none());
        for length in 0..bytes.len() {
            assert!(Record::decode(&name, &bytes[..length]).is_none());
        }
        for byte in 0..bytes.len() {
            let mut changed = bytes.clone();
            changed[byte] ^= 1;
            assert!(Record::decode(&name, &changed).is_none(), "byte {byte}");
        }
    }
}
