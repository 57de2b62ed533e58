//! What a client presents to prove who it is, before anybody judges it.

use base64::{Engine as _, engine::general_purpose::STANDARD};
use http::{HeaderMap, header};

use super::client::SecretMethod;
use crate::{
    Secret,
    authorization_server::{parameters::Parameters, tokens::TokenError},
};

/// RFC 7523, section 2.2.
const ASSERTION: &str = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";

/// How a client says who it is.
#[derive(Debug)]
pub(super) enum Credentials {
    /// By its id alone.
    Id(String),
    Secret {
        id: String,
        secret: Secret,
        by: SecretMethod,
    },
    /// By a signed statement; the id may be in it alone.
    Assertion {
        id: Option<String>,
        assertion: Secret,
    },
}

impl Credentials {
    /// Finds the one way that was used.
    ///
    /// # Errors
    /// `invalid_request` for more than one (RFC 6749, section 2.3), `invalid_client` for none.
    pub(super) fn read(headers: &HeaderMap, form: &Parameters) -> Result<Self, TokenError> {
        let id = form.get("client_id").map(str::to_owned);
        let basic = basic(headers)?;
        let secret = form.get("client_secret").map(Secret::from);
        let assertion = form.get("client_assertion").map(Secret::from);
        match (basic, secret, assertion, id) {
            (Some((basic, secret)), None, None, id) => {
                if id.is_some_and(|id| id != basic) {
                    let text = "`client_id` is not the one of the header `Authorization`";
                    return Err(TokenError::invalid_request(text));
                }
                let by = SecretMethod::Basic;
                Ok(Self::Secret {
                    id: basic,
                    secret,
                    by,
                })
            }
            (None, Some(secret), None, Some(id)) => {
                let by = SecretMethod::Post;
                Ok(Self::Secret { id, secret, by })
            }
            (None, None, Some(assertion), id) => match form.get("client_assertion_type") {
                Some(ASSERTION) => Ok(Self::Assertion { id, assertion }),
                _ => Err(TokenError::invalid_request(format!(
                    "`client_assertion_type` is not `{ASSERTION}`"
                ))),
            },
            (None, None, None, Some(id)) => Ok(Self::Id(id)),
            (None, _, None, None) => Err(TokenError::invalid_client("`client_id` is missing")),
            _ => Err(TokenError::invalid_request(
                "a client proves who it is in one way, not in several",
            )),
        }
    }
}

/// The id and the secret of `Authorization: Basic`, each form-encoded before (RFC 6749, section
/// 2.3.1).
fn basic(headers: &HeaderMap) -> Result<Option<(String, Secret)>, TokenError> {
    let mut values = headers.get_all(header::AUTHORIZATION).iter();
    let value = match (values.next(), values.next()) {
        (None, _) => return Ok(None),
        (Some(value), None) => value,
        (Some(_), Some(_)) => {
            return Err(TokenError::invalid_request(
                "there is more than one header `Authorization`",
            ));
        }
    };
    let malformed = || {
        TokenError::invalid_client(
            "the header `Authorization` is no `Basic` with an id and a secret",
        )
    };
    let text = value.to_str().map_err(|_| malformed())?;
    let (scheme, encoded) = text.split_once(' ').ok_or_else(malformed)?;
    if !scheme.eq_ignore_ascii_case("basic") {
        return Err(malformed());
    }
    let decoded = STANDARD.decode(encoded.trim()).map_err(|_| malformed())?;
    let decoded = zeroize::Zeroizing::new(decoded);
    let text = std::str::from_utf8(&decoded).map_err(|_| malformed())?;
    let (id, secret) = text.split_once(':').ok_or_else(malformed)?;
    let id = decode(id).ok_or_else(malformed)?;
    let secret = Secret::from(decode(secret).ok_or_else(malformed)?);
    Ok(Some((id, secret)))
}

/// Takes form encoding off; `None` for what is not encoded well.
fn decode(text: &str) -> Option<String> {
    let mut decoded = Vec::with_capacity(text.len());
    let mut bytes = text.bytes();
    while let Some(byte) = bytes.next() {
        decoded.push(match byte {
            b'+' => b' ',
            b'%' => {
                let digit = |byte: u8| char::from(byte).to_digit(16);
                let (high, low) = (digit(bytes.next()?)?, digit(bytes.next()?)?);
                u8::try_from(high * 16 + low).ok()?
            }
            byte => byte,
        });
    }
    String::from_utf8(decoded).ok()
}
