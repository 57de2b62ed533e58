//! Protected resource metadata (RFC 9728): where clients learn who issues tokens for a server.

use std::convert::Infallible;
use std::future::{Ready, ready};
use std::task::{Context, Poll};

use bytes::Bytes;
use http::header::{ALLOW, CACHE_CONTROL, CONTENT_TYPE};
use http::{HeaderValue, Method, Request, Response, StatusCode};
use purlin_http::Body;
use serde::Serialize;
use tower_service::Service;

const JSON: HeaderValue = HeaderValue::from_static("application/json");
/// It changes with the configuration alone.
const CACHED: HeaderValue = HeaderValue::from_static("public, max-age=300");
const METHODS: HeaderValue = HeaderValue::from_static("GET, HEAD");

/// The document (section 2).
#[derive(Serialize)]
pub(super) struct Document<'a> {
    pub(super) resource: &'a str,
    pub(super) authorization_servers: &'a [String],
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    pub(super) scopes_supported: &'a [String],
    pub(super) bearer_methods_supported: [&'static str; 1],
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) resource_name: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) resource_documentation: Option<&'a str>,
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    pub(super) dpop_signing_alg_values_supported: &'a [&'static str],
}

impl Document<'_> {
    pub(super) fn text(&self) -> Bytes {
        // Texts and lists of them alone: there is nothing that cannot be written.
        serde_json::to_vec(self).unwrap_or_default().into()
    }
}

/// Answers with the document.
#[derive(Clone, Debug)]
pub(super) struct Page(pub(super) Bytes);

impl Page {
    pub(super) fn answer<B: From<Vec<u8>>>(&self, method: &Method) -> Response<B> {
        let (status, body) = match *method {
            Method::GET => (StatusCode::OK, self.0.to_vec()),
            Method::HEAD => (StatusCode::OK, Vec::new()),
            _ => (StatusCode::METHOD_NOT_ALLOWED, Vec::new()),
        };
        let mut response = Response::new(B::from(body));
        *response.status_mut() = status;
        let headers = response.headers_mut();
        match status {
            StatusCode::OK => {
                headers.insert(CONTENT_TYPE, JSON);
                headers.insert(CACHE_CONTROL, CACHED);
            }
            _ => drop(headers.insert(ALLOW, METHODS)),
        }
        response
    }
}

impl Service<Request<Body>> for Page {
    type Response = Response<Body>;
    type Error = Infallible;
    type Future = Ready<Result<Response<Body>, Infallible>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: Request<Body>) -> Self::Future {
        ready(Ok(self.answer(request.method())))
    }
}
