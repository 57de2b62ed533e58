//! Proof of possession: a token is worth nothing without the key it is bound to (RFC 9449).

use std::collections::HashMap;
use std::fmt;
use std::sync::{Mutex, PoisonError};
use std::time::{SystemTime, UNIX_EPOCH};

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use http::HeaderMap;
use ring::digest::{SHA256, digest};
use ring::rand::SystemRandom;
use ring::signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair};
use serde_json::{Map, Value, json};

use crate::client::error::{AuthError, AuthErrorKind};
use crate::client::url::Url;
use crate::client::{Algorithm, Result, Secret, SigningKey};
use crate::random;

/// The header of proofs.
pub(in crate::client) const DPOP: &str = "dpop";
const NONCE: &str = "dpop-nonce";
/// The error that asks for a proof with a nonce (RFC 9449, section 8).
pub(in crate::client) const USE_NONCE: &str = "use_dpop_nonce";

/// The key that tokens are bound to.
pub(in crate::client) struct ProofKey {
    key: SigningKey,
    public: Value,
    /// The private key as it is stored beside the tokens that are worth nothing without it.
    pub(in crate::client) stored: Secret,
}

impl ProofKey {
    /// # Errors
    /// When the operating system has no source of randomness.
    pub(in crate::client) fn generate() -> Result<Self> {
        let random = SystemRandom::new();
        let pkcs8 = EcdsaKeyPair::generate_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, &random)
            .map_err(|error| unusable().because(error))?;
        Self::restore(URL_SAFE_NO_PAD.encode(pkcs8.as_ref()).into())
    }

    /// # Errors
    /// When this is no key.
    pub(in crate::client) fn restore(stored: Secret) -> Result<Self> {
        let pkcs8 = URL_SAFE_NO_PAD.decode(stored.reveal());
        let pkcs8 = pkcs8.map_err(|error| unusable().because(error.to_string()))?;
        let key = SigningKey::from_pkcs8(Algorithm::Es256, &pkcs8)?;
        let public = key.public_p256().ok_or_else(unusable)?;
        Ok(Self {
            key,
            public,
            stored,
        })
    }

    /// A proof for one request; with the token, where there is one to be proven.
    ///
    /// # Errors
    /// When the URL is none.
    pub(in crate::client) fn prove(
        &self,
        method: &str,
        url: &str,
        nonces: &Nonces,
        token: Option<&Secret>,
    ) -> Result<String> {
        let url = Url::parse(url)?;
        let issued = SystemTime::now()
            .duration_since(UNIX_EPOCH)
            .unwrap_or_default();
        let mut claims = json!({
            "jti": random::text(),
            "htm": method,
            "htu": url.without_query(),
            "iat": issued.as_secs(),
        });
        if let Some(nonce) = nonces.latest(&url) {
            claims["nonce"] = nonce.into();
        }
        if let Some(token) = token {
            let hash = digest(&SHA256, token.reveal().as_bytes());
            claims["ath"] = URL_SAFE_NO_PAD.encode(hash).into();
        }
        let header = [("typ", json!("dpop+jwt")), ("jwk", self.public.clone())];
        let header: Map<_, _> = header
            .map(|(name, value)| (name.to_owned(), value))
            .into_iter()
            .collect();
        self.key.sign(header, &claims)
    }
}

fn unusable() -> AuthError {
    AuthError::new(
        AuthErrorKind::Configuration,
        "the key of a token cannot be used",
    )
}

impl fmt::Debug for ProofKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("ProofKey([redacted])")
    }
}

/// The newest nonce of each server (RFC 9449, sections 8 and 9).
#[derive(Debug, Default)]
pub(in crate::client) struct Nonces(Mutex<HashMap<String, String>>);

impl Nonces {
    /// Remembers the nonce that an answer brings, if it does.
    ///
    /// Gives whether it was new.
    pub(in crate::client) fn remember(&self, url: &str, headers: &HeaderMap) -> bool {
        let nonce = headers.get(NONCE).and_then(|value| value.to_str().ok());
        let (Some(nonce), Ok(url)) = (nonce, Url::parse(url)) else {
            return false;
        };
        let mut nonces = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        nonces.insert(url.origin(), nonce.to_owned()).as_deref() != Some(nonce)
    }

    fn latest(&self, url: &Url<'_>) -> Option<String> {
        let nonces = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        nonces.get(&url.origin()).cloned()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn claims(proof: &str) -> Value {
        let part = proof.split('.').nth(1).unwrap();
        serde_json::from_slice(&URL_SAFE_NO_PAD.decode(part).unwrap()).unwrap()
    }

    #[test]
    fn a_proof_names_the_request_the_token_and_the_servers_nonce() {
        let (key, nonces) = (ProofKey::generate().unwrap(), Nonces::default());
        let mut headers = HeaderMap::new();
        headers.insert(NONCE, "n-1".parse().unwrap());
        assert!(nonces.remember("https://mcp.test/other", &headers));
        assert!(!nonces.remember("https://mcp.test/", &headers));
        let token = Secret::from("t");
        let prove = |url| key.prove("POST", url, &nonces, Some(&token)).unwrap();
        let one = claims(&prove("https://mcp.test/mcp?x=1"));
        assert_eq!(one["htm"], "POST");
        assert_eq!(one["htu"], "https://mcp.test/mcp");
        assert_eq!(one["nonce"], "n-1");
        assert_eq!(one["ath"], URL_SAFE_NO_PAD.encode(digest(&SHA256, b"t")));
        let two = claims(&prove("https://as.test/mcp"));
        assert_ne!(one["jti"], two["jti"]);
        assert!(two.get("nonce").is_none());
    }

    #[test]
    fn a_stored_key_is_the_same_key() {
        let key = ProofKey::generate().unwrap();
        let restored = ProofKey::restore(key.stored.clone()).unwrap();
        assert_eq!(restored.public, key.public);
        assert_eq!(format!("{key:?}"), "ProofKey([redacted])");
    }
}
