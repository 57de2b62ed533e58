//! The rules word by word, then the same rules by a predicate that shares no code with ours.

use proptest::prelude::*;
use url::{Host, Url};

use super::{
    ApplicationType::{self, Native, Web},
    InvalidRedirectUri::{self as Invalid, *},
    RedirectPattern, check, is_loopback, matches,
};

fn refused(of: ApplicationType, cases: &[(&str, Invalid)]) {
    for (uri, reason) in cases {
        assert_eq!(check(uri, of), Err(*reason), "{uri}");
    }
}

#[test]
fn registration_takes_what_clients_use() {
    for uri in [
        "http://127.0.0.1:33418/",
        "http://127.0.0.1",
        "http://127.8.0.1:1/cb",
        "http://[::1]:8080/callback?x=1",
        "http://localhost:3000/callback",
        "http://app.localhost/callback",
        "https://app.example/callback",
        "https://app.example:8443/a%20b/c?d=e",
        "https://localhost/callback",
        "cursor://anysphere.cursor-mcp/oauth/callback",
        "vscode://vscode.github-authentication/did-authenticate",
        "com.example.app:/oauth2redirect",
    ] {
        assert_eq!(check(uri, Native), Ok(()), "{uri}");
    }
    assert_eq!(check("https://app.example/callback", Web), Ok(()));
    assert_eq!(check("https://1.1.1.1/callback", Web), Ok(()));
}

#[test]
fn registration_refuses_more_than_2048_bytes() {
    let uri = format!("https://app.example/{}", "a".repeat(2_048 - 20));
    assert_eq!((uri.len(), check(&uri, Native)), (2_048, Ok(())));
    assert_eq!(check(&format!("{uri}a"), Native), Err(TooLong));
}

#[test]
fn registration_refuses_non_ascii_controls_spaces_and_backslashes() {
    refused(
        Native,
        &[
            ("https://ex\u{e4}mple.test/", Characters),
            ("https://app.example/\u{202e}", Characters),
            ("https://app.example/\t", Characters),
            ("https://app.example/\r\nLocation:x", Characters),
            ("https://app.example/\0", Characters),
            ("https://app.example/a b", Characters),
            (" https://app.example/", Characters),
            ("https://app.example\\@evil.test/", Characters),
            ("https:\\\\app.example/", Characters),
            ("https://app.example/%zz", Characters),
            ("https://app.example/%+a", Characters),
            ("https://app.example/%", Characters),
        ],
    );
}

#[test]
fn registration_refuses_fragments_even_empty_ones() {
    refused(
        Native,
        &[
            ("https://app.example/#x", Fragment),
            ("https://app.example/#", Fragment),
            ("com.example.app:/#", Fragment),
        ],
    );
}

#[test]
fn registration_refuses_wildcards() {
    refused(
        Native,
        &[
            ("https://*.example/", Wildcard),
            ("https://app.example/*", Wildcard),
            ("http://localhost:*/", Wildcard),
        ],
    );
}

#[test]
fn registration_refuses_userinfo() {
    refused(
        Native,
        &[
            ("https://user@app.example/", UserInfo),
            ("https://user:pass@app.example/", UserInfo),
            ("https://@app.example/", UserInfo),
            ("http://localhost@evil.test/", UserInfo),
        ],
    );
}

#[test]
fn registration_refuses_dot_segments_also_encoded() {
    refused(
        Native,
        &[
            ("https://app.example/a/../b", DotSegments),
            ("https://app.example/./b", DotSegments),
            ("https://app.example/..", DotSegments),
            ("https://app.example/%2e%2E/b", DotSegments),
            ("https://app.example/.%2e/b", DotSegments),
            ("https://app.example/a%2f..%2fb", DotSegments),
            ("https://app.example/a%5c..%5cb", DotSegments),
            ("https://app.example/%252e%252e/b", DotSegments),
            ("com.example.app:/../x", DotSegments),
        ],
    );
    assert_eq!(check("https://app.example/a..b/...?x=../y", Native), Ok(()));
}

#[test]
fn registration_refuses_encoded_or_malformed_hosts() {
    refused(
        Native,
        &[
            ("https://ex%61mple.test/", Host),
            ("https://app..example/", Host),
            ("https://.example/", Host),
            ("https://app.example./", Host),
            ("https://app!example/", Host),
            ("https://[::1/", Host),
            ("https://::1/", Host),
            ("https://[v1.x]/", Host),
            ("https://[fe80::1%25eth0]/", Host),
            ("http://0x7f.0.0.1/", Host),
            ("http://0177.0.0.1/", Host),
            ("http://2130706433/", Host),
            ("http://127.1/", Host),
            ("http://127.0.0.1.0x1/", Host),
            ("http://127.0.0.01/", Host),
        ],
    );
}

#[test]
fn registration_refuses_bad_ports() {
    refused(
        Native,
        &[
            ("http://localhost:/", Port),
            ("http://localhost:0/", Port),
            ("http://localhost:65536/", Port),
            ("http://localhost:080/", Port),
            ("http://localhost:+80/", Port),
            ("http://localhost:8o/", Port),
        ],
    );
}

#[test]
fn registration_refuses_uris_without_a_host() {
    refused(
        Native,
        &[
            ("https:///callback", NoHost),
            ("https://", NoHost),
            ("https://:443/", NoHost),
            ("https:/callback", NoHost),
            ("https:callback", NoHost),
            ("app:///callback", NoHost),
            ("app:callback", NoHost),
            ("/callback", Malformed),
            ("//app.example/callback", Malformed),
            ("", Malformed),
            ("1app:/x", Malformed),
        ],
    );
}

#[test]
fn registration_refuses_schemes_that_lead_to_no_client() {
    for scheme in [
        "javascript",
        "data",
        "vbscript",
        "file",
        "blob",
        "filesystem",
        "about",
        "view-source",
        "ftp",
        "ftps",
        "sftp",
        "ws",
        "wss",
        "mailto",
        "tel",
        "sms",
        "urn",
        "intent",
        "jar",
        "gopher",
        "ldap",
    ] {
        for uri in [
            format!("{scheme}://host/x"),
            format!("{}:/x", scheme.to_uppercase()),
            format!("{scheme}:x"),
        ] {
            assert!(matches!(check(&uri, Native), Err(Scheme | NoHost)), "{uri}");
        }
    }
    assert!(check("urn:ietf:wg:oauth:2.0:oob", Native).is_err());
    assert!(check("javascript:alert(1)", Native).is_err());
}

#[test]
fn registration_refuses_http_except_canonical_loopback() {
    refused(
        Native,
        &[
            ("http://app.example/", NotHttps),
            ("http://localhost.evil.test/", NotHttps),
            ("http://evil-localhost/", NotHttps),
            ("http://127.0.0.1.evil.test/", NotHttps),
            ("http://128.0.0.1/", NotHttps),
            ("http://10.0.0.1/", NotHttps),
            ("http://0.0.0.0/", NotHttps),
            ("http://[::ffff:127.0.0.1]/", NotHttps),
            ("http://[::2]/", NotHttps),
            ("HTTP://app.example/", NotHttps),
        ],
    );
}

#[test]
fn registration_of_web_clients_refuses_anything_but_https_on_a_public_host() {
    refused(
        Web,
        &[
            ("http://127.0.0.1/", NotPublic),
            ("http://localhost:3000/", NotPublic),
            ("http://app.example/", NotHttps),
            ("https://localhost/", NotPublic),
            ("https://127.0.0.1/", NotPublic),
            ("https://10.0.0.1/", NotPublic),
            ("https://[::1]/", NotPublic),
            ("https://[fd00::1]/", NotPublic),
            ("https://intranet/", NotPublic),
            ("https://db.internal/", NotPublic),
            ("https://a.svc.cluster.local/", NotPublic),
            ("https://169.254.169.254/", NotPublic),
            ("com.example.app:/callback", NotPublic),
            ("cursor://app.example/callback", NotPublic),
        ],
    );
}

#[test]
fn matching_is_byte_equality_except_for_the_port_of_loopback() {
    for (registered, presented, expected) in [
        ("https://app.example/cb", "https://app.example/cb", true),
        ("https://app.example/cb", "https://app.example/cb/", false),
        (
            "https://app.example/cb",
            "https://app.example/cb?x=1",
            false,
        ),
        ("https://app.example/cb", "https://APP.example/cb", false),
        (
            "https://app.example/cb",
            "https://app.example:443/cb",
            false,
        ),
        ("https://app.example/c", "https://app.example/%63", false),
        (
            "https://app.example:1/cb",
            "https://app.example:2/cb",
            false,
        ),
        ("http://127.0.0.1/cb", "http://127.0.0.1:5/cb", true),
        ("http://127.0.0.1:1/cb", "http://127.0.0.1:65535/cb", true),
        ("http://127.0.0.1:1/cb", "http://127.0.0.1/cb", true),
        ("http://[::1]:1/cb?x=1", "http://[::1]:2/cb?x=1", true),
        ("http://localhost:1", "http://localhost:2", true),
        ("http://localhost:1?x", "http://localhost:2?x", true),
        ("http://localhost:1/cb", "http://localhost:2/cb?x=1", false),
        ("http://localhost:1/cb", "http://localhost:2/", false),
        ("http://localhost:1/", "http://localhost:2", false),
        ("http://localhost:1/cb", "http://127.0.0.1:1/cb", false),
        ("http://localhost:1/cb", "https://localhost:2/cb", false),
        ("http://localhost:1/cb", "http://LOCALHOST:2/cb", false),
        ("https://localhost:1/cb", "https://localhost:2/cb", false),
        ("http://127.0.0.2:1/cb", "http://127.0.0.2:2/cb", false),
        (
            "http://app.localhost:1/cb",
            "http://app.localhost:2/cb",
            false,
        ),
        (
            "http://localhost/cb",
            "http://localhost:@evil.test/cb",
            false,
        ),
        (
            "http://localhost/cb",
            "http://localhost:1@evil.test/cb",
            false,
        ),
        (
            "http://localhost/cb",
            "http://localhost.evil.test/cb",
            false,
        ),
        ("http://localhost/cb", "http://localhost:0/cb", false),
        ("http://localhost/cb", "http://localhost:01/cb", false),
        ("http://localhost/cb", "http://localhost:65536/cb", false),
        (
            "http://localhost/cb",
            "http://localhost:1\\@evil.test/cb",
            false,
        ),
        ("http://localhost/cb", "http://localhost:1#/cb", false),
        ("app:/cb", "app:/cb", true),
        ("app://localhost:1/cb", "app://localhost:2/cb", false),
    ] {
        assert_eq!(
            matches(registered, presented),
            expected,
            "{registered} {presented}"
        );
    }
}

#[test]
fn patterns_compare_parsed_parts() {
    for (pattern, uri, expected) in [
        ("https://app.example", "https://app.example/any/path", true),
        ("https://app.example", "https://APP.example/cb", true),
        ("https://app.example", "https://app.example:443/cb", true),
        ("https://app.example", "https://app.example:444/cb", false),
        (
            "https://app.example",
            "https://app.example.evil.test/cb",
            false,
        ),
        (
            "https://app.example",
            "https://app.example@evil.test/cb",
            false,
        ),
        (
            "https://app.example",
            "https://evil.test/https://app.example",
            false,
        ),
        ("https://app.example", "http://app.example/cb", false),
        (
            "https://app.example:8443",
            "https://app.example:8443/",
            true,
        ),
        ("https://app.example:8443", "https://app.example/", false),
        ("https://app.example:*", "https://app.example:9/", true),
        ("https://*.example.com", "https://a.example.com/", true),
        ("https://*.example.com", "https://a.b.example.com/", true),
        ("https://*.example.com", "https://example.com/", false),
        ("https://*.example.com", "https://.example.com/", false),
        ("https://*.example.com", "https://evilexample.com/", false),
        (
            "https://*.example.com",
            "https://evil.test/a.example.com",
            false,
        ),
        (
            "https://*.example.com",
            "https://evil.test?a.example.com",
            false,
        ),
        ("https://app.example/cb", "https://app.example/cb", true),
        ("https://app.example/cb/", "https://app.example/cb", true),
        ("https://app.example/cb", "https://app.example/cb/x?y", true),
        ("https://app.example/cb", "https://app.example/cbx", false),
        (
            "https://app.example/cb",
            "https://app.example/cb/../x",
            false,
        ),
        (
            "https://app.example/cb",
            "https://app.example/cb/%2e%2e/x",
            false,
        ),
        ("https://app.example/cb", "https://app.example/CB", false),
        ("http://localhost:*", "http://localhost:33418/cb", true),
        ("http://localhost:*", "http://localhost/cb", true),
        ("http://localhost", "http://localhost:33418/cb", false),
        ("http://localhost:*", "http://localhost:1@evil.test/", false),
        ("http://[::1]:*", "http://[::1]:7/", true),
        (
            "cursor://anysphere.cursor-mcp",
            "cursor://anysphere.cursor-mcp/cb",
            true,
        ),
        ("com.example.app:/", "com.example.app:/cb", true),
        ("com.example.app:/", "com.example.app://host/cb", false),
    ] {
        let parsed: RedirectPattern = pattern.parse().unwrap();
        assert_eq!(parsed.matches(uri), expected, "{pattern} {uri}");
    }
}

#[test]
fn patterns_that_would_mean_too_much_are_refused() {
    for pattern in [
        "*",
        "https://*",
        "https://*.*",
        "https://a.*.example",
        "https://*example.com",
        "*://a.example",
        "https://*.127.0.0.1",
        "https://a.example/*",
        "https://a.example:1*",
        "https://a.example?x",
        "https://u@a.example",
        "https://a.example/../x",
        "https:a.example",
        "",
        "https://",
        "https://*.",
        "https://a.example#",
    ] {
        assert!(pattern.parse::<RedirectPattern>().is_err(), "{pattern}");
    }
}

#[test]
fn what_leads_to_the_users_machine_is_known() {
    for uri in ["http://localhost/", "http://127.0.0.1:1/", "https://[::1]/"] {
        assert!(is_loopback(uri), "{uri}");
    }
    for uri in [
        "https://app.example/",
        "app:/cb",
        "https://localhost.example/",
    ] {
        assert!(!is_loopback(uri), "{uri}");
    }
}

/// What a redirect URI of `http` or `https` has to be, said by a parser for the web.
fn is_allowed_by_others(uri: &str) -> bool {
    let Ok(url) = Url::parse(uri) else {
        return false;
    };
    let loopback = match url.host() {
        Some(Host::Domain(name)) => name == "localhost" || name.ends_with(".localhost"),
        Some(Host::Ipv4(address)) => address.is_loopback(),
        Some(Host::Ipv6(address)) => address.is_loopback(),
        None => false,
    };
    let safe = url.username().is_empty() && url.password().is_none() && url.fragment().is_none();
    safe && url.port() != Some(0)
        && (url.scheme() == "https" || (url.scheme() == "http" && loopback))
}

/// The authority and the path as they are written.
fn written(uri: &str) -> Option<(&str, &str)> {
    let rest = uri.split_once("://")?.1;
    let end = rest.find(['/', '?']).unwrap_or(rest.len());
    let path = rest[end..].split('?').next()?;
    Some((&rest[..end], path))
}

fn tricky() -> impl Strategy<Value = String> {
    let scheme = prop_oneof!["http", "https", "HTTPS", "javascript", "app"];
    let gap = prop_oneof![8 => Just("://"), 1 => Just(":/"), 1 => Just(":"), 1 => Just(":\\\\")];
    let host = prop_oneof![
        "localhost",
        "127\\.0\\.0\\.1",
        "\\[::1\\]",
        "a\\.example",
        "127\\.1",
        "0x7f\\.1",
        "[a-z0-9.%@:\\[\\]-]{0,12}",
    ];
    let port = prop_oneof![4 => Just(String::new()), 4 => ":[0-9]{0,6}", 1 => ":[@a-z0-9]{1,4}"];
    let path = prop_oneof!["(/[a-z.%2eEfF]{0,4}){0,3}", "[/a-z.@:\\\\#?* %]{0,10}"];
    let query =
        prop_oneof![3 => Just(String::new()), 1 => "\\?[a-z=/.@:]{0,6}", 1 => "#[a-z]{0,2}"];
    (scheme, gap, host, port, path, query)
        .prop_map(|(a, b, c, d, e, f)| format!("{a}{b}{c}{d}{e}{f}"))
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1_024))]

    #[test]
    fn no_text_panics(uri in any::<String>(), other in any::<String>()) {
        _ = check(&uri, Native);
        _ = matches(&uri, &other);
        _ = uri.parse::<RedirectPattern>();
    }

    /// Whatever is allowed is allowed by a parser for the web too, which finds the same host, port
    /// and path in it, so a browser goes where we think it goes.
    #[test]
    fn what_is_allowed_has_one_reading(uri in tricky()) {
        let lower = uri.to_ascii_lowercase();
        let is_web = lower.starts_with("http:") || lower.starts_with("https:");
        if check(&uri, Native).is_ok() && is_web {
            prop_assert!(is_allowed_by_others(&uri), "{}", uri);
            let url = Url::parse(&uri).unwrap();
            let (authority, path) = written(&uri).unwrap();
            let port = url.port().map_or(String::new(), |port| format!(":{port}"));
            let expected = format!("{}{port}", url.host_str().unwrap());
            let default = authority.to_ascii_lowercase();
            let default = default.trim_end_matches(":443").trim_end_matches(":80");
            prop_assert!(authority.eq_ignore_ascii_case(&expected) || default == expected, "{}", uri);
            prop_assert!(url.path() == path || (path.is_empty() && url.path() == "/"), "{}", uri);
        }
    }

    /// Equality, or the loopback rule as a parser for the web sees it, and nothing else.
    #[test]
    fn what_matches_is_equal_or_differs_in_the_port_of_loopback(a in tricky(), b in tricky()) {
        prop_assert!(matches(&a, &a));
        prop_assert_eq!(matches(&a, &b), matches(&b, &a));
        if check(&a, Native).is_ok() && matches(&a, &b) && a != b {
            prop_assert_eq!(check(&b, Native), Ok(()));
            let (mut one, mut other) = (Url::parse(&a).unwrap(), Url::parse(&b).unwrap());
            prop_assert_eq!(one.scheme(), "http");
            let hosts = ["localhost", "127.0.0.1", "[::1]"];
            prop_assert!(hosts.contains(&one.host_str().unwrap()));
            one.set_port(None).unwrap();
            other.set_port(None).unwrap();
            prop_assert_eq!(one, other);
        }
    }

    #[test]
    fn the_port_of_loopback_varies(one in 1_u16.., other in 1_u16.., path in "(/[a-z]{1,5}){0,2}") {
        for host in ["localhost", "127.0.0.1", "[::1]"] {
            let uri = |port| format!("http://{host}:{port}{path}");
            prop_assert!(matches(&uri(one), &uri(other)));
            let elsewhere = format!("http://{host}:{other}{path}x");
            prop_assert!(!matches(&uri(one), &elsewhere));
        }
    }

    /// A pattern allows nothing outside of what a parser for the web calls a host below it.
    #[test]
    fn a_pattern_allows_its_own_hosts_alone(uri in tricky()) {
        let pattern: RedirectPattern = "https://*.example".parse().unwrap();
        if pattern.matches(&uri) {
            let url = Url::parse(&uri).unwrap();
            let host = url.host_str().unwrap().to_owned();
            prop_assert!(host.ends_with(".example") && url.scheme() == "https", "{}", uri);
            prop_assert_eq!(url.port(), None);
        }
    }
}
