//! A test for every sentence about fetched keys.

use std::sync::Arc;
use std::time::Duration;

use http::StatusCode;
use serde_json::{Value, json};
use tokio::time::advance;

use super::forge::{ISSUER, NOW, Signer, change, claims, claims_with};
use super::town::{At, Net, accepts, judge, refuses};
use crate::verify::{Jwt, Keys, VerifyError};

const KEYS: &str = "https://as.example.com/keys";

fn set(signers: &[&Signer]) -> Value {
    json!({ "keys": signers.iter().map(|signer| signer.jwk()).collect::<Vec<_>>() })
}

fn fetched(net: &Net) -> Jwt {
    let builder = Jwt::builder()
        .issuer(ISSUER, Keys::jwks(KEYS))
        .clock(At::now());
    builder.fetch(net.clone()).build().unwrap()
}

/// An issuer with the usual key.
fn town() -> (Net, Jwt) {
    let net = Net::default();
    net.page(KEYS, &set(&[Signer::usual()]));
    let jwt = fetched(&net);
    (net, jwt)
}

fn named(id: &str) -> String {
    let signer = Signer::usual();
    signer.sign(&change(signer.header(), json!({ "kid": id })), &claims())
}

async fn is_unavailable(jwt: &Jwt, token: &str) -> bool {
    matches!(
        judge(jwt, token).await,
        Err(VerifyError::Unavailable { .. })
    )
}

#[tokio::test(start_paused = true)]
async fn keys_are_fetched_once_and_kept_for_an_hour() {
    let (net, jwt) = town();
    assert_eq!(net.count(), 0);
    for _ in 0..100 {
        accepts(&jwt, &Signer::usual().token()).await;
    }
    assert_eq!(net.count(), 1);
    advance(Duration::from_secs(3_599)).await;
    accepts(&jwt, &Signer::usual().token()).await;
    assert_eq!(net.count(), 1);
    advance(Duration::from_secs(1)).await;
    accepts(&jwt, &Signer::usual().token()).await;
    assert_eq!(net.count(), 2);
}

#[tokio::test(start_paused = true)]
async fn kept_keys_follow_the_monotonic_clock_and_no_jump_of_the_wall_clock() {
    let net = Net::default();
    net.page(KEYS, &set(&[Signer::usual()]));
    let clock = At::now();
    let builder = Jwt::builder().issuer(ISSUER, Keys::jwks(KEYS));
    let jwt = builder.clock(clock.clone()).fetch(net.clone());
    let jwt = jwt.build().unwrap();
    let token = Signer::usual().token();
    for jump in [0, 3_600, 86_400, 10 * 365 * 86_400] {
        for now in [NOW - jump, NOW + jump] {
            clock.set(now);
            _ = judge(&jwt, &token).await;
        }
    }
    clock.set(NOW);
    accepts(&jwt, &token).await;
    assert_eq!(net.count(), 1);
}

#[tokio::test(start_paused = true)]
async fn cache_control_counts_within_5_minutes_and_24_hours() {
    for (directive, seconds) in [
        ("max-age=600", 600),
        ("public, max-age=1", 300),
        ("no-store", 300),
        ("Max-Age=\"7200\"", 7_200),
        ("max-age=99999999", 86_400),
        ("max-age=x", 3_600),
    ] {
        let (net, jwt) = town();
        net.answer(
            KEYS,
            StatusCode::OK,
            Some(directive),
            &set(&[Signer::usual()]).to_string(),
        );
        accepts(&jwt, &Signer::usual().token()).await;
        advance(Duration::from_secs(seconds - 1)).await;
        accepts(&jwt, &Signer::usual().token()).await;
        assert_eq!(net.count(), 1, "{directive}");
        advance(Duration::from_secs(1)).await;
        accepts(&jwt, &Signer::usual().token()).await;
        assert_eq!(net.count(), 2, "{directive}");
    }
}

#[tokio::test(start_paused = true)]
async fn keys_rotate() {
    let (net, jwt) = town();
    accepts(&jwt, &Signer::usual().token()).await;
    let newer = Signer::new("newer");
    net.page(KEYS, &set(&[&newer]));
    advance(Duration::from_secs(30)).await;
    accepts(&jwt, &newer.token()).await;
    assert_eq!(net.count(), 2);
    // The old key is gone with the set it was in.
    refuses(&jwt, &Signer::usual().token(), "no such key").await;
}

#[tokio::test(start_paused = true)]
async fn an_unknown_kid_causes_one_refresh_per_30_seconds() {
    let (net, jwt) = town();
    accepts(&jwt, &Signer::usual().token()).await;
    for serial in 0..1_000 {
        refuses(&jwt, &named(&format!("unknown-{serial}")), "no such key").await;
    }
    assert_eq!(net.count(), 1);
    advance(Duration::from_secs(30)).await;
    for serial in 0..1_000 {
        refuses(&jwt, &named(&format!("unknown-{serial}")), "no such key").await;
    }
    assert_eq!(net.count(), 2);
    advance(Duration::from_secs(29)).await;
    refuses(&jwt, &named("one-more"), "no such key").await;
    assert_eq!(net.count(), 2);
}

#[tokio::test(start_paused = true)]
async fn unknown_kids_are_remembered_for_five_minutes() {
    let (net, jwt) = town();
    accepts(&jwt, &Signer::usual().token()).await;
    advance(Duration::from_secs(30)).await;
    refuses(&jwt, &named("unknown"), "no such key").await;
    assert_eq!(net.count(), 2);
    for _ in 0..9 {
        advance(Duration::from_secs(31)).await;
        refuses(&jwt, &named("unknown"), "no such key").await;
    }
    assert_eq!(net.count(), 2);
    advance(Duration::from_secs(31)).await;
    refuses(&jwt, &named("unknown"), "no such key").await;
    assert_eq!(net.count(), 3);
}

#[tokio::test(start_paused = true)]
async fn failures_count_as_looks_too() {
    let net = Net::default();
    let jwt = fetched(&net);
    for _ in 0..100 {
        assert!(is_unavailable(&jwt, &Signer::usual().token()).await);
    }
    assert_eq!(net.count(), 1);
    net.page(KEYS, &set(&[Signer::usual()]));
    advance(Duration::from_secs(29)).await;
    assert!(is_unavailable(&jwt, &Signer::usual().token()).await);
    advance(Duration::from_secs(1)).await;
    accepts(&jwt, &Signer::usual().token()).await;
    assert_eq!(net.count(), 2);
}

#[tokio::test(start_paused = true)]
async fn callers_that_come_at_once_wait_for_one_look() {
    let (net, jwt) = town();
    net.hold();
    let jwt = Arc::new(jwt);
    let asking: Vec<_> = (0..50)
        .map(|_| {
            let jwt = Arc::clone(&jwt);
            tokio::spawn(async move { judge(&*jwt, &Signer::usual().token()).await })
        })
        .collect();
    while net.count() == 0 {
        tokio::task::yield_now().await;
    }
    net.let_go();
    for answer in asking {
        answer.await.unwrap().unwrap();
    }
    assert_eq!(net.count(), 1);
}

#[tokio::test(start_paused = true)]
async fn a_caller_who_goes_away_does_not_break_the_look_off() {
    let (net, jwt) = town();
    net.hold();
    let jwt = Arc::new(jwt);
    let gone = Arc::clone(&jwt);
    let gone = tokio::spawn(async move { judge(&*gone, &Signer::usual().token()).await });
    while net.count() == 0 {
        tokio::task::yield_now().await;
    }
    gone.abort();
    assert!(gone.await.unwrap_err().is_cancelled());
    let other = Arc::clone(&jwt);
    let other = tokio::spawn(async move { judge(&*other, &Signer::usual().token()).await });
    tokio::task::yield_now().await;
    net.let_go();
    other.await.unwrap().unwrap();
    assert_eq!(net.count(), 1);
}

#[tokio::test(start_paused = true)]
async fn the_last_good_keys_serve_for_24_hours_and_then_503() {
    let (net, jwt) = town();
    accepts(&jwt, &Signer::usual().token()).await;
    net.cut();
    for _ in 0..23 {
        advance(Duration::from_secs(3_600)).await;
        accepts(&jwt, &Signer::usual().token()).await;
    }
    assert!(is_unavailable(&jwt, &named("unknown")).await);
    advance(Duration::from_secs(3_600)).await;
    assert!(is_unavailable(&jwt, &Signer::usual().token()).await);
    net.page(KEYS, &set(&[Signer::usual()]));
    advance(Duration::from_secs(30)).await;
    accepts(&jwt, &Signer::usual().token()).await;
}

#[tokio::test(start_paused = true)]
async fn a_set_is_at_most_64_kib_and_100_keys() {
    let usual = Signer::usual().jwk();
    let many = |count: usize| {
        let fillers = (1..count).map(|_| json!({ "kty": "none" }));
        json!({ "keys": fillers.chain([usual.clone()]).collect::<Vec<_>>() })
    };
    let long = |bytes: usize| json!({ "keys": [usual], "x": "x".repeat(bytes) });
    for (page, good) in [
        (many(100), true),
        (many(101), false),
        (long(65_000), true),
        (long(65_536), false),
    ] {
        let (net, jwt) = town();
        net.page(KEYS, &page);
        assert_eq!(judge(&jwt, &Signer::usual().token()).await.is_ok(), good);
    }
}

#[tokio::test(start_paused = true)]
async fn a_poisoned_answer_changes_nothing() {
    let mallory = Signer::new("mallory");
    let theirs = mallory.jwk().to_string();
    let secret = json!({ "kty": "oct", "k": "AAAA", "kid": "usual", "alg": "HS256" });
    for page in [
        String::new(),
        "<html>".to_owned(),
        "[]".to_owned(),
        r#"{"keys":{}}"#.to_owned(),
        r#"{"keys":[]}"#.to_owned(),
        format!(r#"{{"keys":[],"keys":[{theirs}]}}"#),
        format!(
            r#"{{"keys":[{}]}}"#,
            theirs.replacen('{', r#"{"kid":"a","#, 1)
        ),
        json!({ "keys": [secret] }).to_string(),
    ] {
        let (net, jwt) = town();
        accepts(&jwt, &Signer::usual().token()).await;
        net.answer(KEYS, StatusCode::OK, None, &page);
        advance(Duration::from_secs(3_600)).await;
        accepts(&jwt, &Signer::usual().token()).await;
        assert_eq!(net.count(), 2);
        judge(&jwt, &mallory.token()).await.unwrap_err();
    }
    for status in [
        StatusCode::FOUND,
        StatusCode::NOT_FOUND,
        StatusCode::INTERNAL_SERVER_ERROR,
    ] {
        let (net, jwt) = town();
        net.answer(KEYS, status, None, &set(&[Signer::usual()]).to_string());
        assert!(is_unavailable(&jwt, &Signer::usual().token()).await);
    }
}

#[tokio::test(start_paused = true)]
async fn useless_entries_are_passed_over() {
    let net = Net::default();
    let keys = json!({ "keys": [1, null, "x", {}, { "kty": "EC" }, Signer::usual().jwk()] });
    net.page(KEYS, &keys);
    accepts(&fetched(&net), &Signer::usual().token()).await;
}

#[tokio::test(start_paused = true)]
async fn keys_are_discovered_at_the_issuer_that_names_itself() {
    const OPENID: &str = "https://as.example.com/.well-known/openid-configuration";
    const OAUTH: &str = "https://as.example.com/.well-known/oauth-authorization-server";
    let discovering = |net: &Net| {
        let builder = Jwt::builder()
            .issuer(ISSUER, Keys::discovered())
            .clock(At::now());
        builder.fetch(net.clone()).build().unwrap()
    };
    for place in [OPENID, OAUTH] {
        let net = Net::default();
        net.page(KEYS, &set(&[Signer::usual()]));
        net.page(place, &json!({ "issuer": ISSUER, "jwks_uri": KEYS }));
        accepts(&discovering(&net), &Signer::usual().token()).await;
    }
    for wrong in [
        json!({ "issuer": "https://as.example.com/", "jwks_uri": KEYS }),
        json!({ "jwks_uri": KEYS }),
        json!({ "issuer": ISSUER }),
    ] {
        let net = Net::default();
        net.page(KEYS, &set(&[Signer::usual()]));
        net.page(OPENID, &wrong);
        assert!(is_unavailable(&discovering(&net), &Signer::usual().token()).await);
    }
}

#[tokio::test(start_paused = true)]
async fn nobody_is_asked_about_tokens_of_strangers() {
    let (net, jwt) = town();
    let signer = Signer::usual();
    let foreign = signer.sign(
        &signer.header(),
        &claims_with(json!({ "iss": "https://b.example" })),
    );
    assert_eq!(judge(&jwt, &foreign).await, Err(VerifyError::NotMine));
    refuses(&jwt, &named("usual").replacen("ey", "ez", 1), "header").await;
    assert_eq!(net.count(), 0);
}
