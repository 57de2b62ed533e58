//! Where a redirect leads, and what goes along.

use bytes::Bytes;
use http::{HeaderValue, Method, StatusCode};
use url::Url;

use super::target::{Scheme, Target, check_text};
use super::{FetchError, FetchRequest, UrlRules, headers};

/// Whether a status is that of a redirect. 300, 304 and 305 are none.
pub(super) fn is_redirect(status: StatusCode) -> bool {
    matches!(status.as_u16(), 301 | 302 | 303 | 307 | 308)
}

/// Where a redirect leads: its text goes through all rules, as that of the caller did.
///
/// # Errors
/// `redirect` if it leads from `https` to `http`, and all of [`UrlRules::check`].
pub(super) fn follow(
    rules: &UrlRules,
    from: &Target,
    location: &HeaderValue,
) -> Result<Target, FetchError> {
    let why = FetchError::InvalidUrl("a redirect leads to what is no text");
    let location = std::str::from_utf8(location.as_bytes()).map_err(|_| why)?;
    let to = rules.check(&resolve(from, location)?)?;
    if from.scheme() == Scheme::Https && to.scheme() == Scheme::Http {
        return Err(FetchError::Redirect("it leads from `https` to `http`"));
    }
    Ok(to)
}

/// The host that a redirect names, allowed or not.
pub(super) fn names(from: &Target, location: &HeaderValue) -> Option<String> {
    let location = std::str::from_utf8(location.as_bytes()).ok()?;
    let to = Target::parse(&resolve(from, location).ok()?).ok()?;
    Some(to.host().to_string())
}

/// The absolute text of what may be relative (RFC 3986, section 5.2). What has a scheme or an
/// authority is not touched: parsers would repair it.
fn resolve(from: &Target, location: &str) -> Result<String, FetchError> {
    const NOWHERE: FetchError = FetchError::InvalidUrl("a redirect leads to no URL");
    check_text(location)?;
    let first = location.find(['/', '?', '#', ':']);
    if first.is_some_and(|at| location[at..].starts_with(':')) {
        return Ok(location.to_owned());
    }
    if location.starts_with("//") {
        return Ok(format!("{}:{location}", from.scheme().as_str()));
    }
    let base = Url::parse(from.as_str()).map_err(|_| NOWHERE)?;
    let to = base.join(location).map_err(|_| NOWHERE)?;
    Ok(to.into())
}

/// What the next hop is asked. To another origin goes nothing that was meant for this one.
pub(super) fn next(
    mut request: FetchRequest,
    status: StatusCode,
    from: &Target,
    to: &Target,
) -> FetchRequest {
    let same_origin = from.is_same_origin(to);
    let same_request = matches!(status.as_u16(), 307 | 308);
    if !same_origin {
        request.headers = headers::keep_harmless(&request.headers);
    }
    if !(same_origin && same_request) && request.method == Method::POST {
        request.method = Method::GET;
        request.body = Bytes::new();
        headers::forget_body(&mut request.headers);
    }
    request
}
