//! The server itself: what its endpoints share.

use std::{fmt, net::IpAddr, sync::Arc, time::Duration};

use bytes::Bytes;
use purlin_core::KeyRing;

use super::{
    assertion::IdentityAssertions,
    call::Call,
    clients::{Client, Clients},
    cookie::Cookies,
    endpoint,
    flow::{
        authorize::{BAD_CLIENT, UNKNOWN_CLIENT},
        code::Codes,
        lockout::Lockout,
        refusal::COME_BACK,
        transaction::Transactions,
    },
    issuer::Issuer,
    page::{ErrorPage, Pages},
    scopes::Scopes,
    storage::{Limit, Limits},
    tokens::{TokenErrorCode, Tokens, Upstream},
};
use crate::{
    audit::{AuthEvent, AuthEventKind, AuthEvents, AuthOutcome},
    identity::IdentityProvider,
    protect::Protection,
    verify::Clock,
};

/// An authorization server for one MCP server, in front of an identity provider.
///
/// Made by [`AuthorizationServer::builder`]; a clone is a handle on the same one. What it does is
/// in the docs of the [module](super).
#[derive(Clone)]
pub struct AuthorizationServer(pub(super) Arc<Inner>);

pub(super) struct Inner {
    pub(super) issuer: Issuer,
    pub(super) resource: String,
    pub(super) provider: Arc<dyn IdentityProvider>,
    pub(super) scopes: Scopes,
    pub(super) pages: Pages,
    pub(super) events: Arc<dyn AuthEvents>,
    pub(super) clock: Arc<dyn Clock>,
    pub(super) cookies: Cookies,
    /// Seals what browsers carry.
    pub(super) ring: KeyRing,
    pub(super) limits: Limits,
    pub(super) lockout: Lockout,
    pub(super) transactions: Transactions,
    pub(super) codes: Codes,
    pub(super) clients: Clients,
    pub(super) tokens: Tokens,
    pub(super) assertions: Option<IdentityAssertions>,
    pub(super) metadata: Bytes,
    pub(super) registration: bool,
    pub(super) skips_consent: bool,
}

impl AuthorizationServer {
    /// The issuer, as it was configured.
    pub fn issuer(&self) -> &str {
        self.0.issuer.as_str()
    }

    /// The URL of the MCP server that tokens are for.
    pub fn resource(&self) -> &str {
        &self.0.resource
    }

    /// The tokens of the identity provider, for handlers that call its services in the name of
    /// their caller.
    pub fn upstream(&self) -> Upstream {
        self.0.tokens.upstream()
    }

    /// The protection of the MCP server that tokens are for: it verifies them, says where to get
    /// one, and answers at the endpoints of the authorization server as well.
    ///
    /// ```
    /// use purlin_auth::authorization_server::{AuthorizationServer, DevelopmentLogin};
    /// use purlin_http::HttpConfig;
    ///
    /// let server = AuthorizationServer::builder("http://127.0.0.1:8000", DevelopmentLogin::new())
    ///     .resource("http://127.0.0.1:8000/mcp")
    ///     .build()?;
    /// let config = HttpConfig::new().authenticator(server.protection());
    /// # Ok::<(), purlin_auth::authorization_server::BuildError>(())
    /// ```
    pub fn protection(&self) -> Protection {
        let protection = Protection::new(&self.0.resource, self.0.tokens.clone());
        protection
            .expect("the resource was held against the same rules when the server was built")
            .shared_events(Arc::clone(&self.0.events))
            .authorization_server(self.issuer())
            .scopes_supported(self.0.scopes.names())
            .with_routes(endpoint::routes(&self.0))
    }
}

impl fmt::Debug for AuthorizationServer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("AuthorizationServer")
            .field("issuer", &self.0.issuer.as_str())
            .field("resource", &self.0.resource)
            .field("provider", &self.0.provider)
            .finish_non_exhaustive()
    }
}

impl Inner {
    /// In seconds since 1970.
    pub(super) fn now(&self) -> u64 {
        self.clock.seconds()
    }

    pub(super) fn event(
        &self,
        kind: AuthEventKind,
        outcome: AuthOutcome,
        call: &Call,
    ) -> AuthEvent {
        AuthEvent::new(kind, outcome).with_address(call.peer)
    }

    pub(super) fn record(&self, event: &AuthEvent) {
        self.events.record(event);
    }

    /// # Errors
    /// A page, for whoever asks too often.
    pub(super) async fn limit(&self, limit: Limit, peer: Option<IpAddr>) -> Result<(), ErrorPage> {
        let admitted = self.limits.admit(limit, peer).await;
        admitted.map_err(ErrorPage::too_many)
    }

    /// # Errors
    /// A page: nobody is sent to a client that is not certain.
    pub(super) async fn find_client(
        &self,
        id: &str,
        peer: Option<IpAddr>,
    ) -> Result<Client, ErrorPage> {
        let found = self.clients.find_for(id, peer).await;
        found.map_err(|error| {
            let wait = error.retry_after().map_or(COME_BACK, Duration::from_secs);
            match error.code() {
                TokenErrorCode::InvalidClient => UNKNOWN_CLIENT,
                TokenErrorCode::InvalidClientMetadata | TokenErrorCode::InvalidRedirectUri => {
                    tracing::warn!(target: "purlin::auth", %error, "the document of a client is refused");
                    BAD_CLIENT
                }
                TokenErrorCode::SlowDown => ErrorPage::too_many(wait),
                _ => ErrorPage::unavailable(wait),
            }
        })
    }
}
