//! Judges a JWT.

use std::collections::BTreeMap;
use std::sync::Arc;

use purlin_core::Principal;
use serde_json::{Map, Value};

use super::{Algorithm, Compact, JwtBuilder, SignatureAlgorithm};
use crate::verify::binding::{Bindings, Judged};
use crate::verify::claims::Rules;
use crate::verify::keys::{KeySet, Lookup, RemoteKeys};
use crate::verify::{Clock, Presented, Scheme, Verification, Verifier, VerifyError};

/// Accepts access tokens that are JWTs, of one or several issuers.
///
/// The signature is verified by `jsonwebtoken`, on ring; what a token has to be besides is
/// decided here, and strictly: exactly one reading of its text, an algorithm that was asked for,
/// a key that is meant for it, an end, this server as its audience. Keys are fetched once and
/// again as they rotate, never more than once in 30 s per issuer.
///
/// ```
/// use purlin_auth::verify::{Jwt, Keys};
///
/// let jwt = Jwt::builder()
///     .issuer("https://login.example.com", Keys::discovered())
///     .issuer("https://build.example.com", Keys::jwks("https://build.example.com/jwks.json"))
///     .roles_claim("/realm_access/roles")
///     .build()?;
/// # Ok::<(), purlin_auth::verify::JwtError>(())
/// ```
#[derive(Debug)]
pub struct Jwt {
    pub(super) issuers: BTreeMap<String, Issuer>,
    pub(super) algorithms: Vec<SignatureAlgorithm>,
    pub(super) rules: Rules,
    pub(super) clock: Arc<dyn Clock>,
    pub(super) bindings: Bindings,
}

#[derive(Debug)]
pub(super) struct Issuer {
    pub(super) keys: Held,
}

/// Keys, and how they are looked up.
#[derive(Debug)]
pub(super) enum Held {
    Given(KeySet),
    Fetched(RemoteKeys),
}

/// A token whose issuer is known here, and whose signature is not verified yet.
struct Claimed<'a> {
    token: Compact<'a>,
    claims: Map<String, Value>,
    name: &'a str,
    issuer: &'a Issuer,
}

impl Jwt {
    /// How to verify.
    pub fn builder() -> JwtBuilder {
        JwtBuilder::new()
    }

    /// Reads a token as far as it can be read without a key.
    fn read<'a>(&'a self, presented: &Presented<'a>) -> Result<Claimed<'a>, VerifyError> {
        if presented.scheme() == Scheme::None {
            return Err(VerifyError::NotMine);
        }
        let token = presented.token();
        // What has not this form is somebody else's token.
        if token.split('.').count() != 3 {
            return Err(VerifyError::NotMine);
        }
        let token = Compact::parse(token)?;
        token.key_id()?;
        if !self.accepts(token.algorithm) {
            return Err(VerifyError::Invalid("`alg` is not accepted here"));
        }
        let claims = token.claims()?;
        let issuer = match claims.get("iss") {
            Some(Value::String(issuer)) => issuer,
            Some(_) => return Err(VerifyError::Invalid("`iss` is no text")),
            None => return Err(VerifyError::Invalid("`iss` is missing")),
        };
        let known = self.issuers.get_key_value(issuer);
        let (name, issuer) = known.ok_or(VerifyError::NotMine)?;
        Ok(Claimed {
            token,
            claims,
            name,
            issuer,
        })
    }

    /// Judges a token with the keys of its issuer. `None` if they may have a newer one.
    fn conclude(
        &self,
        claimed: &Claimed<'_>,
        keys: &KeySet,
        presented: &Presented<'_>,
    ) -> Result<Option<Judged>, VerifyError> {
        let token = &claimed.token;
        let key = match keys.find(token.key_id()?, token.algorithm) {
            Lookup::Found(key) => key,
            Lookup::Unknown => return Ok(None),
            Lookup::Refused(reason) => return Err(VerifyError::Invalid(reason)),
        };
        if !token.is_signed_by(key) {
            return Err(VerifyError::Invalid("the signature is wrong"));
        }
        let now = self.clock.seconds();
        let claims = claimed.claims.clone();
        let principal = self
            .rules
            .judge(claims, Some(claimed.name), presented.resource(), now)?;
        let binding = claimed.claims.get("cnf");
        let judged = self.bindings.judge(principal, binding, presented, now)?;
        Ok(Some(judged))
    }

    async fn fetched<'a>(
        &'a self,
        claimed: Claimed<'a>,
        keys: &'a RemoteKeys,
        presented: Presented<'a>,
    ) -> Result<Principal, VerifyError> {
        let set = keys.current().await?;
        let mut judged = self.conclude(&claimed, &set, &presented)?;
        if judged.is_none() {
            let newer = keys.newer(claimed.token.key_id()?).await?;
            judged = self.conclude(&claimed, &newer, &presented)?;
        }
        let judged = judged.ok_or(UNKNOWN_KEY);
        self.bindings.settle(judged).decided().await
    }
}

const UNKNOWN_KEY: VerifyError = VerifyError::Invalid("the issuer has no such key");

impl Verifier for Jwt {
    fn verify<'a>(&'a self, presented: Presented<'a>) -> Verification<'a> {
        let claimed = match self.read(&presented) {
            Ok(claimed) => claimed,
            Err(error) => return Verification::Ready(Err(error)),
        };
        let remote = match &claimed.issuer.keys {
            Held::Given(keys) => {
                let judged = self.conclude(&claimed, keys, &presented);
                let judged = judged.and_then(|found| found.ok_or(UNKNOWN_KEY));
                return self.bindings.settle(judged);
            }
            Held::Fetched(remote) => remote,
        };
        // With keys at hand nobody has to be asked.
        if let Some(keys) = remote.fresh() {
            match self.conclude(&claimed, &keys, &presented) {
                Ok(Some(judged)) => return self.bindings.settle(Ok(judged)),
                Ok(None) => {}
                Err(error) => return Verification::Ready(Err(error)),
            }
        }
        Verification::Later(Box::pin(self.fetched(claimed, remote, presented)))
    }

    fn authorization_servers(&self) -> Vec<String> {
        self.issuers.keys().cloned().collect()
    }

    fn proof_algorithms(&self) -> &'static [&'static str] {
        self.bindings.proof_algorithms()
    }
}

impl Algorithm {
    /// Whether it is one of a public key.
    pub(crate) fn is_signature(self) -> bool {
        matches!(self, Self::Signature(_))
    }
}
