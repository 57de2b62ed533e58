//! The token endpoint, for every grant (RFC 6749, section 3.2).

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use form_urlencoded::{Serializer, byte_serialize};
use http::Response;
use http::header::{AUTHORIZATION, HeaderMap};
use serde::Deserialize;
use serde_json::{Map, json};

use super::Tokens;
use super::proof::{DPOP, Nonces, ProofKey, USE_NONCE};
use crate::client::error::{AuthError, AuthErrorKind};
use crate::client::header::header;
use crate::client::scopes::Scopes;
use crate::client::web::Web;
use crate::client::{Result, Secret, SigningKey};
use crate::random;

/// How long an assertion is good for.
const ASSERTION: Duration = Duration::from_secs(60);
const ASSERTION_TYPE: &str = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";

/// The parameters that nobody else may read.
const SECRETS: [&str; 5] = [
    "code",
    "code_verifier",
    "refresh_token",
    "assertion",
    "subject_token",
];

/// How a client proves to the endpoint who it is (RFC 6749, section 2.3; RFC 7523, section 2.2).
#[derive(Clone, Copy, Debug)]
pub(in crate::client) enum Authentication<'a> {
    /// It does not: it only says so.
    Public,
    Basic(&'a Secret),
    Post(&'a Secret),
    /// With a statement to this audience, signed by the key.
    Key {
        key: &'a SigningKey,
        audience: &'a str,
    },
}

/// The parameters of a request, names and values.
pub(in crate::client) type Form<'a> = Vec<(&'a str, &'a str)>;

/// An endpoint that tokens are asked from, on behalf of one client.
#[derive(Debug)]
pub(in crate::client) struct TokenEndpoint<'a> {
    pub(in crate::client) web: &'a Web,
    pub(in crate::client) url: &'a str,
    pub(in crate::client) client: &'a str,
    pub(in crate::client) authentication: Authentication<'a>,
    /// The key that tokens are to be bound to, and the nonces that proofs need.
    pub(in crate::client) proof: Option<(&'a ProofKey, &'a Nonces)>,
}

/// A successful answer (RFC 6749, section 5.1).
#[derive(Deserialize)]
struct Issued {
    access_token: Secret,
    token_type: String,
    #[serde(default)]
    expires_in: Option<serde_json::Value>,
    refresh_token: Option<Secret>,
}

/// An error (RFC 6749, section 5.2).
#[derive(Deserialize)]
struct Refused {
    error: String,
    error_description: Option<String>,
}

impl TokenEndpoint<'_> {
    /// Asks for tokens.
    ///
    /// # Errors
    /// When the endpoint cannot be reached, says no, or issues something else than was asked for.
    pub(in crate::client) async fn tokens(&self, form: &Form<'_>, asked: Scopes) -> Result<Tokens> {
        let issued = self.request(form).await?;
        let expected = match self.proof {
            Some(_) => "DPoP",
            None => "Bearer",
        };
        if !issued.token_type.eq_ignore_ascii_case(expected) {
            let message = format!("the authorization server issued no {expected} token");
            return Err(AuthError::new(AuthErrorKind::Protocol, message));
        }
        let lifetime = issued.expires_in.as_ref().and_then(seconds);
        Ok(Tokens {
            access: issued.access_token,
            refresh: issued.refresh_token,
            expires: lifetime.and_then(|lifetime| SystemTime::now().checked_add(lifetime)),
            asked,
            key: self.proof.map(|(key, _)| key.stored.clone()),
        })
    }

    /// Asks for something that is no token for a server but a step towards one.
    ///
    /// # Errors
    /// As [`tokens`](Self::tokens).
    pub(in crate::client) async fn assertion(&self, form: &Form<'_>) -> Result<Secret> {
        Ok(self.request(form).await?.access_token)
    }

    /// Sends a request; once more if all that is missing is the server's nonce.
    async fn request(&self, form: &Form<'_>) -> Result<Issued> {
        match self.once(form).await? {
            (Err(error), true) if error.code() == Some(USE_NONCE) => self.once(form).await?.0,
            (outcome, _) => outcome,
        }
    }

    /// Sends a request; says besides whether the answer brought a new nonce.
    async fn once(&self, form: &Form<'_>) -> Result<(Result<Issued>, bool)> {
        let (headers, body) = self.encode(form)?;
        let response = self.web.post_form(self.url, headers, body).await?;
        let renewed = self
            .proof
            .is_some_and(|(_, nonces)| nonces.remember(self.url, response.headers()));
        let outcome = if response.status().is_success() {
            serde_json::from_slice(response.body()).map_err(|_| no_answer(response.status()))
        } else {
            Err(self.refused(&response, form))
        };
        Ok((outcome, renewed))
    }

    /// Why the endpoint says no. Some repeat in their own words what they were sent, so what was
    /// secret in the request is taken out again.
    fn refused(&self, response: &Response<Vec<u8>>, form: &Form<'_>) -> AuthError {
        let (status, body) = (response.status(), response.body());
        let Ok(refused) = serde_json::from_slice::<Refused>(body) else {
            return if status.is_server_error() {
                let message = format!("the token endpoint answers with HTTP status {status}");
                AuthError::new(AuthErrorKind::Network, message)
            } else {
                no_answer(status)
            };
        };
        let secret = match self.authentication {
            Authentication::Basic(secret) | Authentication::Post(secret) => Some(secret.reveal()),
            Authentication::Public | Authentication::Key { .. } => None,
        };
        let sent = form.iter().filter(|(name, _)| SECRETS.contains(name));
        let hidden: Vec<_> = sent.map(|(_, value)| *value).chain(secret).collect();
        let hide = |text: &str| {
            let hidden = hidden.iter().filter(|secret| !secret.is_empty());
            hidden.fold(text.to_owned(), |text, secret| {
                text.replace(secret, "[redacted]")
            })
        };
        let description = refused.error_description.as_deref().map(hide);
        AuthError::denied(&hide(&refused.error), description.as_deref())
    }

    /// A request, with what proves who sends it.
    fn encode(&self, form: &Form<'_>) -> Result<(HeaderMap, String)> {
        let (mut body, mut headers) = (Serializer::new(String::new()), HeaderMap::new());
        body.extend_pairs(form);
        self.authenticate(&mut body, &mut headers)?;
        if let Some((key, nonces)) = self.proof {
            headers.insert(DPOP, header(&key.prove("POST", self.url, nonces, None)?)?);
        }
        Ok((headers, body.finish()))
    }

    fn authenticate(
        &self,
        body: &mut Serializer<'_, String>,
        headers: &mut HeaderMap,
    ) -> Result<()> {
        if !matches!(self.authentication, Authentication::Basic(_)) {
            body.append_pair("client_id", self.client);
        }
        match self.authentication {
            Authentication::Public => {}
            Authentication::Post(secret) => _ = body.append_pair("client_secret", secret.reveal()),
            Authentication::Basic(secret) => {
                // Each half is encoded as in a form first (RFC 6749, section 2.3.1).
                let half = |text: &str| byte_serialize(text.as_bytes()).collect::<String>();
                let both = format!("{}:{}", half(self.client), half(secret.reveal()));
                let value = format!("Basic {}", STANDARD.encode(both));
                headers.insert(AUTHORIZATION, header(&value)?);
            }
            Authentication::Key { key, audience } => {
                body.append_pair("client_assertion_type", ASSERTION_TYPE);
                body.append_pair("client_assertion", &self.statement(key, audience)?);
            }
        }
        Ok(())
    }

    /// Who the client is, in its own words (RFC 7523, section 3).
    fn statement(&self, key: &SigningKey, audience: &str) -> Result<String> {
        let now = SystemTime::now()
            .duration_since(UNIX_EPOCH)
            .unwrap_or_default();
        let claims = json!({
            "iss": self.client,
            "sub": self.client,
            "aud": audience,
            "jti": random::text(),
            "iat": now.as_secs(),
            "exp": (now + ASSERTION).as_secs(),
        });
        let header = Map::from_iter([("typ".to_owned(), json!("JWT"))]);
        key.sign(header, &claims)
    }
}

/// A number of seconds; some servers write it as a text.
fn seconds(value: &serde_json::Value) -> Option<Duration> {
    let text = value.as_str().and_then(|text| text.parse().ok());
    value.as_u64().or(text).map(Duration::from_secs)
}

/// The body is not shown: it may hold half a token.
fn no_answer(status: http::StatusCode) -> AuthError {
    let message = format!("the token endpoint answers with HTTP status {status} and no token");
    AuthError::new(AuthErrorKind::Protocol, message)
}
