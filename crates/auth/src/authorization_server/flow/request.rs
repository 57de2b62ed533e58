//! An authorization request, held against the client and against us.

use serde::{Deserialize, Serialize};

use super::{
    super::{
        clients::{Client, GrantType},
        page::ErrorPage,
        parameters::Parameters,
        resource::is_ours,
        scopes::Scopes,
    },
    refusal::{OAuthError, Refusal, Return},
};
use http::StatusCode;

/// The length of a challenge: SHA-256 in base64url (RFC 7636, section 4.2).
const CHALLENGE: usize = 43;
/// The longest state that is echoed, in bytes.
const MAX_STATE: usize = 2_048;

/// What only the answer may say in a redirect.
const RESERVED: [&str; 6] = [
    "code",
    "state",
    "iss",
    "error",
    "error_description",
    "error_uri",
];

const UNKNOWN_REDIRECT: ErrorPage = ErrorPage::new(
    StatusCode::BAD_REQUEST,
    "The application wants you to be sent to an address that is not registered for it.",
    "Do not go on. If you build this application, register the redirect URI exactly as it is sent.",
);

/// A request that is in order.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(in super::super) struct AuthorizationRequest {
    pub(in super::super) client: String,
    /// What the client calls itself, for the pages to come.
    pub(in super::super) name: String,
    pub(in super::super) back: Return,
    pub(in super::super) scopes: Vec<String>,
    pub(in super::super) challenge: String,
    /// Whether the client may refresh.
    pub(in super::super) refreshable: bool,
    /// Whether the user has to be asked, whatever is remembered.
    pub(in super::super) ask: bool,
}

/// What a request is held against.
#[derive(Clone, Copy, Debug)]
pub(in super::super) struct Rules<'a> {
    pub(in super::super) resource: &'a str,
    pub(in super::super) scopes: &'a Scopes,
}

/// Where the answer goes: the first thing to be sure of.
///
/// # Errors
/// A page, never a redirect.
pub(in super::super) fn destination(
    parameters: &Parameters,
    client: &Client,
) -> Result<Return, ErrorPage> {
    let uri = parameters.get("redirect_uri").ok_or(UNKNOWN_REDIRECT)?;
    if !client.allows_redirect(uri) || is_reserved(uri) {
        return Err(UNKNOWN_REDIRECT);
    }
    let state = parameters
        .get("state")
        .filter(|state| state.len() <= MAX_STATE);
    Ok(Return {
        redirect_uri: uri.to_owned(),
        state: state.map(Into::into),
    })
}

/// Whether a redirect URI says itself what the answer is to say.
fn is_reserved(uri: &str) -> bool {
    let query = uri.split_once('?').map_or("", |(_, query)| query);
    form_urlencoded::parse(query.as_bytes()).any(|(name, _)| RESERVED.contains(&&*name))
}

/// The rest of the request.
///
/// # Errors
/// What the client is told at its redirect URI.
pub(in super::super) fn check(
    parameters: &Parameters,
    client: &Client,
    back: Return,
    rules: Rules<'_>,
) -> Result<AuthorizationRequest, Refusal> {
    match checked(parameters, client, rules) {
        Ok((scopes, challenge)) => Ok(AuthorizationRequest {
            client: client.id.clone(),
            name: client.name.clone(),
            back,
            scopes,
            challenge,
            refreshable: client.may_use(GrantType::RefreshToken),
            ask: prompts(parameters).any(|prompt| prompt == "consent" || prompt == "login"),
        }),
        Err(error) => Err(Refusal::Client(back, error)),
    }
}

fn checked(
    parameters: &Parameters,
    client: &Client,
    rules: Rules<'_>,
) -> Result<(Vec<String>, String), OAuthError> {
    form(parameters)?;
    if !client.may_use(GrantType::AuthorizationCode) {
        let description = "this client is not registered for codes: `authorization_code`";
        return Err(OAuthError::new("unauthorized_client", description));
    }
    let challenge = challenge(parameters)?;
    resource(parameters.get("resource"), rules.resource)?;
    let scopes = rules.scopes.of_request(parameters.get("scope"), client)?;
    Ok((scopes, challenge))
}

/// What kind of request it is.
fn form(parameters: &Parameters) -> Result<(), OAuthError> {
    let invalid = |description| Err(OAuthError::new("invalid_request", description));
    if parameters.is_ambiguous() {
        return invalid("a parameter is there more than once");
    }
    if parameters.get("request").is_some() {
        let description = "`request` is not supported: send the parameters themselves";
        return Err(OAuthError::new("request_not_supported", description));
    }
    if parameters.get("request_uri").is_some() {
        let description = "`request_uri` is not supported: send the parameters themselves";
        return Err(OAuthError::new("request_uri_not_supported", description));
    }
    match parameters.get("response_type") {
        Some("code") => {}
        None => return invalid("`response_type` is missing: send `code`"),
        Some(_) => {
            let description = "the only `response_type` is `code`";
            return Err(OAuthError::new("unsupported_response_type", description));
        }
    }
    if parameters
        .get("response_mode")
        .is_some_and(|mode| mode != "query")
    {
        return invalid("the only `response_mode` is `query`");
    }
    let mut prompts = prompts(parameters);
    if prompts.any(|prompt| prompt == "none") {
        let description = "nobody is let in without being asked: leave `prompt=none` out";
        return Err(OAuthError::new("interaction_required", description));
    }
    if parameters
        .get("state")
        .is_some_and(|state| state.len() > MAX_STATE)
    {
        return invalid("`state` is longer than 2,048 bytes");
    }
    Ok(())
}

fn prompts(parameters: &Parameters) -> impl Iterator<Item = &str> {
    parameters
        .get("prompt")
        .into_iter()
        .flat_map(str::split_ascii_whitespace)
}

/// The challenge of PKCE (RFC 7636), which every client has to send.
fn challenge(parameters: &Parameters) -> Result<String, OAuthError> {
    let invalid = |description| OAuthError::new("invalid_request", description);
    let challenge = parameters
        .get("code_challenge")
        .ok_or_else(|| invalid("`code_challenge` is missing: PKCE with `S256` is required"))?;
    if parameters.get("code_challenge_method") != Some("S256") {
        return Err(invalid("the only `code_challenge_method` is `S256`"));
    }
    let is_base64url = |byte: u8| byte.is_ascii_alphanumeric() || b"-_".contains(&byte);
    if challenge.len() != CHALLENGE || !challenge.bytes().all(is_base64url) {
        return Err(invalid(
            "`code_challenge` is not 43 characters of base64url",
        ));
    }
    Ok(challenge.to_owned())
}

/// Tokens are for one resource alone (RFC 8707).
///
/// # Errors
/// `invalid_target` for any other one.
pub(in super::super) fn resource(named: Option<&str>, ours: &str) -> Result<(), OAuthError> {
    if is_ours(named, ours) {
        return Ok(());
    }
    let description = "`resource` is not the server that this authorization server is for";
    Err(OAuthError::new("invalid_target", description))
}
