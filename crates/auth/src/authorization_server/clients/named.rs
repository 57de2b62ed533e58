//! Clients that the operator names.

use std::{fmt, sync::Arc};

use super::client::{Client, ClientAuth, ClientKind, GrantType, SecretMethod};
use crate::{
    Secret,
    authorization_server::{
        redirect::{self, ApplicationType, InvalidRedirectUri},
        storage::Digest,
    },
};

/// A client that the operator names, instead of letting it register itself.
///
/// ```
/// use purlin_auth::authorization_server::StaticClient;
///
/// let desktop = StaticClient::new("desktop", ["http://127.0.0.1/callback"])?.with_name("Desktop");
/// let website = StaticClient::new("website", ["https://app.example/callback"])?
///     .with_secret("a secret of at least 128 random bits".to_owned());
/// # let _ = (desktop, website);
/// # Ok::<(), purlin_auth::authorization_server::redirect::InvalidRedirectUri>(())
/// ```
#[derive(Clone)]
pub struct StaticClient(pub(super) Client);

impl StaticClient {
    /// A client without a secret, which may ask for codes and refresh.
    ///
    /// # Errors
    /// When one is no redirect URI.
    pub fn new<U: Into<String>>(
        id: impl Into<String>,
        redirect_uris: impl IntoIterator<Item = U>,
    ) -> Result<Self, InvalidRedirectUri> {
        let id = id.into();
        let redirect_uris: Vec<String> = redirect_uris.into_iter().map(Into::into).collect();
        for uri in &redirect_uris {
            redirect::check(uri, ApplicationType::Native)?;
        }
        Ok(Self(Client {
            name: id.clone(),
            id,
            redirect_uris,
            auth: ClientAuth::None,
            kind: ClientKind::Static,
            application_type: ApplicationType::Native,
            scopes: None,
            grants: GrantType::ALL.to_vec(),
            uri: None,
            patterns: Arc::default(),
        }))
    }

    /// What users are shown; else the id.
    #[must_use]
    pub fn with_name(mut self, name: impl Into<String>) -> Self {
        self.0.name = name.into();
        self
    }

    /// What it proves itself with, in a header or in the form (RFC 6749, section 2.3.1). At least
    /// 128 random bits: its SHA-256 is what is kept.
    #[must_use]
    pub fn with_secret(mut self, secret: impl Into<Secret>) -> Self {
        let secret = secret.into();
        self.0.auth = ClientAuth::Secret {
            digest: Digest::of(secret.reveal().as_bytes()),
            by: SecretMethod::Either,
        };
        self
    }

    /// The most it may ask for; else whatever the server offers.
    #[must_use]
    pub fn with_scopes<S: Into<String>>(mut self, scopes: impl IntoIterator<Item = S>) -> Self {
        self.0.scopes = Some(scopes.into_iter().map(Into::into).collect());
        self
    }
}

impl fmt::Debug for StaticClient {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("StaticClient").field(&self.0.id).finish()
    }
}
