use http::{HeaderMap, HeaderName, HeaderValue, StatusCode, Uri, Version};

use super::{Hosts, Origins, check_framing, check_host, check_origin, check_post};
use crate::head::Head;

fn headers(lines: &[(&'static str, &'static str)]) -> HeaderMap {
    lines
        .iter()
        .map(|&(name, value)| {
            (
                HeaderName::from_static(name),
                HeaderValue::from_static(value),
            )
        })
        .collect()
}

fn host_status(version: Version, target: &str, lines: &[(&'static str, &'static str)]) -> u16 {
    let headers = headers(lines);
    let head = Head::read(&headers);
    let uri: Uri = target.parse().unwrap();
    let verdict = check_host(&Hosts::default(), version, &uri, head.host);
    verdict.map_or_else(|rejection| rejection.status.as_u16(), |()| 200)
}

#[test]
fn host_is_exactly_one_and_ours() {
    for (target, lines, expected) in [
        ("/mcp", &[("host", "localhost:8000")][..], 200),
        ("/mcp", &[("host", "evil.example.com")], 403),
        ("/mcp", &[("host", "localhost"), ("host", "localhost")], 400),
        (
            "/mcp",
            &[("host", "localhost"), ("host", "evil.example")],
            400,
        ),
        ("/mcp", &[("host", "local host")], 400),
        ("/mcp", &[("host", "")], 400),
        ("/mcp", &[], 400),
    ] {
        let status = host_status(Version::HTTP_11, target, lines);
        assert_eq!(status, expected, "{target} {lines:?}");
    }
}

#[test]
fn an_absolute_target_is_checked_like_host() {
    let ours = &[("host", "localhost")];
    for (target, lines, expected) in [
        ("http://127.0.0.1:8000/mcp", &ours[..], 200),
        ("http://evil.example/mcp", ours, 403),
        ("http://localhost/mcp", &[("host", "evil.example")], 403),
        ("http://user@localhost/mcp", ours, 400),
        ("http://localhost/mcp", &[], 400),
    ] {
        let status = host_status(Version::HTTP_11, target, lines);
        assert_eq!(status, expected, "{target} {lines:?}");
    }
}

#[test]
fn http2_names_the_host_in_the_authority() {
    for (target, lines, expected) in [
        ("http://localhost:8000/mcp", &[][..], 200),
        ("http://evil.example/mcp", &[], 403),
        ("http://localhost/mcp", &[("host", "evil.example")], 403),
        ("/mcp", &[], 400),
    ] {
        let status = host_status(Version::HTTP_2, target, lines);
        assert_eq!(status, expected, "{target} {lines:?}");
    }
}

#[test]
fn two_origins_are_refused() {
    let twice = headers(&[
        ("origin", "http://localhost"),
        ("origin", "http://localhost"),
    ]);
    let verdict = check_origin(&Origins::default(), Head::read(&twice).origin);
    assert_eq!(verdict.unwrap_err().status, StatusCode::FORBIDDEN);
    let none = headers(&[]);
    assert_eq!(
        check_origin(&Origins::default(), Head::read(&none).origin),
        Ok(())
    );
}

#[test]
fn framing_has_one_reading() {
    for (lines, fine) in [
        (&[("content-length", "2")][..], true),
        (&[("transfer-encoding", "chunked")], true),
        (&[("transfer-encoding", "Chunked")], true),
        (&[("transfer-encoding", "gzip, chunked")], false),
        (
            &[
                ("transfer-encoding", "chunked"),
                ("transfer-encoding", "chunked"),
            ],
            false,
        ),
        (
            &[("transfer-encoding", "chunked"), ("content-length", "2")],
            false,
        ),
    ] {
        let headers = headers(lines);
        let verdict = check_framing(&Head::read(&headers));
        assert_eq!(verdict.is_ok(), fine, "{lines:?}");
        assert!(
            verdict.map_or_else(|rejection| rejection.close, |()| true),
            "{lines:?}"
        );
    }
}

#[test]
fn a_post_is_json_and_reads_json() {
    let json = ("content-type", "application/json");
    for (lines, expected) in [
        (&[json][..], 200),
        (
            &[json, ("accept", "application/json, text/event-stream")],
            200,
        ),
        (&[], 415),
        (&[("content-type", "text/plain")], 415),
        (&[json, json], 415),
        (&[json, ("content-encoding", "gzip")], 415),
        (&[json, ("content-encoding", "identity")], 415),
        (&[json, ("accept", "text/html")], 406),
        (&[json, ("accept", "text/event-stream")], 406),
    ] {
        let headers = headers(lines);
        let status = check_post(&Head::read(&headers))
            .map_or_else(|rejection| rejection.status.as_u16(), |()| 200);
        assert_eq!(status, expected, "{lines:?}");
    }
}
