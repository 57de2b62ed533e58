//! Tokens that a provider has issued itself, at a server of ours.

use purlin_auth::provider::{IssuedTokens, Provider};
use purlin_auth::verify::{Verifier, VerifyError};
use serde_json::{Value, json};

use crate::lookalike::{Lookalike, RESOURCE, token, verify};

const TENANT: &str = "88888888-8888-8888-8888-888888888888";

/// Verifies a token of these claims, and each with one change that makes it bad.
async fn check(document: &str, provider: Provider, good: Value, bad: &[Value]) -> IssuedTokens {
    let lookalike = Lookalike::start(document).await;
    let verifier = lookalike.verifier(provider);
    let principal = verify(&verifier, &token(good.clone())).await.unwrap();
    assert_eq!(principal.issuer(), good["iss"].as_str());
    for change in bad {
        let mut claims = good.clone();
        for (name, value) in change.as_object().unwrap() {
            claims[name] = value.clone();
        }
        let outcome = verify(&verifier, &token(claims)).await;
        assert!(
            matches!(outcome, Err(VerifyError::Invalid(_) | VerifyError::NotMine)),
            "{change}: {outcome:?}"
        );
    }
    verifier
}

fn without(claims: &Value, name: &str) -> Value {
    let mut claims = claims.clone();
    claims.as_object_mut().unwrap().remove(name);
    claims
}

#[tokio::test]
async fn keycloak() {
    let issuer = "https://id.example.com/realms/shop";
    let good = json!({
        "iss": issuer, "aud": [RESOURCE, "account"], "sub": "k", "azp": "cli", "scope": "openid read",
        "realm_access": {"roles": ["admin"]},
    });
    let bad = [
        json!({"iss": "https://id.example.com/realms/other"}),
        json!({"aud": "account"}),
        json!({"aud": format!("{RESOURCE}/")}),
        json!({"aud": null}),
        json!({"aud": [RESOURCE, 7]}),
        json!({"exp": 1_000_000_000}),
        json!({"nbf": 9_000_000_000_u64}),
        json!({"exp": "never"}),
        json!({"sub": 7}),
        json!({"scope": 7}),
        json!({"realm_access": {"roles": "admin root"}, "sub": ""}),
        json!({"cnf": {"jkt": "x"}}),
        json!({"token_use": "id"}),
    ];
    let document = include_str!("recorded/keycloak.json");
    let verifier = check(document, Provider::keycloak(issuer), good.clone(), &bad).await;
    assert_eq!(verifier.authorization_servers(), [issuer]);
    let principal = verify(&verifier, &token(good.clone())).await.unwrap();
    assert_eq!(principal.client(), Some("cli"));
    assert!(principal.has_role("admin") && principal.has_scope("read"));
    // A signature of somebody else.
    let (signed, signature) = token(good)
        .rsplit_once('.')
        .map(|(a, b)| (a.to_owned(), b.to_owned()))
        .unwrap();
    let forged = format!("{signed}.{}", signature.chars().rev().collect::<String>());
    assert!(verify(&verifier, &forged).await.is_err());
    assert_eq!(verify(&verifier, "opaque").await, Err(VerifyError::NotMine));
}

#[tokio::test]
async fn entra_of_both_versions() {
    let document = include_str!("recorded/entra.json");
    let v2 = json!({
        "iss": format!("https://login.microsoftonline.com/{TENANT}/v2.0"), "aud": "app", "ver": "2.0",
        "sub": "p", "tid": TENANT, "azp": "cli", "scp": "read write", "roles": ["admin"],
    });
    let other = "99999999-9999-9999-9999-999999999999";
    let bad = [
        json!({"iss": format!("https://login.microsoftonline.com/{other}/v2.0"), "tid": other}),
        json!({"aud": "other"}),
        json!({"aud": RESOURCE}),
        // An ID token has the same audience, and names no client.
        json!({"azp": null, "nonce": "n"}),
    ];
    let provider = || Provider::entra(TENANT).client("app", "s");
    let verifier = check(document, provider(), v2.clone(), &bad).await;
    let principal = verify(&verifier, &token(v2)).await.unwrap();
    assert_eq!(
        (principal.tenant(), principal.client()),
        (Some(TENANT), Some("cli"))
    );
    assert!(principal.has_scope("read") && principal.has_scope("api://app/write"));
    assert!(principal.has_role("admin"));
    let v1 = json!({
        "iss": format!("https://sts.windows.net/{TENANT}/"), "aud": "api://app", "ver": "1.0",
        "sub": "p", "tid": TENANT, "appid": "cli", "scp": "read",
    });
    check(
        document,
        provider(),
        v1,
        &[json!({"iss": "https://sts.windows.net/other/"})],
    )
    .await;
}

#[tokio::test]
async fn auth0_for_its_audience() {
    let good = json!({
        "iss": "https://shop.eu.auth0.com/", "sub": "auth0|1", "azp": "cli", "scope": "openid",
        "aud": ["https://api.shop.example", "https://shop.eu.auth0.com/userinfo"],
        "permissions": ["orders:write"], "org_id": "org_1",
    });
    let bad = [
        json!({"iss": "https://shop.eu.auth0.com"}),
        json!({"aud": RESOURCE}),
        json!({"permissions": {"orders": "write"}}),
    ];
    let provider = Provider::auth0("shop.eu.auth0.com").audience("https://api.shop.example");
    let verifier = check(
        include_str!("recorded/auth0.json"),
        provider,
        good.clone(),
        &bad,
    )
    .await;
    let principal = verify(&verifier, &token(good)).await.unwrap();
    assert!(principal.has_scope("orders:write") && principal.has_scope("openid"));
    assert_eq!(principal.tenant(), Some("org_1"));
}

#[tokio::test]
async fn cognito_has_a_client_for_an_audience() {
    let issuer = "https://cognito-idp.eu-central-1.amazonaws.com/eu-central-1_AbCdEf123";
    let good = json!({
        "iss": issuer, "sub": "c", "client_id": "app", "token_use": "access", "scope": "read",
        "cognito:groups": ["admin"], "username": "ann",
    });
    let bad = [
        json!({"client_id": "other"}),
        json!({"client_id": 1}),
        json!({"token_use": "id"}),
        json!({"token_use": null}),
        json!({"aud": "https://other.example/mcp"}),
    ];
    let document = include_str!("recorded/cognito.json");
    let provider = || Provider::cognito("eu-central-1_AbCdEf123").public_client("app");
    let verifier = check(document, provider(), good.clone(), &bad).await;
    assert!(
        verify(&verifier, &token(good.clone()))
            .await
            .unwrap()
            .has_role("admin")
    );
    let id_token = json!({"iss": issuer, "sub": "c", "aud": "app", "token_use": "id"});
    assert!(verify(&verifier, &token(id_token)).await.is_err());
    assert!(
        verify(&verifier, &token(without(&good, "token_use")))
            .await
            .is_err()
    );
    let mut bound = good;
    bound["aud"] = RESOURCE.into();
    assert!(verify(&verifier, &token(bound)).await.is_ok());
}

#[tokio::test]
async fn oktas_subject_is_the_one_that_stays() {
    let issuer = "https://example.okta.com/oauth2/default";
    let good = json!({
        "iss": issuer, "aud": "api://default", "sub": "ann@shop.example", "uid": "00u1", "cid": "0oa1",
        "scp": ["openid", "read"], "ver": 1, "groups": ["admin"],
    });
    let provider = Provider::okta(issuer).audience("api://default");
    let bad = [
        json!({"aud": RESOURCE}),
        json!({"uid": 7}),
        json!({"scp": ["read", 7]}),
    ];
    let verifier = check(
        include_str!("recorded/okta.json"),
        provider,
        good.clone(),
        &bad,
    )
    .await;
    let principal = verify(&verifier, &token(good)).await.unwrap();
    assert_eq!(
        (principal.subject(), principal.client()),
        ("00u1", Some("0oa1"))
    );
    assert!(principal.has_scope("read") && principal.has_role("admin"));
}

#[tokio::test]
async fn authkit_and_descope_are_for_the_resource() {
    let good = json!({
        "iss": "https://shop.authkit.app", "aud": RESOURCE, "sub": "user_1", "org_id": "org_1",
        "role": "admin", "permissions": ["read"],
    });
    let provider = Provider::authkit("https://shop.authkit.app/");
    let bad = [json!({"aud": "client_1"})];
    check(include_str!("recorded/authkit.json"), provider, good, &bad).await;
    let issuer = "https://api.descope.com/v1/apps/agentic/P2abc/M1";
    let good = json!({"iss": issuer, "aud": [RESOURCE], "sub": "U1", "dct": "T1",
        "tenants": {"T1": {"roles": ["admin"]}}});
    let bad = [
        json!({"aud": "P2abc"}),
        json!({"tenants": {"T1": {"roles": 1}}}),
    ];
    let verifier = check(
        include_str!("recorded/descope.json"),
        Provider::descope(issuer),
        good.clone(),
        &bad,
    )
    .await;
    assert!(
        verify(&verifier, &token(good))
            .await
            .unwrap()
            .has_role("admin")
    );
}

#[tokio::test]
async fn google_is_asked_whose_a_token_is() {
    let tokeninfo = "https://oauth2.googleapis.com/tokeninfo";
    let userinfo = "https://openidconnect.googleapis.com/v1/userinfo";
    let lookalike = Lookalike::start(include_str!("recorded/google.json")).await;
    let info = json!({
        "azp": "app", "aud": "app", "sub": "1007", "expires_in": "3599", "exp": "1760000000",
        "scope": "openid https://www.googleapis.com/auth/userinfo.email", "access_type": "online",
        "email": "ann@shop.example", "email_verified": "true",
    });
    lookalike.page(tokeninfo, 200, info.clone());
    lookalike.page(userinfo, 200, json!({"sub": "1007", "hd": "shop.example"}));
    let provider = || {
        Provider::google()
            .client("app", "s")
            .allowed_domains(["shop.example"])
    };
    let verifier = lookalike.verifier(provider());
    let principal = verify(&verifier, "ya29.a").await.unwrap();
    assert_eq!(principal.subject(), "1007");
    assert!(principal.has_scope("email") && principal.has_scope("openid"));
    let (headers, body) = lookalike.seen(tokeninfo).remove(0);
    assert_eq!(
        (headers["authorization"].to_str().unwrap(), body.as_str()),
        ("Bearer ya29.a", "")
    );

    for (change, page) in [
        (json!({"aud": "other"}), None),
        (json!({"expires_in": "0"}), None),
        (json!({"expires_in": null}), None),
        (
            json!({}),
            Some(json!({"sub": "1008", "hd": "shop.example"})),
        ),
        (
            json!({}),
            Some(json!({"sub": "1007", "hd": "evil.example"})),
        ),
        (json!({}), Some(json!({"sub": "1007"}))),
    ] {
        let mut changed = info.clone();
        changed
            .as_object_mut()
            .unwrap()
            .extend(change.as_object().cloned().unwrap());
        lookalike.page(tokeninfo, 200, changed);
        let page = page.unwrap_or(json!({"sub": "1007", "hd": "shop.example"}));
        lookalike.page(userinfo, 200, page.clone());
        let outcome = verify(&verifier, "ya29.a").await;
        assert!(
            matches!(outcome, Err(VerifyError::Invalid(_))),
            "{change} {page}: {outcome:?}"
        );
    }
    lookalike.page(tokeninfo, 400, json!({"error": "invalid_token"}));
    assert!(matches!(
        verify(&verifier, "ya29.a").await,
        Err(VerifyError::Invalid(_))
    ));
    lookalike.page(tokeninfo, 503, json!({}));
    assert!(matches!(
        verify(&verifier, "ya29.a").await,
        Err(VerifyError::Unavailable { .. })
    ));
    assert_eq!(verify(&verifier, "opaque").await, Err(VerifyError::NotMine));
}

#[tokio::test]
async fn a_provider_that_is_down_refuses_nobody() {
    let lookalike = Lookalike::start("").await;
    let issuer = "https://id.example.com";
    let verifier = lookalike.verifier(Provider::oidc(issuer));
    let token = token(json!({"iss": issuer, "aud": RESOURCE, "sub": "u"}));
    for _ in 0..3 {
        let error = verify(&verifier, &token).await.unwrap_err();
        assert!(
            matches!(error, VerifyError::Unavailable { .. }),
            "{error:?}"
        );
    }
    // It is left alone for a while.
    let place = format!("{issuer}/.well-known/openid-configuration");
    assert_eq!(lookalike.seen(&place).len(), 1);
}
