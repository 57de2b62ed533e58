//! Clients that prove themselves by a key (RFC 7523, sections 2.2 and 3).

use std::{
    collections::HashMap,
    fmt,
    sync::{Arc, Mutex, PoisonError},
};

use super::{
    once::{Once, is_for, text},
    signers::{Kind, Signers},
};
use crate::{
    authorization_server::{clients::ClientKeys, storage::Storage, tokens::TokenError},
    fetch::Fetch,
    verify::{Clock, Keys, VerifyError, jwt::Compact},
};

/// RFC 7523 asks for no type; newer drafts name one.
const KIND: Kind = Kind {
    types: &["jwt", "client-authentication+jwt"],
    untyped: true,
};
/// Of how many clients the keys are kept.
const MANY: usize = 1_000;

/// Judges the assertions of clients.
pub(crate) struct ClientAssertions {
    /// What an assertion may be for: our identifier, and the URL of the token endpoint.
    audiences: Vec<String>,
    once: Once,
    fetch: Arc<dyn Fetch>,
    clock: Arc<dyn Clock>,
    /// The keys of clients that say where theirs are, by that place.
    kept: Mutex<HashMap<String, Signers>>,
}

impl ClientAssertions {
    pub(crate) fn new(
        storage: &Storage,
        audiences: Vec<String>,
        fetch: Arc<dyn Fetch>,
        clock: Arc<dyn Clock>,
    ) -> Self {
        Self {
            audiences,
            once: Once::new(storage, "client assertions"),
            fetch,
            clock,
            kept: Mutex::default(),
        }
    }

    /// Whom an assertion is about. Nothing of it is verified: it says whose keys to look for.
    pub(crate) fn subject(&self, assertion: &str) -> Option<String> {
        let claims = Compact::parse(assertion).ok()?.claims().ok()?;
        text(&claims, "sub").map(str::to_owned)
    }

    /// Whether an assertion proves that this client sends it.
    ///
    /// # Errors
    /// `invalid_client` for every rule that it breaks; those of the store, and 503 when the keys
    /// of the client cannot be had.
    pub(crate) async fn verify(
        &self,
        client: &str,
        keys: &ClientKeys,
        assertion: &str,
    ) -> Result<(), TokenError> {
        let signers = self.signers(client, keys)?;
        let claims = signers.claims(assertion, KIND, self.clock.seconds()).await;
        let claims = claims.map_err(|error| refused(&error))?;
        let names_itself = ["iss", "sub"]
            .iter()
            .all(|name| text(&claims, name) == Some(client));
        if !names_itself {
            return Err(unproved("`iss` and `sub` are not the client id"));
        }
        if !is_for(&claims, &self.audiences) {
            return Err(unproved("`aud` is not this authorization server alone"));
        }
        let id = text(&claims, "jti").ok_or_else(|| unproved("`jti` is missing"))?;
        match self.once.claim(client, id).await? {
            true => Ok(()),
            false => Err(unproved("it was used before (`jti`)")),
        }
    }

    fn signers(&self, client: &str, keys: &ClientKeys) -> Result<Signers, TokenError> {
        let url = match keys {
            ClientKeys::Inline(jwks) => {
                let keys = Keys::jwk(&jwks.to_string());
                let keys = keys.map_err(|_| unproved("the client has no key that can be used"))?;
                return Ok(Signers::new(client, keys, &self.fetch));
            }
            ClientKeys::At(url) => url,
        };
        let mut kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(signers) = kept.get(url) {
            return Ok(signers.clone());
        }
        if kept.len() >= MANY {
            // Whichever: it is fetched again when it is needed.
            let any = kept.keys().next().cloned();
            any.and_then(|any| kept.remove(&any));
        }
        let signers = Signers::new(client, Keys::jwks(url), &self.fetch);
        kept.insert(url.clone(), signers.clone());
        Ok(signers)
    }
}

fn refused(error: &VerifyError) -> TokenError {
    match error {
        VerifyError::Unavailable { retry_after } => TokenError::unavailable(Some(*retry_after)),
        VerifyError::Invalid(reason) => unproved(reason),
        _ => unproved("it cannot be verified"),
    }
}

fn unproved(reason: &'static str) -> TokenError {
    TokenError::invalid_client(format!(
        "the assertion of the client is not accepted: {reason}"
    ))
}

impl fmt::Debug for ClientAssertions {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ClientAssertions")
            .field("audiences", &self.audiences)
            .finish_non_exhaustive()
    }
}
