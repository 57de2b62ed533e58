//! Responses: a status, the headers it always has, a body.

use http::{
    HeaderValue, Response, StatusCode,
    header::{self, HeaderName},
};
use purlin_core::{
    protocol::{ErrorCode, ErrorObject},
    wire::Reply,
};

use crate::{body::Body, guard::Rejection, protect::Unchallenged};

const JSON: HeaderValue = HeaderValue::from_static("application/json");
const EVENT_STREAM: HeaderValue = HeaderValue::from_static("text/event-stream");
const NO_CACHE: HeaderValue = HeaderValue::from_static("no-store, no-transform");
const BEARER: HeaderValue = HeaderValue::from_static("Bearer");
const NO: HeaderValue = HeaderValue::from_static("no");
/// Asks nginx and its kin to pass events on at once.
const ACCEL_BUFFERING: HeaderName = HeaderName::from_static("x-accel-buffering");

/// A JSON body with this status.
pub(crate) fn json(status: StatusCode, body: Vec<u8>) -> Response<Body> {
    let mut response = Response::new(Body::from(body));
    *response.status_mut() = status;
    response.headers_mut().insert(header::CONTENT_TYPE, JSON);
    response
}

/// An encoded answer with the status that goes with it.
pub(crate) fn reply(reply: Reply) -> Response<Body> {
    let status = status_of(&reply);
    let mut response = json(status, reply.body);
    let headers = response.headers_mut();
    if let Some(seconds) = reply.retry_after {
        headers.insert(header::RETRY_AFTER, seconds.into());
    }
    if status == StatusCode::UNAUTHORIZED {
        // An authenticator says more (RFC 6750, section 3).
        headers.insert(header::WWW_AUTHENTICATE, BEARER);
    }
    note(&mut response, status, reply.scopes);
    response
}

/// The answer to a request of a session. In that era errors travel in the body, for a 404 would
/// say that the session is gone; only an authenticator gives a refusal its status.
pub(crate) fn in_session(reply: Reply) -> Response<Body> {
    let status = status_of(&reply);
    let mut response = json(StatusCode::OK, reply.body);
    note(&mut response, status, reply.scopes);
    response
}

fn status_of(reply: &Reply) -> StatusCode {
    // The statuses are constants of the wire room, all of them valid.
    StatusCode::from_u16(reply.status).unwrap_or(StatusCode::OK)
}

/// Notes what the authenticator, if there is one, gives a challenge for.
fn note(response: &mut Response<Body>, status: StatusCode, scopes: Box<[String]>) {
    if matches!(status, StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN) {
        let refused = Unchallenged { status, scopes };
        response.extensions_mut().insert(refused);
    }
}

/// An event stream.
pub(crate) fn events(body: Body) -> Response<Body> {
    let mut response = Response::new(body);
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, EVENT_STREAM);
    headers.insert(header::CACHE_CONTROL, NO_CACHE);
    headers.insert(ACCEL_BUFFERING, NO);
    response
}

/// A status without a body.
pub(crate) fn empty(status: StatusCode) -> Response<Body> {
    let mut response = Response::new(Body::EMPTY);
    *response.status_mut() = status;
    response
}

/// 405 with the methods that are allowed.
pub(crate) fn not_allowed(allow: &'static str) -> Response<Body> {
    let reason = "this endpoint does not answer that method here";
    let mut response = rejection(Rejection::new(StatusCode::METHOD_NOT_ALLOWED, reason));
    response
        .headers_mut()
        .insert(header::ALLOW, HeaderValue::from_static(allow));
    response
}

/// A refusal as a JSON-RPC error without an id: that is what clients of the
/// protocol can show.
pub(crate) fn rejection(rejection: Rejection) -> Response<Body> {
    rejection_of(None, rejection)
}

/// The same for a message that was read; `id` is its id as JSON text.
pub(crate) fn rejection_of(id: Option<&str>, rejection: Rejection) -> Response<Body> {
    let Rejection {
        status,
        reason,
        close,
    } = rejection;
    let code = if status.is_server_error() {
        ErrorCode::INTERNAL_ERROR
    } else {
        ErrorCode::INVALID_REQUEST
    };
    let reply = Reply::error(id, &ErrorObject::new(code, reason));
    let mut response = json(status, reply.body);
    let headers = response.headers_mut();
    if close {
        headers.insert(header::CONNECTION, HeaderValue::from_static("close"));
    }
    if matches!(
        status,
        StatusCode::SERVICE_UNAVAILABLE | StatusCode::TOO_MANY_REQUESTS
    ) {
        headers.insert(header::RETRY_AFTER, HeaderValue::from_static("5"));
    }
    response
}
