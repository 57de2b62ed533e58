//! Keys that the operator gives, or says where to find.

use std::error::Error;
use std::fmt;

use rustls_pki_types::SubjectPublicKeyInfoDer;
use rustls_pki_types::pem::PemObject;

use super::der::{self, PublicKey};
use super::{Endpoint, Key, KeySet, Kind};
use crate::Secret;
use crate::verify::json;
use crate::verify::jwt::{Algorithm, HmacAlgorithm};

/// The least length of a shared secret, in bytes: that of the code (RFC 7518, section 3.2).
fn least_secret(algorithm: HmacAlgorithm) -> usize {
    match algorithm {
        HmacAlgorithm::Hs256 => 32,
        HmacAlgorithm::Hs384 => 48,
        HmacAlgorithm::Hs512 => 64,
    }
}

/// Where the keys of an issuer come from.
///
/// ```
/// use purlin_auth::verify::Keys;
///
/// let fetched = Keys::jwks("https://as.example.com/jwks.json");
/// let discovered = Keys::discovered();
/// ```
#[derive(Clone, Debug)]
pub struct Keys(pub(crate) Source);

#[derive(Clone, Debug)]
pub(crate) enum Source {
    Given(KeySet),
    Fetched(Endpoint),
}

impl Keys {
    /// Where they are looked for: at the issuer itself, unless something else was said.
    pub(crate) fn url<'a>(&'a self, issuer: &'a str) -> &'a str {
        match &self.0 {
            Source::Fetched(Endpoint::Keys(url)) => url,
            _ => issuer,
        }
    }

    /// The key set at this URL, fetched when it is first needed, and again as keys rotate.
    pub fn jwks(url: impl Into<String>) -> Self {
        Self(Source::Fetched(Endpoint::Keys(url.into())))
    }

    /// The key set that the metadata of the issuer names: OpenID Connect discovery, then RFC
    /// 8414. The metadata has to name the issuer itself, letter by letter.
    pub fn discovered() -> Self {
        Self(Source::Fetched(Endpoint::Metadata))
    }

    /// One public key in PEM (`BEGIN PUBLIC KEY`): RSA of 2,048 to 8,192 bits, P-256, P-384 or
    /// Ed25519.
    ///
    /// # Errors
    /// When it is none of these.
    pub fn public_key(pem: &str) -> Result<Self, KeyError> {
        const WRONG: KeyError = KeyError(
            "that is no public key in PEM of a kind that is used: `BEGIN PUBLIC KEY` with RSA of \
             at least 2,048 bits and an exponent of at least 65,537, P-256, P-384 or Ed25519",
        );
        let info = SubjectPublicKeyInfoDer::from_pem_slice(pem.as_bytes()).map_err(|_| WRONG)?;
        let key = match der::public_key(&info).ok_or(WRONG)? {
            PublicKey::Rsa(n, e) => Key::rsa(n, e),
            PublicKey::P256(point) => Key::point(Kind::P256, point),
            PublicKey::P384(point) => Key::point(Kind::P384, point),
            PublicKey::Ed25519(point) => Key::ed25519(point),
        };
        Ok(Self(Source::Given(KeySet::one(key.ok_or(WRONG)?))))
    }

    /// Public keys as JSON: one key, or a set with a list `keys`.
    ///
    /// # Errors
    /// When there is none that is of use.
    pub fn jwk(text: &str) -> Result<Self, KeyError> {
        const USELESS: KeyError = KeyError("there is no public key for signatures in it");
        let object = json::object(text.as_bytes()).ok_or(KeyError("that is no JSON object"))?;
        let set = match object.contains_key("keys") {
            true => KeySet::parse(text.as_bytes())?,
            false => KeySet::one(Key::from_jwk(&object).ok_or(USELESS)?),
        };
        match set.is_empty() {
            true => Err(USELESS),
            false => Ok(Self(Source::Given(set))),
        }
    }

    /// A secret that we share with the issuer. Whoever verifies with it can issue as well, so
    /// take a public key wherever there is one.
    ///
    /// # Errors
    /// When it is shorter than the codes (32, 48 or 64 bytes), or the text of a key: a public key as a secret is known
    /// to everybody.
    pub fn secret(algorithm: HmacAlgorithm, secret: &Secret) -> Result<Self, KeyError> {
        let secret = secret.reveal();
        if secret.contains("-----BEGIN") || secret.trim_start().starts_with('{') {
            return Err(KeyError(
                "that is the text of a key and no secret: use `public_key`",
            ));
        }
        if secret.len() < least_secret(algorithm) {
            let problem = "a shared secret needs as many random bytes as its codes have: 32, 48 \
                           or 64";
            return Err(KeyError(problem));
        }
        let key = Key::secret(Algorithm::Hmac(algorithm), secret.as_bytes());
        Ok(Self(Source::Given(KeySet::one(key))))
    }
}

/// A key that is of no use. It is not repeated here.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct KeyError(&'static str);

impl KeyError {
    pub(super) fn new(problem: &'static str) -> Self {
        Self(problem)
    }
}

impl fmt::Display for KeyError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "the key cannot be used: {}", self.0)
    }
}

impl Error for KeyError {}
