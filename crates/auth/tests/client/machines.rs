//! Machines: client credentials, an identity provider's word, a platform's word.

use purlin_auth::client::{
    AuthErrorKind, ClientCredentials, Enterprise, JwtSource, OAuth, Registered, Secret, Workload,
};
use serde_json::json;

use crate::refusals::reason;
use crate::town::{Refusal, Town};

const JWT_BEARER: &str = "urn:ietf:params:oauth:grant-type:jwt-bearer";

#[tokio::test]
async fn a_machine_with_a_secret_asks_for_itself() {
    let town = Town::start().await;
    let client = Registered::new("nightly").secret("canary");
    let oauth = OAuth::machine(ClientCredentials::new(client)).build();
    let client = town.connect(oauth).await.unwrap();
    town.revoke();
    client.call::<String>("t", ()).await.unwrap();
    let world = town.world();
    assert!(world.authorizations.is_empty() && world.registrations.is_empty());
    assert_eq!(world.grants(), ["client_credentials"; 2]);
    for ((_, form), headers) in world.token_requests.iter().zip(&world.token_headers) {
        assert_eq!(form["resource"], town.url());
        assert_eq!(form["scope"], "basic");
        // `nightly:canary`.
        assert_eq!(headers["authorization"], "Basic bmlnaHRseTpjYW5hcnk=");
    }
}

#[tokio::test]
async fn the_word_of_an_identity_provider_is_exchanged_for_tokens() {
    let town = Town::start().await;
    let idp = Registered::new("at-idp").issuer(town.issuer("idp"));
    let at_server = Registered::new("at-server").secret("canary");
    let flow = Enterprise::new(idp, "canary-id-token", at_server);
    town.connect(OAuth::machine(flow).build()).await.unwrap();
    let world = town.world();
    let [(idp, exchanged), (issuer, redeemed)] = &world.token_requests[..] else {
        panic!("two requests, not {}", world.token_requests.len());
    };
    assert_eq!((idp.as_str(), issuer.as_str()), ("idp", "as"));
    for (name, expected) in [
        (
            "grant_type",
            "urn:ietf:params:oauth:grant-type:token-exchange",
        ),
        (
            "requested_token_type",
            "urn:ietf:params:oauth:token-type:id-jag",
        ),
        (
            "subject_token_type",
            "urn:ietf:params:oauth:token-type:id_token",
        ),
        ("subject_token", "canary-id-token"),
        ("audience", &town.issuer("as")),
        ("resource", &town.url()),
        ("client_id", "at-idp"),
    ] {
        assert_eq!(exchanged[name], expected);
    }
    assert_eq!(redeemed["grant_type"], JWT_BEARER);
    assert_eq!(redeemed["assertion"], "canary-access-1");
    assert_eq!(redeemed["resource"], town.url());
}

#[tokio::test]
async fn no_id_token_is_sent_in_plain_text() {
    let town = Town::start().await;
    let at_server = Registered::new("at-server").secret("canary");
    let flow = Enterprise::new(Registered::new("at-idp"), "canary-id-token", at_server)
        .token_endpoint("http://idp.test/token");
    let error = town
        .connect(OAuth::machine(flow).build())
        .await
        .unwrap_err();
    assert_eq!(reason(&error).kind(), AuthErrorKind::Mismatch);
    assert!(town.world().token_requests.is_empty());
}

#[tokio::test]
async fn the_word_of_a_platform_is_asked_for_each_time() {
    let town = Town::start().await;
    let count = std::sync::atomic::AtomicUsize::new(0);
    let jwt = JwtSource::from_fn(move || {
        let count = count.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
        async move { Ok(Secret::from(format!("canary-{count}"))) }
    });
    let oauth = OAuth::machine(Workload::new("reporter", jwt)).build();
    let client = town.connect(oauth).await.unwrap();
    town.revoke();
    client.call::<String>("t", ()).await.unwrap();
    let world = town.world();
    for (at, (_, form)) in world.token_requests.iter().enumerate() {
        assert_eq!(form["grant_type"], JWT_BEARER);
        assert_eq!(form["assertion"], format!("canary-{at}"));
    }
    assert_eq!(world.token_requests.len(), 2);
}

#[tokio::test]
async fn a_platform_that_is_not_believed_is_not_asked_again() {
    let town = Town::start().await;
    town.world().tokens_are = Some(Refusal::Echo("invalid_grant"));
    let oauth = OAuth::machine(Workload::new("reporter", "canary")).build();
    let error = town.connect(oauth).await.unwrap_err();
    assert_eq!(reason(&error).code(), Some("invalid_grant"));
    assert_eq!(town.world().token_requests.len(), 1);
}

#[tokio::test]
async fn a_token_file_that_is_not_there_is_named() {
    let town = Town::start().await;
    let jwt = JwtSource::file("/nowhere/token");
    let oauth = OAuth::machine(Workload::new("reporter", jwt)).build();
    let error = town.connect(oauth).await.unwrap_err();
    assert_eq!(reason(&error).kind(), AuthErrorKind::Configuration);
    assert!(error.to_string().contains("/nowhere/token"), "{error}");
}

#[tokio::test]
async fn a_machine_needs_no_pkce() {
    let town = Town::start().await;
    town.world().metadata = json!({"authorization_endpoint": null});
    let client = ClientCredentials::new(Registered::new("nightly").secret("canary"));
    town.connect(OAuth::machine(client).build()).await.unwrap();
}
