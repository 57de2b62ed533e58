//! Nonces that need no memory: a time and our code over it.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use ring::hmac;

use crate::random;

/// How long a nonce is good, in seconds.
const GOOD_FOR: u64 = 300;
/// How much the clocks of replicas may differ, in seconds.
const AHEAD: u64 = 60;
const LEAST_KEY: usize = 32;

#[derive(Clone)]
pub(super) struct Nonces(hmac::Key);

impl Nonces {
    pub(super) fn random() -> Self {
        Self(hmac::Key::new(hmac::HMAC_SHA256, &random::bytes::<32>()))
    }

    pub(super) fn new(key: &[u8]) -> Option<Self> {
        (key.len() >= LEAST_KEY).then(|| Self(hmac::Key::new(hmac::HMAC_SHA256, key)))
    }

    /// The nonce of this time.
    pub(super) fn at(&self, now: u64) -> String {
        let time = now.to_be_bytes();
        let code = hmac::sign(&self.0, &message(&time));
        URL_SAFE_NO_PAD.encode([&time, code.as_ref()].concat())
    }

    /// Whether a nonce is ours, and not too old.
    pub(super) fn knows(&self, nonce: &str, now: u64) -> bool {
        let Ok(bytes) = URL_SAFE_NO_PAD.decode(nonce) else {
            return false;
        };
        let Some((time, code)) = bytes.split_first_chunk::<8>() else {
            return false;
        };
        let made = u64::from_be_bytes(*time);
        let is_recent = made <= now.saturating_add(AHEAD) && now.saturating_sub(made) <= GOOD_FOR;
        is_recent && hmac::verify(&self.0, &message(time), code).is_ok()
    }
}

/// The key may serve something else besides.
fn message(time: &[u8; 8]) -> Vec<u8> {
    [b"purlin dpop nonce", &time[..]].concat()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_nonce_is_good_for_five_minutes_and_ours_alone() {
        let nonces = Nonces::new(&[1; 32]).unwrap();
        let nonce = nonces.at(1_000);
        for (now, good) in [(1_000, true), (1_300, true), (1_301, false), (939, false)] {
            assert_eq!(nonces.knows(&nonce, now), good, "{now}");
        }
        assert!(Nonces::new(&[1; 32]).unwrap().knows(&nonce, 1_000));
        assert!(!Nonces::random().knows(&nonce, 1_000));
        for wrong in ["", "AA", &nonce[1..], &format!("{nonce}A"), "\u{e4}"] {
            assert!(!nonces.knows(wrong, 1_000), "{wrong}");
        }
        assert!(Nonces::new(&[1; 31]).is_none());
    }
}
