//! What a caller is answered that is not let in.

use std::borrow::Cow;

use http::header::{CACHE_CONTROL, CONTENT_TYPE, HeaderName, RETRY_AFTER, WWW_AUTHENTICATE};
use http::{HeaderValue, Response, StatusCode};
use purlin_core::protocol::{ErrorCode, ErrorObject};
use purlin_core::wire::Reply;

const DPOP_NONCE: HeaderName = HeaderName::from_static("dpop-nonce");
const JSON: HeaderValue = HeaderValue::from_static("application/json");
const NO_STORE: HeaderValue = HeaderValue::from_static("no-store");

/// A refusal: a status, how to be let in, and a sentence for the developer of the client.
#[derive(Clone, Debug)]
pub(super) struct Refusal {
    pub(super) status: StatusCode,
    pub(super) message: Cow<'static, str>,
    pub(super) challenge: Option<HeaderValue>,
    pub(super) nonce: Option<String>,
    /// In seconds.
    pub(super) retry_after: Option<u64>,
    /// All scopes that are needed, where some are missing.
    pub(super) scopes: Vec<String>,
}

impl Refusal {
    /// The response, with an error of JSON-RPC as its body: that is what clients can show.
    pub(super) fn response<B: From<Vec<u8>>>(self) -> Response<B> {
        let body = Reply::error(None, &self.error()).body;
        let mut response = Response::new(B::from(body));
        *response.status_mut() = self.status;
        let headers = response.headers_mut();
        headers.insert(CONTENT_TYPE, JSON);
        headers.insert(CACHE_CONTROL, NO_STORE);
        if let Some(challenge) = self.challenge {
            headers.insert(WWW_AUTHENTICATE, challenge);
        }
        if let Some(Ok(nonce)) = self.nonce.map(HeaderValue::try_from) {
            headers.insert(DPOP_NONCE, nonce);
        }
        if let Some(seconds) = self.retry_after {
            headers.insert(RETRY_AFTER, seconds.into());
        }
        response
    }

    fn error(&self) -> ErrorObject {
        let code = match self.status {
            StatusCode::UNAUTHORIZED => ErrorCode::UNAUTHENTICATED,
            StatusCode::FORBIDDEN => ErrorCode::FORBIDDEN,
            StatusCode::SERVICE_UNAVAILABLE => ErrorCode::UNAVAILABLE,
            _ => ErrorCode::INVALID_REQUEST,
        };
        let mut error = ErrorObject::new(code, self.message.clone());
        if !self.scopes.is_empty() {
            error.data =
                Some(serde_json::json!({ purlin_core::Error::REQUIRED_SCOPES: self.scopes }));
        }
        error
    }
}
