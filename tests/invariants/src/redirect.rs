//! Redirect URIs: what matches is equal, or a loopback address at another port; a pattern covers
//! what it says and nothing that only looks like it.
//!
//! The input is what was registered and what is presented, each on a line.

use purlin_auth::authorization_server::redirect::{
    ApplicationType::Native, RedirectPattern, check as may_be_one, matches,
};
use url::Url;

/// Takes the first line for a registered URI, and for a pattern.
pub fn check(input: &[u8]) {
    let Ok(text) = std::str::from_utf8(input) else {
        return;
    };
    let (registered, presented) = text.split_once('\n').unwrap_or((text, ""));
    if may_be_one(registered, Native).is_ok() {
        as_registered(registered, presented);
    }
    if let Ok(pattern) = registered.parse::<RedirectPattern>()
        && pattern.matches(presented)
    {
        is_covered(registered, presented);
    }
}

fn as_registered(registered: &str, presented: &str) {
    assert!(matches(registered, registered));
    let matched = matches(registered, presented);
    if matched && registered != presented {
        assert!(differ_in_their_port_alone(registered, presented));
    }
    if may_be_one(presented, Native).is_ok() {
        assert_eq!(matches(presented, registered), matched);
    }
}

fn differ_in_their_port_alone(registered: &str, presented: &str) -> bool {
    let (Ok(mut ours), Ok(mut theirs)) = (Url::parse(registered), Url::parse(presented)) else {
        return false;
    };
    let loopback = ["127.0.0.1", "[::1]", "localhost"];
    let here = ours.host_str().is_some_and(|host| loopback.contains(&host));
    ours.set_port(None).unwrap();
    theirs.set_port(None).unwrap();
    ours.scheme() == "http" && here && ours == theirs
}

/// By the parts that another parser finds in both.
fn is_covered(pattern: &str, uri: &str) {
    assert!(may_be_one(uri, Native).is_ok());
    let read = Url::parse(uri).unwrap();
    let (scheme, rest) = pattern.split_once(':').unwrap();
    assert_eq!(read.scheme(), scheme.to_ascii_lowercase());
    let Some(rest) = rest.strip_prefix("//") else {
        assert_eq!(read.host_str(), None);
        return;
    };
    let host = read.host_str().unwrap();
    let authority = rest.split('/').next().unwrap().to_ascii_lowercase();
    let named = match authority.rfind(':') {
        Some(colon) if !authority[colon..].contains(']') => &authority[..colon],
        _ => &*authority,
    };
    match named.strip_prefix('*') {
        Some(below) => assert!(host.ends_with(below) && host.len() > below.len(), "{host}"),
        None => assert_eq!(host, named),
    }
}
