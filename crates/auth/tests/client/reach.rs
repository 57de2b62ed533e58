//! Where a server may send its client.

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
