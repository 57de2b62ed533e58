//! What is checked about a request before its body is read.
//!
//! The order is fixed and each step has one answer: addressed to us (400,
//! 403), from an origin we allow (403), a content we can read (415), an answer
//! the caller can read (406). Nothing here looks at the body, and a valid
//! token does not excuse from any step.

mod authority;
mod host;
mod media;
mod origin;

use http::{StatusCode, Uri, Version};
use purlin_core::wire::Field;

pub(crate) use authority::Authority;
pub(crate) use host::{Hosts, Listed as ListedHost, Rule as HostRule};
pub(crate) use media::{AcceptReader, Accepted, is_json};
pub(crate) use origin::{Listed as ListedOrigin, Origins};

use crate::head::Head;

/// Why a request is turned away, as its HTTP status and a sentence for the
/// developer of the client.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Rejection {
    pub(crate) status: StatusCode,
    pub(crate) reason: &'static str,
    /// The connection must not be used again: what follows on it is unclear.
    pub(crate) close: bool,
}

impl Rejection {
    pub(crate) const fn new(status: StatusCode, reason: &'static str) -> Self {
        Self {
            status,
            reason,
            close: false,
        }
    }

    /// The same, and the connection ends after the answer.
    pub(crate) const fn closing(mut self) -> Self {
        self.close = true;
        self
    }
}

/// Checks whom the request is addressed to: `Host`, the authority of an
/// absolute-form target, `:authority` of HTTP/2.
pub(crate) fn check_host(
    hosts: &Hosts,
    version: Version,
    uri: &Uri,
    host: Field<'_>,
) -> Result<(), Rejection> {
    const FOREIGN: Rejection = Rejection::new(
        StatusCode::FORBIDDEN,
        "this server does not answer to that host name; allow it with `allowed_hosts`",
    );
    const INVALID: Rejection =
        Rejection::new(StatusCode::BAD_REQUEST, "the host is not a valid authority").closing();

    let target = uri
        .authority()
        .map(|authority| authority.as_str().as_bytes());
    let field = match host {
        Field::One(value) => Some(value),
        Field::Many => {
            let reason = "`Host` is given more than once";
            return Err(Rejection::new(StatusCode::BAD_REQUEST, reason).closing());
        }
        // HTTP/2 carries the name in the target; HTTP/1 must repeat it.
        Field::Absent if version >= Version::HTTP_2 && target.is_some() => None,
        Field::Absent => {
            let reason = "`Host` is missing";
            return Err(Rejection::new(StatusCode::BAD_REQUEST, reason).closing());
        }
    };
    // Clients of one server nearly always call it by one name.
    let known = field.is_some_and(|field| hosts.known.get().is_some_and(|known| **known == *field));
    if known && target.is_none() {
        return Ok(());
    }
    for text in target.into_iter().chain(field) {
        let authority = Authority::parse(text).ok_or(INVALID)?;
        if !hosts.admit(&authority) {
            return Err(FOREIGN);
        }
    }
    if let Some(field) = field {
        hosts.known.get_or_init(|| field.into());
    }
    Ok(())
}

/// Checks where the request comes from, if a browser says so.
pub(crate) fn check_origin(origins: &Origins, origin: Field<'_>) -> Result<(), Rejection> {
    const FOREIGN: Rejection = Rejection::new(
        StatusCode::FORBIDDEN,
        "this origin may not call this server; allow it with `allowed_origins`",
    );
    match origin {
        Field::Absent => Ok(()),
        Field::One(value) if origins.admit(value) => Ok(()),
        Field::One(_) | Field::Many => Err(FOREIGN),
    }
}

/// Checks that the framing of an HTTP/1 request has one reading.
///
/// The HTTP layer below has already refused differing lengths and folded
/// lines; what it tolerates and we do not is a length beside a coding, and
/// codings other than one `chunked` (RFC 9112 section 6.1).
pub(crate) fn check_framing(head: &Head<'_>) -> Result<(), Rejection> {
    let coding_is_plain = match head.transfer_encoding {
        Field::Absent => return Ok(()),
        Field::One(value) => value.eq_ignore_ascii_case(b"chunked"),
        Field::Many => false,
    };
    if !coding_is_plain {
        let reason = "the only transfer coding is one `chunked`";
        return Err(Rejection::new(StatusCode::BAD_REQUEST, reason).closing());
    }
    if head.content_length != Field::Absent {
        let reason = "`Content-Length` beside `Transfer-Encoding`";
        return Err(Rejection::new(StatusCode::BAD_REQUEST, reason).closing());
    }
    Ok(())
}

/// Checks that a POST carries JSON and that its sender reads JSON.
pub(crate) fn check_post(head: &Head<'_>) -> Result<(), Rejection> {
    check_content(head)?;
    if !head.accepted.json {
        let reason = "send `Accept: application/json, text/event-stream`";
        return Err(Rejection::new(StatusCode::NOT_ACCEPTABLE, reason));
    }
    Ok(())
}

/// Checks that a POST carries JSON that we can read.
pub(crate) fn check_content(head: &Head<'_>) -> Result<(), Rejection> {
    const NOT_JSON: Rejection = Rejection::new(
        StatusCode::UNSUPPORTED_MEDIA_TYPE,
        "send `Content-Type: application/json` in UTF-8",
    );
    match head.content_type {
        Field::One(value) if is_json(value) => {}
        Field::Absent | Field::One(_) | Field::Many => return Err(NOT_JSON),
    }
    if head.content_encoding != Field::Absent {
        let reason = "send the body without `Content-Encoding`";
        return Err(Rejection::new(StatusCode::UNSUPPORTED_MEDIA_TYPE, reason));
    }
    Ok(())
}

#[cfg(test)]
mod tests;
