//! Who a client is at an authorization server.

use std::time::{SystemTime, UNIX_EPOCH};

use http::StatusCode;
use serde::{Deserialize, Serialize};
use serde_json::json;

use super::discovery::ServerMetadata;
use super::error::{AuthError, AuthErrorKind, excerpt};
use super::scopes::Scopes;
use super::token::Authentication;
use super::web::Web;
use super::{Result, Secret, SigningKey};

/// A client that was registered beforehand.
///
/// ```
/// use purlin_auth::client::Registered;
///
/// let client = Registered::new("weather-app").secret("s3cret").issuer("https://as.example");
/// ```
#[derive(Debug)]
pub struct Registered {
    id: String,
    secret: Option<Secret>,
    key: Option<SigningKey>,
    pub(super) issuer: Option<String>,
}

impl Registered {
    /// A client without a secret.
    pub fn new(id: impl Into<String>) -> Self {
        Self {
            id: id.into(),
            secret: None,
            key: None,
            issuer: None,
        }
    }

    /// Authenticates with a secret: in a header, or in the body where the server takes only that.
    #[must_use]
    pub fn secret(mut self, secret: impl Into<Secret>) -> Self {
        self.secret = Some(secret.into());
        self
    }

    /// Authenticates with assertions signed by a key (RFC 7523).
    #[must_use]
    pub fn key(mut self, key: SigningKey) -> Self {
        self.key = Some(key);
        self
    }

    /// The authorization server that it is registered at, exactly as that one names itself. A
    /// server that takes no tokens from there is refused, and nobody else sees the secret.
    #[must_use]
    pub fn issuer(mut self, issuer: impl Into<String>) -> Self {
        self.issuer = Some(issuer.into());
        self
    }

    pub(super) fn id(&self) -> &str {
        &self.id
    }

    /// How it authenticates there: as it can, and as that server can.
    pub(super) fn authentication<'a>(&'a self, server: &'a ServerMetadata) -> Authentication<'a> {
        let audience = server.issuer.as_str();
        match (&self.key, &self.secret) {
            (Some(key), _) => Authentication::Key { key, audience },
            (None, Some(secret)) if takes_secrets_in_bodies_only(server) => {
                Authentication::Post(secret)
            }
            (None, Some(secret)) => Authentication::Basic(secret),
            (None, None) => Authentication::Public,
        }
    }
}

fn takes_secrets_in_bodies_only(server: &ServerMetadata) -> bool {
    let takes = |method| takes(server, method);
    takes(Method::ClientSecretPost) && !takes(Method::ClientSecretBasic)
}

fn takes(server: &ServerMetadata, method: Method) -> bool {
    let mut methods = server.token_endpoint_auth_methods_supported.iter();
    methods.any(|known| known == method.as_str())
}

/// How a client that was registered on the spot authenticates (RFC 7591, section 2).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Method {
    None,
    ClientSecretBasic,
    ClientSecretPost,
}

impl Method {
    fn as_str(self) -> &'static str {
        match self {
            Self::None => "none",
            Self::ClientSecretBasic => "client_secret_basic",
            Self::ClientSecretPost => "client_secret_post",
        }
    }
}

/// A client that was registered on the spot, as the server answered and as it is stored.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Registration {
    client_id: String,
    client_secret: Option<Secret>,
    token_endpoint_auth_method: Option<Method>,
    /// Seconds since 1970; zero for never.
    #[serde(default)]
    client_secret_expires_at: u64,
    /// Where it said that users come back to.
    #[serde(default)]
    pub(super) redirect_uri: String,
}

impl Registration {
    pub(super) fn id(&self) -> &str {
        &self.client_id
    }

    pub(super) fn authentication(&self) -> Authentication<'_> {
        match (&self.client_secret, self.token_endpoint_auth_method) {
            (None, _) | (_, Some(Method::None)) => Authentication::Public,
            (Some(secret), Some(Method::ClientSecretPost)) => Authentication::Post(secret),
            (Some(secret), _) => Authentication::Basic(secret),
        }
    }

    /// Whether it may still be used, for users who come back to this place.
    pub(super) fn is_good_for(&self, redirect_uri: &str) -> bool {
        let now = SystemTime::now()
            .duration_since(UNIX_EPOCH)
            .unwrap_or_default();
        let expires = self.client_secret_expires_at;
        self.redirect_uri == redirect_uri && (expires == 0 || expires > now.as_secs())
    }
}

/// Registers a client (RFC 7591), as a native application (SEP-837).
///
/// # Errors
/// When the server registers nobody, or not this client.
pub(super) async fn register(
    web: &Web,
    server: &ServerMetadata,
    name: &str,
    redirect_uri: &str,
    scopes: &Scopes,
) -> Result<Registration> {
    let Some(endpoint) = &server.registration_endpoint else {
        let message = format!(
            "{} registers no clients by itself: register one there, and give it to \
             `OAuthBuilder::client`",
            excerpt(&server.issuer)
        );
        return Err(AuthError::new(AuthErrorKind::Unsupported, message));
    };
    let mut document = json!({
        "client_name": name,
        "application_type": "native",
        "redirect_uris": [redirect_uri],
        "grant_types": ["authorization_code", "refresh_token"],
        "response_types": ["code"],
        "token_endpoint_auth_method": preferred(server).as_str(),
    });
    if !scopes.is_empty() {
        document["scope"] = scopes.to_string().into();
    }
    let body = document.to_string().into_bytes();
    let response = web.post_json(endpoint, body).await?;
    if ![StatusCode::OK, StatusCode::CREATED].contains(&response.status()) {
        return Err(refused(response.status(), response.body()));
    }
    let registration: Registration = serde_json::from_slice(response.body()).map_err(|_| {
        let message = "the authorization server answers a registration with something else";
        AuthError::new(AuthErrorKind::Protocol, message)
    })?;
    Ok(Registration {
        redirect_uri: redirect_uri.to_owned(),
        ..registration
    })
}

/// A program on a user's machine keeps no secret from that user, so it asks for none; where the
/// server insists, it takes what there is.
fn preferred(server: &ServerMetadata) -> Method {
    let offered = [
        Method::None,
        Method::ClientSecretBasic,
        Method::ClientSecretPost,
    ];
    let mut offered = offered.into_iter();
    offered
        .find(|method| takes(server, *method))
        .unwrap_or(Method::None)
}

fn refused(status: StatusCode, body: &[u8]) -> AuthError {
    #[derive(Deserialize)]
    struct Refused {
        error: String,
        error_description: Option<String>,
    }
    match serde_json::from_slice::<Refused>(body) {
        Ok(refused) => AuthError::denied(&refused.error, refused.error_description.as_deref()),
        Err(_) => {
            let message = format!("the registration is answered with HTTP status {status}");
            AuthError::new(AuthErrorKind::Denied, message)
        }
    }
}
