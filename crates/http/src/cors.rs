//! Letting pages of allowed origins read our answers (Fetch standard, "CORS
//! protocol"). Off unless configured; never for every origin, and never with
//! the browser's own credentials: tokens travel in a header the page sets.

use http::{
    HeaderMap, HeaderName, HeaderValue, Response, StatusCode,
    header::{
        ACCESS_CONTROL_ALLOW_HEADERS, ACCESS_CONTROL_ALLOW_METHODS, ACCESS_CONTROL_ALLOW_ORIGIN,
        ACCESS_CONTROL_EXPOSE_HEADERS, ACCESS_CONTROL_MAX_AGE, ACCESS_CONTROL_REQUEST_HEADERS,
        VARY,
    },
};
use purlin_core::wire::Field;

use crate::{answer, body::Body};

const METHODS: HeaderValue = HeaderValue::from_static("GET, POST, DELETE");
/// What a page may read besides the body.
const EXPOSED: HeaderValue = HeaderValue::from_static("mcp-session-id, www-authenticate");
/// How long a browser may keep a permission, in seconds.
const MAX_AGE: HeaderValue = HeaderValue::from_static("600");
const VARIES: HeaderValue = HeaderValue::from_static("origin, access-control-request-headers");

/// Answers a browser that asks before it calls. The origin was admitted, so it
/// may send the headers it asks for; `Mcp-Param-*` cannot be listed here.
pub(crate) fn preflight(headers: &HeaderMap) -> Response<Body> {
    let mut response = answer::empty(StatusCode::NO_CONTENT);
    let answer = response.headers_mut();
    answer.insert(ACCESS_CONTROL_ALLOW_METHODS, METHODS);
    answer.insert(ACCESS_CONTROL_MAX_AGE, MAX_AGE);
    let asked = headers.get(ACCESS_CONTROL_REQUEST_HEADERS);
    if let Some(asked) = asked.filter(|asked| is_list_of_names(asked)) {
        answer.insert(ACCESS_CONTROL_ALLOW_HEADERS, asked.clone());
    }
    response
}

/// Names the origin, which was admitted, in an answer to it.
pub(crate) fn admit(response: &mut Response<Body>, origin: Field<'_>) {
    let Field::One(origin) = origin else {
        return;
    };
    if let Ok(origin) = HeaderValue::from_bytes(origin) {
        let headers = response.headers_mut();
        headers.insert(ACCESS_CONTROL_ALLOW_ORIGIN, origin);
        headers.insert(ACCESS_CONTROL_EXPOSE_HEADERS, EXPOSED);
        headers.insert(VARY, VARIES);
    }
}

fn is_list_of_names(value: &HeaderValue) -> bool {
    let mut names = value
        .as_bytes()
        .split(|&byte| byte == b',')
        .map(<[u8]>::trim_ascii);
    names.all(|name| HeaderName::from_bytes(name).is_ok())
}
