//! As much DER as public keys need (X.690; RFC 5280, 4.1.2.7; RFC 8017, A.1.1).

const INTEGER: u8 = 0x02;
const BIT_STRING: u8 = 0x03;
const OID: u8 = 0x06;
const SEQUENCE: u8 = 0x30;

const RSA: &[u8] = &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, 0x01];
const EC: &[u8] = &[0x2a, 0x86, 0x48, 0xce, 0x3d, 0x02, 0x01];
const P256: &[u8] = &[0x2a, 0x86, 0x48, 0xce, 0x3d, 0x03, 0x01, 0x07];
const P384: &[u8] = &[0x2b, 0x81, 0x04, 0x00, 0x22];
const ED25519: &[u8] = &[0x2b, 0x65, 0x70];

/// A public key, as far as its algorithm says what it is.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum PublicKey<'a> {
    /// Modulus and exponent, without leading zeros.
    Rsa(&'a [u8], &'a [u8]),
    P256(&'a [u8]),
    P384(&'a [u8]),
    Ed25519(&'a [u8]),
}

/// Takes the first value, which has to be of this type; what follows it stays.
fn take<'a>(rest: &mut &'a [u8], tag: u8) -> Option<&'a [u8]> {
    let (&found, after) = rest.split_first()?;
    let (&first, after) = after.split_first()?;
    let (length, after) = match first {
        0..=0x7f => (usize::from(first), after),
        0x81 | 0x82 => {
            let (bytes, after) = after.split_at_checked(usize::from(first & 0x7f))?;
            let length = bytes
                .iter()
                .fold(0, |sum, &byte| sum << 8 | usize::from(byte));
            (length, after)
        }
        _ => return None,
    };
    let (value, after) = after.split_at_checked(length)?;
    *rest = after;
    (found == tag).then_some(value)
}

/// The only value of this type.
fn only(mut text: &[u8], tag: u8) -> Option<&[u8]> {
    let value = take(&mut text, tag)?;
    text.is_empty().then_some(value)
}

/// `SubjectPublicKeyInfo`.
pub(super) fn public_key(text: &[u8]) -> Option<PublicKey<'_>> {
    let mut info = only(text, SEQUENCE)?;
    let mut algorithm = take(&mut info, SEQUENCE)?;
    let oid = take(&mut algorithm, OID)?;
    let key = only(info, BIT_STRING)?.strip_prefix(&[0])?;
    if oid == ED25519 {
        return Some(PublicKey::Ed25519(key));
    }
    if oid == RSA {
        let (n, e) = rsa_public_key(key)?;
        return Some(PublicKey::Rsa(n, e));
    }
    if oid != EC {
        return None;
    }
    let curve = take(&mut algorithm, OID)?;
    match curve {
        P256 => Some(PublicKey::P256(key)),
        P384 => Some(PublicKey::P384(key)),
        _ => None,
    }
}

/// `RSAPublicKey`: modulus and exponent, without leading zeros.
pub(crate) fn rsa_public_key(text: &[u8]) -> Option<(&[u8], &[u8])> {
    let mut numbers = only(text, SEQUENCE)?;
    let n = take(&mut numbers, INTEGER)?;
    let e = only(numbers, INTEGER)?;
    Some((positive(n), positive(e)))
}

/// A number without the zero that makes it positive.
fn positive(number: &[u8]) -> &[u8] {
    number.strip_prefix(&[0]).unwrap_or(number)
}
