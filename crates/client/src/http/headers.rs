//! The headers of requests, in either era.

use hyper::header::{ACCEPT, CONTENT_TYPE, HeaderMap, HeaderName, HeaderValue};
use purlin_core::trace;
use purlin_core::wire::Revision;

use super::encoding::encode;
use crate::link::Outgoing;

pub(super) const SESSION_ID: HeaderName = HeaderName::from_static("mcp-session-id");
pub(super) const LAST_EVENT_ID: HeaderName = HeaderName::from_static("last-event-id");
const PROTOCOL_VERSION: HeaderName = HeaderName::from_static("mcp-protocol-version");
const METHOD: HeaderName = HeaderName::from_static("mcp-method");
const NAME: HeaderName = HeaderName::from_static("mcp-name");

/// How many headers a request has, those of HTTP itself included.
const USUAL: usize = 10;

/// What every POST says.
pub(super) fn post(revision: Option<Revision>, session: Option<&HeaderValue>) -> HeaderMap {
    let mut headers = common(revision, session);
    headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    headers.insert(
        ACCEPT,
        HeaderValue::from_static("application/json, text/event-stream"),
    );
    trace::inject(|name, value| {
        if let Ok(value) = HeaderValue::try_from(value) {
            headers.insert(HeaderName::from_static(name), value);
        }
    });
    headers
}

/// What a request for a stream says.
pub(super) fn get(
    revision: Revision,
    session: Option<&HeaderValue>,
    last_event_id: Option<&str>,
) -> HeaderMap {
    let mut headers = common(Some(revision), session);
    headers.insert(ACCEPT, HeaderValue::from_static("text/event-stream"));
    if let Some(id) = last_event_id.and_then(|id| HeaderValue::from_str(id).ok()) {
        headers.insert(LAST_EVENT_ID, id);
    }
    headers
}

/// What a request for a stream without a session says.
pub(super) fn stream() -> HeaderMap {
    HeaderMap::from_iter([(ACCEPT, HeaderValue::from_static("text/event-stream"))])
}

/// What the end of a session says.
pub(super) fn common(revision: Option<Revision>, session: Option<&HeaderValue>) -> HeaderMap {
    let mut headers = HeaderMap::with_capacity(USUAL);
    if let Some(revision) = revision {
        headers.insert(
            PROTOCOL_VERSION,
            HeaderValue::from_static(revision.as_str()),
        );
    }
    if let Some(session) = session {
        headers.insert(SESSION_ID, session.clone());
    }
    headers
}

/// What a request of the stateless era says besides: what its body is about, for whoever routes
/// it without reading it (SEP-2243).
pub(super) fn route(headers: &mut HeaderMap, request: &Outgoing<'_>) {
    headers.insert(METHOD, encode(request.method));
    if let Some(name) = request.name {
        headers.insert(NAME, encode(name));
    }
    for (name, value) in &request.mirrored {
        // Declared names were checked to be tokens.
        if let Ok(name) = HeaderName::try_from(format!("mcp-param-{name}")) {
            headers.insert(name, encode(value));
        }
    }
}
