use purlin_auth::client::{AuthError, AuthErrorKind, Registered};
use purlin_client::{ClientError, ErrorKind};
use serde_json::json;

use crate::town::Town;

/// Why the authorization failed.
fn reason(error: &ClientError) -> &AuthError {
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
async fn a_scope_that_is_still_missing_is_not_asked_for_twice() {
    let town = Town::start().await;
    let client = town.connect(town.login().build()).await.unwrap();
    // The scope that was asked for is never the one that counts.
    town.world().wants_scope = Some("a b".to_owned());
    for _ in 0..2 {
        let error = client.call::<String>("t", ()).await.unwrap_err();
        assert_eq!(
            (error.kind(), error.status()),
            (ErrorKind::Unauthorized, Some(403))
        );
    }
    assert_eq!(town.world().authorizations.len(), 2);
}

#[tokio::test]
async fn a_user_who_says_no_is_believed() {
    let town = Town::start().await;
    town.world().denies = true;
    let error = town.connect(town.login().build()).await.unwrap_err();
    assert_eq!(reason(&error).code(), Some("access_denied"));
    assert_eq!(town.world().authorizations.len(), 1);
}
