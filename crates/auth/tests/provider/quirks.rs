//! GitHub, which is no OpenID Connect provider, and answers that are not as the standard has them.

use purlin_auth::identity::{IdentityProvider, LoginErrorKind};
use purlin_auth::provider::Provider;
use purlin_auth::verify::VerifyError;
use serde_json::{Value, json};

use crate::lookalike::{Lookalike, upstream, verify};

const CHECK: &str = "https://api.github.com/applications/app/token";
const USER: &str = "https://api.github.com/user";
const EMAILS: &str = "https://api.github.com/user/emails";

fn provider() -> Provider {
    Provider::github().client("app", "s")
}

/// GitHub with one user, whose token was issued to `app`.
async fn github() -> Lookalike {
    let lookalike = Lookalike::start("").await;
    let token = json!({
        "app": {"client_id": "app", "name": "MCP"}, "user": {"id": 583231, "login": "octocat"},
        "scopes": ["read:user", "user:email"], "expires_at": null,
    });
    lookalike.page(CHECK, 200, token);
    lookalike.page(
        USER,
        200,
        json!({"id": 583231, "login": "octocat", "name": null, "email": null}),
    );
    let emails = json!([
        {"email": "old@shop.example", "primary": false, "verified": true},
        {"email": "cat@shop.example", "primary": true, "verified": true, "visibility": null},
    ]);
    lookalike.page(EMAILS, 200, emails);
    let issued = json!({"token_type": "bearer", "scope": "read:user,user:email"});
    lookalike.change(|world| {
        world.issued = issued.as_object().cloned().unwrap();
        world.issued.insert("expires_in".to_owned(), Value::Null);
    });
    lookalike
}

#[tokio::test]
async fn a_user_of_github_is_looked_up() {
    let lookalike = github().await;
    let login = lookalike.login(provider());
    let identity = lookalike.log_in(&login).await.unwrap();
    assert_eq!(identity.subject, "583231");
    assert_eq!(identity.issuer.as_deref(), Some("https://github.com"));
    assert_eq!(identity.email.as_deref(), Some("cat@shop.example"));
    assert_eq!(identity.claims["preferred_username"], "octocat");
    assert_eq!(upstream(&identity).scopes, ["read:user", "user:email"]);
    let asked = lookalike.change(|world| world.asked.clone());
    assert_eq!(asked["scope"], "read:user user:email");
    assert!(!asked.contains_key("nonce"));

    let (headers, form) = lookalike
        .seen("https://github.com/login/oauth/access_token")
        .remove(0);
    assert_eq!(headers["accept"], "application/json");
    assert!(form.contains("client_secret=s") && form.contains("code_verifier="));
    let (headers, _) = lookalike.seen(USER).remove(0);
    assert_eq!(headers["accept"], "application/vnd.github+json");
    assert_eq!(headers["authorization"], "Bearer at-1");
    assert!(headers.contains_key("user-agent") && headers.contains_key("x-github-api-version"));
    let (headers, body) = lookalike.seen(CHECK).remove(0);
    assert_eq!(headers["authorization"], "Basic YXBwOnM=");
    assert_eq!(
        serde_json::from_str::<Value>(&body).unwrap(),
        json!({"access_token": "at-1"})
    );
}

#[tokio::test]
async fn githubs_errors_come_with_status_200() {
    let lookalike = github().await;
    let login = lookalike.login(provider());
    for (error, expected) in [
        ("bad_verification_code", LoginErrorKind::Untrusted),
        (
            "incorrect_client_credentials",
            LoginErrorKind::Configuration,
        ),
        ("redirect_uri_mismatch", LoginErrorKind::Configuration),
    ] {
        let answer = json!({"error": error, "error_description": "canary"});
        lookalike.change(|world| world.token_answer = Some((200, answer)));
        let failure = lookalike.log_in(&login).await.unwrap_err();
        assert_eq!(failure.kind(), expected, "{error}");
        assert!(!format!("{failure} {failure:?}").contains("canary"));
    }
}

#[tokio::test]
async fn a_token_of_github_for_another_application_is_refused() {
    let lookalike = github().await;
    let verifier = lookalike.verifier(provider());
    let alice = verify(&verifier, "gho_1").await.unwrap();
    assert_eq!((alice.subject(), alice.client()), ("583231", Some("app")));
    assert!(alice.has_scope("user:email"));

    // GitHub tells nothing of a token that it issued to somebody else.
    lookalike.page(CHECK, 404, json!({"message": "Not Found"}));
    let foreign = verify(&verifier, "gho_2").await.unwrap_err();
    assert!(matches!(foreign, VerifyError::Invalid(_)), "{foreign:?}");
    let other = json!({"app": {"client_id": "other"}, "user": {"id": 583231}, "scopes": null});
    lookalike.page(CHECK, 200, other);
    assert!(matches!(
        verify(&verifier, "gho_3").await,
        Err(VerifyError::Invalid(_))
    ));
    // What is no token of an application at all, is shown to nobody.
    let before = lookalike.seen(CHECK).len();
    for token in ["ghp_personal", "eyJhbGciOiJSUzI1NiJ9.e30.x", ""] {
        assert_eq!(verify(&verifier, token).await, Err(VerifyError::NotMine));
    }
    assert_eq!(lookalike.seen(CHECK).len(), before);
}

#[tokio::test]
async fn github_in_trouble_is_no_bad_token() {
    let lookalike = github().await;
    let verifier = lookalike.verifier(provider());
    for (place, status) in [(CHECK, 502), (CHECK, 401), (USER, 503), (EMAILS, 500)] {
        let lookalike = github().await;
        let verifier = lookalike.verifier(provider());
        lookalike.page(place, status, json!({}));
        let error = verify(&verifier, "gho_1").await.unwrap_err();
        assert!(
            matches!(error, VerifyError::Unavailable { .. }),
            "{place} {status}: {error:?}"
        );
    }
    // Whoever may not see addresses has none.
    lookalike.page(EMAILS, 403, json!({}));
    assert!(
        verify(&verifier, "gho_1")
            .await
            .unwrap()
            .claim("email")
            .is_none()
    );
}

#[tokio::test]
async fn members_of_an_organization_are_let_in_and_nobody_else() {
    let membership = "https://api.github.com/user/memberships/orgs/shop";
    for (page, is_in) in [
        (Some((200, json!({"state": "active"}))), true),
        (Some((200, json!({"state": "pending"}))), false),
        (
            Some((
                403,
                json!({"message": "Resource protected by organization SAML"}),
            )),
            false,
        ),
        (None, false),
    ] {
        let lookalike = github().await;
        if let Some((status, body)) = page.clone() {
            lookalike.page(membership, status, body);
        }
        let login = lookalike.login(provider().organizations(["nobody", "shop"]));
        let outcome = lookalike.log_in(&login).await.map_err(|error| error.kind());
        assert_eq!(outcome.is_ok(), is_in, "{page:?}");
        assert!(outcome.is_ok() || outcome.unwrap_err() == LoginErrorKind::Denied);
        let asked = lookalike.change(|world| world.asked.clone());
        assert_eq!(asked["scope"], "read:user user:email read:org");
    }
}

#[tokio::test]
async fn a_refresh_at_github_looks_at_the_token_again() {
    let lookalike = github().await;
    let login = lookalike.login(provider());
    let identity = lookalike.log_in(&login).await.unwrap();
    login.refresh(&upstream(&identity)).await.unwrap();
    lookalike.page(CHECK, 404, json!({}));
    let error = login.refresh(&upstream(&identity)).await.unwrap_err();
    assert_eq!(error.kind(), LoginErrorKind::Denied);
}

#[tokio::test]
async fn a_github_of_ones_own_has_its_api_below() {
    let lookalike = github().await;
    let api = "https://github.shop.example/api/v3";
    for (from, to) in [
        (CHECK, "applications/app/token"),
        (USER, "user"),
        (EMAILS, "user/emails"),
    ] {
        let bare = from.trim_start_matches("https://");
        let page = lookalike.change(|world| world.pages.remove(bare)).unwrap();
        lookalike.page(&format!("{api}/{to}"), page.0, page.1);
    }
    let enterprise = Provider::github_enterprise("github.shop.example").client("app", "s");
    let identity = lookalike
        .log_in(&lookalike.login(enterprise))
        .await
        .unwrap();
    assert_eq!(
        identity.issuer.as_deref(),
        Some("https://github.shop.example")
    );
}

#[tokio::test]
async fn lifetimes_come_as_texts_and_successes_as_other_statuses() {
    let issuer = "https://id.example.com/realms/shop";
    let lookalike = Lookalike::start(include_str!("recorded/keycloak.json")).await;
    lookalike.user(json!({"iss": issuer, "aud": "mcp", "sub": "u"}));
    lookalike.change(|world| _ = world.issued.insert("expires_in".to_owned(), "60".into()));
    let login = lookalike.login(
        Provider::keycloak(issuer)
            .client("mcp", "s")
            .userinfo(false),
    );
    let parameters = [("code", "c-1"), ("iss", issuer)];
    let identity = lookalike.come_back(&login, &parameters).await.unwrap();
    let left = upstream(&identity).expires_at.unwrap() - crate::lookalike::now();
    assert!((50..=60).contains(&left), "{left}");
}
