//! Cryptography for `jsonwebtoken`, on ring.
//!
//! That crate takes its cryptography from one provider per process. Ours does everything that
//! ring can do, signing too, so that a program that uses `jsonwebtoken` besides misses nothing.

use std::sync::Once;

use jsonwebtoken::crypto::{CryptoProvider, JwtSigner, JwtVerifier, KeyUtils};
use jsonwebtoken::errors::{Error, ErrorKind};
use jsonwebtoken::jwk::{EllipticCurve, ThumbprintHash};
use jsonwebtoken::{Algorithm, AlgorithmFamily, DecodingKey, DecodingKeyKind, EncodingKey};
use ring::rand::SystemRandom;
use ring::signature::{self, KeyPair as _, RsaPublicKeyComponents, UnparsedPublicKey};
use ring::{digest, hmac};
use signature_traits::{Error as Wrong, Signer, Verifier};

use super::keys::der;

/// Makes sure that `jsonwebtoken` has a provider. Reading a token without one panics, so this
/// comes before every use of it.
pub(crate) fn install() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        // One that the program has installed verifies as well.
        let _ = PROVIDER.install_default();
    });
}

static PROVIDER: CryptoProvider = CryptoProvider {
    signer_factory: |algorithm, key| {
        fits(*algorithm, key.family())?;
        Ok(Box::new(Keyed(*algorithm, key.clone())))
    },
    verifier_factory: |algorithm, key| {
        fits(*algorithm, key.family())?;
        Ok(Box::new(Keyed(*algorithm, key.clone())))
    },
    key_utils: KeyUtils {
        rsa_pub_components_from_private_key: |key| {
            let pair = signature::RsaKeyPair::from_der(key).map_err(|_| invalid_key())?;
            rsa_components(pair.public_key().as_ref())
        },
        rsa_pub_components_from_public_key: rsa_components,
        ec_pub_components_from_private_key: ec_components,
        ed_pub_components_from_private_key: |key, curve| match curve {
            EllipticCurve::Ed25519 => {
                let pair = signature::Ed25519KeyPair::from_pkcs8_maybe_unchecked(key);
                let pair = pair.map_err(|_| invalid_key())?;
                Ok(pair.public_key().as_ref().to_vec())
            }
            _ => Err(invalid_key()),
        },
        compute_digest: |data, hash| {
            let algorithm = match hash {
                ThumbprintHash::SHA256 => &digest::SHA256,
                ThumbprintHash::SHA384 => &digest::SHA384,
                ThumbprintHash::SHA512 => &digest::SHA512,
                _ => return Err(ErrorKind::UnsupportedAlgorithm.into()),
            };
            Ok(digest::digest(algorithm, data).as_ref().to_vec())
        },
    },
};

fn invalid_key() -> Error {
    ErrorKind::InvalidKeyFormat.into()
}

/// Checks that a key is of the family that the algorithm needs.
fn fits(algorithm: Algorithm, family: AlgorithmFamily) -> Result<(), Error> {
    match algorithm.family() == family {
        true => Ok(()),
        false => Err(invalid_key()),
    }
}

fn rsa_components(public: &[u8]) -> Result<(Vec<u8>, Vec<u8>), Error> {
    let (n, e) = der::rsa_public_key(public).ok_or_else(invalid_key)?;
    Ok((n.to_vec(), e.to_vec()))
}

fn ec_components(
    key: &[u8],
    algorithm: Algorithm,
) -> Result<(EllipticCurve, Vec<u8>, Vec<u8>), Error> {
    let (signing, curve) = match algorithm {
        Algorithm::ES256 => (
            &signature::ECDSA_P256_SHA256_FIXED_SIGNING,
            EllipticCurve::P256,
        ),
        Algorithm::ES384 => (
            &signature::ECDSA_P384_SHA384_FIXED_SIGNING,
            EllipticCurve::P384,
        ),
        _ => return Err(invalid_key()),
    };
    let pair = signature::EcdsaKeyPair::from_pkcs8(signing, key, &SystemRandom::new());
    let pair = pair.map_err(|_| invalid_key())?;
    let point = pair.public_key().as_ref().get(1..).unwrap_or_default();
    let (x, y) = point.split_at(point.len() / 2);
    Ok((curve, x.to_vec(), y.to_vec()))
}

/// A key and what to do with it.
struct Keyed<K>(Algorithm, K);

impl JwtVerifier for Keyed<DecodingKey> {
    fn algorithm(&self) -> Algorithm {
        self.0
    }
}

impl Verifier<Vec<u8>> for Keyed<DecodingKey> {
    fn verify(&self, message: &[u8], signature: &Vec<u8>) -> Result<(), Wrong> {
        let wrong = |_| Wrong::new();
        let how = how_to_verify(self.0).ok_or_else(Wrong::new)?;
        match (how, self.1.kind()) {
            (Verifying::Hmac(algorithm), DecodingKeyKind::SecretOrDer(secret)) => {
                let key = hmac::Key::new(algorithm, secret);
                hmac::verify(&key, message, signature).map_err(wrong)
            }
            (Verifying::Rsa(algorithm), DecodingKeyKind::RsaModulusExponent { n, e }) => {
                let key = RsaPublicKeyComponents { n, e };
                key.verify(algorithm, message, signature).map_err(wrong)
            }
            (Verifying::Rsa(algorithm), DecodingKeyKind::SecretOrDer(der)) => {
                let key = UnparsedPublicKey::new(algorithm, der);
                key.verify(message, signature).map_err(wrong)
            }
            (Verifying::Point(algorithm), DecodingKeyKind::SecretOrDer(point)) => {
                let key = UnparsedPublicKey::new(algorithm, point);
                key.verify(message, signature).map_err(wrong)
            }
            _ => Err(Wrong::new()),
        }
    }
}

enum Verifying {
    Hmac(hmac::Algorithm),
    Rsa(&'static signature::RsaParameters),
    /// The key is a point of a curve.
    Point(&'static dyn signature::VerificationAlgorithm),
}

fn how_to_verify(algorithm: Algorithm) -> Option<Verifying> {
    let how = match algorithm {
        Algorithm::HS256 => Verifying::Hmac(hmac::HMAC_SHA256),
        Algorithm::HS384 => Verifying::Hmac(hmac::HMAC_SHA384),
        Algorithm::HS512 => Verifying::Hmac(hmac::HMAC_SHA512),
        Algorithm::RS256 => Verifying::Rsa(&signature::RSA_PKCS1_2048_8192_SHA256),
        Algorithm::RS384 => Verifying::Rsa(&signature::RSA_PKCS1_2048_8192_SHA384),
        Algorithm::RS512 => Verifying::Rsa(&signature::RSA_PKCS1_2048_8192_SHA512),
        Algorithm::PS256 => Verifying::Rsa(&signature::RSA_PSS_2048_8192_SHA256),
        Algorithm::PS384 => Verifying::Rsa(&signature::RSA_PSS_2048_8192_SHA384),
        Algorithm::PS512 => Verifying::Rsa(&signature::RSA_PSS_2048_8192_SHA512),
        Algorithm::ES256 => Verifying::Point(&signature::ECDSA_P256_SHA256_FIXED),
        Algorithm::ES384 => Verifying::Point(&signature::ECDSA_P384_SHA384_FIXED),
        Algorithm::EdDSA => Verifying::Point(&signature::ED25519),
        _ => return None,
    };
    Some(how)
}

impl JwtSigner for Keyed<EncodingKey> {
    fn algorithm(&self) -> Algorithm {
        self.0
    }
}

impl Signer<Vec<u8>> for Keyed<EncodingKey> {
    fn try_sign(&self, message: &[u8]) -> Result<Vec<u8>, Wrong> {
        let key = self.1.as_bytes();
        let signed = match how_to_sign(self.0).ok_or_else(Wrong::new)? {
            Signing::Hmac(algorithm) => {
                let key = hmac::Key::new(algorithm, key);
                Some(hmac::sign(&key, message).as_ref().to_vec())
            }
            Signing::Rsa(padding) => sign_rsa(padding, key, message),
            Signing::Ecdsa(algorithm) => sign_ecdsa(algorithm, key, message),
            Signing::Ed25519 => signature::Ed25519KeyPair::from_pkcs8_maybe_unchecked(key)
                .ok()
                .map(|key| key.sign(message).as_ref().to_vec()),
        };
        signed.ok_or_else(Wrong::new)
    }
}

enum Signing {
    Hmac(hmac::Algorithm),
    Rsa(&'static dyn signature::RsaEncoding),
    Ecdsa(&'static signature::EcdsaSigningAlgorithm),
    Ed25519,
}

fn how_to_sign(algorithm: Algorithm) -> Option<Signing> {
    let how = match algorithm {
        Algorithm::HS256 => Signing::Hmac(hmac::HMAC_SHA256),
        Algorithm::HS384 => Signing::Hmac(hmac::HMAC_SHA384),
        Algorithm::HS512 => Signing::Hmac(hmac::HMAC_SHA512),
        Algorithm::RS256 => Signing::Rsa(&signature::RSA_PKCS1_SHA256),
        Algorithm::RS384 => Signing::Rsa(&signature::RSA_PKCS1_SHA384),
        Algorithm::RS512 => Signing::Rsa(&signature::RSA_PKCS1_SHA512),
        Algorithm::PS256 => Signing::Rsa(&signature::RSA_PSS_SHA256),
        Algorithm::PS384 => Signing::Rsa(&signature::RSA_PSS_SHA384),
        Algorithm::PS512 => Signing::Rsa(&signature::RSA_PSS_SHA512),
        Algorithm::ES256 => Signing::Ecdsa(&signature::ECDSA_P256_SHA256_FIXED_SIGNING),
        Algorithm::ES384 => Signing::Ecdsa(&signature::ECDSA_P384_SHA384_FIXED_SIGNING),
        Algorithm::EdDSA => Signing::Ed25519,
        _ => return None,
    };
    Some(how)
}

fn sign_rsa(
    padding: &'static dyn signature::RsaEncoding,
    key: &[u8],
    message: &[u8],
) -> Option<Vec<u8>> {
    let pair = signature::RsaKeyPair::from_der(key).ok()?;
    let mut signed = vec![0; pair.public().modulus_len()];
    pair.sign(padding, &SystemRandom::new(), message, &mut signed)
        .ok()?;
    Some(signed)
}

fn sign_ecdsa(
    algorithm: &'static signature::EcdsaSigningAlgorithm,
    key: &[u8],
    message: &[u8],
) -> Option<Vec<u8>> {
    let random = SystemRandom::new();
    let pair = signature::EcdsaKeyPair::from_pkcs8(algorithm, key, &random).ok()?;
    Some(pair.sign(&random, message).ok()?.as_ref().to_vec())
}
