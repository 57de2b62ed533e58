//! How tokens are obtained: by a user who logs in, or by a machine for itself.

mod callback;
mod credentials;
mod enterprise;
mod login;
mod source;
mod workload;

pub use credentials::ClientCredentials;
pub use enterprise::Enterprise;
pub use source::JwtSource;
pub use workload::Workload;

pub(super) use login::Login;

use super::Result;
use super::discovery::Place;
use super::error::{AuthError, AuthErrorKind, excerpt};
use super::scopes::Scopes;
use super::store::Records;
use super::token::{Authentication, Form, Nonces, ProofKey, TokenEndpoint, Tokens};
use super::web::Web;

/// The grant of RFC 7523, section 2.1.
const JWT_BEARER: &str = "urn:ietf:params:oauth:grant-type:jwt-bearer";

/// One way to tokens.
#[derive(Debug)]
pub(super) enum Flow {
    Login(Box<Login>),
    Credentials(Box<ClientCredentials>),
    Enterprise(Box<Enterprise>),
    Workload(Box<Workload>),
}

/// What every way to tokens needs.
#[derive(Clone, Copy, Debug)]
pub(super) struct Request<'a> {
    pub(super) web: &'a Web,
    pub(super) place: &'a Place,
    pub(super) records: &'a Records,
    pub(super) scopes: &'a Scopes,
    /// The key that tokens are to be bound to.
    pub(super) proof: Option<(&'a ProofKey, &'a Nonces)>,
}

/// Tokens, and the client that they were issued to.
#[derive(Debug)]
pub(super) struct Granted {
    pub(super) client: String,
    pub(super) tokens: Tokens,
}

impl Flow {
    /// The only authorization server that will do, if there is one.
    pub(super) fn issuer(&self) -> Option<&str> {
        match self {
            Self::Login(login) => login.issuer(),
            Self::Credentials(flow) => flow.client.issuer.as_deref(),
            Self::Enterprise(flow) => flow.client.issuer.as_deref(),
            Self::Workload(_) => None,
        }
    }

    /// # Errors
    /// When somebody says no, cannot be reached, or lacks what this way needs.
    pub(super) async fn obtain(&self, request: Request<'_>) -> Result<Granted> {
        match self {
            Self::Login(flow) => flow.obtain(request).await,
            Self::Credentials(flow) => flow.obtain(request).await,
            Self::Enterprise(flow) => flow.obtain(request).await,
            Self::Workload(flow) => flow.obtain(request).await,
        }
    }

    /// Renews tokens without the user; `None` where there is a shorter way, or no way any more.
    ///
    /// # Errors
    /// When the authorization server cannot be reached, or answers with something else.
    pub(super) async fn refresh(
        &self,
        request: Request<'_>,
        client: &str,
        tokens: &Tokens,
    ) -> Result<Option<Tokens>> {
        match self {
            Self::Login(flow) => flow.refresh(request, client, tokens).await,
            // A machine obtains new ones as it obtained the first.
            _ => Ok(None),
        }
    }
}

impl<'a> Request<'a> {
    /// # Errors
    /// When the authorization server has none.
    fn endpoint(
        &self,
        client: &'a str,
        authentication: Authentication<'a>,
    ) -> Result<TokenEndpoint<'a>> {
        Ok(TokenEndpoint {
            web: self.web,
            url: required(self.place, &self.place.server.token_endpoint, "token")?,
            client,
            authentication,
            proof: self.proof,
        })
    }

    /// What tokens are asked for; besides the grant, every request says the same.
    fn form(&self, scopes: &'a str, grant: &[(&'a str, &'a str)]) -> Form<'a> {
        let mut form = grant.to_vec();
        form.extend(
            self.place
                .resource
                .as_deref()
                .map(|resource| ("resource", resource)),
        );
        form.extend((!scopes.is_empty()).then_some(("scope", scopes)));
        form
    }

    /// Tokens for a machine: one request to the token endpoint.
    async fn grant(
        &self,
        client: &str,
        authentication: Authentication<'_>,
        grant: &[(&str, &str)],
    ) -> Result<Granted> {
        let request = Request { ..*self };
        let scopes = self.scopes.to_string();
        let form = request.form(&scopes, grant);
        let endpoint = request.endpoint(client, authentication)?;
        let tokens = endpoint.tokens(&form, self.scopes.clone()).await?;
        Ok(Granted {
            client: client.to_owned(),
            tokens,
        })
    }
}

/// An endpoint that a way to tokens cannot do without.
fn required<'a>(place: &Place, endpoint: &'a Option<String>, name: &str) -> Result<&'a str> {
    endpoint.as_deref().ok_or_else(|| {
        let issuer = excerpt(place.issuer());
        let message = format!("the authorization server {issuer} has no {name} endpoint");
        AuthError::new(AuthErrorKind::Unsupported, message)
    })
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use purlin_client::BoxFuture;
    use purlin_client::http::Reach;

    use super::*;
    use crate::client::Registered;
    use crate::client::discovery::ServerMetadata;
    use crate::client::store::MemoryStore;
    use crate::client::user_agent::{Round, UserAgent};

    /// Nobody is sent anywhere.
    #[derive(Debug)]
    struct Nobody;

    impl UserAgent for Nobody {
        fn open<'a>(&'a self, _: Option<&'a str>) -> BoxFuture<'a, Result<Box<dyn Round>>> {
            panic!("the user is sent to a private place")
        }
    }

    fn place(page: &str, token: &str) -> Place {
        Place {
            server: ServerMetadata {
                issuer: "https://as.test".to_owned(),
                authorization_endpoint: Some(page.to_owned()),
                token_endpoint: Some(token.to_owned()),
                code_challenge_methods_supported: vec!["S256".to_owned()],
                ..ServerMetadata::default()
            },
            resource: None,
            scopes: Scopes::default(),
            wants_proof: false,
        }
    }

    #[tokio::test]
    async fn endpoints_that_a_public_server_names_are_public() {
        let registered = || Registered::new("c").secret("canary");
        let login = Flow::Login(Box::new(Login {
            name: "app".to_owned(),
            registered: Some(registered()),
            document: None,
            agent: Box::new(Nobody),
        }));
        let machine = Flow::Credentials(Box::new(ClientCredentials::new(registered())));
        let workload = Flow::Workload(Box::new(Workload::new("c", "canary")));
        for private in ["http://localhost:1/x", "http://169.254.169.254/x"] {
            let page = place(private, "https://1.1.1.1/token");
            let token = place("https://1.1.1.1/authorize", private);
            for (flow, place) in [(&login, &page), (&machine, &token), (&workload, &token)] {
                let records = Records(Arc::new(MemoryStore::default()));
                let request = Request {
                    web: &Web::default().within(Reach::Public),
                    place,
                    records: &records,
                    scopes: &Scopes::default(),
                    proof: None,
                };
                let error = flow.obtain(request).await.unwrap_err();
                assert_eq!(error.kind(), AuthErrorKind::Mismatch, "{error}");
            }
        }
    }
}
