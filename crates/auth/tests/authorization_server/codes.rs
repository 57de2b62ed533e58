//! Authorization codes and what they are exchanged for.

use std::time::Duration;

use purlin_auth::audit::{AuthEventKind, AuthOutcome};
use serde_json::json;

use crate::scene::{Browser, CALLBACK, Page, Scene, exchange_form, token};

/// A client, and a code for it.
async fn code(scene: &Scene) -> (String, String) {
    let client = scene.register("App", CALLBACK).await;
    let mut browser: Browser = scene.browser.clone();
    let page = scene.log_in(&mut browser, &client).await;
    (client, page.parameter("code").unwrap())
}

fn assert_error(page: &Page, status: u16, error: &str) {
    assert_eq!(
        (page.status, page.json()["error"].as_str()),
        (status, Some(error)),
        "{page:?}"
    );
    assert_eq!(page.header("cache-control"), Some("no-store"));
    assert_eq!(page.header("content-type"), Some("application/json"));
}

#[tokio::test]
async fn a_code_becomes_tokens_that_nobody_keeps() {
    let scene = Scene::production().await;
    let (client, code) = code(&scene).await;
    let page = scene.exchange(&client, &code).await;
    let answer = page.json();
    assert_eq!(answer["token_type"], "Bearer");
    assert_eq!(answer["expires_in"], 3_600);
    assert_eq!(answer["scope"], "orders:read");
    assert!(answer["refresh_token"].is_string());
    assert_eq!(page.header("cache-control"), Some("no-store"));
    assert_eq!(page.header("pragma"), Some("no-cache"));
    assert!(scene.lets_in(&token(&page)).await);
    assert!(!scene.lets_in("somebody-elses-token").await);
    let [issued] = &scene.events(AuthEventKind::Issue)[..] else {
        panic!("one issue");
    };
    assert_eq!(
        (issued.client(), issued.subject()),
        (Some(&*client), Some("alice"))
    );
}

#[tokio::test]
async fn codes_have_256_bits_and_live_for_60_seconds() {
    let scene = Scene::production().await;
    let (_, first) = code(&scene).await;
    let (_, second) = code(&scene).await;
    assert_eq!(first.len(), 43);
    assert_ne!(first, second);
    let written = scene.store.written("code");
    assert_eq!(written.len(), 2);
    assert!(
        written
            .iter()
            .all(|write| write.ttl == Some(Duration::from_secs(60)))
    );
    let text = String::from_utf8_lossy(&written[0].value).into_owned();
    assert!(
        !text.contains(&first) && !text.contains("alice"),
        "it lies open in the store"
    );
}

#[tokio::test]
async fn of_many_who_come_with_a_code_at_once_one_gets_tokens() {
    let scene = Scene::production().await;
    let (client, code) = code(&scene).await;
    let form = exchange_form(&client, &code);
    let (a, b, c, d) = tokio::join!(
        scene.post("/token", &form),
        scene.post("/token", &form),
        scene.post("/token", &form),
        scene.post("/token", &form),
    );
    let granted = [a, b, c, d]
        .into_iter()
        .filter(|page| page.status == 200)
        .count();
    // None, when one of the others gave itself away before the tokens were issued.
    assert!(granted <= 1, "{granted} got tokens");
    assert!(!scene.events(AuthEventKind::ReuseDetected).is_empty());
}

#[tokio::test]
async fn reuse_of_a_code_revokes_what_was_issued() {
    let scene = Scene::production().await;
    let (client, code) = code(&scene).await;
    let issued = scene.exchange(&client, &code).await;
    let access = token(&issued);
    assert!(scene.lets_in(&access).await);
    assert_error(&scene.exchange(&client, &code).await, 400, "invalid_grant");
    assert!(!scene.lets_in(&access).await);
    let refresh = issued.json()["refresh_token"].as_str().unwrap().to_owned();
    let form = [
        ("grant_type", "refresh_token"),
        ("client_id", &*client),
        ("refresh_token", &*refresh),
    ];
    assert_error(&scene.post("/token", &form).await, 400, "invalid_grant");
    let reuse = &scene.events(AuthEventKind::ReuseDetected)[0];
    assert_eq!(
        (reuse.reason(), reuse.outcome()),
        (Some("code"), AuthOutcome::Refused)
    );
}

#[tokio::test]
async fn a_code_is_bound_to_client_redirect_uri_resource_and_challenge() {
    let scene = Scene::production().await;
    let other = scene.register("Other", CALLBACK).await;
    let wrong_verifier = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXX";
    for (name, value, error) in [
        ("client_id", &*other, "invalid_grant"),
        (
            "redirect_uri",
            "https://app.test/callback/",
            "invalid_grant",
        ),
        ("redirect_uri", "", "invalid_grant"),
        ("resource", "https://other.test/mcp", "invalid_target"),
        ("code_verifier", wrong_verifier, "invalid_grant"),
        ("code_verifier", "short", "invalid_grant"),
        ("code_verifier", "", "invalid_request"),
        (
            "code_verifier",
            "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM",
            "invalid_grant",
        ),
    ] {
        let (client, code) = code(&scene).await;
        let mut form = exchange_form(&client, &code);
        form.retain(|(known, _)| *known != name);
        form.push((name, value));
        assert_error(&scene.post("/token", &form).await, 400, error);
        // Whoever came with it has used it up.
        assert_error(&scene.exchange(&client, &code).await, 400, "invalid_grant");
    }
}

#[tokio::test]
async fn a_loopback_client_exchanges_with_the_exact_uri_of_its_request() {
    let scene = Scene::production().await;
    let client = scene.register("Desk", "http://127.0.0.1/callback").await;
    let uri = "http://127.0.0.1:50123/callback";
    let exchange = async |redirect_uri: &str| {
        let mut browser = scene.browser.clone();
        let asked = browser
            .get(&scene.request(&client).with("redirect_uri", uri).url())
            .await;
        let allowed = browser.submit(&asked, &[("decision", "allow")]).await;
        let back = browser.get(&scene.answer(&allowed, "alice")).await;
        let code = back.parameter("code").unwrap();
        let mut form = exchange_form(&client, &code);
        form.retain(|(known, _)| *known != "redirect_uri");
        form.push(("redirect_uri", redirect_uri));
        scene.post("/token", &form).await.status
    };
    assert_eq!(exchange("http://127.0.0.1/callback").await, 400);
    assert_eq!(exchange(uri).await, 200);
}

#[tokio::test]
async fn the_token_endpoint_takes_three_ways_of_authentication() {
    let scene = Scene::production().await;
    for method in ["none", "client_secret_post", "client_secret_basic"] {
        let registered = scene
            .register_as(&json!({
                "client_name": "App",
                "redirect_uris": [CALLBACK],
                "token_endpoint_auth_method": method,
            }))
            .await;
        let id = registered["client_id"].as_str().unwrap().to_owned();
        let secret = registered["client_secret"]
            .as_str()
            .unwrap_or_default()
            .to_owned();
        let mut browser = scene.browser.clone();
        let page = scene.log_in(&mut browser, &id).await;
        let code = page.parameter("code").unwrap();
        let mut form = exchange_form(&id, &code);
        let mut headers = Vec::new();
        let basic = basic(&id, &secret);
        match method {
            "client_secret_post" => form.push(("client_secret", &secret)),
            "client_secret_basic" => {
                form.retain(|(name, _)| *name != "client_id");
                headers.push(("authorization", &*basic));
            }
            _ => {}
        }
        if method != "none" {
            let mut without = exchange_form(&id, &code);
            without.push(("client_secret", "wrong"));
            assert_error(&scene.post("/token", &without).await, 401, "invalid_client");
        }
        let page = scene.post_with("/token", &form, &headers).await;
        assert_eq!(page.status, 200, "{method}: {page:?}");
    }
    let wrong = basic("nobody", "wrong");
    let page = scene
        .post_with(
            "/token",
            &[("grant_type", "x")],
            &[("authorization", &wrong)],
        )
        .await;
    assert_error(&page, 401, "invalid_client");
    assert!(
        page.header("www-authenticate")
            .unwrap()
            .starts_with("Basic")
    );
}

fn basic(id: &str, secret: &str) -> String {
    use base64::Engine as _;
    let pair = format!("{id}:{secret}");
    format!(
        "Basic {}",
        base64::engine::general_purpose::STANDARD.encode(pair)
    )
}

#[tokio::test]
async fn other_grants_and_ambiguous_forms_are_refused() {
    let scene = Scene::production().await;
    let client = scene.register("App", CALLBACK).await;
    let ask = async |form: &[(&str, &str)]| scene.post("/token", form).await;
    for grant in ["password", "implicit", "client_credentials"] {
        let page = ask(&[("client_id", &client), ("grant_type", grant)]).await;
        assert_error(&page, 400, "unsupported_grant_type");
    }
    assert_error(
        &ask(&[("client_id", &client)]).await,
        400,
        "invalid_request",
    );
    let twice = [
        ("client_id", &*client),
        ("grant_type", "x"),
        ("grant_type", "y"),
    ];
    assert_error(&ask(&twice).await, 400, "invalid_request");
}

#[tokio::test]
async fn the_issued_audience_is_our_resource_and_upstream_tokens_stay_here() {
    let scene = Scene::production().await;
    let (client, code) = code(&scene).await;
    let page = scene.exchange(&client, &code).await;
    assert!(!page.body.contains("upstream-canary"), "{page:?}");
    let claims = token(&page).split('.').nth(1).unwrap().to_owned();
    let claims = {
        use base64::Engine as _;
        base64::engine::general_purpose::URL_SAFE_NO_PAD
            .decode(claims)
            .unwrap()
    };
    let claims: serde_json::Value = serde_json::from_slice(&claims).unwrap();
    assert_eq!(claims["aud"], "https://mcp.test/mcp");
    assert_eq!(claims["iss"], "https://mcp.test");
    assert!(!claims.to_string().contains("upstream-canary"));
    for write in scene.store.written("") {
        let text = String::from_utf8_lossy(&write.value).into_owned();
        assert!(
            !text.contains("upstream-canary"),
            "it lies open in {}",
            write.collection
        );
    }
}

#[tokio::test]
async fn a_revoked_token_lets_nobody_in() {
    let scene = Scene::production().await;
    let (client, code) = code(&scene).await;
    let access = token(&scene.exchange(&client, &code).await);
    let revoked = scene
        .post("/revoke", &[("client_id", &client), ("token", &access)])
        .await;
    assert_eq!(revoked.status, 200, "{revoked:?}");
    assert!(!scene.lets_in(&access).await);
    assert_eq!(scene.events(AuthEventKind::Revocation).len(), 1);
}
