//! Codes and refresh tokens, traded for tokens of the provider.
//!
//! The requests are made by the crate `oauth2`; they leave by way of ours, and what comes back is
//! made fit for it on the way, since it reads less than providers write.

use std::collections::HashMap;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use http::header::CONTENT_TYPE;
use http::{HeaderValue, Request, Response, StatusCode};
use oauth2::basic::{
    BasicErrorResponse, BasicErrorResponseType, BasicRevocationErrorResponse,
    BasicTokenIntrospectionResponse, BasicTokenType,
};
use oauth2::{
    AccessToken, AsyncHttpClient, AuthType, AuthUrl, AuthorizationCode, ClientId, ClientSecret,
    CsrfToken, EndpointNotSet, EndpointSet, PkceCodeChallenge, PkceCodeVerifier, RedirectUrl,
    RefreshToken, RequestTokenError, Scope, StandardRevocableToken, TokenResponse, TokenUrl,
};
use purlin_core::BoxFuture;
use serde::{Deserialize, Deserializer, Serialize};
use serde_json::Value;

use super::document::Document;
use super::failure::Failure;
use super::web::Web;
use crate::Secret;
use crate::identity::UpstreamTokens;

/// Errors that say that what was traded is worth nothing, by the standard and at GitHub.
const WORTHLESS: [&str; 3] = [
    "invalid_grant",
    "bad_verification_code",
    "bad_refresh_token",
];

type Client<Authorize, Token> = oauth2::Client<
    BasicErrorResponse,
    Issued,
    BasicTokenIntrospectionResponse,
    StandardRevocableToken,
    BasicRevocationErrorResponse,
    Authorize,
    EndpointNotSet,
    EndpointNotSet,
    EndpointNotSet,
    Token,
>;

type Refused = RequestTokenError<Failure, BasicErrorResponse>;

/// The application at a provider, on its way to tokens.
#[derive(Clone, Copy, Debug)]
pub(super) struct Upstream<'a> {
    pub(super) document: &'a Document,
    pub(super) client_id: &'a str,
    pub(super) client_secret: Option<&'a Secret>,
    pub(super) scopes: &'a [String],
    pub(super) parameters: &'a [(String, String)],
    pub(super) web: &'a Web,
}

/// What only this login knows, until the browser is back.
#[derive(Serialize, Deserialize)]
pub(super) struct LoginSecrets {
    /// The verifier of a PKCE of our own (RFC 7636).
    pub(super) verifier: String,
    pub(super) nonce: String,
}

impl Upstream<'_> {
    /// Where the browser goes.
    ///
    /// # Errors
    /// When the provider has no such place.
    pub(super) fn authorize_url(
        &self,
        state: &str,
        redirect_uri: &str,
        secrets: &LoginSecrets,
        asks_for_id: bool,
    ) -> Result<String, Failure> {
        let place = self.document.authorization_endpoint.as_deref();
        let place = place.and_then(|place| AuthUrl::new(place.to_owned()).ok());
        let place = place.ok_or(Failure::misconfigured(
            "the provider's document says nowhere where users log in",
        ))?;
        let client = self.client()?.set_auth_uri(place);
        let client = client.set_redirect_uri(redirect(redirect_uri)?);
        let verifier = PkceCodeVerifier::new(secrets.verifier.clone());
        let state = state.to_owned();
        let mut request = client
            .authorize_url(|| CsrfToken::new(state))
            .add_scopes(self.scopes.iter().cloned().map(Scope::new))
            .set_pkce_challenge(PkceCodeChallenge::from_code_verifier_sha256(&verifier));
        if asks_for_id {
            request = request.add_extra_param("nonce", secrets.nonce.as_str());
        }
        for (name, value) in self.parameters {
            request = request.add_extra_param(name.as_str(), value.as_str());
        }
        Ok(request.url().0.into())
    }

    /// Tokens for the code that the browser brought.
    ///
    /// # Errors
    /// When there are none.
    pub(super) async fn exchange(
        &self,
        code: &str,
        redirect_uri: &str,
        secrets: &LoginSecrets,
    ) -> Result<UpstreamTokens, Failure> {
        let client = self.client()?.set_redirect_uri(redirect(redirect_uri)?);
        let verifier = PkceCodeVerifier::new(secrets.verifier.clone());
        let issued = client
            .exchange_code(AuthorizationCode::new(code.to_owned()))
            .set_pkce_verifier(verifier)
            .request_async(self)
            .await;
        let worthless = Failure::untrusted("the provider does not know the code of the answer");
        issued
            .map_err(|refused| failure(refused, worthless))?
            .tokens()
    }

    /// Tokens for a refresh token.
    ///
    /// # Errors
    /// When there are none: because the provider no longer vouches, or for now.
    pub(super) async fn refresh(&self, refresh: &Secret) -> Result<UpstreamTokens, Failure> {
        let token = RefreshToken::new(refresh.reveal().to_owned());
        let client = self.client()?;
        let issued = client
            .exchange_refresh_token(&token)
            .request_async(self)
            .await;
        let worthless = Failure::denied("the provider no longer vouches for the user");
        let mut tokens = issued
            .map_err(|refused| failure(refused, worthless))?
            .tokens()?;
        // It goes on if no new one is issued (RFC 6749, section 6).
        tokens.refresh_token.get_or_insert_with(|| refresh.clone());
        Ok(tokens)
    }

    fn client(&self) -> Result<Client<EndpointNotSet, EndpointSet>, Failure> {
        let place = self.document.token_endpoint.as_deref();
        let place = place.and_then(|place| TokenUrl::new(place.to_owned()).ok());
        let place = place.ok_or(Failure::misconfigured(
            "the provider's document says nowhere where tokens are issued",
        ))?;
        let id = ClientId::new(self.client_id.to_owned());
        let client = Client::<EndpointNotSet, EndpointNotSet>::new(id)
            .set_auth_type(self.authentication())
            .set_token_uri(place);
        Ok(match self.client_secret {
            Some(secret) => client.set_client_secret(ClientSecret::new(secret.reveal().to_owned())),
            None => client,
        })
    }

    fn authentication(&self) -> AuthType {
        let methods = &self.document.token_endpoint_auth_methods_supported;
        let takes = |method: &str| methods.iter().any(|known| known == method);
        // Without a word on it, it is Basic (RFC 8414, section 2).
        match methods.is_empty() || takes("client_secret_basic") {
            true => AuthType::BasicAuth,
            false => AuthType::RequestBody,
        }
    }

    async fn send(&self, request: Request<Vec<u8>>) -> Result<Response<Vec<u8>>, Failure> {
        self.web.send(request).await.and_then(readable)
    }
}

impl<'c> AsyncHttpClient<'c> for Upstream<'_> {
    type Error = Failure;
    type Future = BoxFuture<'c, Result<Response<Vec<u8>>, Failure>>;

    fn call(&'c self, request: Request<Vec<u8>>) -> Self::Future {
        Box::pin(self.send(request))
    }
}

/// An answer as the crate reads it: `200` for any success, and an error that calls itself a success
/// (GitHub's) for what it is.
fn readable(mut response: Response<Vec<u8>>) -> Result<Response<Vec<u8>>, Failure> {
    let status = response.status();
    if status.is_server_error() || status == StatusCode::TOO_MANY_REQUESTS {
        let why = "the provider is in trouble at its token endpoint";
        return Err(Failure::unavailable(why));
    }
    if status.is_success() {
        let body = serde_json::from_slice::<HashMap<String, Value>>(response.body());
        let is_error = body.is_ok_and(|body| body.contains_key("error"));
        *response.status_mut() = match is_error {
            true => StatusCode::BAD_REQUEST,
            false => StatusCode::OK,
        };
    }
    let json = HeaderValue::from_static("application/json");
    response.headers_mut().insert(CONTENT_TYPE, json);
    Ok(response)
}

fn redirect(uri: &str) -> Result<RedirectUrl, Failure> {
    let why = "the redirect URI of this server is no URL";
    RedirectUrl::new(uri.to_owned()).map_err(|_| Failure::misconfigured(why))
}

/// What a refusal means. The crate keeps the whole body of an answer that it cannot read, so
/// nothing of it goes further than here.
fn failure(refused: Refused, worthless: Failure) -> Failure {
    match refused {
        RequestTokenError::Request(failure) => failure,
        RequestTokenError::ServerResponse(said) => match said.error() {
            BasicErrorResponseType::InvalidGrant => worthless,
            BasicErrorResponseType::Extension(code) if WORTHLESS.contains(&code.as_str()) => {
                worthless
            }
            BasicErrorResponseType::InvalidClient | BasicErrorResponseType::UnauthorizedClient => {
                Failure::misconfigured("the provider does not take the client id and secret")
            }
            _ => Failure::misconfigured("the provider refuses the way it is asked for tokens"),
        },
        RequestTokenError::Parse(..) | RequestTokenError::Other(_) => {
            Failure::untrusted("the provider's token endpoint answers with no tokens")
        }
    }
}

/// A successful answer (RFC 6749, section 5.1; OpenID Connect Core 1.0, section 3.1.3.3).
#[derive(Debug, Serialize, Deserialize)]
struct Issued {
    access_token: AccessToken,
    token_type: BasicTokenType,
    #[serde(default, deserialize_with = "seconds")]
    expires_in: Option<u64>,
    refresh_token: Option<RefreshToken>,
    #[serde(default, deserialize_with = "scopes")]
    scope: Option<Vec<Scope>>,
    id_token: Option<Secret>,
}

impl Issued {
    fn tokens(self) -> Result<UpstreamTokens, Failure> {
        if !self.token_type.as_ref().eq_ignore_ascii_case("bearer") {
            return Err(Failure::untrusted("the provider issued no bearer token"));
        }
        let mut tokens = UpstreamTokens::new(self.access_token.secret().as_str());
        let refresh = self.refresh_token.as_ref();
        tokens.refresh_token = refresh.map(|token| token.secret().as_str().into());
        tokens.id_token = self.id_token;
        tokens.expires_at = self
            .expires_in
            .map(|lifetime| now().saturating_add(lifetime));
        let scopes = self.scope.unwrap_or_default();
        tokens.scopes = scopes.iter().map(|scope| scope.to_string()).collect();
        Ok(tokens)
    }
}

impl TokenResponse for Issued {
    type TokenType = BasicTokenType;

    fn access_token(&self) -> &AccessToken {
        &self.access_token
    }

    fn token_type(&self) -> &BasicTokenType {
        &self.token_type
    }

    fn expires_in(&self) -> Option<Duration> {
        self.expires_in.map(Duration::from_secs)
    }

    fn refresh_token(&self) -> Option<&RefreshToken> {
        self.refresh_token.as_ref()
    }

    fn scopes(&self) -> Option<&Vec<Scope>> {
        self.scope.as_ref()
    }
}

/// A number of seconds; some write it as a text. What is neither says nothing.
fn seconds<'de, D: Deserializer<'de>>(from: D) -> Result<Option<u64>, D::Error> {
    Ok(match Value::deserialize(from)? {
        Value::String(text) => text.parse().ok(),
        value => value.as_u64(),
    })
}

/// Scopes with blanks between them, or as GitHub has it with commas.
fn scopes<'de, D: Deserializer<'de>>(from: D) -> Result<Option<Vec<Scope>>, D::Error> {
    let text = Option::<String>::deserialize(from)?;
    Ok(text.map(|text| {
        let words = text.split([' ', ',']).filter(|word| !word.is_empty());
        words.map(|word| Scope::new(word.to_owned())).collect()
    }))
}

/// Seconds since 1970.
pub(super) fn now() -> u64 {
    let now = SystemTime::now().duration_since(UNIX_EPOCH);
    now.map_or(0, |now| now.as_secs())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn issued(body: &str) -> Issued {
        serde_json::from_str(body).unwrap()
    }

    #[test]
    fn answers_are_read_as_providers_write_them() {
        let lifetime = |said: &str| {
            let body =
                format!(r#"{{"access_token":"a","token_type":"bearer","expires_in":{said}}}"#);
            issued(&body).expires_in
        };
        assert_eq!(lifetime("3600"), Some(3600));
        assert_eq!(lifetime("\"3600\""), Some(3600));
        assert_eq!(lifetime("\"soon\""), None);
        assert_eq!(lifetime("null"), None);
        let tokens =
            issued(r#"{"access_token":"a","token_type":"bearer","scope":"read:user,user:email"}"#);
        assert_eq!(tokens.tokens().unwrap().scopes, ["read:user", "user:email"]);
        let mac = issued(r#"{"access_token":"a","token_type":"mac"}"#);
        assert!(mac.tokens().is_err());
    }

    #[test]
    fn an_error_that_calls_itself_a_success_is_an_error() {
        let answer = |status: u16, body: &str| {
            let response = Response::builder()
                .status(status)
                .body(body.as_bytes().to_vec());
            readable(response.unwrap()).map(|response| response.status().as_u16())
        };
        assert_eq!(
            answer(200, r#"{"error":"bad_verification_code"}"#).unwrap(),
            400
        );
        assert_eq!(answer(201, r#"{"access_token":"a"}"#).unwrap(), 200);
        assert_eq!(answer(400, r#"{"error":"invalid_grant"}"#).unwrap(), 400);
        assert!(answer(502, "<h1>").unwrap_err().is_unavailable());
        assert!(answer(429, "").unwrap_err().is_unavailable());
    }

    #[test]
    fn what_cannot_be_read_goes_no_further() {
        let body = br#"{"access_token":"canary"}"#;
        let error = serde_json::from_slice::<Issued>(body).unwrap_err();
        drop(error);
        let refused: Refused = RequestTokenError::Other("canary".to_owned());
        let failure = failure(refused, Failure::untrusted("x"));
        assert!(!format!("{failure:?}").contains("canary"));
        let tokens = issued(
            r#"{"access_token":"canary","refresh_token":"canary","id_token":"canary","token_type":"Bearer"}"#,
        );
        assert!(!format!("{tokens:?}").contains("canary"));
    }
}
