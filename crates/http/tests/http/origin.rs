use purlin_http::HttpConfig;

use crate::{
    fixture::{Fixture, Hosted, modern_call},
    raw::post,
};

async fn status(hosted: &Hosted, origins: &[&str]) -> u16 {
    let lines: String = origins
        .iter()
        .map(|origin| format!("Origin: {origin}\r\n"))
        .collect();
    let request = modern_call("echo").replacen("\r\n", &format!("\r\n{lines}"), 1);
    hosted.status(request).await
}

#[tokio::test]
async fn origin_must_be_one_that_is_allowed() {
    let hosted = Fixture::new().host().await;
    for (origins, expected) in [
        (&[][..], 200),
        (&["http://localhost:5173"], 200),
        (&["https://127.0.0.1"], 200),
        (&["http://evil.example.com"], 403),
        (&["null"], 403),
        (&["http://0.0.0.0:8000"], 403),
        (&["chrome-extension://abc"], 403),
        (&["http://localhost.evil.example"], 403),
        (&["localhost"], 403),
        (&["http://localhost", "http://localhost"], 403),
        (&["http://localhost", "http://evil.example.com"], 403),
    ] {
        assert_eq!(status(&hosted, origins).await, expected, "{origins:?}");
    }
}

#[tokio::test]
async fn origin_list_compares_scheme_host_and_port() {
    let config = HttpConfig::new().allowed_origins(["https://app.example.com"]);
    let hosted = Fixture::new().host_config(config).await;
    for (origin, expected) in [
        ("https://app.example.com", 200),
        ("https://app.example.com:443", 200),
        ("http://app.example.com", 403),
        ("https://app.example.com:444", 403),
        ("http://localhost", 403),
    ] {
        assert_eq!(status(&hosted, &[origin]).await, expected, "{origin}");
    }
}

#[tokio::test]
async fn origin_is_checked_before_the_body_is_parsed() {
    let hosted = Fixture::new().host().await;
    let foreign = ("Origin", "http://evil.example.com");
    assert_eq!(hosted.status(post(&[foreign], "not json")).await, 403);
    let authorized = [foreign, ("Authorization", "Bearer token")];
    assert_eq!(hosted.status(post(&authorized, "not json")).await, 403);
}

#[tokio::test]
async fn origin_gets_no_cors_headers() {
    let hosted = Fixture::new().host().await;
    let request = modern_call("echo").replacen("\r\n", "\r\nOrigin: http://localhost\r\n", 1);
    let (head, _) = hosted.exchange(request).await;
    assert!(
        head.fields
            .iter()
            .all(|(name, _)| !name.starts_with("access-control"))
    );
    let preflight = "OPTIONS /mcp HTTP/1.1\r\nHost: localhost\r\nOrigin: http://localhost\r\n\r\n";
    assert_eq!(hosted.status(preflight).await, 405);
}

#[tokio::test]
async fn origin_that_is_allowed_gets_cors_headers_where_configured() {
    let config = HttpConfig::new()
        .cors(true)
        .allowed_origins(["https://app.example.com"]);
    let hosted = Fixture::new().host_config(config).await;
    let preflight = |origin: &str| {
        format!(
            "OPTIONS /mcp HTTP/1.1\r\nHost: localhost\r\nOrigin: {origin}\r\n\
             Access-Control-Request-Method: POST\r\n\
             Access-Control-Request-Headers: content-type, mcp-param-city\r\n\r\n"
        )
    };
    let (head, _) = hosted.exchange(preflight("https://app.example.com")).await;
    assert_eq!(head.status, 204);
    assert_eq!(
        head.field("access-control-allow-headers"),
        Some("content-type, mcp-param-city")
    );
    let call = modern_call("echo").replacen("\r\n", "\r\nOrigin: https://app.example.com\r\n", 1);
    for request in [preflight("https://app.example.com"), call] {
        let (head, _) = hosted.exchange(request).await;
        let allowed = head.field("access-control-allow-origin");
        assert_eq!(allowed, Some("https://app.example.com"));
        assert_eq!(head.field("access-control-allow-credentials"), None);
        assert!(
            head.field("vary")
                .is_some_and(|vary| vary.contains("origin"))
        );
    }
    let (head, _) = hosted.exchange(preflight("https://evil.example.com")).await;
    assert_eq!(
        (head.status, head.field("access-control-allow-origin")),
        (403, None)
    );
}
