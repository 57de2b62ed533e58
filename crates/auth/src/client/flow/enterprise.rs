//! A user whom the enterprise vouches for: no consent, no browser (SEP-990).
//!
//! The identity provider of the enterprise exchanges the user's ID token for an assertion about
//! this user, this client and this server (an ID-JAG, RFC 8693), and the server's authorization
//! server exchanges that for tokens (RFC 7523).

use purlin_client::http::Reach;

use super::{Granted, JWT_BEARER, JwtSource, Request, required};
use crate::client::discovery::{self, Place};
use crate::client::scopes::Scopes;
use crate::client::token::TokenEndpoint;
use crate::client::{Registered, Result};

const TOKEN_EXCHANGE: &str = "urn:ietf:params:oauth:grant-type:token-exchange";
const ID_TOKEN: &str = "urn:ietf:params:oauth:token-type:id_token";
const ID_JAG: &str = "urn:ietf:params:oauth:token-type:id-jag";

/// Tokens for a user who is logged in at the identity provider of an enterprise.
///
/// ```
/// use purlin_auth::client::{Enterprise, JwtSource, OAuth, Registered};
///
/// # async fn id_token() -> purlin_auth::client::Result<purlin_auth::client::Secret> { Ok("".into()) }
/// let at_idp = Registered::new("app-at-idp").issuer("https://idp.example");
/// let at_server = Registered::new("app-at-server").secret("s3cret");
/// let flow = Enterprise::new(at_idp, JwtSource::from_fn(id_token), at_server);
/// let oauth = OAuth::machine(flow).build();
/// ```
#[derive(Debug)]
pub struct Enterprise {
    idp: Registered,
    endpoint: Option<String>,
    id_token: JwtSource,
    pub(super) client: Registered,
}

impl Enterprise {
    /// Tokens for the user of an ID token, as the identity provider and the authorization server
    /// of the MCP server know this client. The first one needs its issuer or
    /// [`token_endpoint`](Self::token_endpoint).
    pub fn new(idp: Registered, id_token: impl Into<JwtSource>, client: Registered) -> Self {
        Self {
            idp,
            endpoint: None,
            id_token: id_token.into(),
            client,
        }
    }

    /// Where the identity provider exchanges tokens, instead of where its metadata says.
    #[must_use]
    pub fn token_endpoint(mut self, url: impl Into<String>) -> Self {
        self.endpoint = Some(url.into());
        self
    }

    pub(super) async fn obtain(&self, request: Request<'_>) -> Result<Granted> {
        let idp = self.identity_provider(request).await?;
        let endpoint = required(&idp, &idp.server.token_endpoint, "token")?;
        discovery::confidential(endpoint)?;
        let id_token = self.id_token.get().await?;
        let scopes = request.scopes.to_string();
        let form = request.form(
            &scopes,
            &[
                ("grant_type", TOKEN_EXCHANGE),
                ("requested_token_type", ID_JAG),
                ("audience", request.place.issuer()),
                ("subject_token", id_token.reveal()),
                ("subject_token_type", ID_TOKEN),
            ],
        );
        // Chosen by whoever configured us, not by the server.
        let web = request.web.within(Reach::Anywhere);
        let exchange = TokenEndpoint {
            web: &web,
            url: endpoint,
            client: self.idp.id(),
            authentication: self.idp.authentication(&idp.server),
            proof: None,
        };
        let assertion = exchange.assertion(&form).await?;
        let authentication = self.client.authentication(&request.place.server);
        let grant = [
            ("grant_type", JWT_BEARER),
            ("assertion", assertion.reveal()),
        ];
        request
            .grant(self.client.id(), authentication, &grant)
            .await
    }

    /// What is known of the identity provider.
    async fn identity_provider(&self, request: Request<'_>) -> Result<Place> {
        let issuer = self.idp.issuer.as_deref().unwrap_or_default();
        let server = match &self.endpoint {
            Some(endpoint) => discovery::ServerMetadata {
                issuer: issuer.to_owned(),
                token_endpoint: Some(endpoint.clone()),
                ..Default::default()
            },
            None => {
                let web = request.web.within(Reach::Anywhere);
                discovery::metadata(&web, issuer).await?
            }
        };
        Ok(Place {
            server,
            resource: None,
            scopes: Scopes::default(),
            wants_proof: false,
        })
    }
}
