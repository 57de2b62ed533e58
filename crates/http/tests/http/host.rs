use purlin_http::HttpConfig;

use crate::{
    fixture::{Fixture, modern_call},
    raw::post,
};

/// A call with these lines in place of `Host: localhost`.
fn with_host(lines: &str) -> String {
    modern_call("echo").replacen("Host: localhost\r\n", lines, 1)
}

#[tokio::test]
async fn host_must_be_one_valid_name_of_ours() {
    let hosted = Fixture::new().host().await;
    for (lines, expected) in [
        ("Host: localhost\r\n", 200),
        ("Host: 127.0.0.1:8000\r\n", 200),
        ("Host: [::1]\r\n", 200),
        ("Host: evil.example.com\r\n", 403),
        ("Host: localhost.evil.example\r\n", 403),
        ("Host: 0.0.0.0\r\n", 403),
        ("Host: localhost\r\nHost: localhost\r\n", 400),
        ("Host: localhost\r\nHost: evil.example.com\r\n", 400),
        ("Host: user@localhost\r\n", 400),
        ("Host: \r\n", 400),
        ("", 400),
    ] {
        assert_eq!(hosted.status(with_host(lines)).await, expected, "{lines:?}");
    }
}

#[tokio::test]
async fn host_of_an_absolute_target_is_checked_too() {
    let hosted = Fixture::new().host().await;
    for (target, expected) in [
        ("POST http://localhost:8000/mcp ", 200),
        ("POST http://evil.example.com/mcp ", 403),
        ("POST http://user@localhost/mcp ", 400),
    ] {
        let request = modern_call("echo").replacen("POST /mcp ", target, 1);
        assert_eq!(hosted.status(request).await, expected, "{target}");
    }
}

#[tokio::test]
async fn host_is_not_taken_from_forwarding_headers() {
    let hosted = Fixture::new().host().await;
    let foreign =
        "Host: evil.example.com\r\nX-Forwarded-Host: localhost\r\nForwarded: host=localhost\r\n";
    assert_eq!(hosted.status(with_host(foreign)).await, 403);
    let ours = "Host: localhost\r\nX-Forwarded-Host: evil.example.com\r\n";
    assert_eq!(hosted.status(with_host(ours)).await, 200);
}

#[tokio::test]
async fn host_list_replaces_the_loopback_names() {
    let config = HttpConfig::new().allowed_hosts(["mcp.example.com", "other.example:8443"]);
    let hosted = Fixture::new().host_config(config).await;
    for (host, expected) in [
        ("mcp.example.com", 200),
        ("mcp.example.com:1234", 200),
        ("other.example:8443", 200),
        ("other.example", 403),
        ("localhost", 403),
    ] {
        let status = hosted.status(with_host(&format!("Host: {host}\r\n"))).await;
        assert_eq!(status, expected, "{host}");
    }
}

#[tokio::test]
async fn host_is_checked_before_the_body_is_parsed() {
    let hosted = Fixture::new().host().await;
    let request = post(&[("Host", "evil.example.com")], "not json");
    assert_eq!(hosted.status(request).await, 403);
}
