//! The guard of URLs: what it lets through is public, has one form, and is read alike by whoever
//! connects.

use std::net::IpAddr;
use std::sync::LazyLock;

use http::Uri;
use purlin_guard::fetch::{Target, UrlRules};
use url::Url;

use crate::public::is_public;

static PROFILES: LazyLock<[UrlRules; 3]> = LazyLock::new(|| {
    [
        UrlRules::web(),
        UrlRules::oauth(),
        UrlRules::web().any_port(),
    ]
});

/// Holds every profile against a text.
pub fn check(input: &[u8]) {
    let Ok(text) = std::str::from_utf8(input) else {
        return;
    };
    for rules in PROFILES.iter() {
        if let Ok(target) = rules.check(text) {
            is_outside_of_the_tables(&target);
            has_one_form(rules, &target);
            is_read_alike(&target);
        }
    }
}

fn is_outside_of_the_tables(target: &Target) {
    if let Some(address) = target.host().address() {
        assert!(is_public(address), "{target} is not public");
    }
}

/// What is judged again in its normal form is the same.
fn has_one_form(rules: &UrlRules, target: &Target) {
    let again = rules.check(target.as_str());
    assert_eq!(again.as_ref().ok(), Some(target), "{again:?}");
}

/// The connector reads a [`Uri`], other programs read as a [`Url`].
fn is_read_alike(target: &Target) {
    let url = Url::parse(target.as_str()).unwrap();
    let uri: Uri = target.as_str().parse().unwrap();
    assert_eq!(url.as_str(), target.as_str());
    assert_eq!(url.scheme(), uri.scheme_str().unwrap());
    assert_eq!(url.scheme(), target.scheme().as_str());
    assert_eq!(url.host_str(), uri.host());
    assert_eq!(url.host_str(), Some(&*target.host().to_string()));
    assert_eq!(url.port_or_known_default(), Some(target.port()));
    let port = uri.port_u16().unwrap_or(target.scheme().default_port());
    assert_eq!(port, target.port());
    assert_eq!(url.path(), uri.path());
    assert_eq!(url.query(), uri.query());
    assert_eq!(uri.authority().unwrap().as_str(), target.authority());
    assert!(url.username().is_empty() && url.password().is_none() && url.fragment().is_none());
    // A name that any reader takes for an address would be one that nobody has judged.
    let host = url.host_str().unwrap().trim_matches(['[', ']']);
    assert_eq!(host.parse::<IpAddr>().ok(), target.host().address());
}
