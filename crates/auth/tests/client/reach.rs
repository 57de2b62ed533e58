//! Where a server may send its client.

use std::sync::Arc;

use purlin_auth::client::store::{MemoryStore, TokenStore};
use purlin_auth::client::{AuthErrorKind, ClientCredentials, OAuth, Registered};
use purlin_client::http::Reach;

use crate::refusals::reason;
use crate::town::Town;

#[tokio::test]
async fn a_server_on_this_machine_may_name_others_here() {
    let town = Town::start().await;
    town.connect(town.login().build()).await.unwrap();
}

#[tokio::test]
async fn a_public_server_names_nothing_that_is_private() {
    let machine = ClientCredentials::new(Registered::new("nightly").secret("canary"));
    for builder in [OAuth::login(), OAuth::machine(machine)] {
        let town = Town::start().await;
        let oauth = builder.reach(Reach::Public).build();
        let error = town.connect(oauth).await.unwrap_err();
        assert_eq!(reason(&error).kind(), AuthErrorKind::Mismatch);
        assert!(
            error.to_string().contains("`OAuthBuilder::reach`"),
            "{error}"
        );
        let world = town.world();
        assert!(world.visited.is_empty() && world.token_requests.is_empty());
    }
}

#[tokio::test]
async fn what_an_earlier_run_was_allowed_is_not_allowed_for_ever() {
    let town = Town::start().await;
    town.world().lifetime = 0;
    let store: Arc<dyn TokenStore> = Arc::new(MemoryStore::default());
    let login = || town.login().shared_store(Arc::clone(&store));
    town.connect(login().build()).await.unwrap();
    let before = town.world().token_requests.len();
    let narrower = login().reach(Reach::Public).build();
    let error = town.connect(narrower).await.unwrap_err();
    assert_eq!(reason(&error).kind(), AuthErrorKind::Mismatch);
    assert_eq!(town.world().token_requests.len(), before);
}
