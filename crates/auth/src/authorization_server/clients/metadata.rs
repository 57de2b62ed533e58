//! What clients say of themselves, checked (RFC 7591, section 2).

use std::sync::Arc;

use serde::Deserialize;
use serde_json::Value;

use super::client::{Client, ClientAuth, ClientKeys, ClientKind, GrantType, SecretMethod};
use crate::authorization_server::{
    redirect::{self, ApplicationType},
    storage::Digest,
    tokens::{TokenError, TokenErrorCode},
};

/// The most redirect URIs of one client.
const MOST_URIS: usize = 10;
/// The longest name, in characters.
const LONGEST_NAME: usize = 200;
/// The longest of everything else, in bytes.
const LONGEST: usize = 2_048;
/// The most keys of one client.
const MOST_KEYS: usize = 10;

/// The members that are read; all others are ignored, as RFC 7591 wants it. A member that stands
/// twice is refused.
#[derive(Debug, Default, Deserialize)]
pub(super) struct Metadata {
    pub(super) client_id: Option<String>,
    client_name: Option<String>,
    #[serde(default)]
    redirect_uris: Option<Vec<String>>,
    application_type: Option<String>,
    pub(super) token_endpoint_auth_method: Option<String>,
    grant_types: Option<Vec<String>>,
    response_types: Option<Vec<String>>,
    scope: Option<String>,
    client_uri: Option<String>,
    jwks: Option<Value>,
    jwks_uri: Option<String>,
    /// Never read: whoever sends one has not understood who makes it.
    pub(super) client_secret: Option<serde::de::IgnoredAny>,
}

/// How a client wants to prove who it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Method {
    None,
    Secret(SecretMethod),
    Keys,
}

impl Method {
    fn parse(text: &str) -> Option<Self> {
        Some(match text {
            "none" => Self::None,
            "client_secret_basic" => Self::Secret(SecretMethod::Basic),
            "client_secret_post" => Self::Secret(SecretMethod::Post),
            "private_key_jwt" => Self::Keys,
            _ => return None,
        })
    }
}

impl Metadata {
    /// # Errors
    /// `invalid_client_metadata` for what is not a JSON object of such members.
    pub(super) fn read(json: &[u8]) -> Result<Self, TokenError> {
        // serde's own words may quote what was sent.
        serde_json::from_slice(json).map_err(|error| {
            let place = format!("line {}, column {}", error.line(), error.column());
            invalid(format!("the metadata cannot be read: see {place}"))
        })
    }

    /// How the client proves who it is; `default` if it does not say.
    pub(super) fn method(&self, default: Method) -> Result<Method, TokenError> {
        match self.token_endpoint_auth_method.as_deref() {
            None => Ok(default),
            Some(text) => Method::parse(text).ok_or_else(|| {
                invalid(
                    "`token_endpoint_auth_method` is not one of `none`, `client_secret_basic`, \
                     `client_secret_post`, `private_key_jwt`",
                )
            }),
        }
    }

    pub(super) fn has_name(&self) -> bool {
        self.client_name.is_some()
    }

    /// The client, once everything about it was checked.
    ///
    /// # Errors
    /// `invalid_redirect_uri` or `invalid_client_metadata`, and what is wrong.
    pub(super) fn into_client(
        self,
        id: String,
        kind: ClientKind,
        method: Method,
        secret: Option<Digest>,
    ) -> Result<Client, TokenError> {
        let application_type = application_type(self.application_type.as_deref())?;
        let redirect_uris = self.redirect_uris.unwrap_or_default();
        check_redirect_uris(&redirect_uris, application_type)?;
        check_response_types(self.response_types.as_deref())?;
        let auth = match (method, secret) {
            (Method::None, _) => ClientAuth::None,
            (Method::Keys, _) => ClientAuth::Keys(keys(self.jwks, self.jwks_uri)?),
            (Method::Secret(by), Some(digest)) => ClientAuth::Secret { digest, by },
            (Method::Secret(_), None) => {
                return Err(invalid("a shared secret is not possible here"));
            }
        };
        Ok(Client {
            name: name(self.client_name, &id)?,
            grants: grants(self.grant_types.as_deref())?,
            scopes: self.scope.as_deref().map(scopes).transpose()?,
            uri: self.client_uri.filter(|uri| is_page(uri)),
            id,
            redirect_uris,
            auth,
            kind,
            application_type,
            patterns: Arc::default(),
        })
    }
}

fn application_type(text: Option<&str>) -> Result<ApplicationType, TokenError> {
    match text {
        None | Some("native") => Ok(ApplicationType::Native),
        Some("web") => Ok(ApplicationType::Web),
        Some(_) => Err(invalid("`application_type` is neither `native` nor `web`")),
    }
}

fn check_redirect_uris(uris: &[String], of: ApplicationType) -> Result<(), TokenError> {
    let refused = |text: String| TokenError::new(TokenErrorCode::InvalidRedirectUri, text);
    if uris.is_empty() {
        return Err(refused("`redirect_uris` is missing or empty".to_owned()));
    }
    if uris.len() > MOST_URIS {
        return Err(refused(format!(
            "`redirect_uris` has more than {MOST_URIS} entries"
        )));
    }
    for (index, uri) in uris.iter().enumerate() {
        redirect::check(uri, of)
            .map_err(|problem| refused(format!("`redirect_uris[{index}]` {problem}")))?;
    }
    Ok(())
}

fn check_response_types(types: Option<&[String]>) -> Result<(), TokenError> {
    match types {
        Some(types) if types.iter().any(|name| name != "code") => {
            Err(invalid("`response_types` has something else than `code`"))
        }
        _ => Ok(()),
    }
}

/// The grants that are offered, of those a client names. Most name more than they use.
fn grants(names: Option<&[String]>) -> Result<Vec<GrantType>, TokenError> {
    let Some(names) = names else {
        // RFC 7591, section 2.
        return Ok(vec![GrantType::AuthorizationCode]);
    };
    let named = |grant: &GrantType| names.iter().any(|name| name == grant.as_str());
    let grants: Vec<_> = GrantType::ALL.into_iter().filter(named).collect();
    if grants.iter().all(|grant| *grant == GrantType::RefreshToken) {
        let text = "`grant_types` has neither `authorization_code` nor \
                    `urn:ietf:params:oauth:grant-type:jwt-bearer`";
        return Err(invalid(text));
    }
    Ok(grants)
}

fn scopes(text: &str) -> Result<Vec<String>, TokenError> {
    // RFC 6749, section 3.3.
    let is_scope = |byte: u8| byte.is_ascii_graphic() && byte != b'"' && byte != b'\\';
    if text.len() > LONGEST || !text.bytes().all(|byte| byte == b' ' || is_scope(byte)) {
        return Err(invalid("`scope` is not a list of scopes, parted by spaces"));
    }
    Ok(text
        .split(' ')
        .filter(|scope| !scope.is_empty())
        .map(str::to_owned)
        .collect())
}

/// A name that a page can show without being rewritten by it.
fn name(name: Option<String>, id: &str) -> Result<String, TokenError> {
    let Some(name) = name else {
        return Ok(id.to_owned());
    };
    if name.trim().is_empty() || name.chars().count() > LONGEST_NAME {
        return Err(invalid(format!(
            "`client_name` has no text or more than {LONGEST_NAME} characters"
        )));
    }
    if name
        .chars()
        .any(|letter| letter.is_control() || changes_direction(letter))
    {
        return Err(invalid("`client_name` has control or direction characters"));
    }
    Ok(name)
}

/// Characters that are not seen and change how others are (Unicode, UAX #9), or part lines.
fn changes_direction(letter: char) -> bool {
    matches!(
        letter,
        '\u{61c}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}'
            | '\u{feff}' | '\u{fff9}'..='\u{fffb}' | '\u{e0000}'..='\u{e007f}'
    )
}

fn keys(jwks: Option<Value>, uri: Option<String>) -> Result<ClientKeys, TokenError> {
    match (jwks, uri) {
        (Some(_), Some(_)) => Err(invalid("`jwks` and `jwks_uri` exclude each other")),
        (Some(jwks), None) => {
            check_keys(&jwks)?;
            Ok(ClientKeys::Inline(jwks))
        }
        (None, Some(uri)) if is_page(&uri) => Ok(ClientKeys::At(uri)),
        (None, Some(_)) => Err(invalid("`jwks_uri` is not an `https` URL at a public host")),
        (None, None) => Err(invalid("`private_key_jwt` needs `jwks` or `jwks_uri`")),
    }
}

/// Public keys alone: whoever sends a private one has lost it.
fn check_keys(jwks: &Value) -> Result<(), TokenError> {
    const PRIVATE: [&str; 8] = ["d", "p", "q", "dp", "dq", "qi", "oth", "k"];
    let keys = jwks.get("keys").and_then(Value::as_array);
    let keys = keys.filter(|keys| (1..=MOST_KEYS).contains(&keys.len()));
    let keys = keys.ok_or_else(|| {
        invalid(format!(
            "`jwks.keys` is not a list of 1 to {MOST_KEYS} keys"
        ))
    })?;
    if keys
        .iter()
        .any(|key| PRIVATE.iter().any(|member| key.get(member).is_some()))
    {
        return Err(invalid(
            "`jwks` has a private or shared key: make new ones, and send public keys alone",
        ));
    }
    Ok(())
}

/// A page that everybody reaches, over TLS.
fn is_page(uri: &str) -> bool {
    uri.len() <= LONGEST && redirect::check(uri, ApplicationType::Web).is_ok()
}

pub(super) fn invalid(text: impl Into<std::borrow::Cow<'static, str>>) -> TokenError {
    TokenError::new(TokenErrorCode::InvalidClientMetadata, text)
}
