//! Who a client is: registered beforehand, described by a URL, registered on the spot.

use std::sync::Arc;

use purlin_auth::client::store::{MemoryStore, TokenStore};
use purlin_auth::client::{AuthErrorKind, OAuth, Registered};
use serde_json::{Value, json};

use crate::refusals::reason;
use crate::town::{CALLBACK, Town};

const DOCUMENT: &str = "https://app.test/client.json";

#[tokio::test]
async fn a_client_that_was_registered_beforehand_registers_nowhere() {
    let town = Town::start().await;
    town.world().metadata["client_id_metadata_document_supported"] = true.into();
    let client = Registered::new("app 1")
        .secret("canary%")
        .issuer(town.issuer("as"));
    let login = town.login().client(client).client_metadata_url(DOCUMENT);
    town.connect(login.build()).await.unwrap();
    let world = town.world();
    assert!(world.registrations.is_empty());
    assert_eq!(world.authorizations[0].1["client_id"], "app 1");
    // Each half is encoded before both are (RFC 6749, section 2.3.1): `app+1:canary%25`.
    let authorization = world.token_headers[0]["authorization"].to_str().unwrap();
    assert_eq!(authorization, "Basic YXBwKzE6Y2FuYXJ5JTI1");
    assert!(!world.token_requests[0].1.contains_key("client_secret"));
}

#[tokio::test]
async fn a_secret_goes_into_the_body_where_headers_are_not_taken() {
    let town = Town::start().await;
    let methods = json!(["client_secret_post"]);
    town.world().metadata["token_endpoint_auth_methods_supported"] = methods;
    let client = Registered::new("app").secret("canary");
    town.connect(town.login().client(client).build())
        .await
        .unwrap();
    let world = town.world();
    assert_eq!(world.token_requests[0].1["client_secret"], "canary");
    assert!(!world.token_headers[0].contains_key("authorization"));
}

#[tokio::test]
async fn a_url_names_the_client_where_it_is_taken_and_at_every_issuer() {
    let town = Town::start().await;
    town.world().metadata["client_id_metadata_document_supported"] = true.into();
    let login = town.login().client_metadata_url(DOCUMENT);
    let client = town.connect(login.build()).await.unwrap();
    town.revoke();
    town.world().issuer = town.issuer("other");
    client.call::<String>("t", ()).await.unwrap();
    let world = town.world();
    assert!(world.registrations.is_empty());
    for ((_, asked), (_, redeemed)) in world.authorizations.iter().zip(&world.token_requests) {
        assert_eq!(
            (asked["client_id"].as_str(), &redeemed["client_id"]),
            (DOCUMENT, &asked["client_id"])
        );
    }
    assert_eq!(world.token_requests[1].0, "other");
}

#[tokio::test]
async fn a_url_is_no_name_where_it_is_not_taken() {
    let town = Town::start().await;
    let login = town.login().client_metadata_url(DOCUMENT);
    town.connect(login.build()).await.unwrap();
    assert_eq!(town.world().authorizations[0].1["client_id"], "client-1");
}

#[tokio::test]
async fn a_url_that_names_no_client_is_refused_before_anybody_is_asked() {
    for url in [
        "https://app.test",
        "http://app.test/client.json",
        "https://app.test/c#d",
    ] {
        let town = Town::start().await;
        town.world().metadata["client_id_metadata_document_supported"] = true.into();
        let login = town.login().client_metadata_url(url);
        let error = town.connect(login.build()).await.unwrap_err();
        assert_eq!(reason(&error).kind(), AuthErrorKind::Configuration, "{url}");
        assert!(town.world().authorizations.is_empty());
    }
}

#[tokio::test]
async fn a_registration_says_what_the_client_is_and_does() {
    let town = Town::start().await;
    town.connect(town.login().name("Weather").build())
        .await
        .unwrap();
    let expected = json!({
        "client_name": "Weather",
        "application_type": "native",
        "redirect_uris": [CALLBACK],
        "grant_types": ["authorization_code", "refresh_token"],
        "response_types": ["code"],
        "token_endpoint_auth_method": "none",
        "scope": "basic",
    });
    assert_eq!(town.world().registrations[0].1, expected);
}

#[tokio::test]
async fn a_secret_that_came_with_the_registration_is_used_in_every_run() {
    let town = Town::start().await;
    town.world().gives_secrets = true;
    town.world().lifetime = 0;
    let methods = json!(["client_secret_post"]);
    town.world().metadata["token_endpoint_auth_methods_supported"] = methods;
    let store: Arc<dyn TokenStore> = Arc::new(MemoryStore::default());
    for _ in 0..2 {
        let oauth = town.login().shared_store(Arc::clone(&store)).build();
        town.connect(oauth).await.unwrap();
    }
    let world = town.world();
    assert_eq!(
        (world.registrations.len(), world.authorizations.len()),
        (1, 1)
    );
    for (_, form) in &world.token_requests {
        assert_eq!(form["client_secret"], "canary-registered");
    }
}

#[tokio::test]
async fn a_client_that_can_register_nowhere_is_told_what_to_do() {
    let town = Town::start().await;
    town.world().metadata["registration_endpoint"] = Value::Null;
    let error = town.connect(OAuth::login().build()).await.unwrap_err();
    assert_eq!(reason(&error).kind(), AuthErrorKind::Unsupported);
    assert!(
        error.to_string().contains("`OAuthBuilder::client`"),
        "{error}"
    );
}
