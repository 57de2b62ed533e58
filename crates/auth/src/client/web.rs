//! Exchanges with whoever hands out metadata, registrations and tokens.

use http::header::{ACCEPT, CONTENT_TYPE};
use http::{HeaderMap, Request, Response, StatusCode};
use purlin_client::http::Web as Connections;
use serde::de::DeserializeOwned;

use super::Result;
use super::error::{AuthError, AuthErrorKind, excerpt};

const JSON: &str = "application/json";
const FORM: &str = "application/x-www-form-urlencoded";

/// The small adapter between OAuth and the HTTP client.
#[derive(Debug, Default)]
pub(super) struct Web(pub(super) Connections);

impl Web {
    /// Fetches a document; `None` if there is none, or none that can be read: then the next place
    /// is looked at.
    ///
    /// # Errors
    /// When the server cannot be reached, or is in trouble itself: that says nothing about where
    /// documents are.
    pub(super) async fn document<T: DeserializeOwned>(&self, url: &str) -> Result<Option<T>> {
        let request = Request::get(url).header(ACCEPT, JSON);
        let response = self.send(url, request.body(Vec::new())).await?;
        let status = response.status();
        if status.is_server_error() || status == StatusCode::TOO_MANY_REQUESTS {
            let message = format!("{} answers with HTTP status {status}", excerpt(url));
            return Err(AuthError::new(AuthErrorKind::Network, message));
        }
        if !status.is_success() {
            return Ok(None);
        }
        let document = serde_json::from_slice(response.body());
        if let Err(error) = &document {
            tracing::debug!(url = excerpt(url), %error, "no metadata: passed over");
        }
        Ok(document.ok())
    }

    /// Posts a JSON document.
    ///
    /// # Errors
    /// When the server cannot be reached.
    pub(super) async fn post_json(&self, url: &str, body: Vec<u8>) -> Result<Response<Vec<u8>>> {
        let request = Request::post(url)
            .header(ACCEPT, JSON)
            .header(CONTENT_TYPE, JSON);
        self.send(url, request.body(body)).await
    }

    /// Posts a form.
    ///
    /// # Errors
    /// When the server cannot be reached.
    pub(super) async fn post_form(
        &self,
        url: &str,
        headers: HeaderMap,
        form: String,
    ) -> Result<Response<Vec<u8>>> {
        let request = Request::post(url)
            .header(ACCEPT, JSON)
            .header(CONTENT_TYPE, FORM);
        let request = request.body(form.into_bytes()).map(|mut request| {
            request.headers_mut().extend(headers);
            request
        });
        self.send(url, request).await
    }

    /// Follows a link as a browser would, one step; for those who play the browser.
    ///
    /// # Errors
    /// When the server cannot be reached.
    pub(super) async fn visit(&self, url: &str) -> Result<Response<Vec<u8>>> {
        self.send(url, Request::get(url).body(Vec::new())).await
    }

    async fn send(
        &self,
        url: &str,
        request: http::Result<Request<Vec<u8>>>,
    ) -> Result<Response<Vec<u8>>> {
        let request = request.map_err(|error| {
            let message = format!("`{}` is no URL", excerpt(url));
            AuthError::new(AuthErrorKind::Mismatch, message).because(error)
        })?;
        let sent = self.0.send(request).await;
        sent.map_err(|error| {
            let message = "the authorization server cannot be reached";
            AuthError::new(AuthErrorKind::Network, message).because(error)
        })
    }
}
