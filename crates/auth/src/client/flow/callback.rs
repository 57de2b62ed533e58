//! What the user's browser brings back.

use std::collections::HashMap;

use crate::client::discovery::ServerMetadata;
use crate::client::error::{AuthError, AuthErrorKind};
use crate::client::{Result, Secret};

/// Reads the authorization code out of the URL that the user came back to.
///
/// The answer has to belong to this login (`state`) and to come from this issuer (`iss`, RFC 9207)
/// before anything else in it is believed: an error included, as its text is shown to the user.
///
/// # Errors
/// When it does not, or when the authorization server said no.
pub(super) fn code(url: &str, state: &str, server: &ServerMetadata) -> Result<Secret> {
    let answer = parameters(url)?;
    let get = |name| answer.get(name).map(String::as_str);
    if get("state") != Some(state) {
        return Err(mismatch("the answer belongs to another login"));
    }
    match get("iss") {
        Some(issuer) if issuer != server.issuer => {
            return Err(mismatch(
                "the answer comes from another authorization server",
            ));
        }
        None if server.authorization_response_iss_parameter_supported => {
            return Err(mismatch(
                "the answer does not say which authorization server it is from",
            ));
        }
        _ => {}
    }
    if let Some(error) = get("error") {
        return Err(AuthError::denied(error, get("error_description")));
    }
    get("code").map(Secret::from).ok_or_else(|| {
        let message = "the answer has neither a code nor an error";
        AuthError::new(AuthErrorKind::Protocol, message)
    })
}

/// The parameters of the query; each may stand there once (RFC 6749, section 3.1).
fn parameters(url: &str) -> Result<HashMap<String, String>> {
    let query = url.split_once('?').map_or("", |(_, query)| query);
    let query = query.split('#').next().unwrap_or_default();
    let mut parameters = HashMap::new();
    for (name, value) in form_urlencoded::parse(query.as_bytes()) {
        if parameters
            .insert(name.into_owned(), value.into_owned())
            .is_some()
        {
            return Err(mismatch("the answer says something twice"));
        }
    }
    Ok(parameters)
}

fn mismatch(message: &str) -> AuthError {
    AuthError::new(AuthErrorKind::Mismatch, message)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(says_issuer: bool, query: &str) -> Result<Secret> {
        let server = ServerMetadata {
            issuer: "https://as.test".to_owned(),
            authorization_response_iss_parameter_supported: says_issuer,
            ..ServerMetadata::default()
        };
        code(
            &format!("http://127.0.0.1:1/callback?{query}"),
            "s",
            &server,
        )
    }

    #[test]
    fn the_issuer_is_held_against_the_recorded_one_byte_by_byte() {
        for (says_issuer, query, accepted) in [
            (true, "code=c&state=s&iss=https%3A%2F%2Fas.test", true),
            (true, "code=c&state=s", false),
            (false, "code=c&state=s", true),
            (false, "code=c&state=s&iss=https://as.test", true),
            (false, "code=c&state=s&iss=https://evil.test", false),
            (true, "code=c&state=s&iss=https://as.test/", false),
            (true, "code=c&state=s&iss=HTTPS://as.test", false),
        ] {
            match read(says_issuer, query) {
                Ok(code) => assert!(accepted && code.reveal() == "c", "{query}"),
                Err(error) => {
                    assert!(!accepted, "{query}");
                    assert_eq!(error.kind(), AuthErrorKind::Mismatch);
                }
            }
        }
    }

    #[test]
    fn an_error_is_shown_only_if_it_comes_from_the_issuer() {
        let denied = read(true, "error=access_denied&state=s&iss=https://as.test").unwrap_err();
        assert_eq!(denied.code(), Some("access_denied"));
        let query = "error=x&error_description=Call+0900&state=s&iss=https://evil.test";
        let foreign = read(true, query).unwrap_err();
        assert!(!foreign.to_string().contains("0900"));
        assert_eq!(foreign.code(), None);
    }

    #[test]
    fn an_answer_to_another_login_is_refused() {
        for query in [
            "code=c",
            "code=c&state=t",
            "code=c&state=s&state=s",
            "code=c&code=d&state=s",
        ] {
            assert_eq!(
                read(false, query).unwrap_err().kind(),
                AuthErrorKind::Mismatch,
                "{query}"
            );
        }
        assert_eq!(
            read(false, "state=s").unwrap_err().kind(),
            AuthErrorKind::Protocol
        );
    }
}
