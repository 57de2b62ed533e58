//! One key (RFC 7517, RFC 7518, RFC 8037).

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jsonwebtoken::DecodingKey;
use ring::digest::{SHA256, digest};
use serde_json::{Map, Value};

use crate::verify::jwt::Algorithm;

/// The sizes of RSA keys that are used, in bits. Larger ones only cost time.
const RSA_BITS: std::ops::RangeInclusive<usize> = 2_048..=8_192;
const RSA_LEAST_EXPONENT: u64 = 65_537;

/// What a key is, which decides what it may verify.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    Rsa,
    P256,
    P384,
    Ed25519,
    Secret,
}

/// A key that may verify tokens.
#[derive(Clone, Debug)]
pub(crate) struct Key {
    pub(crate) id: Option<Box<str>>,
    pub(crate) kind: Kind,
    /// The only algorithm it may be used with, if it says so.
    pub(crate) algorithm: Option<Algorithm>,
    pub(crate) material: DecodingKey,
    /// The issuer whose statements it signs, where a set is of several (Entra ID).
    pub(crate) issuer: Option<Box<str>>,
}

impl Key {
    pub(crate) fn rsa(n: &[u8], e: &[u8]) -> Option<Self> {
        let n = without_zeros(n);
        let e = without_zeros(e);
        let bits = n.len() * 8 - usize::try_from(n.first()?.leading_zeros()).ok()?;
        if !RSA_BITS.contains(&bits) || e.len() > 5 {
            return None;
        }
        let exponent = e.iter().fold(0, |sum, &byte| sum << 8 | u64::from(byte));
        // Even numbers are no moduli and no exponents.
        let odd = |number: &[u8]| number.last().is_some_and(|last| last & 1 == 1);
        if exponent < RSA_LEAST_EXPONENT || !odd(n) || !odd(e) || has_weak_primes(n) {
            return None;
        }
        Some(Self::new(
            Kind::Rsa,
            DecodingKey::from_rsa_raw_components(n, e),
        ))
    }

    /// A point as it is written without compression (SEC 1, 2.3.3).
    pub(crate) fn point(kind: Kind, point: &[u8]) -> Option<Self> {
        let length = match kind {
            Kind::P256 => 65,
            Kind::P384 => 97,
            Kind::Rsa | Kind::Ed25519 | Kind::Secret => return None,
        };
        if point.len() != length || point.first() != Some(&4) {
            return None;
        }
        Some(Self::new(kind, DecodingKey::from_ec_der(point)))
    }

    pub(crate) fn ed25519(point: &[u8]) -> Option<Self> {
        (point.len() == 32).then(|| Self::new(Kind::Ed25519, DecodingKey::from_ed_der(point)))
    }

    fn new(kind: Kind, material: DecodingKey) -> Self {
        Self {
            id: None,
            kind,
            algorithm: None,
            material,
            issuer: None,
        }
    }

    pub(crate) fn secret(algorithm: Algorithm, secret: &[u8]) -> Self {
        Self {
            algorithm: Some(algorithm),
            ..Self::new(Kind::Secret, DecodingKey::from_secret(secret))
        }
    }

    /// Whether a signature of this algorithm may be verified with the key.
    pub(crate) fn fits(&self, algorithm: Algorithm) -> bool {
        self.kind == algorithm.kind() && self.algorithm.is_none_or(|only| only == algorithm)
    }

    /// A public key for signatures; `None` for what is of no use here: secrets, private keys,
    /// keys for other purposes, unknown kinds, and whatever is not written as it should be.
    pub(crate) fn from_jwk(jwk: &Map<String, Value>) -> Option<Self> {
        // What is private has no place in a public set: nobody knows who else has read it.
        if jwk.contains_key("d") || jwk.contains_key("k") {
            return None;
        }
        if !serves_signatures(jwk)? {
            return None;
        }
        let mut key = match text(jwk, "kty")? {
            "RSA" => Self::rsa(&bytes(jwk, "n")?, &bytes(jwk, "e")?)?,
            "EC" => Self::from_coordinates(jwk)?,
            "OKP" if text(jwk, "crv")? == "Ed25519" => Self::ed25519(&bytes(jwk, "x")?)?,
            _ => return None,
        };
        if jwk.contains_key("alg") {
            let algorithm = Algorithm::asymmetric(text(jwk, "alg")?)?;
            if algorithm.kind() != key.kind {
                return None;
            }
            key.algorithm = Some(algorithm);
        }
        if jwk.contains_key("kid") {
            key.id = Some(text(jwk, "kid")?.into());
        }
        if jwk.contains_key("issuer") {
            key.issuer = Some(text(jwk, "issuer")?.into());
        }
        Some(key)
    }

    fn from_coordinates(jwk: &Map<String, Value>) -> Option<Self> {
        let (kind, length) = match text(jwk, "crv")? {
            "P-256" => (Kind::P256, 32),
            "P-384" => (Kind::P384, 48),
            _ => return None,
        };
        let (x, y) = (bytes(jwk, "x")?, bytes(jwk, "y")?);
        if x.len() != length || y.len() != length {
            return None;
        }
        Self::point(kind, &[&[4], &*x, &*y].concat())
    }
}

/// Whether `use` and `key_ops` let a key verify signatures; `None` if they cannot be read.
fn serves_signatures(jwk: &Map<String, Value>) -> Option<bool> {
    let by_use = match jwk.get("use") {
        None => true,
        Some(value) => value.as_str()? == "sig",
    };
    let by_operations = match jwk.get("key_ops") {
        None => true,
        Some(value) => value.as_array()?.iter().any(|op| op == "verify"),
    };
    Some(by_use && by_operations)
}

/// The thumbprint of a public key (RFC 7638), over the members that make it what it is.
pub(crate) fn thumbprint(jwk: &Map<String, Value>) -> Option<String> {
    let members: &[&str] = match text(jwk, "kty")? {
        "RSA" => &["e", "kty", "n"],
        "EC" => &["crv", "kty", "x", "y"],
        "OKP" => &["crv", "kty", "x"],
        _ => return None,
    };
    // In this order, which is that of their names, and without spaces.
    let mut canonical = String::from("{");
    for (index, name) in members.iter().enumerate() {
        let separator = if index == 0 { "" } else { "," };
        let value = Value::from(text(jwk, name)?);
        canonical.push_str(&format!("{separator}\"{name}\":{value}"));
    }
    canonical.push('}');
    Some(URL_SAFE_NO_PAD.encode(digest(&SHA256, canonical.as_bytes())))
}

fn text<'a>(jwk: &'a Map<String, Value>, name: &str) -> Option<&'a str> {
    jwk.get(name)?.as_str()
}

fn bytes(jwk: &Map<String, Value>, name: &str) -> Option<Vec<u8>> {
    URL_SAFE_NO_PAD.decode(text(jwk, name)?).ok()
}

/// Whether a modulus was made by a generator whose primes can be found (CVE-2017-15361): all its
/// remainders are powers of 65,537, which those of others are once in 2^27.
fn has_weak_primes(n: &[u8]) -> bool {
    const PRIMES: [u32; 17] = [
        11, 13, 17, 19, 37, 53, 61, 71, 73, 79, 97, 103, 107, 109, 127, 151, 157,
    ];
    let is_power = |prime: u32| {
        let rest = n
            .iter()
            .fold(0, |rest, &byte| (rest << 8 | u32::from(byte)) % prime);
        let powers = std::iter::successors(Some(1), |power| Some(power * (65_537 % prime) % prime));
        // There are no more than this many.
        powers.take(prime as usize).any(|power| power == rest)
    };
    PRIMES.into_iter().all(is_power)
}

fn without_zeros(number: &[u8]) -> &[u8] {
    let zeros = number.iter().take_while(|&&byte| byte == 0).count();
    number.get(zeros..).unwrap_or_default()
}
