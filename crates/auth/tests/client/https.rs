//! Everything over TLS, with certificates of an authority of one's own.

use purlin_auth::client::user_agent::Unattended;
use purlin_auth::client::{AuthErrorKind, OAuth, OAuthBuilder};
use purlin_client::http::{HttpEndpoint, Web};
use purlin_client::{Client, ClientError};

use crate::refusals::reason;
use crate::town::{Authority, CALLBACK, Town};

fn trusting(authority: &Authority) -> Web {
    Web::default().trust(&authority.pem).unwrap()
}

async fn connect(
    town: &Town,
    authority: &Authority,
    login: OAuthBuilder,
) -> Result<Client, ClientError> {
    let endpoint = HttpEndpoint::new(&town.url()).unwrap();
    let endpoint = endpoint.trust(&authority.pem).unwrap();
    Client::connect(endpoint.authorize(login.build())).await
}

#[tokio::test]
async fn a_login_over_https_trusts_the_authority_it_was_given() {
    let authority = Authority::new();
    let town = Town::start_secure(&authority).await;
    let agent = Unattended::new(CALLBACK).web(trusting(&authority));
    let login = OAuth::login().user_agent(agent).web(trusting(&authority));
    let client = connect(&town, &authority, login).await.unwrap();
    town.revoke();
    assert_eq!(client.call::<String>("t", ()).await.unwrap(), "hi");
    let world = town.world();
    assert!(world.issuer.starts_with("https://"));
    assert_eq!(world.grants(), ["authorization_code", "refresh_token"]);
}

#[tokio::test]
async fn an_authorization_server_with_an_unknown_certificate_gets_nothing() {
    let authority = Authority::new();
    let town = Town::start_secure(&authority).await;
    // Some authority has to be trusted; it is not this one.
    let login = OAuth::login().web(trusting(&Authority::new()));
    let error = connect(&town, &authority, login).await.unwrap_err();
    assert_eq!(reason(&error).kind(), AuthErrorKind::Network, "{error}");
    assert!(town.world().visited.is_empty());
}
