use std::sync::Arc;

use purlin_auth::client::OAuth;
use purlin_auth::client::store::{MemoryStore, TokenStore};
use serde_json::json;

use crate::browser;
use crate::town::Town;

#[tokio::test]
async fn a_refused_request_leads_to_one_login_and_is_let_in() {
    let town = Town::start().await;
    let client = town.connect(town.login().build()).await.unwrap();
    assert_eq!(client.call::<String>("t", ()).await.unwrap(), "hi");
    let world = town.world();
    let (_, asked) = &world.authorizations[0];
    assert_eq!(asked["client_id"], "client-1");
    assert_eq!(asked["scope"], "basic");
    assert_eq!(asked["code_challenge_method"], "S256");
    let (_, redeemed) = &world.token_requests[0];
    assert_eq!(redeemed["resource"], asked["resource"]);
    assert_eq!(redeemed["redirect_uri"], asked["redirect_uri"]);
    assert_eq!(world.authorizations.len(), 1);
    let token = Some("Bearer canary-access-1".to_owned());
    assert_eq!(world.calls, [None, token.clone(), token]);
}

#[tokio::test]
async fn offline_access_is_asked_for_where_it_is_offered() {
    let town = Town::start().await;
    town.world().metadata["scopes_supported"] = json!(["basic", "offline_access"]);
    town.connect(town.login().build()).await.unwrap();
    assert_eq!(
        town.world().authorizations[0].1["scope"],
        "basic offline_access"
    );
}

#[tokio::test]
async fn nothing_of_one_issuer_is_shown_to_another() {
    let town = Town::start().await;
    let client = town.connect(town.login().build()).await.unwrap();
    town.revoke();
    town.world().issuer = town.issuer("other");
    client.call::<String>("t", ()).await.unwrap();
    let world = town.world();
    assert_eq!(world.registrations[1].0, "other");
    let (issuer, form) = &world.token_requests[1];
    assert_eq!(
        (issuer.as_str(), form["grant_type"].as_str()),
        ("other", "authorization_code")
    );
    assert_eq!(form["client_id"], "client-2");
    let is_old = |text: &String| text.contains("client-1") || text.contains("canary-refresh-1");
    assert!(!form.values().any(is_old));
}

#[tokio::test]
async fn a_server_without_any_metadata_is_its_own_authorization_server_in_every_run() {
    let town = Town::start().await;
    town.world().is_old = true;
    town.world().lifetime = 0;
    let store: Arc<dyn TokenStore> = Arc::new(MemoryStore::default());
    for run in 1..=2 {
        let oauth = town.login().shared_store(Arc::clone(&store)).build();
        town.connect(oauth).await.unwrap();
        assert_eq!(town.world().authorizations.len(), run);
    }
    let world = town.world();
    assert_eq!(world.registrations.len(), 1);
    assert!(!world.authorizations[0].1.contains_key("resource"));
}

#[tokio::test]
async fn a_user_comes_back_to_this_machine() {
    let town = Town::start().await;
    let oauth = OAuth::login().user_agent(browser::loopback()).build();
    town.connect(oauth).await.unwrap();
    let world = town.world();
    let back = &world.authorizations[0].1["redirect_uri"];
    assert!(back.starts_with("http://127.0.0.1:") && back.ends_with("/callback"));
    assert_eq!(world.registrations[0].1["redirect_uris"][0], *back);
    assert_eq!(world.token_requests[0].1["redirect_uri"], *back);
}
