//! How a login that goes wrong is told of.

use std::time::Duration;

use bytes::Bytes;
use form_urlencoded::Serializer;
use http::{HeaderValue, Response, StatusCode, header};
use purlin_core::store::StoreError;
use serde::{Deserialize, Serialize};

use super::super::page::ErrorPage;
use crate::secret::Secret;

/// How long a client waits when the store is not there.
pub(in super::super) const COME_BACK: Duration = Duration::from_secs(5);

/// Why a login goes no further.
#[derive(Debug)]
pub(in super::super) enum Refusal {
    /// The user reads it; nobody is sent anywhere.
    Page(ErrorPage),
    /// The client is told.
    Client(Return, OAuthError),
}

impl From<ErrorPage> for Refusal {
    fn from(page: ErrorPage) -> Self {
        Self::Page(page)
    }
}

/// Whatever is wrong with the store, nothing is granted.
impl From<StoreError> for Refusal {
    fn from(error: StoreError) -> Self {
        tracing::error!(%error, "the store of the authorization server failed");
        Self::Page(ErrorPage::unavailable(COME_BACK))
    }
}

/// An error of OAuth: its code, and a sentence for whoever writes the client.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in super::super) struct OAuthError {
    pub(in super::super) code: &'static str,
    pub(in super::super) description: &'static str,
}

impl OAuthError {
    pub(in super::super) const fn new(code: &'static str, description: &'static str) -> Self {
        Self { code, description }
    }
}

/// Where a client wants its answer: a redirect URI that was held against its registration.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(in super::super) struct Return {
    pub(in super::super) redirect_uri: String,
    pub(in super::super) state: Option<Secret>,
}

impl Return {
    /// The redirect with a code.
    pub(in super::super) fn with_code(&self, issuer: &str, code: &str) -> Response<Bytes> {
        self.with(issuer, &[("code", code)])
    }

    /// The redirect with an error.
    pub(in super::super) fn with_error(&self, issuer: &str, error: OAuthError) -> Response<Bytes> {
        let OAuthError { code, description } = error;
        self.with(
            issuer,
            &[("error", code), ("error_description", description)],
        )
    }

    /// Says whose answer it is in each of them (RFC 9207). The redirect URI has no parameter of
    /// these names, so each is there once.
    fn with(&self, issuer: &str, answer: &[(&str, &str)]) -> Response<Bytes> {
        let mut query = Serializer::new(String::new());
        query.extend_pairs(answer);
        if let Some(state) = &self.state {
            query.append_pair("state", state.reveal());
        }
        query.append_pair("iss", issuer);
        let query = query.finish();
        let uri = &self.redirect_uri;
        let join = match uri.split_once('?') {
            None => "?",
            Some((_, "")) => "",
            Some(_) => "&",
        };
        redirect(&format!("{uri}{join}{query}"))
    }
}

/// Sends a browser on, whatever the method it came with.
pub(in super::super) fn redirect(to: &str) -> Response<Bytes> {
    let Ok(location) = HeaderValue::try_from(to) else {
        // Redirect URIs are visible ASCII, and what a provider gives is held against that too.
        tracing::error!("a redirect was not made: the URL may not stand in a header");
        return status(StatusCode::INTERNAL_SERVER_ERROR);
    };
    let mut response = status(StatusCode::SEE_OTHER);
    let headers = response.headers_mut();
    headers.insert(header::LOCATION, location);
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    headers.insert(
        header::REFERRER_POLICY,
        HeaderValue::from_static("no-referrer"),
    );
    response
}

fn status(status: StatusCode) -> Response<Bytes> {
    let mut response = Response::new(Bytes::new());
    *response.status_mut() = status;
    response
}

#[cfg(test)]
mod tests {
    use super::*;

    fn location(redirect_uri: &str) -> String {
        let back = Return {
            redirect_uri: redirect_uri.to_owned(),
            state: Some("a b&c".into()),
        };
        let response = back.with_code("https://as.test", "xyz");
        response.headers()[header::LOCATION]
            .to_str()
            .unwrap()
            .to_owned()
    }

    #[test]
    fn the_answer_joins_the_query_that_is_there() {
        let answer = "code=xyz&state=a+b%26c&iss=https%3A%2F%2Fas.test";
        assert_eq!(
            location("https://app.test/cb"),
            format!("https://app.test/cb?{answer}")
        );
        assert_eq!(
            location("https://app.test/cb?"),
            format!("https://app.test/cb?{answer}")
        );
        assert_eq!(
            location("https://app.test/cb?x=1"),
            format!("https://app.test/cb?x=1&{answer}")
        );
        assert_eq!(location("app.test:/cb"), format!("app.test:/cb?{answer}"));
    }
}
