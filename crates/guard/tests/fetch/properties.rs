//! What holds for every text.

use std::net::IpAddr;

use http::Uri;
use proptest::prelude::*;
use purlin_guard::fetch::{Target, UrlRules};
use url::Url;

use crate::addresses::is_public;
use crate::net::Net;

/// Pieces of which hostile URLs are made.
const PIECES: [&str; 62] = [
    "http://",
    "https://",
    "HTTP://",
    "http:",
    "http:/",
    "//",
    "/",
    "\\",
    "ftp://",
    "file:///",
    "@",
    ":",
    ":80",
    ":443",
    ":0",
    ":8080",
    ":080",
    "user",
    "?",
    "#",
    "%",
    "%2e",
    "%00",
    "[",
    "]",
    "[::1]",
    "[::ffff:1.1.1.1]",
    "[2606:4700::1111]",
    "[64:ff9b::a00:1]",
    "[fe80::1%25a]",
    "127.0.0.1",
    "1.1.1.1",
    "0x7f.1",
    "2130706433",
    "017700000001",
    "10.0.0.1.",
    "1.1.1.1.",
    "169.254.169.254",
    "a.example",
    "localhost",
    "metadata.google.internal",
    ".",
    "..",
    "/../",
    "ａ",
    "。",
    "①",
    "ü",
    "ß",
    "\u{ad}",
    "\u{200d}",
    "xn--",
    "xn--bcher-kva",
    "\t",
    "\n",
    " ",
    "\0",
    "\u{a0}",
    "-",
    "_",
    "x",
    "/a?b=c#d",
];

fn hostile() -> impl Strategy<Value = String> {
    let pieces = prop::collection::vec(prop::sample::select(PIECES.to_vec()), 0..9);
    let mixed = (pieces.clone(), ".{0,6}").prop_map(|(pieces, any)| pieces.concat() + &any);
    prop_oneof![
        3 => pieces.prop_map(|pieces| format!("http://{}", pieces.concat())),
        2 => mixed,
        1 => "https?://[a-z0-9.\\-]{1,20}(:[0-9]{1,5})?(/[ -~]{0,20})?",
        1 => any::<u32>().prop_map(|bits| format!("http://{}/", std::net::Ipv4Addr::from_bits(bits))),
        1 => any::<u128>().prop_map(|bits| format!("http://[{}]/", std::net::Ipv6Addr::from_bits(bits))),
        1 => ".{0,40}",
    ]
}

/// Everything that has to hold for a text.
fn invariants(rules: &UrlRules, text: &str) {
    let Ok(target) = rules.check(text) else {
        return;
    };
    // An address in it is public, by a judgement that knows nothing of the guard's.
    if let Some(address) = target.host().address() {
        assert!(is_public(address), "{text:?}");
    }
    // The guard's verdict on the normal form is the same target.
    assert_eq!(
        rules.check(target.as_str()).ok().as_ref(),
        Some(&target),
        "{text:?}"
    );
    agrees(&target);
}

/// Whoever reads the normal form reads the same.
fn agrees(target: &Target) {
    let url = Url::parse(target.as_str()).unwrap();
    let uri: Uri = target.as_str().parse().unwrap();
    assert_eq!(url.as_str(), target.as_str());
    assert_eq!(url.host_str(), uri.host());
    assert_eq!(url.port_or_known_default(), Some(target.port()));
    assert_eq!(
        uri.port_u16().unwrap_or(target.scheme().default_port()),
        target.port()
    );
    assert_eq!(url.path(), uri.path());
    assert_eq!(url.query(), uri.query());
    assert!(url.username().is_empty() && url.password().is_none() && url.fragment().is_none());
    let bare = url
        .host_str()
        .unwrap()
        .trim_start_matches('[')
        .trim_end_matches(']');
    assert_eq!(bare.parse::<IpAddr>().ok(), target.host().address());
    assert_eq!(uri.authority().unwrap().as_str(), target.authority());
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(4_000))]

    #[test]
    fn what_is_allowed_is_public_has_one_form_and_is_read_alike(text in hostile()) {
        invariants(&UrlRules::web(), &text);
        invariants(&UrlRules::oauth(), &text);
        invariants(&UrlRules::web().any_port(), &text);
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(500))]

    #[test]
    fn nothing_is_dialled_that_is_not_public(
        text in hostile(),
        answer in prop::collection::vec(any::<u32>(), 0..3),
        location in hostile(),
    ) {
        let answer: Vec<String> =
            answer.into_iter().map(|bits| std::net::Ipv4Addr::from_bits(bits).to_string()).collect();
        let answer: Vec<&str> = answer.iter().map(String::as_str).collect();
        let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap();
        runtime.block_on(async {
            let location: String = location.chars().filter(|c| !c.is_control()).collect();
            let net = Net::default()
                .name("a.example", [&answer, &answer])
                .redirect(302, &location);
            let _ = net.get(&text).await;
            for place in net.dialled() {
                let place: std::net::SocketAddr = place.parse().unwrap();
                assert!(is_public(place.ip()), "{text:?} to {place}");
                assert!([80, 443].contains(&place.port()), "{text:?} to {place}");
            }
        });
    }
}
