//! What callers may ask.

use http::Method;
use purlin_guard::fetch::FetchRequest;

use crate::net::Net;

#[tokio::test]
async fn get_head_and_post_are_sent_and_no_other_method() {
    let net = Net::default();
    let fetcher = net.web().build();
    for method in [Method::GET, Method::HEAD, Method::POST] {
        let request = FetchRequest::new(method.clone(), "http://a.example/");
        fetcher.fetch(request).await.unwrap();
        assert!(net.requests().pop().unwrap().starts_with(method.as_str()));
    }
    let own = Method::from_bytes(b"get").unwrap();
    for method in [
        Method::PUT,
        Method::DELETE,
        Method::CONNECT,
        Method::TRACE,
        Method::OPTIONS,
        own,
    ] {
        let request = FetchRequest::new(method, "http://a.example/");
        let error = fetcher.fetch(request).await.unwrap_err();
        assert_eq!(error.name(), "invalid_method");
    }
    assert_eq!(net.dialled().len(), 3);
}

#[tokio::test]
async fn headers_that_are_not_the_callers_are_refused() {
    let net = Net::default();
    for name in [
        "Host",
        "Content-Length",
        "Transfer-Encoding",
        "TE",
        "Trailer",
        "Expect",
        "Connection",
        "Keep-Alive",
        "Upgrade",
        "HTTP2-Settings",
        "Proxy-Authorization",
        "Proxy-Connection",
        "Proxy-Authenticate",
        "Forwarded",
        "Via",
        "X-Forwarded-For",
        "X-Forwarded-Host",
        "Metadata-Flavor",
        "Metadata",
        "X-aws-ec2-metadata-token",
        "X-aws-ec2-metadata-token-ttl-seconds",
        "Cookie",
        "Cookie2",
        "Accept-Encoding",
    ] {
        let request = FetchRequest::get("http://a.example/").header(name, "1");
        let error = net.web().build().fetch(request).await.unwrap_err();
        assert_eq!(error.name(), "invalid_header", "{name}");
    }
    assert!(net.lookups().is_empty());
}

#[tokio::test]
async fn line_breaks_in_headers_are_refused() {
    let net = Net::default();
    for (name, value) in [
        ("x-a", "1\r\nhost: b"),
        ("x-a", "1\nb"),
        ("x-a", "1\rb"),
        ("x-a", "1\0"),
        ("x-a\r\nx-b", "1"),
        ("x a", "1"),
        ("", "1"),
        ("x:a", "1"),
    ] {
        let request = FetchRequest::get("http://a.example/").header(name, value);
        let error = net.web().build().fetch(request).await.unwrap_err();
        assert_eq!(error.name(), "invalid_header", "{name:?}: {value:?}");
    }
    assert!(net.lookups().is_empty());
}

#[tokio::test]
async fn no_cookie_is_kept() {
    let head = "200 OK\r\ncontent-type: text/plain\r\nset-cookie: a=1; Path=/";
    let net = Net::default()
        .answer(head, "")
        .answer("302 Found\r\nset-cookie: b=2\r\nlocation: /c", "");
    let fetcher = net.web().build();
    for _ in 0..3 {
        fetcher.fetch("http://a.example/").await.unwrap();
    }
    let requests = net.requests();
    assert_eq!(requests.len(), 4);
    assert!(
        requests
            .iter()
            .all(|it| !it.to_lowercase().contains("cookie"))
    );
}

#[tokio::test]
async fn nothing_is_sent_that_the_caller_did_not_say() {
    let net = Net::default();
    net.get("http://a.example/x").await.unwrap();
    let request = net.requests().pop().unwrap();
    let mut lines: Vec<&str> = request.trim_end().lines().collect();
    lines.sort_unstable();
    let agent = format!("user-agent: purlin-guard/{}", env!("CARGO_PKG_VERSION"));
    let expected = [
        "GET /x HTTP/1.1",
        "accept-encoding: gzip, br, zstd",
        "accept: */*",
        "host: a.example",
        &agent,
    ];
    assert_eq!(lines, expected);
}
