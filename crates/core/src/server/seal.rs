//! Sealed texts: what a client carries for the server and may neither read nor
//! change (request state, cursors).
//!
//! XChaCha20-Poly1305 with a random nonce. What the text is bound to (method,
//! name, arguments, principal) is authenticated beside it, so that a text from
//! one request opens for no other. Every failure looks alike.

use std::{
    sync::{Arc, RwLock},
    time::{Duration, SystemTime, UNIX_EPOCH},
};

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use orion::hazardous::aead::xchacha20poly1305 as aead;

/// The size of a sealing key, in bytes.
pub const KEY_SIZE: usize = 32;

/// A text that a client carries.
const VERSION: u8 = 1;
/// A value in a store.
const VALUE: u8 = 2;
const NONCE: usize = 24;
const TAG: usize = 16;
/// Version, key id, expiry.
const HEAD: usize = 1 + 4 + 8;

/// The keys that seal request states, cursors and what is stored.
///
/// The first key seals; all of them open, so a key can be replaced while texts
/// sealed with the old one are still on their way. Replicas that serve the
/// same clients need the same keys.
#[derive(Clone)]
pub struct KeyRing(Arc<RwLock<Vec<Key>>>);

struct Key {
    id: [u8; 4],
    secret: aead::SecretKey,
}

impl std::fmt::Debug for KeyRing {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("KeyRing([redacted])")
    }
}

impl Default for KeyRing {
    /// A ring with one random key: texts open in this process only.
    fn default() -> Self {
        let mut key = [0; KEY_SIZE];
        fill_random(&mut key);
        Self::new([key])
    }
}

/// Fills a buffer with random bytes of the operating system.
///
/// # Panics
/// When the operating system has no source of randomness, for then no secret
/// can be made.
#[doc(hidden)]
pub fn fill_random(buffer: &mut [u8]) {
    getrandom::fill(buffer).expect("the operating system provides randomness");
}

impl KeyRing {
    /// A ring of given keys; the first one seals.
    ///
    /// ```
    /// use purlin_core::KeyRing;
    ///
    /// let shared_by_all_replicas = [7; 32];
    /// let ring = KeyRing::new([shared_by_all_replicas]);
    /// # let _ = ring;
    /// ```
    ///
    /// # Panics
    /// When no key is given.
    pub fn new(keys: impl IntoIterator<Item = [u8; KEY_SIZE]>) -> Self {
        let keys: Vec<_> = keys.into_iter().map(Key::new).collect();
        assert!(!keys.is_empty(), "a key ring needs at least one key");
        Self(Arc::new(RwLock::new(keys)))
    }

    /// Puts a new sealing key in front and keeps the last one for opening.
    pub fn rotate(&self, key: [u8; KEY_SIZE]) {
        let mut keys = self
            .0
            .write()
            .unwrap_or_else(std::sync::PoisonError::into_inner);
        keys.insert(0, Key::new(key));
        keys.truncate(2);
    }

    /// Seals a value to be stored, which opens with the same `binding` only: what a store is asked
    /// for, so that nobody who can write there can put one value in the place of another.
    ///
    /// ```
    /// # use purlin_core::KeyRing;
    /// let ring = KeyRing::new([[7; 32]]);
    /// let sealed = ring.seal_value(b"attack at dawn", b"orders/1");
    /// assert_eq!(ring.open_value(&sealed, b"orders/1").as_deref(), Some(&b"attack at dawn"[..]));
    /// assert_eq!(ring.open_value(&sealed, b"orders/2"), None);
    /// ```
    pub fn seal_value(&self, plain: &[u8], binding: &[u8]) -> Vec<u8> {
        self.seal_as(VALUE, u64::MAX, plain, binding)
    }

    /// Opens a stored value; `None` whatever is wrong with it.
    pub fn open_value(&self, sealed: &[u8], binding: &[u8]) -> Option<Vec<u8>> {
        self.open_as(VALUE, sealed, binding)
    }

    /// Seals a text that opens for `ttl`, with the same `binding` only.
    pub(crate) fn seal(&self, plain: &[u8], binding: &[u8], ttl: Duration) -> String {
        URL_SAFE_NO_PAD.encode(self.seal_as(VERSION, now() + ttl.as_secs(), plain, binding))
    }

    /// Opens a sealed text; `None` whatever is wrong with it.
    pub(crate) fn open(&self, text: &str, binding: &[u8]) -> Option<Vec<u8>> {
        self.open_as(VERSION, &URL_SAFE_NO_PAD.decode(text).ok()?, binding)
    }

    /// Version and expiry are authenticated too.
    fn seal_as(&self, version: u8, expires: u64, plain: &[u8], binding: &[u8]) -> Vec<u8> {
        let keys = self
            .0
            .read()
            .unwrap_or_else(std::sync::PoisonError::into_inner);
        let key = &keys[0];
        let mut nonce = [0; NONCE];
        fill_random(&mut nonce);
        let mut sealed = vec![0; HEAD + NONCE + plain.len() + TAG];
        sealed[0] = version;
        sealed[1..5].copy_from_slice(&key.id);
        sealed[5..HEAD].copy_from_slice(&expires.to_be_bytes());
        sealed[HEAD..HEAD + NONCE].copy_from_slice(&nonce);
        let associated = [&sealed[..HEAD], binding].concat();
        let body = &mut sealed[HEAD + NONCE..];
        aead::seal(
            &key.secret,
            &aead::Nonce::from(nonce),
            plain,
            Some(&associated),
            body,
        )
        .expect("the buffer has the size of the sealed text");
        sealed
    }

    fn open_as(&self, version: u8, sealed: &[u8], binding: &[u8]) -> Option<Vec<u8>> {
        let (head, rest) = sealed.split_at_checked(HEAD)?;
        let (nonce, body) = rest.split_at_checked(NONCE)?;
        let expires = u64::from_be_bytes(head.get(5..HEAD)?.try_into().ok()?);
        if head.first() != Some(&version) || expires < now() || body.len() < TAG {
            return None;
        }
        let keys = self
            .0
            .read()
            .unwrap_or_else(std::sync::PoisonError::into_inner);
        let key = keys.iter().find(|key| head.get(1..5) == Some(&key.id))?;
        let nonce = aead::Nonce::try_from(nonce).ok()?;
        let associated = [head, binding].concat();
        let mut plain = vec![0; body.len() - TAG];
        aead::open(&key.secret, &nonce, body, Some(&associated), &mut plain).ok()?;
        Some(plain)
    }
}

impl Key {
    fn new(secret: [u8; KEY_SIZE]) -> Self {
        // The id only has to tell a few keys apart: seal nothing with each, keep the tag's start.
        let secret = aead::SecretKey::from(secret);
        let mut tag = [0; TAG];
        aead::seal(
            &secret,
            &aead::Nonce::from([0; NONCE]),
            &[],
            Some(b"purlin key id"),
            &mut tag,
        )
        .expect("the buffer has the size of a tag");
        Self {
            id: [tag[0], tag[1], tag[2], tag[3]],
            secret,
        }
    }
}

fn now() -> u64 {
    SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .map_or(0, |since| since.as_secs())
}

#[cfg(test)]
mod tests {
    use super::*;

    const TTL: Duration = Duration::from_secs(600);

    #[test]
    fn a_text_opens_only_as_it_was_sealed() {
        let ring = KeyRing::default();
        let text = ring.seal(b"secret", b"tools/call\0add", TTL);
        assert_eq!(
            ring.open(&text, b"tools/call\0add").as_deref(),
            Some(&b"secret"[..])
        );
        assert_eq!(ring.open(&text, b"tools/call\0sub"), None);
        assert_eq!(
            ring.open(&format!("{text}-TAMPERED"), b"tools/call\0add"),
            None
        );
        assert_eq!(KeyRing::default().open(&text, b"tools/call\0add"), None);
        assert_eq!(ring.open("", b""), None);
    }

    #[test]
    fn no_changed_byte_opens() {
        let ring = KeyRing::default();
        let text = ring.seal(b"secret", b"", TTL);
        let sealed = URL_SAFE_NO_PAD.decode(&text).unwrap();
        for index in 0..sealed.len() {
            let mut changed = sealed.clone();
            changed[index] ^= 1;
            assert_eq!(
                ring.open(&URL_SAFE_NO_PAD.encode(changed), b""),
                None,
                "byte {index}"
            );
        }
    }

    #[test]
    fn a_text_is_no_value_and_a_value_no_text() {
        let ring = KeyRing::default();
        let value = ring.seal_value(b"secret", b"");
        assert_eq!(ring.open(&URL_SAFE_NO_PAD.encode(&value), b""), None);
        let text = ring.seal(b"secret", b"", TTL);
        let text = URL_SAFE_NO_PAD.decode(text).unwrap();
        assert_eq!(ring.open_value(&text, b""), None);
        assert_eq!(ring.open_value(b"plain", b""), None);
        // An empty value has an empty body and a tag.
        let empty = ring.seal_value(b"", b"");
        assert_eq!(ring.open_value(&empty, b""), Some(Vec::new()));
    }

    #[test]
    fn texts_expire() {
        let ring = KeyRing::default();
        let text = ring.seal(b"secret", b"", Duration::ZERO);
        // It expires at the end of this second.
        assert!(ring.open(&text, b"").is_some() || now() > 0);
        let keys = ring.0.read().unwrap();
        assert_eq!(keys.len(), 1);
    }

    #[test]
    fn the_last_key_still_opens_after_rotation() {
        let ring = KeyRing::new([[1; 32]]);
        let text = ring.seal(b"x", b"", TTL);
        ring.rotate([2; 32]);
        assert!(ring.open(&text, b"").is_some());
        ring.rotate([3; 32]);
        assert!(ring.open(&text, b"").is_none());
    }
}
