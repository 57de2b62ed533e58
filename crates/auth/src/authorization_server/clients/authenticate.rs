//! Who a client is, proved (RFC 6749, section 2.3; RFC 7523, section 2.2).

use std::net::IpAddr;

use http::HeaderMap;

use super::{
    Clients,
    client::{Client, ClientAuth, ClientKind, SecretMethod},
    credentials::Credentials,
};
use crate::authorization_server::{
    parameters::Parameters,
    storage::Limit,
    tokens::{TokenError, TokenErrorCode},
};

impl Clients {
    /// The client of a request to the token or revocation endpoint.
    ///
    /// An address may prove ten secrets wrongly in a minute; after that no secret from there is
    /// judged any more, or guessing would go on. Not so one that was right before, from the same
    /// address and within a day: others behind that address lock nobody out who is known there.
    /// Clients without a secret have nothing to guess, and the signature of an assertion is none
    /// that anybody guesses: they are bounded by the limit of the endpoint alone.
    ///
    /// # Errors
    /// `invalid_client`, whatever is wrong with its proof; `slow_down` after ten failures a minute
    /// from one address; those of the store.
    pub(crate) async fn authenticate(
        &self,
        headers: &HeaderMap,
        form: &Parameters,
        peer: Option<IpAddr>,
    ) -> Result<Client, TokenError> {
        let credentials = Credentials::read(headers, form)?;
        let Credentials::Secret { id, secret, .. } = &credentials else {
            return self.prove(&credentials, peer).await;
        };
        let proof = self.0.proofs.of(peer, id, secret);
        if let Err(wait) = self.0.limits.has_room(Limit::Failure, peer).await
            && !self.0.proofs.is_known(&proof).await?
        {
            return Err(TokenError::slow_down(wait));
        }
        let proved = self.prove(&credentials, peer).await;
        match &proved {
            Ok(_) => self.0.proofs.remember(&proof).await,
            Err(error) if error.code() == TokenErrorCode::InvalidClient => {
                // A refusal here changes nothing: the next request is refused before it is judged.
                _ = self.0.limits.admit(Limit::Failure, peer).await;
            }
            Err(_) => {}
        }
        proved
    }

    async fn prove(
        &self,
        credentials: &Credentials,
        peer: Option<IpAddr>,
    ) -> Result<Client, TokenError> {
        let id = match credentials {
            Credentials::Id(id) | Credentials::Secret { id, .. } => id.clone(),
            Credentials::Assertion { id, assertion } => {
                let said = self
                    .0
                    .assertions
                    .subject(assertion.reveal())
                    .ok_or_else(unproved)?;
                if id.as_ref().is_some_and(|id| *id != said) {
                    return Err(unproved());
                }
                said
            }
        };
        let client = self.find_for(&id, peer).await.map_err(hide)?;
        match (&client.auth, credentials) {
            (ClientAuth::None, Credentials::Id(_)) => {}
            (
                ClientAuth::Secret { digest, by },
                Credentials::Secret {
                    secret, by: used, ..
                },
            ) if (by == used || *by == SecretMethod::Either)
                && digest.is_of(secret.reveal().as_bytes()) => {}
            (ClientAuth::Keys(keys), Credentials::Assertion { assertion, .. }) => {
                self.0
                    .assertions
                    .verify(&client.id, keys, assertion.reveal())
                    .await?;
            }
            _ => return Err(unproved()),
        }
        if client.kind == ClientKind::Registered {
            self.used(&client).await?;
        }
        Ok(client)
    }
}

/// Whether a client exists is nobody's business here.
fn hide(error: TokenError) -> TokenError {
    match error.code() {
        TokenErrorCode::InvalidClient | TokenErrorCode::InvalidClientMetadata => unproved(),
        _ => error,
    }
}

pub(super) fn unproved() -> TokenError {
    TokenError::invalid_client("the client is not known, or has not proved who it is")
}
