//! Whether the URI of a request is a registered one.

use super::parts::canonical_port;

/// The hosts on whose ports nobody can count: a native client takes the one that is free.
const LOOPBACK: [&str; 3] = ["http://127.0.0.1", "http://[::1]", "http://localhost"];

/// Byte equality, except that the port may be another one for `http` on `127.0.0.1`, `[::1]` and
/// `localhost` with everything else equal (RFC 8252, section 7.3; RFC 9700, section 4.1.3).
///
/// `registered` has passed [`check`](super::check()).
///
/// ```
/// use purlin_auth::authorization_server::redirect::matches;
///
/// assert!(matches("http://127.0.0.1/callback", "http://127.0.0.1:33418/callback"));
/// assert!(!matches("http://127.0.0.1/callback", "http://127.0.0.1:33418/callback/"));
/// assert!(!matches("https://app.example/callback", "https://app.example:8443/callback"));
/// ```
#[must_use]
pub fn matches(registered: &str, presented: &str) -> bool {
    registered == presented
        || LOOPBACK.iter().any(|origin| {
            let after_port = |uri| after_port(uri, origin);
            let registered = after_port(registered);
            registered.is_some() && registered == after_port(presented)
        })
}

/// What follows the port, if the URI starts with this origin and some port or none.
fn after_port<'a>(uri: &'a str, origin: &str) -> Option<&'a str> {
    let rest = uri.strip_prefix(origin)?;
    let Some(rest) = rest.strip_prefix(':') else {
        return (rest.is_empty() || rest.starts_with(['/', '?'])).then_some(rest);
    };
    let (port, rest) = rest.split_at(rest.find(['/', '?']).unwrap_or(rest.len()));
    canonical_port(port).map(|_| rest)
}
