//! Headers of requests: which callers may set, and which go along to another origin.

use http::header::{ACCEPT, ACCEPT_LANGUAGE, AUTHORIZATION, HeaderMap, HeaderName, USER_AGENT};

use super::FetchError;

/// Headers that belong to the connection, to whom is asked, or to nobody. `Accept-Encoding` is
/// here because the encodings are those that can be read.
const OURS: [&str; 16] = [
    "host",
    "content-length",
    "transfer-encoding",
    "te",
    "trailer",
    "expect",
    "connection",
    "keep-alive",
    "upgrade",
    "http2-settings",
    "alt-used",
    "forwarded",
    "via",
    "cookie",
    "cookie2",
    "accept-encoding",
];

/// What proxies and the metadata services of clouds go by.
const PREFIXES: [&str; 3] = ["proxy-", "x-forwarded-", "x-aws-ec2-metadata-token"];

/// What metadata services demand, so that nobody is led to ask them.
const METADATA: [&str; 2] = ["metadata", "metadata-flavor"];

/// What goes along to another origin.
const HARMLESS: [HeaderName; 3] = [ACCEPT, ACCEPT_LANGUAGE, USER_AGENT];

/// Holds the headers of a caller against the rules.
///
/// # Errors
/// `invalid_header`.
pub(super) fn check(headers: &HeaderMap) -> Result<(), FetchError> {
    for name in headers.keys() {
        let name = name.as_str();
        if OURS.contains(&name) || PREFIXES.iter().any(|prefix| name.starts_with(prefix)) {
            return Err(FetchError::InvalidHeader(
                "it belongs to the connection or to proxies, or carries cookies",
            ));
        }
        if METADATA.contains(&name) {
            return Err(FetchError::InvalidHeader(
                "it is for the metadata services of clouds",
            ));
        }
    }
    Ok(())
}

/// Leaves what goes along to another origin.
pub(super) fn keep_harmless(headers: &HeaderMap) -> HeaderMap {
    let mut kept = HeaderMap::new();
    for name in HARMLESS {
        for value in headers.get_all(&name) {
            kept.append(&name, value.clone());
        }
    }
    kept
}

/// Schemes of credentials that count for the request they come with. With others, such as NTLM,
/// some hosts take everything for the caller's that comes over the connection later.
const OF_ONE_REQUEST: [&str; 3] = ["basic", "bearer", "dpop"];

/// Whether the connection is as it was before, once a request with these headers was answered.
pub(super) fn leave_no_trace(headers: &HeaderMap) -> bool {
    headers.get_all(AUTHORIZATION).iter().all(|value| {
        let scheme = value.as_bytes().split(|byte| *byte == b' ').next();
        scheme.is_some_and(|scheme| {
            let known = OF_ONE_REQUEST.iter();
            let mut same = known.map(|it| it.as_bytes().eq_ignore_ascii_case(scheme));
            same.any(|same| same)
        })
    })
}

/// Takes away what speaks of a body that is not sent any more.
pub(super) fn forget_body(headers: &mut HeaderMap) {
    let spoken: Vec<HeaderName> = headers
        .keys()
        .filter(|name| name.as_str().starts_with("content-"))
        .cloned()
        .collect();
    for name in spoken {
        headers.remove(name);
    }
}
