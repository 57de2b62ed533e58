//! A login at each provider, by its recorded document.

use purlin_auth::identity::{IdentityProvider, LoginErrorKind};
use purlin_auth::provider::Provider;
use serde_json::{Value, json};

use crate::lookalike::{Lookalike, upstream};

const TENANT: &str = "88888888-8888-8888-8888-888888888888";

/// Logs a user of these claims in, and compares what is known of them.
async fn check(document: &str, provider: Provider, user: Value, expected: Value) -> Lookalike {
    let lookalike = Lookalike::start(document).await;
    lookalike.user(user);
    let login = lookalike.login(provider);
    let identity = lookalike.log_in(&login).await.unwrap();
    let known = json!({
        "subject": identity.subject,
        "issuer": identity.issuer,
        "email": identity.email,
        "roles": identity.roles,
        "tenant": identity.tenant,
    });
    assert_eq!(known, expected);
    // An address that nobody has verified is nowhere.
    for name in ["nonce", "aud", "email"] {
        assert!(!identity.claims.contains_key(name), "{name}");
    }
    lookalike
}

#[tokio::test]
async fn google() {
    let provider = Provider::google()
        .client("mcp", "s")
        .allowed_domains(["Example.com"]);
    let user = json!({
        "iss": "https://accounts.google.com", "aud": "mcp", "azp": "mcp", "sub": "1007",
        "email": "ann@example.com", "email_verified": true, "hd": "example.com",
    });
    let known = json!({
        "subject": "1007", "issuer": "https://accounts.google.com", "email": "ann@example.com",
        "roles": [], "tenant": null,
    });
    let document = include_str!("recorded/google.json");
    let userinfo = "https://openidconnect.googleapis.com/v1/userinfo";
    let lookalike = Lookalike::start(document).await;
    lookalike.page(
        userinfo,
        200,
        json!({"sub": "1007", "picture": "https://p.test"}),
    );
    lookalike.user(user);
    let login = lookalike.login(provider);
    let identity = lookalike.log_in(&login).await.unwrap();
    assert_eq!(identity.subject, known["subject"]);
    assert_eq!(identity.email.as_deref(), known["email"].as_str());
    assert_eq!(identity.claims["picture"], "https://p.test");
    let asked = lookalike.change(|world| world.asked.clone());
    assert_eq!(asked["access_type"], "offline");
    assert_eq!(asked["prompt"], "consent");
    assert_eq!(asked["scope"], "openid email profile");
    assert_eq!(asked["client_id"], "mcp");
}

#[tokio::test]
async fn entra() {
    let provider = Provider::entra(TENANT).client("app", "s").userinfo(false);
    let issuer = format!("https://login.microsoftonline.com/{TENANT}/v2.0");
    let user = json!({
        "iss": issuer, "aud": "app", "sub": "pairwise", "tid": TENANT, "ver": "2.0",
        "roles": ["admin"], "email": "ann@anybody.example",
    });
    let known = json!({
        "subject": "pairwise", "issuer": issuer, "email": null, "roles": ["admin"], "tenant": TENANT,
    });
    let lookalike = check(include_str!("recorded/entra.json"), provider, user, known).await;
    let asked = lookalike.change(|world| world.asked.clone());
    assert_eq!(asked["scope"], "openid email profile offline_access");
    assert!(!asked.contains_key("resource"));
}

#[tokio::test]
async fn entra_for_every_directory() {
    let provider = Provider::entra("common").client("app", "s").userinfo(false);
    let issuer = format!("https://login.microsoftonline.com/{TENANT}/v2.0");
    let user = json!({"iss": issuer, "aud": "app", "sub": "p", "tid": TENANT});
    let known = json!({
        "subject": "p", "issuer": issuer, "email": null, "roles": [], "tenant": TENANT,
    });
    check(
        include_str!("recorded/entra-common.json"),
        provider,
        user,
        known,
    )
    .await;
}

#[tokio::test]
async fn auth0() {
    let provider = Provider::auth0("shop.eu.auth0.com")
        .client("app", "s")
        .audience("https://api.shop.example")
        .roles_at("https://shop.example/roles")
        .userinfo(false);
    let user = json!({
        "iss": "https://shop.eu.auth0.com/", "aud": "app", "sub": "auth0|5c9f",
        "email": "ann@shop.example", "email_verified": true, "org_id": "org_1",
        "https://shop.example/roles": ["admin"],
    });
    let known = json!({
        "subject": "auth0|5c9f", "issuer": "https://shop.eu.auth0.com/",
        "email": "ann@shop.example", "roles": ["admin"], "tenant": "org_1",
    });
    let lookalike = check(include_str!("recorded/auth0.json"), provider, user, known).await;
    let asked = lookalike.change(|world| world.asked.clone());
    assert_eq!(asked["audience"], "https://api.shop.example");
}

#[tokio::test]
async fn authkit() {
    let provider = Provider::authkit("shop.authkit.app")
        .client("client_1", "s")
        .userinfo(false);
    let user = json!({
        "iss": "https://shop.authkit.app", "aud": "client_1", "sub": "user_1", "org_id": "org_1",
        "role": "admin", "email": "ann@shop.example", "email_verified": true,
    });
    let known = json!({
        "subject": "user_1", "issuer": "https://shop.authkit.app", "email": "ann@shop.example",
        "roles": ["admin"], "tenant": "org_1",
    });
    check(include_str!("recorded/authkit.json"), provider, user, known).await;
}

#[tokio::test]
async fn descope() {
    let issuer = "https://api.descope.com/v1/apps/agentic/P2abc/M1";
    let provider = Provider::descope(issuer).client("app", "s").userinfo(false);
    let user = json!({
        "iss": issuer, "aud": "app", "sub": "U1", "dct": "T1", "roles": ["member"],
        "tenants": {"T1": {"roles": ["admin"]}, "T2": {"roles": ["owner"]}},
    });
    let known = json!({
        "subject": "U1", "issuer": issuer, "email": null, "roles": ["member", "admin"],
        "tenant": "T1",
    });
    check(include_str!("recorded/descope.json"), provider, user, known).await;
}

#[tokio::test]
async fn keycloak_names_itself_in_the_answer() {
    let issuer = "https://id.example.com/realms/shop";
    let provider = || {
        Provider::keycloak(issuer)
            .client("mcp", "s")
            .client_roles("mcp")
            .userinfo(false)
    };
    let lookalike = Lookalike::start(include_str!("recorded/keycloak.json")).await;
    lookalike.user(json!({
        "iss": issuer, "aud": "mcp", "azp": "mcp", "sub": "k-1",
        "realm_access": {"roles": ["staff"]},
        "resource_access": {"mcp": {"roles": ["admin"]}, "other": {"roles": ["root"]}},
        "groups": ["/shop/eu"],
    }));
    let login = lookalike.login(provider());
    let with_iss = [("code", "c-1"), ("iss", issuer)];
    let identity = lookalike.come_back(&login, &with_iss).await.unwrap();
    assert_eq!(identity.roles, ["staff", "admin"]);
    assert_eq!(identity.claims["groups"], json!(["/shop/eu"]));
    let missing = lookalike.log_in(&login).await.unwrap_err();
    assert_eq!(missing.kind(), LoginErrorKind::Untrusted);
}

#[tokio::test]
async fn cognito() {
    let issuer = "https://cognito-idp.eu-central-1.amazonaws.com/eu-central-1_AbCdEf123";
    let provider = Provider::cognito("eu-central-1_AbCdEf123")
        .client("app", "s")
        .userinfo(false);
    let user = json!({
        "iss": issuer, "aud": "app", "sub": "c-1", "token_use": "id", "cognito:groups": ["admin"],
        "email": "ann@shop.example", "email_verified": true,
    });
    let known = json!({
        "subject": "c-1", "issuer": issuer, "email": "ann@shop.example", "roles": ["admin"],
        "tenant": null,
    });
    check(include_str!("recorded/cognito.json"), provider, user, known).await;
}

#[tokio::test]
async fn okta_says_groups_where_it_is_asked() {
    let issuer = "https://example.okta.com/oauth2/default";
    let lookalike = Lookalike::start(include_str!("recorded/okta.json")).await;
    lookalike.user(json!({"iss": issuer, "aud": "app", "sub": "00u1", "name": "Ann"}));
    let said = json!({
        "sub": "00u1", "email": "ann@shop.example", "email_verified": true, "groups": ["Everyone"],
    });
    let userinfo = "https://example.okta.com/oauth2/default/v1/userinfo";
    lookalike.page(userinfo, 200, said);
    let login = lookalike.login(Provider::okta(issuer).client("app", "s"));
    let identity = lookalike.log_in(&login).await.unwrap();
    assert_eq!(identity.email.as_deref(), Some("ann@shop.example"));
    assert_eq!(identity.roles, ["Everyone"]);
    let (headers, _) = lookalike.seen(userinfo).remove(0);
    assert_eq!(headers["authorization"], "Bearer at-1");
}

#[tokio::test]
async fn any_provider_by_its_issuer() {
    let document = json!({
        "issuer": "https://id.example.com/", "authorization_endpoint": "https://id.example.com/auth",
        "token_endpoint": "https://id.example.com/token", "jwks_uri": "https://id.example.com/keys",
    });
    let provider = Provider::oidc("https://id.example.com/").client("mcp", "s");
    let user = json!({"iss": "https://id.example.com/", "aud": ["mcp"], "sub": "u"});
    let known = json!({
        "subject": "u", "issuer": "https://id.example.com/", "email": null, "roles": [],
        "tenant": null,
    });
    let lookalike = check(&document.to_string(), provider, user, known).await;
    // Without a word on how, the client proves itself by Basic.
    let (headers, body) = lookalike.seen("https://id.example.com/token").remove(0);
    assert_eq!(headers["authorization"], "Basic bWNwOnM=");
    assert!(!body.contains("client_secret"));
}

#[tokio::test]
async fn a_refresh_asks_the_provider_again() {
    let issuer = "https://example.okta.com/oauth2/default";
    let lookalike = Lookalike::start(include_str!("recorded/okta.json")).await;
    let user = json!({"iss": issuer, "aud": "app", "sub": "00u1", "roles": ["admin"]});
    lookalike.user(user);
    lookalike.change(|world| {
        _ = world
            .issued
            .insert("refresh_token".to_owned(), "rt-1".into())
    });
    let login = lookalike.login(Provider::okta(issuer).client("app", "s").userinfo(false));
    let first = lookalike.log_in(&login).await.unwrap();
    assert_eq!(first.roles, ["admin"]);

    // The role is gone, and no new refresh token comes: the old one goes on.
    lookalike.user(json!({"iss": issuer, "aud": "app", "sub": "00u1"}));
    lookalike.change(|world| world.issued.clear());
    let again = login.refresh(&upstream(&first)).await.unwrap();
    assert_eq!((again.subject.as_str(), again.roles.len()), ("00u1", 0));
    assert_eq!(upstream(&again).refresh_token.unwrap().reveal(), "rt-1");

    // Somebody else's ID token is no answer, and a token that is worth nothing ends it.
    lookalike.user(json!({"iss": issuer, "aud": "app", "sub": "00u2"}));
    let other = login.refresh(&upstream(&first)).await.unwrap_err();
    assert_eq!(other.kind(), LoginErrorKind::Untrusted);
    let gone = json!({"error": "invalid_grant"});
    lookalike.change(|world| world.token_answer = Some((400, gone)));
    let gone = login.refresh(&upstream(&first)).await.unwrap_err();
    assert_eq!(gone.kind(), LoginErrorKind::Denied);
    lookalike.change(|world| world.token_answer = Some((503, json!({}))));
    let down = login.refresh(&upstream(&first)).await.unwrap_err();
    assert_eq!(down.kind(), LoginErrorKind::Unavailable);
}
