//! What callers hear.

use std::time::Duration;

use http::StatusCode;
use purlin_guard::fetch::{FetchError, Part, Phase};

use crate::net::{Net, Reply, plain};

#[test]
fn each_error_has_its_name() {
    let cause = || "canary".into();
    for (error, name) in [
        (FetchError::InvalidUrl("x"), "invalid_url"),
        (FetchError::Scheme, "scheme"),
        (FetchError::Userinfo, "userinfo"),
        (FetchError::Port, "port"),
        (FetchError::BlockedHost, "blocked_host"),
        (FetchError::BlockedAddress, "blocked_address"),
        (FetchError::Dns(cause()), "dns"),
        (FetchError::Redirect("x"), "redirect"),
        (FetchError::Connect(cause()), "connect"),
        (FetchError::Tls(cause()), "tls"),
        (FetchError::Timeout(Phase::Connect), "timeout"),
        (FetchError::TooLarge(Part::Body), "too_large"),
        (FetchError::DecompressionRatio, "decompression_ratio"),
        (FetchError::UnsupportedEncoding, "unsupported_encoding"),
        (FetchError::Decode(cause()), "decode"),
        (FetchError::ContentType, "content_type"),
        (FetchError::Protocol(cause()), "protocol"),
        (FetchError::Status(StatusCode::NOT_FOUND), "status"),
        (FetchError::InvalidHeader("x"), "invalid_header"),
        (FetchError::InvalidMethod, "invalid_method"),
        (
            FetchError::RateLimited(Duration::from_millis(1)),
            "rate_limited",
        ),
    ] {
        assert_eq!(error.name(), name);
        let public = if ["blocked_host", "blocked_address", "dns"].contains(&name) {
            "host"
        } else {
            name
        };
        assert_eq!(error.public_name(), public);
        assert!(!error.to_string().contains("canary"), "{error}");
    }
}

#[tokio::test]
async fn hosts_that_are_refused_and_hosts_that_do_not_exist_look_alike() {
    let net = Net::default()
        .name("inside.example", [&["10.0.0.1"]])
        .name("nobody.example", [])
        .name("empty.example", [&[]]);
    let mut told = Vec::new();
    for url in [
        "http://inside.example/",
        "http://nobody.example/",
        "http://empty.example/",
        "http://localhost/",
        "http://10.0.0.1/",
    ] {
        let error = net.get(url).await.unwrap_err();
        told.push((error.to_string(), error.public_name()));
    }
    told.dedup();
    assert_eq!(told.len(), 1, "{told:?}");
}

#[tokio::test]
async fn the_text_holds_no_address_path_or_piece_of_an_answer() {
    let net = || Net::default().name("canary.example", [&["1.2.3.4"]]);
    let at = |reply| net().reply_at("1.2.3.4", reply);
    for (net, scheme) in [
        (net().name("canary.example", [&["10.7.7.7"]]), "http"),
        (at(Reply::Refuse), "http"),
        (at(Reply::Speak(b"canary".to_vec())), "https"),
        (at(Reply::Bytes(b"canary\r\n\r\n".to_vec())), "http"),
        (at(Reply::Bytes(plain("404 canary", "canary"))), "http"),
        (
            at(Reply::Bytes(plain(
                "200 OK\r\ncontent-type: image/canary",
                "canary",
            ))),
            "http",
        ),
        (
            at(Reply::Bytes(plain(
                "302 Found\r\nlocation: http://10.7.7.7/canary",
                "",
            ))),
            "http",
        ),
        (
            at(Reply::Bytes(plain(
                "302 Found\r\nlocation: http://canary@x/",
                "",
            ))),
            "http",
        ),
        (
            at(Reply::Bytes(plain(
                "200 OK\r\ncontent-type: text/x\r\ncontent-encoding: canary",
                "",
            ))),
            "http",
        ),
        (
            at(Reply::Bytes(plain(
                "200 OK\r\ncontent-type: text/x\r\ncontent-encoding: gzip",
                "canary",
            ))),
            "http",
        ),
    ] {
        let url = format!("{scheme}://canary.example/canary?canary");
        let error = net.get(&url).await.unwrap_err();
        let text = error.to_string();
        for secret in ["canary", "1.2.3.4", "10.7.7.7"] {
            assert!(!text.contains(secret), "{text}");
        }
    }
}
