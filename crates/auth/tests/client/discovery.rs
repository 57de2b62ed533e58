//! In which order metadata is looked for.

use purlin_auth::client::AuthErrorKind;
use serde_json::json;

use crate::refusals::reason;
use crate::town::Town;

const RESOURCE: &str = "/.well-known/oauth-protected-resource";
const OAUTH: &str = "/.well-known/oauth-authorization-server";
const OPENID: &str = "/.well-known/openid-configuration";

/// Where a login looks when there is nothing at some places.
async fn check(hidden: &[&str], visited: &[&str]) {
    let town = Town::start().await;
    town.world().hidden = hidden.iter().map(|place| (*place).to_owned()).collect();
    town.connect(town.login().build()).await.unwrap();
    assert_eq!(town.world().visited, visited);
}

#[tokio::test]
async fn metadata_is_looked_for_in_the_order_of_the_specification() {
    let below = format!("{RESOURCE}/mcp");
    let (oauth, openid) = (format!("{OAUTH}/as"), format!("{OPENID}/as"));
    let appended = format!("/as{OPENID}");
    check(&[], &[&below, &oauth]).await;
    check(&[&below], &[&below, RESOURCE, &oauth]).await;
    check(&[&oauth], &[&below, &oauth, &openid]).await;
    check(&[&oauth, &openid], &[&below, &oauth, &openid, &appended]).await;
}

#[tokio::test]
async fn the_challenge_says_first_where_metadata_is() {
    let town = Town::start().await;
    let place = town.url().replace("/mcp", "/elsewhere");
    town.world().challenge = format!(", resource_metadata=\"{place}\"");
    town.connect(town.login().build()).await.unwrap();
    assert_eq!(town.world().visited[0], "/elsewhere");
    assert_eq!(town.world().visited.len(), 2);
}

#[tokio::test]
async fn metadata_of_a_resource_in_plain_text_elsewhere_is_not_fetched() {
    for place in ["http://as.test/x", "file:///etc/passwd", "ftp://as.test"] {
        let town = Town::start().await;
        town.world().challenge = format!(", resource_metadata=\"{place}\"");
        let error = town.connect(town.login().build()).await.unwrap_err();
        assert_eq!(reason(&error).kind(), AuthErrorKind::Mismatch, "{place}");
        assert!(town.world().visited.is_empty());
    }
}

#[tokio::test]
async fn the_resource_is_asked_for_byte_for_byte_as_it_names_itself() {
    let town = Town::start().await;
    // The same place in another spelling, as a type that parses URLs would tidy it up.
    let resource = format!("{}/", town.url().replace("http://", "HTTP://"));
    town.world().resource = json!({"resource": resource});
    town.world().lifetime = 0;
    town.connect(town.login().build()).await.unwrap();
    let world = town.world();
    assert_eq!(world.grants(), ["authorization_code", "refresh_token"]);
    assert_eq!(world.authorizations[0].1["resource"], resource);
    for (_, form) in &world.token_requests {
        assert_eq!(form["resource"], resource);
    }
}

#[tokio::test]
async fn an_issuer_is_known_by_its_own_spelling_alone() {
    let town = Town::start().await;
    let issuer = town.issuer("as").replace("http://", "HTTP://");
    town.world().issuer = issuer;
    let error = town.connect(town.login().build()).await.unwrap_err();
    assert_eq!(reason(&error).kind(), AuthErrorKind::Mismatch);
    assert!(town.world().authorizations.is_empty());
}
