//! Clients that register themselves (RFC 7591).

use std::{net::IpAddr, time::Duration};

use serde_json::{Map, Value, json};

use super::{
    Clients,
    client::{Client, ClientAuth, ClientKeys, ClientKind, GrantType, SecretMethod},
    elsewhere,
    metadata::{Metadata, Method},
};
use crate::{
    Secret,
    audit::{AuthEvent, AuthEventKind, AuthOutcome},
    authorization_server::{
        storage::{Digest, Limit},
        tokens::{TokenError, TokenErrorCode},
    },
    random,
};

/// The longest request, in bytes.
const LONGEST_REGISTRATION: usize = 16 * 1_024;

impl Clients {
    /// Registers a client: the answer, to be sent with status 201 and `Cache-Control: no-store`
    /// (RFC 7591, section 3.2.1).
    ///
    /// # Errors
    /// Says what is wrong with the metadata (section 3.2.2); `slow_down` beyond 10 a minute and
    /// 1,000 a day from one address, and 10,000 a day from all; those of the store.
    pub(crate) async fn register(
        &self,
        body: &[u8],
        peer: Option<IpAddr>,
    ) -> Result<Value, TokenError> {
        let registered = self.try_register(body, peer).await;
        let event = match &registered {
            Ok((client, _)) => AuthEvent::new(AuthEventKind::Registration, AuthOutcome::Granted)
                .with_client(&client.id),
            Err(error) if error.code() == TokenErrorCode::TemporarilyUnavailable => {
                AuthEvent::new(AuthEventKind::Registration, AuthOutcome::Failed)
            }
            Err(error) => AuthEvent::new(AuthEventKind::Registration, AuthOutcome::Refused)
                .with_reason(error.code().as_str()),
        };
        self.0.events.record(&event.with_address(peer));
        let (client, secret) = registered?;
        Ok(self.answer(&client, secret))
    }

    async fn try_register(
        &self,
        body: &[u8],
        peer: Option<IpAddr>,
    ) -> Result<(Client, Option<Secret>), TokenError> {
        self.admit_registration(peer)
            .await
            .map_err(TokenError::slow_down)?;
        if body.len() > LONGEST_REGISTRATION {
            let text = "the request has more than 16 KiB";
            return Err(TokenError::new(TokenErrorCode::InvalidClientMetadata, text));
        }
        let metadata = Metadata::read(body)?;
        // RFC 7591, section 2: whoever does not say uses `client_secret_basic`.
        let method = metadata.method(Method::Secret(SecretMethod::Basic))?;
        let secret = match method {
            Method::Secret(_) => Some(Secret::from(random::text())),
            Method::None | Method::Keys => None,
        };
        let digest = secret
            .as_ref()
            .map(|secret| Digest::of(secret.reveal().as_bytes()));
        let client =
            metadata.into_client(random::text(), ClientKind::Registered, method, digest)?;
        let client = self.permitted(client)?;
        if !client
            .redirect_uris
            .iter()
            .all(|uri| client.is_permitted(uri))
        {
            return Err(elsewhere());
        }
        self.keep(&client).await?;
        Ok((client, secret))
    }

    /// The limit of all comes last, so that it is not used up by whom the others refuse.
    async fn admit_registration(&self, peer: Option<IpAddr>) -> Result<(), Duration> {
        let limits = &self.0.limits;
        limits.admit(Limit::Registration, peer).await?;
        limits.admit(Limit::RegistrationsOfADay, peer).await?;
        limits.admit_all(Limit::AllRegistrations).await
    }

    fn answer(&self, client: &Client, secret: Option<Secret>) -> Value {
        let grants: Vec<_> = client
            .grants
            .iter()
            .copied()
            .map(GrantType::as_str)
            .collect();
        let mut answer = Map::new();
        let mut add = |name: &str, value: Value| answer.insert(name.to_owned(), value);
        add("client_id", json!(client.id));
        add("client_id_issued_at", json!(self.0.clock.seconds()));
        add("client_name", json!(client.name));
        add("redirect_uris", json!(client.redirect_uris));
        add("application_type", json!(client.application_type));
        add("token_endpoint_auth_method", json!(client.auth.method()));
        add("grant_types", json!(grants));
        add("response_types", json!(["code"]));
        if let Some(secret) = secret {
            add("client_secret", json!(secret.reveal()));
            // It lives as long as the client is used.
            add("client_secret_expires_at", json!(0));
        }
        if let Some(scopes) = &client.scopes {
            add("scope", json!(scopes.join(" ")));
        }
        if let Some(uri) = &client.uri {
            add("client_uri", json!(uri));
        }
        match &client.auth {
            ClientAuth::Keys(ClientKeys::Inline(jwks)) => _ = add("jwks", jwks.clone()),
            ClientAuth::Keys(ClientKeys::At(uri)) => _ = add("jwks_uri", json!(uri)),
            ClientAuth::None | ClientAuth::Secret { .. } => {}
        }
        answer.into()
    }
}
