//! Tokens that are bound to a key: whoever shows one proves that they have the key (RFC 9449).

mod nonce;
mod proof;
mod replay;
mod url;

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use bytes::Bytes;
use purlin_core::store::{Key, KeyValue};
use serde_json::Value;

use super::{Presented, Scheme, VerifyError};
use nonce::Nonces;
use replay::Seen;

/// Accepts tokens that are bound to a key of the client.
///
/// A proof is good for one request: it names the method and the URL, the token, and a time that
/// is no more than 60 s from ours. Proofs are remembered as long as they are good, 100,000 of
/// them and 10,000 of one key; beyond that callers are asked to come back. What one process has
/// seen another knows of where they share a [store](Self::store); where they do not, demand
/// [nonces](Self::nonces), which bound how long a stolen proof is worth anything to their own
/// lifetime.
///
/// ```
/// use purlin_auth::verify::{Dpop, Jwt, Keys};
///
/// let jwt = Jwt::builder()
///     .issuer("https://login.example.com", Keys::discovered())
///     .dpop(Dpop::new().nonces())
///     .build()?;
/// # Ok::<(), purlin_auth::verify::JwtError>(())
/// ```
#[derive(Clone)]
pub struct Dpop {
    seen: Arc<Seen>,
    store: Option<Arc<dyn KeyValue>>,
    nonces: Option<Nonces>,
}

/// A proof that is good, and new to this process: by what the store knows it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Fresh([u8; 32]);

impl fmt::Debug for Dpop {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Dpop")
            .field("nonces", &self.nonces.is_some())
            .field("store", &self.store)
            .finish_non_exhaustive()
    }
}

impl Default for Dpop {
    fn default() -> Self {
        Self::new()
    }
}

/// How far the time of a proof may be from ours.
const WINDOW: Duration = Duration::from_secs(60);
const COLLECTION: &str = "purlin.auth.proofs";
/// When a store that is down is worth another try.
const COME_BACK: Duration = Duration::from_secs(5);

impl Dpop {
    /// The algorithms of proofs that are accepted.
    pub(crate) const ALGORITHMS: &'static [&'static str] = &[
        "ES256", "ES384", "EdDSA", "RS256", "RS384", "RS512", "PS256", "PS384", "PS512",
    ];

    /// Accepts proofs without a nonce.
    #[must_use]
    pub fn new() -> Self {
        Self {
            seen: Arc::new(Seen::new(2 * WINDOW)),
            store: None,
            nonces: None,
        }
    }

    /// Remembers proofs in this store as well, so that none is good at a second process that
    /// shares it. It costs one write for each request; while the store does not answer, nobody
    /// with a bound token is let in (503).
    ///
    /// ```
    /// use std::sync::Arc;
    /// use purlin_auth::verify::Dpop;
    /// use purlin_core::store::MemoryStore;
    ///
    /// let dpop = Dpop::new().store(Arc::new(MemoryStore::new()));
    /// ```
    #[must_use]
    pub fn store(mut self, store: Arc<dyn KeyValue>) -> Self {
        self.store = Some(store);
        self
    }

    /// Demands a nonce of ours in every proof (section 9). A client without one is given it; a
    /// nonce is good for 5 minutes.
    #[must_use]
    pub fn nonces(mut self) -> Self {
        self.nonces = Some(Nonces::random());
        self
    }

    /// The same with a key that all replicas of this server have, of at least 32 random bytes,
    /// so that each knows the nonces of the others.
    ///
    /// # Errors
    /// When the key is shorter.
    pub fn nonces_with(mut self, key: &[u8]) -> Result<Self, ShortKey> {
        self.nonces = Some(Nonces::new(key).ok_or(ShortKey)?);
        Ok(self)
    }

    /// Checks that whoever shows a token that is bound so has proved to have the key. What comes
    /// back has to be [claimed](Self::claim) yet.
    ///
    /// # Errors
    /// When the binding is of another sort, the token was shown as if it were not bound, or the
    /// proof is not good.
    pub(crate) fn check(
        &self,
        binding: &Value,
        presented: &Presented<'_>,
        now: u64,
    ) -> Result<Option<Fresh>, VerifyError> {
        let thumbprint = binding.get("jkt").and_then(Value::as_str);
        let only = binding
            .as_object()
            .is_some_and(|members| members.len() == 1);
        let Some(thumbprint) = thumbprint.filter(|_| only) else {
            return Err(VerifyError::Invalid(
                "bound (`cnf`) in a way that is not known here",
            ));
        };
        if presented.scheme() != Scheme::Dpop {
            let reason = "bound to a key: show it as `Authorization: DPoP` with a proof";
            return Err(VerifyError::Invalid(reason));
        }
        let proof = proof::read(presented).map_err(VerifyError::InvalidProof)?;
        if proof.thumbprint != thumbprint {
            return Err(VerifyError::InvalidProof("made with another key"));
        }
        self.check_nonce(proof.nonce.as_deref(), now)?;
        if proof.issued.abs_diff(now) > WINDOW.as_secs() {
            return Err(VerifyError::InvalidProof("its time is not now (`iat`)"));
        }
        // Last, so that only a good proof takes a place.
        let seen = self.seen.admit(thumbprint, &proof.id)?;
        Ok(self.store.is_some().then_some(Fresh(seen)))
    }

    /// Uses a proof up at all processes that share the store.
    ///
    /// # Errors
    /// When another one has seen it; when the store does not answer.
    pub(crate) async fn claim(&self, proof: Fresh) -> Result<(), VerifyError> {
        let Some(store) = &self.store else {
            return Ok(());
        };
        let name = URL_SAFE_NO_PAD.encode(proof.0);
        let (at, used) = (Key::new(COLLECTION, &name), Bytes::from_static(b"1"));
        let claimed = store.compare_and_set(at, None, Some(used), Some(2 * WINDOW));
        match claimed.await {
            Ok(true) => Ok(()),
            Ok(false) => Err(VerifyError::InvalidProof("it was used before (`jti`)")),
            Err(error) => {
                tracing::warn!(target: "purlin::auth", %error, "no proof can be remembered");
                Err(VerifyError::Unavailable {
                    retry_after: COME_BACK,
                })
            }
        }
    }

    fn check_nonce(&self, nonce: Option<&str>, now: u64) -> Result<(), VerifyError> {
        let Some(nonces) = &self.nonces else {
            return Ok(());
        };
        match nonce.is_some_and(|nonce| nonces.knows(nonce, now)) {
            true => Ok(()),
            false => Err(VerifyError::UseNonce(nonces.at(now))),
        }
    }
}

/// A key for nonces that can be guessed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ShortKey;

impl fmt::Display for ShortKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a key for nonces needs at least 32 random bytes")
    }
}

impl std::error::Error for ShortKey {}
