//! A way out through a proxy.

use http::HeaderValue;
use purlin_guard::UrlFetcher;
use purlin_guard::fetch::{EgressProxy, Proxied};

use crate::net::{Net, Reply, plain};

fn through(net: &Net) -> UrlFetcher<Proxied> {
    let proxy = EgressProxy::new(
        "10.0.0.7:3128".parse().unwrap(),
        ["a.example", "*.b.example"],
    );
    let proxy = proxy
        .unwrap()
        .authorization(HeaderValue::from_static("Basic canary"));
    net.web().through(proxy).build()
}

#[tokio::test]
async fn only_listed_hosts_are_asked_through_a_proxy() {
    let net = Net::default();
    let fetcher = through(&net);
    fetcher.fetch("http://a.example/x").await.unwrap();
    fetcher.fetch("http://x.b.example/").await.unwrap();
    for url in [
        "http://b.example/",
        "http://x.a.example/",
        "http://c.example/",
        "http://1.1.1.1/",
    ] {
        let error = fetcher.fetch(url).await.unwrap_err();
        assert_eq!(error.name(), "blocked_host", "{url}");
    }
    assert_eq!(net.dialled(), ["10.0.0.7:3128", "10.0.0.7:3128"]);
    // The proxy looks names up, and nobody else.
    assert!(net.lookups().is_empty());
    let first = &net.requests()[0];
    assert!(
        first.starts_with("GET http://a.example/x HTTP/1.1\r\n"),
        "{first}"
    );
    assert!(first.contains("\r\nhost: a.example\r\n"), "{first}");
    assert!(
        first.contains("proxy-authorization: Basic canary"),
        "{first}"
    );
}

#[tokio::test]
async fn the_other_rules_hold_behind_a_proxy() {
    let net = Net::default();
    let fetcher = through(&net);
    for (url, expected) in [
        ("http://a.example:22/", "port"),
        ("ftp://a.example/", "scheme"),
        ("http://user@a.example/", "userinfo"),
        ("http://127.0.0.1/", "blocked_address"),
        ("http://localhost/", "blocked_host"),
    ] {
        assert_eq!(
            fetcher.fetch(url).await.unwrap_err().name(),
            expected,
            "{url}"
        );
    }
    let net = net.reply_at(
        "10.0.0.7",
        Reply::Bytes(plain("302 F\r\nlocation: http://c.example/", "")),
    );
    let error = fetcher.fetch("http://a.example/").await.unwrap_err();
    assert_eq!(error.name(), "blocked_host");
    assert_eq!(net.dialled().len(), 1);
}

#[tokio::test]
async fn a_proxy_passes_tls_on_without_reading_it() {
    let (acceptor, pem) = crate::tls::host("a.example", rustls::ALL_VERSIONS);
    let ok = crate::net::answer("200 OK\r\ncontent-type: text/plain", "ok");
    let open = plain("200 Connection established", "");
    let net = Net::default().reply_at(
        "10.0.0.7",
        Reply::Tunnel(open, Box::new(Reply::Secure(acceptor, ok))),
    );
    let proxy = EgressProxy::new("10.0.0.7:3128".parse().unwrap(), ["a.example"]).unwrap();
    let proxy = proxy.authorization(HeaderValue::from_static("Basic canary"));
    let fetcher = net.web().trust(&pem).unwrap().through(proxy).build();
    let fetched = fetcher.fetch("https://a.example/x").await.unwrap();
    assert_eq!(fetched.text(), "ok");
    let [tunnel, inside] = &net.requests()[..] else {
        panic!("two requests");
    };
    assert!(
        tunnel.starts_with("CONNECT a.example:443 HTTP/1.1\r\n"),
        "{tunnel}"
    );
    assert!(
        tunnel.contains("proxy-authorization: Basic canary"),
        "{tunnel}"
    );
    assert!(
        inside.starts_with("GET /x HTTP/1.1\r\n") && !inside.contains("canary"),
        "{inside}"
    );
}

#[tokio::test]
async fn a_proxy_that_refuses_is_no_connection() {
    for reply in [
        "403 Forbidden",
        "407 Proxy Authentication Required",
        "502 Bad Gateway",
    ] {
        let net = Net::default().reply_at("10.0.0.7", Reply::Bytes(plain(reply, "")));
        let error = through(&net).fetch("https://a.example/").await.unwrap_err();
        assert_eq!(error.name(), "connect", "{reply}");
    }
}

#[test]
fn a_proxy_has_a_list_of_hosts() {
    let address = "10.0.0.7:3128".parse().unwrap();
    assert!(EgressProxy::new(address, []).is_err());
    assert!(EgressProxy::new(address, ["a b"]).is_err());
    let proxy = EgressProxy::new(address, ["a.example"]).unwrap();
    let proxy = proxy.authorization(HeaderValue::from_static("canary"));
    assert!(!format!("{proxy:?}").contains("canary"));
}
