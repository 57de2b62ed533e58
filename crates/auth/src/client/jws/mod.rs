//! Signed statements: assertions and proofs (RFC 7515, compact form).
//!
//! Signed with ring, which TLS is built on too: one provider of cryptography in the process.

mod kind;

use std::fmt;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use ring::rand::SystemRandom;
use ring::signature::{
    ECDSA_P256_SHA256_FIXED_SIGNING, ECDSA_P384_SHA384_FIXED_SIGNING, EcdsaKeyPair, Ed25519KeyPair,
    KeyPair as _, RSA_PKCS1_SHA256, RSA_PSS_SHA256, RsaKeyPair,
};
use rustls_pki_types::PrivatePkcs8KeyDer;
use rustls_pki_types::pem::PemObject;
use serde_json::{Map, Value, json};

use super::Result;
use super::error::{AuthError, AuthErrorKind};

/// How a statement is signed (RFC 7518, section 3.1).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Algorithm {
    /// ECDSA with P-256.
    Es256,
    /// ECDSA with P-384.
    Es384,
    /// Ed25519.
    EdDsa,
    /// RSA, PKCS #1 v1.5.
    Rs256,
    /// RSA, PSS.
    Ps256,
}

impl Algorithm {
    /// Its name in headers.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Es256 => "ES256",
            Self::Es384 => "ES384",
            Self::EdDsa => "EdDSA",
            Self::Rs256 => "RS256",
            Self::Ps256 => "PS256",
        }
    }
}

/// A private key, and how it signs. Prints as `[redacted]`.
pub struct SigningKey {
    algorithm: Algorithm,
    id: Option<String>,
    pair: Pair,
}

enum Pair {
    Ecdsa(EcdsaKeyPair),
    Ed25519(Ed25519KeyPair),
    Rsa(Box<RsaKeyPair>),
}

impl SigningKey {
    /// A key in PKCS #8 as PEM text (`BEGIN PRIVATE KEY`).
    ///
    /// # Errors
    /// When it is in another form (the error says how to convert it), or does not fit the
    /// algorithm. RSA keys have 2,048 to 4,096 bits.
    pub fn from_pem(algorithm: Algorithm, pem: &str) -> Result<Self> {
        let key = PrivatePkcs8KeyDer::from_pem_slice(pem.as_bytes());
        let key = key.map_err(|_| unusable(kind::problem_of_pem(pem)))?;
        Self::from_pkcs8(algorithm, key.secret_pkcs8_der())
    }

    /// A key in PKCS #8.
    ///
    /// # Errors
    /// When it cannot be read, or does not fit the algorithm.
    pub fn from_pkcs8(algorithm: Algorithm, der: &[u8]) -> Result<Self> {
        let ecdsa = |curve| EcdsaKeyPair::from_pkcs8(curve, der, &SystemRandom::new());
        let pair = match algorithm {
            Algorithm::Es256 => ecdsa(&ECDSA_P256_SHA256_FIXED_SIGNING).map(Pair::Ecdsa),
            Algorithm::Es384 => ecdsa(&ECDSA_P384_SHA384_FIXED_SIGNING).map(Pair::Ecdsa),
            Algorithm::EdDsa => Ed25519KeyPair::from_pkcs8_maybe_unchecked(der).map(Pair::Ed25519),
            Algorithm::Rs256 | Algorithm::Ps256 => {
                RsaKeyPair::from_pkcs8(der).map(|pair| Pair::Rsa(Box::new(pair)))
            }
        };
        let problem = |_| unusable(&kind::problem_of_pkcs8(der, algorithm));
        let pair = pair.map_err(problem)?;
        Ok(Self {
            algorithm,
            id: None,
            pair,
        })
    }

    /// The name under which the authorization server knows the key (`kid`).
    #[must_use]
    pub fn with_id(mut self, id: impl Into<String>) -> Self {
        self.id = Some(id.into());
        self
    }

    /// The public half of an ECDSA P-256 key as a JSON Web Key.
    pub(super) fn public_p256(&self) -> Option<Value> {
        let Pair::Ecdsa(pair) = &self.pair else {
            return None;
        };
        // Uncompressed: 4, then both coordinates.
        let [4, point @ ..] = pair.public_key().as_ref() else {
            return None;
        };
        let (x, y) = point.split_at_checked(32).filter(|(_, y)| y.len() == 32)?;
        let coordinate = |bytes| URL_SAFE_NO_PAD.encode(bytes);
        Some(json!({"kty": "EC", "crv": "P-256", "x": coordinate(x), "y": coordinate(y)}))
    }

    /// Signs claims; `header` has the members besides `alg` and `kid`.
    ///
    /// # Errors
    /// When the operating system has no source of randomness.
    pub(super) fn sign(&self, mut header: Map<String, Value>, claims: &Value) -> Result<String> {
        header.insert("alg".to_owned(), self.algorithm.as_str().into());
        if let Some(id) = &self.id {
            header.insert("kid".to_owned(), id.as_str().into());
        }
        let part = |value: &Value| URL_SAFE_NO_PAD.encode(value.to_string());
        let signed = format!("{}.{}", part(&header.into()), part(claims));
        let signature = self
            .signature(signed.as_bytes())
            .map_err(|error| unusable("cannot sign").because(error))?;
        Ok(format!("{signed}.{}", URL_SAFE_NO_PAD.encode(signature)))
    }

    fn signature(&self, message: &[u8]) -> Result<Vec<u8>, ring::error::Unspecified> {
        let random = SystemRandom::new();
        match &self.pair {
            Pair::Ecdsa(pair) => Ok(pair.sign(&random, message)?.as_ref().to_vec()),
            Pair::Ed25519(pair) => Ok(pair.sign(message).as_ref().to_vec()),
            Pair::Rsa(pair) => {
                let mut signature = vec![0; pair.public().modulus_len()];
                let padding: &dyn ring::signature::RsaEncoding = match self.algorithm {
                    Algorithm::Ps256 => &RSA_PSS_SHA256,
                    _ => &RSA_PKCS1_SHA256,
                };
                pair.sign(padding, &random, message, &mut signature)?;
                Ok(signature)
            }
        }
    }
}

fn unusable(what: &str) -> AuthError {
    AuthError::new(
        AuthErrorKind::Configuration,
        format!("the private key {what}"),
    )
}

impl fmt::Debug for SigningKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SigningKey")
            .field("algorithm", &self.algorithm)
            .field("id", &self.id)
            .field("key", &"[redacted]")
            .finish()
    }
}

#[cfg(test)]
mod tests {
    use ring::signature::{
        ECDSA_P256_SHA256_FIXED, ECDSA_P384_SHA384_FIXED, ED25519, UnparsedPublicKey,
        VerificationAlgorithm,
    };

    use super::*;

    fn check(algorithm: Algorithm, pkcs8: &[u8], verify: &'static dyn VerificationAlgorithm) {
        let key = SigningKey::from_pkcs8(algorithm, pkcs8)
            .unwrap()
            .with_id("k-1");
        let text = key.sign(Map::new(), &json!({"sub": "me"})).unwrap();
        let (signed, signature) = text.rsplit_once('.').unwrap();
        let public = match &key.pair {
            Pair::Ecdsa(pair) => pair.public_key().as_ref().to_vec(),
            Pair::Ed25519(pair) => pair.public_key().as_ref().to_vec(),
            Pair::Rsa(pair) => pair.public().as_ref().to_vec(),
        };
        let signature = URL_SAFE_NO_PAD.decode(signature).unwrap();
        let public = UnparsedPublicKey::new(verify, public);
        public.verify(signed.as_bytes(), &signature).unwrap();
        let header = URL_SAFE_NO_PAD
            .decode(signed.split('.').next().unwrap())
            .unwrap();
        let header: Value = serde_json::from_slice(&header).unwrap();
        assert_eq!(header, json!({"alg": algorithm.as_str(), "kid": "k-1"}));
    }

    #[test]
    fn statements_verify_with_the_public_key() {
        let random = SystemRandom::new();
        let p256 = EcdsaKeyPair::generate_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, &random);
        check(
            Algorithm::Es256,
            p256.unwrap().as_ref(),
            &ECDSA_P256_SHA256_FIXED,
        );
        let p384 = EcdsaKeyPair::generate_pkcs8(&ECDSA_P384_SHA384_FIXED_SIGNING, &random);
        check(
            Algorithm::Es384,
            p384.unwrap().as_ref(),
            &ECDSA_P384_SHA384_FIXED,
        );
        let edwards = Ed25519KeyPair::generate_pkcs8(&random).unwrap();
        check(Algorithm::EdDsa, edwards.as_ref(), &ED25519);
    }

    #[test]
    fn a_key_of_another_kind_is_refused() {
        let random = SystemRandom::new();
        let edwards = Ed25519KeyPair::generate_pkcs8(&random).unwrap();
        let error = SigningKey::from_pkcs8(Algorithm::Es256, edwards.as_ref()).unwrap_err();
        assert_eq!(error.kind(), AuthErrorKind::Configuration);
        assert!(SigningKey::from_pem(Algorithm::Rs256, "no key").is_err());
    }
}
