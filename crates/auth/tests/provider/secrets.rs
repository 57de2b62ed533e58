//! Nothing that is secret shows in errors, in `Debug`, or in the log.

use std::io::Write;
use std::sync::{Arc, Mutex};

use purlin_auth::identity::{IdentityProvider, LoginRequest};
use purlin_auth::provider::Provider;
use serde_json::json;
use tracing_subscriber::fmt::MakeWriter;

use crate::lookalike::{CALLBACK, Lookalike, upstream, verify};

#[derive(Clone, Default)]
struct Log(Arc<Mutex<Vec<u8>>>);

impl Write for Log {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

impl<'a> MakeWriter<'a> for Log {
    type Writer = Self;

    fn make_writer(&'a self) -> Self {
        self.clone()
    }
}

#[tokio::test]
async fn canaries_are_seen_nowhere() {
    let log = Log::default();
    let subscriber = tracing_subscriber::fmt()
        .with_writer(log.clone())
        .with_max_level(tracing::Level::TRACE)
        .finish();
    let _guard = tracing::subscriber::set_default(subscriber);
    let mut shown = String::new();

    let issuer = "https://id.example.com/realms/shop";
    let lookalike = Lookalike::start(include_str!("recorded/keycloak.json")).await;
    lookalike.user(json!({"iss": issuer, "aud": "mcp", "sub": "u"}));
    for name in ["access_token", "refresh_token"] {
        lookalike.change(|world| _ = world.issued.insert(name.to_owned(), "canary".into()));
    }
    let provider = Provider::keycloak(issuer)
        .client("mcp", "canary")
        .userinfo(false);
    let login = lookalike.login(provider);
    let back = [("code", "c-1"), ("iss", issuer)];
    let identity = lookalike.come_back(&login, &back).await.unwrap();
    shown += &format!("{login:?} {identity:?}");
    let step = login
        .begin(LoginRequest::new("canary", CALLBACK))
        .await
        .unwrap();
    shown += &format!("{step:?}");

    for answer in [
        (200, json!({"access_token": "canary"})),
        (
            200,
            json!({"access_token": "canary", "token_type": "Bearer", "id_token": "canary"}),
        ),
        (
            400,
            json!({"error": "invalid_grant", "error_description": "canary"}),
        ),
        (400, json!({"error": "canary"})),
        (400, json!({"canary": "canary"})),
        (500, json!({"error": "canary"})),
    ] {
        lookalike.change(|world| world.token_answer = Some(answer));
        let error = lookalike.come_back(&login, &back).await.unwrap_err();
        shown += &format!("{error} {error:?}");
        let error = login.refresh(&upstream(&identity)).await.unwrap_err();
        shown += &format!("{error} {error:?}");
    }
    let error = lookalike
        .come_back(&login, &[("code", "canary")])
        .await
        .unwrap_err();
    shown += &format!("{error} {error:?}");

    let verifier = lookalike.verifier(Provider::github().client("app", "canary"));
    let error = verify(&verifier, "gho_canary").await.unwrap_err();
    shown += &format!("{verifier:?} {error} {error:?}");
    shown += &String::from_utf8(log.0.lock().unwrap().clone()).unwrap();
    assert!(!shown.contains("canary"), "{shown}");
}
