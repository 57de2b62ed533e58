//! Who is not let in, and what is not believed.

use purlin_auth::identity::{LoginError, LoginErrorKind};
use purlin_auth::provider::{Document, Provider};
use serde_json::{Value, json};

use crate::lookalike::Lookalike;

const ISSUER: &str = "https://id.example.com/realms/shop";
const KEYCLOAK: &str = include_str!("recorded/keycloak.json");

fn keycloak() -> Provider {
    Provider::keycloak(ISSUER)
        .client("mcp", "s")
        .userinfo(false)
}

/// What becomes of a login whose ID token says this besides what is good.
async fn say(provider: Provider, change: Value) -> Result<(), LoginError> {
    let lookalike = Lookalike::start(KEYCLOAK).await;
    let mut user = json!({"iss": ISSUER, "aud": "mcp", "azp": "mcp", "sub": "u"});
    for (name, value) in change.as_object().unwrap() {
        user[name] = value.clone();
    }
    lookalike.user(user);
    let login = lookalike.login(provider);
    let parameters = [("code", "c-1"), ("iss", ISSUER)];
    lookalike.come_back(&login, &parameters).await.map(drop)
}

async fn check(provider: Provider, change: Value, expected: LoginErrorKind) {
    let error = say(provider, change.clone()).await.unwrap_err();
    assert_eq!(error.kind(), expected, "{change}: {error}");
}

#[tokio::test]
async fn the_good_login_is_good() {
    say(keycloak(), json!({})).await.unwrap();
}

#[tokio::test]
async fn an_id_token_for_another_application_is_refused() {
    check(
        keycloak(),
        json!({"aud": "other"}),
        LoginErrorKind::Untrusted,
    )
    .await;
    check(
        keycloak(),
        json!({"azp": "other"}),
        LoginErrorKind::Untrusted,
    )
    .await;
}

#[tokio::test]
async fn an_id_token_of_another_issuer_is_refused() {
    let almost = format!("{ISSUER}/");
    check(
        keycloak(),
        json!({"iss": almost}),
        LoginErrorKind::Untrusted,
    )
    .await;
}

#[tokio::test]
async fn an_id_token_of_another_login_is_refused() {
    check(
        keycloak(),
        json!({"nonce": "of another"}),
        LoginErrorKind::Untrusted,
    )
    .await;
    check(
        keycloak(),
        json!({"nonce": null}),
        LoginErrorKind::Untrusted,
    )
    .await;
}

#[tokio::test]
async fn an_id_token_that_has_ended_is_refused() {
    check(
        keycloak(),
        json!({"exp": 1_000_000_000}),
        LoginErrorKind::Untrusted,
    )
    .await;
    check(
        keycloak(),
        json!({"exp": "later"}),
        LoginErrorKind::Untrusted,
    )
    .await;
}

#[tokio::test]
async fn a_wrong_domain_is_refused() {
    let provider = || keycloak().allowed_domains(["shop.example"]);
    let address = |email: &str, verified: bool| json!({"email": email, "email_verified": verified});
    say(provider(), address("ann@SHOP.example", true))
        .await
        .unwrap();
    check(
        provider(),
        address("ann@evil.example", true),
        LoginErrorKind::Denied,
    )
    .await;
    check(
        provider(),
        address("ann@evil.shop.example", true),
        LoginErrorKind::Denied,
    )
    .await;
    check(
        provider(),
        address("ann@shop.example", false),
        LoginErrorKind::Denied,
    )
    .await;
    check(provider(), json!({}), LoginErrorKind::Denied).await;
}

#[tokio::test]
async fn googles_domain_is_the_one_it_vouches_for() {
    for (hd, address, is_in) in [
        (json!("shop.example"), "ann@shop.example", true),
        (json!(null), "ann@shop.example", false),
        (json!("evil.example"), "ann@shop.example", false),
    ] {
        let lookalike = Lookalike::start(include_str!("recorded/google.json")).await;
        lookalike.user(json!({
            "iss": "https://accounts.google.com", "aud": "mcp", "sub": "1", "email": address,
            "email_verified": true, "hd": hd,
        }));
        let provider = Provider::google().client("mcp", "s").userinfo(false);
        let login = lookalike.login(provider.allowed_domains(["shop.example"]));
        let outcome = lookalike.log_in(&login).await.map_err(|error| error.kind());
        assert_eq!(outcome.is_ok(), is_in, "{hd}");
        assert!(outcome.is_ok() || outcome.unwrap_err() == LoginErrorKind::Denied);
    }
}

#[tokio::test]
async fn an_unverified_address_is_refused_where_one_is_wanted() {
    let provider = || keycloak().verified_email();
    let address =
        |verified: Value| json!({"email": "ann@shop.example", "email_verified": verified});
    say(provider(), address(json!(true))).await.unwrap();
    for verified in [json!(false), json!(null), json!("no"), json!(1)] {
        check(provider(), address(verified), LoginErrorKind::Denied).await;
    }
}

#[tokio::test]
async fn a_wrong_tenant_is_refused() {
    const OURS: &str = "88888888-8888-8888-8888-888888888888";
    const THEIRS: &str = "99999999-9999-9999-9999-999999999999";
    let issuer = |tenant: &str| format!("https://login.microsoftonline.com/{tenant}/v2.0");
    for (iss, tid, expected) in [
        (issuer(OURS), json!(OURS), None),
        (issuer(THEIRS), json!(THEIRS), Some(LoginErrorKind::Denied)),
        (issuer(THEIRS), json!(OURS), Some(LoginErrorKind::Untrusted)),
        (issuer(OURS), json!(null), Some(LoginErrorKind::Untrusted)),
        (
            issuer("{tenantid}"),
            json!("{tenantid}"),
            Some(LoginErrorKind::Untrusted),
        ),
    ] {
        let lookalike = Lookalike::start(include_str!("recorded/entra-common.json")).await;
        lookalike.user(json!({"iss": iss, "aud": "app", "sub": "u", "tid": tid}));
        let provider = Provider::entra("common").client("app", "s").userinfo(false);
        let login = lookalike.login(provider.tenants([OURS]));
        let outcome = lookalike
            .log_in(&login)
            .await
            .map(drop)
            .map_err(|error| error.kind());
        assert_eq!(outcome.err(), expected, "{iss}");
    }
}

#[tokio::test]
async fn an_answer_of_another_issuer_is_refused_before_the_code_leaves() {
    let lookalike = Lookalike::start(KEYCLOAK).await;
    let login = lookalike.login(keycloak());
    for parameters in [
        vec![("code", "c-1")],
        vec![("code", "c-1"), ("iss", "https://evil.example")],
        vec![("error", "access_denied")],
        vec![("error", "access_denied"), ("iss", "https://evil.example")],
    ] {
        let error = lookalike.come_back(&login, &parameters).await.unwrap_err();
        assert_eq!(error.kind(), LoginErrorKind::Untrusted, "{parameters:?}");
    }
    let token = format!("{ISSUER}/protocol/openid-connect/token");
    assert!(lookalike.seen(&token).is_empty());
    let no = [("error", "access_denied"), ("iss", ISSUER)];
    let no = lookalike.come_back(&login, &no).await.unwrap_err();
    assert_eq!(no.kind(), LoginErrorKind::Denied);
}

#[tokio::test]
async fn a_document_of_another_issuer_is_refused() {
    let document = KEYCLOAK.replace(
        "\"issuer\": \"https://id.example.com/realms/shop\"",
        "\"issuer\": \"https://id.example.com/realms/shop/\"",
    );
    let lookalike = Lookalike::start(&document).await;
    let error = lookalike
        .log_in(&lookalike.login(keycloak()))
        .await
        .unwrap_err();
    assert_eq!(error.kind(), LoginErrorKind::Unavailable);
    assert!(error.to_string().contains("another issuer"), "{error}");
    let given: Document = serde_json::from_str(&document).unwrap();
    let mistakes = keycloak().document(given).login().unwrap_err();
    assert!(mistakes.to_string().contains("another issuer"));
}

#[tokio::test]
async fn userinfo_about_another_user_is_refused() {
    let lookalike = Lookalike::start(KEYCLOAK).await;
    lookalike.user(json!({"iss": ISSUER, "aud": "mcp", "sub": "u"}));
    let place = format!("{ISSUER}/protocol/openid-connect/userinfo");
    lookalike.page(&place, 200, json!({"sub": "v", "roles": ["root"]}));
    let login = lookalike.login(keycloak().userinfo(true));
    let parameters = [("code", "c-1"), ("iss", ISSUER)];
    let error = lookalike.come_back(&login, &parameters).await.unwrap_err();
    assert_eq!(error.kind(), LoginErrorKind::Untrusted);
}

#[tokio::test]
async fn a_code_is_worth_nothing_without_the_verifier_of_its_login() {
    let lookalike = Lookalike::start(KEYCLOAK).await;
    lookalike.user(json!({"iss": ISSUER, "aud": "mcp", "sub": "u"}));
    let login = lookalike.login(keycloak());
    let parameters = [("code", "stolen"), ("iss", ISSUER)];
    let error = lookalike.come_back(&login, &parameters).await.unwrap_err();
    assert_eq!(error.kind(), LoginErrorKind::Untrusted);
}

#[tokio::test]
async fn a_login_without_an_id_token_is_refused() {
    let lookalike = Lookalike::start(KEYCLOAK).await;
    let login = lookalike.login(keycloak());
    let parameters = [("code", "c-1"), ("iss", ISSUER)];
    let error = lookalike.come_back(&login, &parameters).await.unwrap_err();
    assert_eq!(error.kind(), LoginErrorKind::Configuration);
}
