//! The keys of an authorization server.

use std::{fmt, str::FromStr, sync::Arc};

use base64::{
    Engine as _,
    engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD},
};
use purlin_core::KeyRing;
use ring::{hkdf, hmac};
use zeroize::Zeroizing;

use crate::random;

/// The least that a key has, in bytes.
const LEAST: usize = 32;
const SALT: &[u8] = b"purlin authorization server 1";

/// The keys that seal what an authorization server stores, and sign what it issues.
///
/// Each is at least 32 bytes of randomness, from configuration: `openssl rand -base64 32` makes
/// one. The first seals and signs, all of them open and verify. For every purpose another key is
/// derived (HKDF with SHA-256, RFC 5869), so that no text of one purpose passes for one of another.
///
/// To replace a key where several processes share a store: add the new one at the end everywhere,
/// then put it first everywhere, and take the old one away when the longest lived tokens (30 days)
/// have expired.
///
/// ```
/// use purlin_auth::authorization_server::Keys;
///
/// let keys = Keys::new([[7; 32]])?;
/// assert_eq!(format!("{keys:?}"), "Keys([redacted])");
/// assert!(Keys::new(["too short"]).is_err());
/// # Ok::<(), purlin_auth::authorization_server::InvalidKeys>(())
/// ```
#[derive(Clone)]
pub struct Keys(Arc<[Zeroizing<Vec<u8>>]>);

/// Why keys cannot be used. Names none.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum InvalidKeys {
    /// No key at all.
    None,
    /// One with fewer than 32 bytes.
    Short,
    /// A text that is not base64.
    NotBase64,
}

impl fmt::Display for InvalidKeys {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::None => "no key is given: make one with `openssl rand -base64 32`",
            Self::Short => "a key has fewer than 32 bytes: make one with `openssl rand -base64 32`",
            Self::NotBase64 => "a key is not base64: make one with `openssl rand -base64 32`",
        })
    }
}

impl std::error::Error for InvalidKeys {}

impl Keys {
    /// These keys; the first one seals and signs.
    ///
    /// # Errors
    /// When there is none, or one is shorter than 32 bytes.
    pub fn new<K: AsRef<[u8]>>(keys: impl IntoIterator<Item = K>) -> Result<Self, InvalidKeys> {
        let keys: Vec<_> = keys
            .into_iter()
            .map(|key| Zeroizing::new(key.as_ref().to_vec()))
            .collect();
        match keys.iter().map(|key| key.len()).min() {
            None => Err(InvalidKeys::None),
            Some(length) if length < LEAST => Err(InvalidKeys::Short),
            Some(_) => Ok(Self(keys.into())),
        }
    }

    /// One random key: what it sealed opens in this process only, so every user logs in again when
    /// it restarts. For development.
    ///
    /// # Panics
    /// When the operating system has no source of randomness, for then no secret can be made.
    pub fn random() -> Self {
        let key: [u8; LEAST] = random::bytes();
        Self([Zeroizing::new(key.to_vec())].into())
    }

    /// The ring that seals for a purpose.
    pub(crate) fn ring(&self, purpose: &str) -> KeyRing {
        KeyRing::new(self.0.iter().map(|key| derive(key, purpose)))
    }

    /// The keys that sign for a purpose.
    pub(crate) fn mac(&self, purpose: &str) -> Mac {
        let key = |key: &Zeroizing<Vec<u8>>| {
            let id = derive(key, &format!("{purpose} id"));
            let key = Zeroizing::new(derive(key, purpose));
            MacKey {
                id: URL_SAFE_NO_PAD.encode(&id[..6]),
                key: hmac::Key::new(hmac::HMAC_SHA256, &*key),
            }
        };
        Mac(self.0.iter().map(key).collect())
    }
}

/// Keys in base64, parted by commas or white space, as they stand in an environment variable.
impl FromStr for Keys {
    type Err = InvalidKeys;

    fn from_str(text: &str) -> Result<Self, InvalidKeys> {
        let is_gap = |character: char| character == ',' || character.is_whitespace();
        let texts = text.split(is_gap).filter(|text| !text.is_empty());
        let decode = |text: &str| {
            let decoded = STANDARD
                .decode(text)
                .or_else(|_| URL_SAFE_NO_PAD.decode(text));
            decoded
                .map(Zeroizing::new)
                .map_err(|_| InvalidKeys::NotBase64)
        };
        let keys: Vec<_> = texts.map(decode).collect::<Result<_, _>>()?;
        Self::new(keys.iter().map(|key| key.as_slice()))
    }
}

impl fmt::Debug for Keys {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Keys([redacted])")
    }
}

fn derive(key: &[u8], purpose: &str) -> [u8; 32] {
    let info = [purpose.as_bytes()];
    let mut derived = [0; 32];
    hkdf::Salt::new(hkdf::HKDF_SHA256, SALT)
        .extract(key)
        .expand(&info, hkdf::HKDF_SHA256)
        .and_then(|output| output.fill(&mut derived))
        .expect("one block is as much as may be asked for");
    derived
}

/// Keys that sign texts of one purpose (HMAC with SHA-256).
#[derive(Clone)]
pub(crate) struct Mac(Arc<[MacKey]>);

struct MacKey {
    id: String,
    key: hmac::Key,
}

impl Mac {
    /// The ids of the keys; the first signs.
    pub(crate) fn ids(&self) -> impl Iterator<Item = &str> {
        self.0.iter().map(|key| key.id.as_str())
    }

    pub(crate) fn sign(&self, text: &[u8]) -> [u8; 32] {
        let mut tag = [0; 32];
        tag.copy_from_slice(hmac::sign(&self.0[0].key, text).as_ref());
        tag
    }

    /// Whether one of the keys signed the text; compared in constant time.
    pub(crate) fn verify(&self, text: &[u8], tag: &[u8]) -> bool {
        let verifies = |key: &MacKey| hmac::verify(&key.key, text, tag).is_ok();
        self.0.iter().any(verifies)
    }

    /// Whether the key of this place in [`ids`](Self::ids) signed the text.
    pub(crate) fn verify_by(&self, place: usize, text: &[u8], tag: &[u8]) -> bool {
        let key = self.0.get(place);
        key.is_some_and(|key| hmac::verify(&key.key, text, tag).is_ok())
    }
}

impl fmt::Debug for Mac {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Mac([redacted])")
    }
}
