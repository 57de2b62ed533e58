//! Users whom their organisation lets in, without a browser.

use std::time::{SystemTime, UNIX_EPOCH};

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use purlin_auth::audit::{AuthEventKind, AuthOutcome};
use purlin_auth::authorization_server::{StaticClient, TrustedIssuer};
use purlin_auth::verify::Keys;
use ring::rand::SystemRandom;
use ring::signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, KeyPair as _};
use serde_json::{Value, json};

use crate::scene::{CALLBACK, Page, Scene, token};

const COMPANY: &str = "https://login.company.test";
const GRANT: &str = "urn:ietf:params:oauth:grant-type:jwt-bearer";

struct Company(EcdsaKeyPair);

impl Company {
    fn new() -> Self {
        let (curve, random) = (&ECDSA_P256_SHA256_FIXED_SIGNING, SystemRandom::new());
        let document = EcdsaKeyPair::generate_pkcs8(curve, &random).unwrap();
        Self(EcdsaKeyPair::from_pkcs8(curve, document.as_ref(), &random).unwrap())
    }

    fn keys(&self) -> Keys {
        let (x, y) = self.0.public_key().as_ref()[1..].split_at(32);
        let [x, y] = [x, y].map(|part| URL_SAFE_NO_PAD.encode(part));
        let key = json!({"kty": "EC", "crv": "P-256", "x": x, "y": y});
        Keys::jwk(&key.to_string()).unwrap()
    }

    /// What it says of alice, to this client.
    fn assertion(&self, client: &str, id: &str) -> String {
        let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap();
        let claims = json!({
            "iss": COMPANY, "aud": "https://mcp.test", "sub": "alice", "client_id": client,
            "jti": id, "exp": since.as_secs() + 300, "scope": "orders:read payroll",
        });
        let header = json!({"alg": "ES256", "typ": "oauth-id-jag+jwt"});
        let part = |value: &Value| URL_SAFE_NO_PAD.encode(value.to_string());
        let signed = format!("{}.{}", part(&header), part(&claims));
        let signature = self
            .0
            .sign(&SystemRandom::new(), signed.as_bytes())
            .unwrap();
        format!("{signed}.{}", URL_SAFE_NO_PAD.encode(signature))
    }
}

async fn scene(company: &Company) -> Scene {
    scene_for(company, |agent| agent).await
}

async fn scene_for(company: &Company, set: impl FnOnce(StaticClient) -> StaticClient) -> Scene {
    let keys = company.keys();
    let agent = set(StaticClient::new("agent", [CALLBACK]).unwrap());
    let agent = agent.with_secret("a secret with many random bits".to_owned());
    let trusted = TrustedIssuer::new(COMPANY, keys);
    Scene::production_with(|builder| builder.client(agent).trust(trusted)).await
}

async fn bring(scene: &Scene, assertion: &str) -> Page {
    let form = [
        ("grant_type", GRANT),
        ("client_id", "agent"),
        ("client_secret", "a secret with many random bits"),
        ("assertion", assertion),
    ];
    scene.post("/token", &form).await
}

#[tokio::test]
async fn the_word_of_a_trusted_provider_becomes_a_token_for_five_minutes() {
    let company = Company::new();
    let scene = scene(&company).await;
    let page = bring(&scene, &company.assertion("agent", "1")).await;
    let answer = page.json();
    assert!(scene.lets_in(&token(&page)).await);
    assert_eq!(
        (&answer["expires_in"], &answer["scope"]),
        (&json!(300), &json!("orders:read"))
    );
    assert_eq!(answer.get("refresh_token"), None);
    assert_eq!(page.header("cache-control"), Some("no-store"));
    let issued = &scene.events(AuthEventKind::Issue)[0];
    assert_eq!(
        (issued.client(), issued.subject()),
        (Some("agent"), Some("alice"))
    );
}

#[tokio::test]
async fn the_word_of_a_provider_gives_a_client_no_more_than_the_operator_lets_it_have() {
    let company = Company::new();
    for (allowed, granted) in [("orders:read", "orders:read"), ("orders:write", "")] {
        let scene = scene_for(&company, |agent| agent.with_scopes([allowed])).await;
        let page = bring(&scene, &company.assertion("agent", "1")).await;
        assert_eq!((page.status, &page.json()["scope"]), (200, &json!(granted)));
    }
}

#[tokio::test]
async fn the_word_of_a_provider_counts_once_and_for_its_client_alone() {
    let company = Company::new();
    let scene = scene(&company).await;
    let assertion = company.assertion("agent", "1");
    assert_eq!(bring(&scene, &assertion).await.status, 200);
    for refused in [
        assertion,
        company.assertion("other", "2"),
        Company::new().assertion("agent", "3"),
    ] {
        let page = bring(&scene, &refused).await;
        assert_eq!(
            (page.status, &page.json()["error"]),
            (400, &json!("invalid_grant"))
        );
        let event = scene.events(AuthEventKind::Issue).pop().unwrap();
        assert_eq!(event.outcome(), AuthOutcome::Refused);
    }
}

#[tokio::test]
async fn the_metadata_says_whether_assertions_are_accepted() {
    let company = Company::new();
    let path = "/.well-known/oauth-authorization-server";
    for (scene, accepted) in [
        (scene(&company).await, true),
        (Scene::production().await, false),
    ] {
        let document = scene.browser.another().get(&scene.url(path)).await.json();
        let grants = document["grant_types_supported"].as_array().unwrap();
        assert_eq!(grants.contains(&json!(GRANT)), accepted);
        let profiles = document.get("authorization_grant_profiles_supported");
        let profile = json!(["urn:ietf:params:oauth:grant-profile:id-jag"]);
        assert_eq!(profiles == Some(&profile), accepted);
        let methods = document["token_endpoint_auth_methods_supported"]
            .as_array()
            .unwrap();
        assert!(methods.contains(&json!("private_key_jwt")));
    }
    let scene = Scene::production().await;
    let client = scene.register("App", CALLBACK).await;
    let form = [
        ("grant_type", GRANT),
        ("client_id", &client),
        ("assertion", "x"),
    ];
    let page = scene.post("/token", &form).await;
    assert_eq!(
        (page.status, &page.json()["error"]),
        (400, &json!("unsupported_grant_type"))
    );
}
