//! How long an answer may be kept (RFC 9111, sections 4.2 and 5.2.2).

use std::time::{Duration, SystemTime};

use http::{HeaderMap, HeaderName, header};

/// For answers that say nothing.
const DEFAULT: Duration = Duration::from_secs(300);
/// However long an answer says: clients change, and so does who owns a host.
const LONGEST: Duration = Duration::from_secs(24 * 60 * 60);

/// How long an answer stays fresh in a shared cache; `None` when it must not be kept.
pub(super) fn freshness(headers: &HeaderMap, now: SystemTime) -> Option<Duration> {
    let directives = directives(headers);
    let has = |name: &str| directives.iter().any(|(known, _)| known == name);
    if has("no-store") || has("no-cache") || has("private") || headers.contains_key(header::VARY) {
        return None;
    }
    let seconds = |name: &str| {
        let found = directives.iter().find(|(known, _)| known == name);
        // What is not a number is stale (RFC 9111, section 4.2.1).
        found.map(|(_, value)| value.parse().map_or(Duration::ZERO, Duration::from_secs))
    };
    let lifetime = seconds("s-maxage")
        .or_else(|| seconds("max-age"))
        .or_else(|| expires(headers, now))
        .unwrap_or(DEFAULT);
    let age = text(headers, header::AGE).and_then(|age| age.parse().ok());
    let age = age.map_or(Duration::ZERO, Duration::from_secs);
    let left = lifetime.min(LONGEST).saturating_sub(age);
    (!left.is_zero()).then_some(left)
}

/// The directives of all headers, in small letters.
fn directives(headers: &HeaderMap) -> Vec<(String, String)> {
    let values = headers.get_all(header::CACHE_CONTROL).iter();
    let texts = values
        .filter_map(|value| value.to_str().ok())
        .flat_map(|text| text.split(','));
    texts
        .map(|directive| {
            let (name, value) = directive.split_once('=').unwrap_or((directive, ""));
            (
                name.trim().to_ascii_lowercase(),
                value.trim().trim_matches('"').to_owned(),
            )
        })
        .collect()
}

/// What `Expires` says, from `Date` on.
fn expires(headers: &HeaderMap, now: SystemTime) -> Option<Duration> {
    let expires = text(headers, header::EXPIRES)?;
    let date = text(headers, header::DATE).and_then(|date| httpdate::parse_http_date(date).ok());
    let expires = httpdate::parse_http_date(expires).ok();
    let left = expires.and_then(|expires| expires.duration_since(date.unwrap_or(now)).ok());
    Some(left.unwrap_or(Duration::ZERO))
}

fn text(headers: &HeaderMap, name: HeaderName) -> Option<&str> {
    headers.get(name)?.to_str().ok()
}

#[cfg(test)]
mod tests {
    use std::time::UNIX_EPOCH;

    use http::HeaderValue;

    use super::*;

    fn check(headers: &[(&'static str, &'static str)], expected: Option<u64>) {
        let mut map = HeaderMap::new();
        for (name, value) in headers {
            map.append(*name, HeaderValue::from_static(value));
        }
        let now = UNIX_EPOCH + Duration::from_secs(784_111_777);
        assert_eq!(
            freshness(&map, now),
            expected.map(Duration::from_secs),
            "{headers:?}"
        );
    }

    #[test]
    fn documents_are_kept_as_long_as_http_says() {
        check(&[], Some(300));
        check(&[("cache-control", "max-age=60")], Some(60));
        check(&[("cache-control", "public, Max-Age=\"60\"")], Some(60));
        check(&[("cache-control", "max-age=60, s-maxage=90")], Some(90));
        check(&[("cache-control", "max-age=60"), ("age", "20")], Some(40));
        check(&[("cache-control", "max-age=60"), ("age", "60")], None);
        check(&[("cache-control", "max-age=99999999")], Some(24 * 60 * 60));
        check(&[("cache-control", "max-age=0")], None);
        check(&[("cache-control", "max-age=soon")], None);
        check(&[("cache-control", "no-store")], None);
        check(
            &[
                ("cache-control", "max-age=60"),
                ("cache-control", "no-cache"),
            ],
            None,
        );
        check(&[("cache-control", "private, max-age=60")], None);
        check(&[("vary", "accept"), ("cache-control", "max-age=60")], None);
        check(&[("expires", "Sun, 06 Nov 1994 08:50:37 GMT")], Some(60));
        check(&[("expires", "Sun, 06 Nov 1994 08:49:37 GMT")], None);
        check(&[("expires", "0")], None);
        check(
            &[
                ("date", "Sun, 06 Nov 1994 08:50:00 GMT"),
                ("expires", "Sun, 06 Nov 1994 08:50:07 GMT"),
            ],
            Some(7),
        );
    }
}
