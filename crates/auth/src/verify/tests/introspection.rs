//! A test for every sentence about introspection.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use http::StatusCode;
use http::header::AUTHORIZATION;
use serde_json::{Value, json};
use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::net::TcpListener;
use tokio::time::advance;

use super::forge::{ISSUER, NOW, change, claims};
use super::town::{At, Net, accepts, judge, refuses};
use crate::fetch::Fetcher;
use crate::verify::{AnyOf, ClientAuthentication, Introspection, StaticTokens, VerifyError};

const URL: &str = "https://as.example.com/introspect";

fn basic() -> ClientAuthentication {
    ClientAuthentication::Basic {
        id: "mcp server".into(),
        secret: "canary:1".into(),
    }
}

fn active(changes: Value) -> Value {
    change(change(claims(), json!({ "active": true })), changes)
}

fn town(answer: &Value) -> (Net, Introspection) {
    let net = Net::default();
    net.page(URL, answer);
    let asking = Introspection::new(URL, basic())
        .issuer(ISSUER)
        .fetch(net.clone());
    (net, asking.clock(At::now()))
}

#[tokio::test]
async fn an_active_token_says_who_calls() {
    let (net, asking) = town(&active(json!({})));
    let caller = accepts(&asking, "opaque").await;
    assert_eq!((caller.subject(), caller.issuer()), ("alice", Some(ISSUER)));
    assert!(caller.has_scope("orders:read"));
    let asked = net.last();
    assert_eq!(asked.body(), b"token=opaque&token_type_hint=access_token");
    // `mcp+server:canary%3A1`
    assert_eq!(
        asked.headers()[AUTHORIZATION],
        "Basic bWNwK3NlcnZlcjpjYW5hcnklM0Ex"
    );
    assert!(!format!("{asked:?} {asking:?}").contains("canary"));
}

#[tokio::test]
async fn answers_are_kept_under_the_sha_256_of_the_token() {
    let (_, asking) = town(&active(json!({})));
    let asking = asking.cache(Duration::from_secs(60));
    accepts(&asking, "opaque").await;
    let sha_256 = ring::digest::digest(&ring::digest::SHA256, b"opaque");
    assert_eq!(asking.keys(), [sha_256.as_ref()]);
}

#[tokio::test]
async fn we_authenticate_in_the_form_or_with_a_token_where_that_is_wanted() {
    let (net, _) = town(&active(json!({})));
    let post = ClientAuthentication::Post {
        id: "us".into(),
        secret: "s3cret".into(),
    };
    let bearer = ClientAuthentication::Bearer("s3cret".into());
    for (us, header, body) in [
        (post, None, "&client_id=us&client_secret=s3cret"),
        (bearer, Some("Bearer s3cret"), "access_token"),
    ] {
        let asking = Introspection::new(URL, us)
            .fetch(net.clone())
            .clock(At::now());
        accepts(&asking, "opaque").await;
        let asked = net.last();
        let sent = asked
            .headers()
            .get(AUTHORIZATION)
            .map(|value| value.to_str().unwrap());
        assert_eq!(sent, header);
        assert!(String::from_utf8_lossy(asked.body()).ends_with(body));
    }
}

#[tokio::test]
async fn active_must_be_the_boolean_true() {
    let (_, asking) = town(&json!({ "active": false }));
    assert_eq!(judge(&asking, "opaque").await, Err(VerifyError::NotMine));
    for wrong in [json!("true"), json!(1), json!(null), json!([true])] {
        let mut answer = active(json!({}));
        answer["active"] = wrong;
        let (_, asking) = town(&answer);
        let judged = judge(&asking, "opaque").await;
        assert!(
            matches!(judged, Err(VerifyError::Unavailable { .. })),
            "{judged:?}"
        );
    }
}

#[tokio::test]
async fn audience_and_scopes_are_judged_as_those_of_a_jwt() {
    for (changes, part) in [
        (json!({ "aud": null }), "`aud`"),
        (
            json!({ "aud": "https://other.example/mcp" }),
            "another server",
        ),
        (json!({ "scope": ["a"] }), "scope"),
        (json!({ "exp": NOW - 60 }), "expired"),
        (json!({ "exp": "soon" }), "number"),
        (json!({ "sub": null, "client_id": null }), "neither"),
        (json!({ "iss": "https://other.example" }), "another issuer"),
        (json!({ "token_use": "id" }), "`token_use`"),
        (json!({ "cnf": { "jkt": "x" } }), "`cnf`"),
    ] {
        let (_, asking) = town(&active(changes));
        refuses(&asking, "opaque", part).await;
    }
    // The endpoint has vouched for the rest (RFC 7662, section 2.2).
    let (_, asking) = town(&active(json!({ "exp": null, "iss": null })));
    assert_eq!(accepts(&asking, "opaque").await.issuer(), Some(ISSUER));
}

#[tokio::test(start_paused = true)]
async fn the_cache_is_off_by_default() {
    let (net, asking) = town(&active(json!({})));
    for _ in 0..3 {
        accepts(&asking, "opaque").await;
    }
    assert_eq!(net.count(), 3);
}

#[tokio::test(start_paused = true)]
async fn answers_are_kept_no_longer_than_set_and_than_the_token_is_good() {
    for (end, kept) in [(NOW + 600, 60), (NOW + 20, 20)] {
        let (net, asking) = town(&active(json!({ "exp": end })));
        let asking = asking.cache(Duration::from_secs(60));
        accepts(&asking, "opaque").await;
        advance(Duration::from_secs(kept - 1)).await;
        accepts(&asking, "opaque").await;
        assert_eq!(net.count(), 1);
        accepts(&asking, "another").await;
        assert_eq!(net.count(), 2);
        advance(Duration::from_secs(1)).await;
        accepts(&asking, "opaque").await;
        assert_eq!(net.count(), 3);
    }
}

#[tokio::test(start_paused = true)]
async fn at_most_10_000_answers_are_kept_and_inactive_ones_never() {
    let (net, asking) = town(&active(json!({})));
    let asking = asking.cache(Duration::from_secs(60));
    for serial in 0..10_001 {
        accepts(&asking, &serial.to_string()).await;
    }
    accepts(&asking, "0").await;
    assert_eq!(net.count(), 10_001);
    accepts(&asking, "10000").await;
    assert_eq!(net.count(), 10_002);
    let (net, asking) = town(&json!({ "active": false }));
    let asking = asking.cache(Duration::from_secs(60));
    for _ in 0..3 {
        judge(&asking, "opaque").await.unwrap_err();
    }
    assert_eq!(net.count(), 3);
}

#[tokio::test]
async fn upstream_down_is_503_and_never_accepts_or_blames_the_token() {
    let answers = [
        (
            StatusCode::INTERNAL_SERVER_ERROR,
            active(json!({})).to_string(),
        ),
        (StatusCode::UNAUTHORIZED, active(json!({})).to_string()),
        (StatusCode::FOUND, active(json!({})).to_string()),
        (StatusCode::OK, "<html>".to_owned()),
        (
            StatusCode::OK,
            r#"{"active":false,"active":true}"#.to_owned(),
        ),
        (
            StatusCode::OK,
            format!(r#"{{"x":"{}"}}"#, "x".repeat(65_536)),
        ),
    ];
    for (status, body) in answers {
        let (net, asking) = town(&json!({}));
        net.answer(URL, status, None, &body);
        let judged = judge(&asking, "opaque").await;
        assert!(
            matches!(judged, Err(VerifyError::Unavailable { .. })),
            "{judged:?}"
        );
    }
    let (net, asking) = town(&json!({}));
    net.cut();
    let judged = judge(&asking, "opaque").await;
    assert!(
        matches!(judged, Err(VerifyError::Unavailable { .. })),
        "{judged:?}"
    );
}

#[tokio::test]
async fn an_issuer_that_is_away_keeps_nobody_else_out() {
    let (net, asking) = town(&json!({}));
    net.cut();
    let tokens = StaticTokens::new()
        .token("a-key", purlin_core::Principal::new("report"))
        .unwrap();
    let any = AnyOf::new().or(asking).or(tokens);
    assert_eq!(accepts(&any, "a-key").await.subject(), "report");
    let judged = judge(&any, "opaque").await;
    assert!(
        matches!(judged, Err(VerifyError::Unavailable { .. })),
        "{judged:?}"
    );
}

/// An authorization server that stays on each connection, and counts them.
async fn staying(listener: TcpListener, connections: Arc<AtomicUsize>) {
    const ANSWER: &str = "HTTP/1.1 200 OK\r\ncontent-length: 16\r\n\r\n{\"active\":false}";
    while let Ok((peer, _)) = listener.accept().await {
        connections.fetch_add(1, Ordering::SeqCst);
        tokio::spawn(async move {
            let mut peer = BufReader::new(peer);
            let mut line = String::new();
            while peer.read_line(&mut line).await.is_ok_and(|read| read > 0) {
                // The form has 39 bytes.
                if line == "\r\n" {
                    peer.read_exact(&mut [0; 39]).await.unwrap();
                    peer.get_mut().write_all(ANSWER.as_bytes()).await.unwrap();
                }
                line.clear();
            }
        });
    }
}

#[tokio::test]
async fn tokens_are_introspected_over_one_connection() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/introspect", listener.local_addr().unwrap());
    let connections = Arc::<AtomicUsize>::default();
    let server = tokio::spawn(staying(listener, Arc::clone(&connections)));
    let fetcher = Fetcher::new().plain_loopback();
    let asking = Introspection::new(&url, basic())
        .issuer(ISSUER)
        .fetch(fetcher);
    for token in ["token1", "token2", "token3", "token1"] {
        let judged = judge(&asking, token).await;
        assert_eq!(judged, Err(VerifyError::NotMine));
    }
    assert_eq!(connections.load(Ordering::SeqCst), 1);
    server.abort();
}
