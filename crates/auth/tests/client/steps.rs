//! Scopes that turn out to be missing.

use purlin_client::ErrorKind;

use crate::town::Town;

#[tokio::test]
async fn missing_scopes_are_asked_for_with_all_earlier_ones() {
    let town = Town::start().await;
    let client = town.connect(town.login().build()).await.unwrap();
    for (scope, asked) in [("write", "basic write"), ("admin", "basic write admin")] {
        town.world().wants_scope = Some(scope.to_owned());
        client.call::<String>("t", ()).await.unwrap();
        assert_eq!(
            town.world().authorizations.last().unwrap().1["scope"],
            asked
        );
    }
    assert_eq!(town.world().registrations.len(), 1);
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
        let said = "(HTTP status 403): not permitted: this needs the scopes `a b`";
        assert!(error.to_string().ends_with(said), "{error}");
    }
    assert_eq!(town.world().authorizations.len(), 2);
}

#[tokio::test]
async fn a_server_that_always_wants_more_is_given_up() {
    let town = Town::start().await;
    let client = town.connect(town.login().build()).await.unwrap();
    town.world().wants_more = true;
    let error = client.call::<String>("t", ()).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Unauthorized);
    let world = town.world();
    let asked: Vec<_> = world
        .authorizations
        .iter()
        .map(|(_, query)| query["scope"].as_str())
        .collect();
    let more = [
        "basic",
        "basic more-1",
        "basic more-1 more-2",
        "basic more-1 more-2 more-3",
    ];
    assert_eq!(asked[..4], more);
    assert!(asked.len() <= 5, "{asked:?}");
}
