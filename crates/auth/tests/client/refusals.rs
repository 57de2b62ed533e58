use purlin_auth::client::{AuthError, AuthErrorKind, Registered};
use purlin_client::{ClientError, ErrorKind};
use serde_json::json;

use crate::town::{Refusal, Town};

/// Why the authorization failed.
pub(crate) fn reason(error: &ClientError) -> &AuthError {
    assert_eq!(error.kind(), ErrorKind::Unauthorized);
    let source = std::error::Error::source(error).unwrap();
    source.downcast_ref().unwrap()
}

/// A login at a town with one thing wrong, which nobody may be sent to.
async fn check(change: impl FnOnce(&Town), kind: AuthErrorKind) {
    let town = Town::start().await;
    change(&town);
    let error = town.connect(town.login().build()).await.unwrap_err();
    assert_eq!(reason(&error).kind(), kind, "{error}");
    assert!(town.world().authorizations.is_empty());
    assert!(town.world().token_requests.is_empty());
}

#[tokio::test]
async fn a_server_that_does_not_offer_pkce_is_refused() {
    let without = |town: &Town| town.world().metadata = json!({});
    check(without, AuthErrorKind::Unsupported).await;
    let plain = json!({"code_challenge_methods_supported": ["plain"]});
    check(
        |town| town.world().metadata = plain,
        AuthErrorKind::Unsupported,
    )
    .await;
}

#[tokio::test]
async fn metadata_about_another_resource_is_refused() {
    let other = json!({"resource": "https://evil.test/mcp"});
    check(
        |town| town.world().resource = other,
        AuthErrorKind::Mismatch,
    )
    .await;
}

#[tokio::test]
async fn metadata_of_another_issuer_is_refused() {
    for suffix in ["/", "x"] {
        let change = |town: &Town| {
            let issuer = format!("{}{suffix}", town.issuer("as"));
            town.world().metadata["issuer"] = issuer.into();
        };
        check(change, AuthErrorKind::Mismatch).await;
    }
}

#[tokio::test]
async fn nothing_secret_is_sent_in_plain_text_to_other_machines() {
    for endpoint in [
        "authorization_endpoint",
        "token_endpoint",
        "registration_endpoint",
    ] {
        let change = |town: &Town| {
            town.world().metadata[endpoint] = "http://as.test/x".into();
        };
        check(change, AuthErrorKind::Mismatch).await;
    }
    let change = |town: &Town| {
        town.world().metadata["authorization_endpoint"] = "file:///etc/passwd".into();
    };
    check(change, AuthErrorKind::Mismatch).await;
}

#[tokio::test]
async fn a_client_of_another_issuer_is_not_used() {
    let town = Town::start().await;
    let client = Registered::new("c")
        .secret("canary-secret")
        .issuer("https://elsewhere.test");
    let error = town
        .connect(town.login().client(client).build())
        .await
        .unwrap_err();
    assert_eq!(reason(&error).kind(), AuthErrorKind::Discovery);
    assert!(town.world().token_requests.is_empty());
}

#[tokio::test]
async fn a_server_that_refuses_fresh_tokens_does_not_ask_the_user_again_and_again() {
    let town = Town::start().await;
    let watcher = town.clone();
    let forget = async {
        // Whatever is issued is worth nothing.
        loop {
            watcher.revoke();
            tokio::task::yield_now().await;
        }
    };
    let error = tokio::select! {
        outcome = town.connect(town.login().build()) => outcome.unwrap_err(),
        () = forget => unreachable!(),
    };
    assert_eq!(reason(&error).kind(), AuthErrorKind::Denied);
    assert_eq!(town.world().authorizations.len(), 1);
}

#[tokio::test]
async fn a_user_who_says_no_is_believed() {
    let town = Town::start().await;
    town.world().denies = true;
    let error = town.connect(town.login().build()).await.unwrap_err();
    assert_eq!(reason(&error).code(), Some("access_denied"));
    assert_eq!(town.world().authorizations.len(), 1);
}

#[tokio::test]
async fn an_answer_of_another_issuer_never_becomes_a_token_request() {
    for (brings_back, advertised) in [("&iss=https://evil.test", false), ("", true)] {
        let town = Town::start().await;
        town.world().brings_back = brings_back.to_owned();
        town.world().metadata["authorization_response_iss_parameter_supported"] = advertised.into();
        let error = town.connect(town.login().build()).await.unwrap_err();
        assert_eq!(reason(&error).kind(), AuthErrorKind::Mismatch);
        assert_eq!(town.world().authorizations.len(), 1);
        assert!(town.world().token_requests.is_empty());
    }
}

#[tokio::test]
async fn the_issuer_that_answers_is_the_issuer_that_was_asked() {
    let town = Town::start().await;
    town.world().brings_back = format!("&iss={}", town.issuer("as"));
    town.world().metadata["authorization_response_iss_parameter_supported"] = true.into();
    town.connect(town.login().build()).await.unwrap();
}

#[tokio::test]
async fn a_token_endpoint_that_redirects_sends_no_secret_elsewhere() {
    let (town, elsewhere) = (Town::start().await, Town::start().await);
    let other = format!("{}/token", elsewhere.issuer("as"));
    town.world().tokens_are = Some(Refusal::Redirect(other));
    let error = town.connect(town.login().build()).await.unwrap_err();
    assert_eq!(reason(&error).kind(), AuthErrorKind::Protocol);
    assert!(elsewhere.world().token_requests.is_empty());
}
