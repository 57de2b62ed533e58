//! What is kept, and under which names.

use std::sync::Arc;

use purlin_client::http::Reach;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use serde_json::json;

use super::TokenStore;
use crate::client::error::{AuthError, AuthErrorKind};
use crate::client::scopes::Scopes;
use crate::client::{Result, Secret};

/// The name of a record.
#[derive(Debug)]
pub(in crate::client) enum Key<'a> {
    /// What is known of an MCP server: [`Visited`].
    Server { url: &'a str },
    /// Who we are at an issuer.
    Client { issuer: &'a str },
    /// The tokens for a resource.
    Tokens {
        issuer: &'a str,
        resource: Option<&'a str>,
        client: &'a str,
    },
}

/// Where the tokens of an MCP server are kept.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(in crate::client) struct Visited {
    pub(in crate::client) issuer: String,
    pub(in crate::client) resource: Option<String>,
    pub(in crate::client) client: String,
    /// Every scope that was asked for there.
    pub(in crate::client) asked: Scopes,
    /// Whether the server may send us to every address; see [`Reach`].
    #[serde(default)]
    pub(in crate::client) everywhere: bool,
}

impl Visited {
    pub(in crate::client) fn reach(&self) -> Reach {
        match self.everywhere {
            true => Reach::Anywhere,
            false => Reach::Public,
        }
    }

    pub(in crate::client) fn tokens(&self) -> Key<'_> {
        Key::Tokens {
            issuer: &self.issuer,
            resource: self.resource.as_deref(),
            client: &self.client,
        }
    }
}

impl Key<'_> {
    /// A list, so that no part can run into the next.
    fn name(&self) -> String {
        match self {
            Self::Server { url } => json!(["server", url]),
            Self::Client { issuer } => json!(["client", issuer]),
            Self::Tokens {
                issuer,
                resource,
                client,
            } => json!(["tokens", issuer, resource, client]),
        }
        .to_string()
    }
}

/// A store of typed records.
#[derive(Clone, Debug)]
pub(in crate::client) struct Records(pub(in crate::client) Arc<dyn TokenStore>);

impl Records {
    /// A record; what another version wrote and this one cannot read is as good as absent.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub(in crate::client) async fn load<T: DeserializeOwned>(
        &self,
        key: &Key<'_>,
    ) -> Result<Option<T>> {
        let stored = self.0.load(&key.name()).await?;
        Ok(stored.and_then(|stored| serde_json::from_str(stored.reveal()).ok()))
    }

    /// # Errors
    /// When the store cannot be written.
    pub(in crate::client) async fn save<T: Serialize>(
        &self,
        key: &Key<'_>,
        record: &T,
    ) -> Result<()> {
        let text = serde_json::to_string(record).map_err(|error| {
            AuthError::new(AuthErrorKind::Store, "a record cannot be written").because(error)
        })?;
        self.0.save(&key.name(), &Secret::from(text)).await
    }

    /// # Errors
    /// When the store cannot be written.
    pub(in crate::client) async fn remove(&self, key: &Key<'_>) -> Result<()> {
        self.0.remove(&key.name()).await
    }
}
