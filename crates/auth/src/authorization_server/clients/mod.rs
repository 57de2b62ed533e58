//! The applications that users let in, and how they prove who they are.
//!
//! A client is known in one of three ways: the operator named it ([`StaticClient`]), its id is the
//! URL of a document about it ([`document`](self::document)), or it registered itself (RFC 7591).
//! What it says of itself is checked once, when it comes in ([`metadata`](self::metadata)), and
//! nobody believes more of it than that: its name is shown as its own claim.
//!
//! Registered clients lie sealed in the store, under the SHA-256 of their id, for 30 days from
//! their last use. One address registers 10 a minute and 1,000 a day, all together 10,000 a day: no
//! more than 300,000 are there that nobody uses.

mod authenticate;
mod client;
mod credentials;
mod document;
mod freshness;
mod metadata;
mod named;
mod proofs;
mod registration;
#[cfg(test)]
mod tests;
mod web;

use std::{collections::HashMap, fmt, net::IpAddr, sync::Arc, time::Duration};

#[cfg(test)]
pub(crate) use client::ClientAuth;
pub(crate) use client::{Client, ClientKeys, ClientKind, GrantType};
pub use named::StaticClient;

use self::{document::Documents, proofs::Proofs, web::OfClients};
use super::{
    assertion::ClientAssertions,
    redirect::RedirectPattern,
    storage::{Limits, Records, Storage},
    tokens::{TokenError, TokenErrorCode},
};
use crate::{audit::AuthEvents, fetch::Fetch, verify::Clock};

/// How long a registered client is kept without being used.
const UNUSED: Duration = Duration::from_secs(30 * 24 * 60 * 60);
/// How much of that may pass before a use is written down: one write a day and client.
const WRITTEN_AGAIN: Duration = Duration::from_secs(29 * 24 * 60 * 60);

/// All clients. A clone is a handle on the same.
#[derive(Clone)]
pub(crate) struct Clients(Arc<Register>);

struct Register {
    named: HashMap<String, Client>,
    documents: Option<Documents>,
    registered: Records<Client>,
    assertions: ClientAssertions,
    proofs: Proofs,
    patterns: Arc<[RedirectPattern]>,
    limits: Limits,
    events: Arc<dyn AuthEvents>,
    clock: Arc<dyn Clock>,
}

/// What [`Clients`] are made of.
pub(crate) struct ClientsConfig {
    /// Clients that the operator names.
    pub(crate) named: Vec<StaticClient>,
    /// Where clients that nobody named may send users to; none for wherever they registered.
    pub(crate) patterns: Vec<RedirectPattern>,
    /// Whether URLs are client ids.
    pub(crate) documents: bool,
    pub(crate) fetch: Arc<dyn Fetch>,
    /// Our identifier and the URL of the token endpoint: what assertions of clients may be for.
    pub(crate) audiences: Vec<String>,
    pub(crate) events: Arc<dyn AuthEvents>,
    pub(crate) clock: Arc<dyn Clock>,
}

impl Clients {
    pub(crate) fn new(storage: &Storage, limits: Limits, config: ClientsConfig) -> Self {
        let ClientsConfig {
            named,
            patterns,
            documents,
            fetch,
            audiences,
            events,
            clock,
        } = config;
        let named = named
            .into_iter()
            .map(|client| (client.0.id.clone(), client.0));
        let fetch: Arc<dyn Fetch> = Arc::new(OfClients::new(fetch, limits.clone()));
        let of_url = || Documents::new(Arc::clone(&fetch), limits.clone(), Arc::clone(&clock));
        Self(Arc::new(Register {
            named: named.collect(),
            documents: documents.then(of_url),
            registered: storage.records("clients"),
            assertions: ClientAssertions::new(
                storage,
                audiences,
                Arc::clone(&fetch),
                Arc::clone(&clock),
            ),
            proofs: Proofs::new(storage),
            patterns: patterns.into(),
            limits,
            events,
            clock,
        }))
    }

    /// The client of an id, whoever asks.
    #[cfg(test)]
    pub(crate) async fn find(&self, id: &str) -> Result<Client, TokenError> {
        self.find_for(id, None).await
    }

    /// The client of an id, for somebody at this address.
    ///
    /// # Errors
    /// `invalid_client` when nobody has this id; `invalid_client_metadata` when the document about
    /// it breaks a rule; `slow_down` when its document is asked for too often; those of the store.
    pub(crate) async fn find_for(
        &self,
        id: &str,
        peer: Option<IpAddr>,
    ) -> Result<Client, TokenError> {
        if let Some(client) = self.0.named.get(id) {
            return Ok(client.clone());
        }
        if let Some(documents) = &self.0.documents
            && id.starts_with("https://")
        {
            return self.permitted(documents.find(id, peer).await?);
        }
        let found = self.0.registered.get(id).await?;
        let found = found.ok_or_else(|| {
            TokenError::invalid_client("nobody has this `client_id` here: register again")
        })?;
        self.permitted(found.value)
    }

    /// The client, if the operator allows any of the places where it sends users.
    fn permitted(&self, mut client: Client) -> Result<Client, TokenError> {
        client.patterns = Arc::clone(&self.0.patterns);
        if client
            .redirect_uris
            .iter()
            .any(|uri| client.is_permitted(uri))
        {
            return Ok(client);
        }
        Err(elsewhere())
    }

    async fn keep(&self, client: &Client) -> Result<(), TokenError> {
        Ok(self.0.registered.put(&client.id, client, UNUSED).await?)
    }

    /// Notes that a registered client is in use.
    async fn used(&self, client: &Client) -> Result<(), TokenError> {
        let Some(found) = self.0.registered.get(&client.id).await? else {
            return Ok(());
        };
        if found.expires_in.is_none_or(|left| left < WRITTEN_AGAIN) {
            // Somebody else may have noted it in the same moment.
            self.0
                .registered
                .replace(&client.id, &found, Some(client), UNUSED)
                .await?;
        }
        Ok(())
    }
}

fn elsewhere() -> TokenError {
    let text = "`redirect_uris` has what the operator of this server does not allow";
    TokenError::new(TokenErrorCode::InvalidRedirectUri, text)
}

impl fmt::Debug for Clients {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Clients")
            .field("named", &self.0.named.len())
            .finish_non_exhaustive()
    }
}
