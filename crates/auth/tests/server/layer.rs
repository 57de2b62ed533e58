//! A service of one's own behind the same protection, on a socket.

use axum::{Extension, Router, routing::get};
use http::{HeaderMap, Method};
use purlin_auth::protect::Protection;
use purlin_auth::verify::{AnyOf, ApiKeys, StaticTokens};
use purlin_client::http::Web;
use purlin_core::Principal;
use serde_json::{Value, json};

use crate::{METADATA, READER, RESOURCE, STRANGER, Town, bearer, challenge, protection, text};

/// Says who calls, and with which of the headers that hold credentials.
async fn report(Extension(caller): Extension<Principal>, headers: HeaderMap) -> String {
    let shown = |name: &&str| headers.contains_key(*name);
    let shown: Vec<_> = ["authorization", "dpop", "x-api-key"]
        .into_iter()
        .filter(shown)
        .collect();
    format!("for {} with {shown:?}", caller.subject())
}

async fn town() -> Town {
    town_with(&protection()).await
}

async fn town_with(protection: &Protection) -> Town {
    let router: Router = Router::new()
        .route("/report", get(report))
        .layer(protection.layer());
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let origin = format!("http://{}", listener.local_addr().unwrap());
    let mut served = tokio::task::JoinSet::new();
    served.spawn(async move { axum::serve(listener, router).await.unwrap() });
    Town {
        origin,
        web: Web::default(),
        _served: served,
    }
}

#[tokio::test]
async fn the_layer_lets_in_whom_it_knows_and_takes_the_credentials_out() {
    let town = town().await;
    let token = bearer(READER);
    let headers = [("authorization", &*token), ("dpop", "canary-proof")];
    let answer = town
        .send(Method::GET, "/report", &headers, &json!({}))
        .await;
    assert_eq!(answer.status(), 200);
    assert_eq!(text(&answer), "for reader with []");
}

#[tokio::test]
async fn an_api_key_is_taken_out_too_and_stands_beside_no_token_whoever_is_asked_first() {
    const KEY: &str = "canary-key-0Yb3fbo7nhCmd1ZD9ZJ4Uex6Vq3Vnp4L";
    let tokens = || {
        StaticTokens::new()
            .token(READER, Principal::new("reader"))
            .unwrap()
    };
    let keys = || {
        let keys = ApiKeys::new().header("X-Api-Key");
        keys.key(KEY, Principal::new("program")).unwrap()
    };
    let token = bearer(READER);
    for verifier in [
        AnyOf::new().or(tokens()).or(keys()),
        AnyOf::new().or(keys()).or(tokens()),
    ] {
        let town = town_with(&Protection::new(RESOURCE, verifier).unwrap()).await;
        let ask = async |headers: &[(&str, &str)]| {
            town.send(Method::GET, "/report", headers, &json!({})).await
        };
        let answer = ask(&[("x-api-key", KEY)]).await;
        assert_eq!(text(&answer), "for program with []");
        let answer = ask(&[("authorization", &token)]).await;
        assert_eq!(text(&answer), "for reader with []");
        for other in [KEY, "unknown"] {
            let both = [("authorization", &*token), ("x-api-key", other)];
            assert_eq!(ask(&both).await.status(), 400);
        }
    }
}

#[tokio::test]
async fn the_layer_refuses_as_a_protected_server_does() {
    let town = town().await;
    let (reader, stranger, unknown) = (bearer(READER), bearer(STRANGER), bearer("canary-x"));
    let query = format!("/report?access_token={READER}");
    for (path, headers, status, said) in [
        ("/report", &[][..], 401, r#"Bearer scope="mcp", "#),
        (
            "/report",
            &[("authorization", &*unknown)],
            401,
            r#"Bearer error="invalid_token""#,
        ),
        (
            "/report",
            &[("authorization", &*stranger)],
            403,
            r#"Bearer error="insufficient_scope", "#,
        ),
        (
            "/report",
            &[("authorization", &*reader), ("authorization", &*reader)],
            400,
            r#"Bearer error="invalid_request", "#,
        ),
        (&*query, &[], 400, r#"Bearer error="invalid_request", "#),
        ("/unknown", &[], 401, r#"Bearer scope="mcp", "#),
    ] {
        let answer = town.send(Method::GET, path, headers, &json!({})).await;
        assert_eq!(answer.status(), status, "{path} {}", text(&answer));
        let challenge = challenge(answer.headers());
        assert!(challenge.starts_with(said), "{challenge}");
        assert!(challenge.contains(METADATA), "{challenge}");
        assert!(!text(&answer).contains("canary"), "{}", text(&answer));
    }
}

#[tokio::test]
async fn the_layer_answers_for_the_metadata() {
    let town = town().await;
    let path = "/.well-known/oauth-protected-resource/mcp";
    let answer = town.send(Method::GET, path, &[], &json!({})).await;
    assert_eq!(answer.status(), 200);
    let document: Value = serde_json::from_slice(answer.body()).unwrap();
    assert_eq!(document["resource"], RESOURCE);
}
