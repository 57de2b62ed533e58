use crate::town::Town;

#[tokio::test]
async fn tokens_that_are_over_are_refreshed_before_they_are_refused() {
    let town = Town::start().await;
    town.world().lifetime = 0;
    let client = town.connect(town.login().build()).await.unwrap();
    client.call::<String>("t", ()).await.unwrap();
    let world = town.world();
    assert_eq!(world.authorizations.len(), 1);
    assert_eq!(
        world.grants(),
        ["authorization_code", "refresh_token", "refresh_token"]
    );
    // Each answer brought a new refresh token, and it is that one which is used next.
    for (at, used) in [(1, "canary-refresh-1"), (2, "canary-refresh-2")] {
        let (_, form) = &world.token_requests[at];
        assert_eq!(form["refresh_token"], used);
        assert_eq!(form["resource"], world.token_requests[0].1["resource"]);
        assert!(!form.contains_key("scope"));
    }
}

#[tokio::test]
async fn a_refresh_token_that_is_not_replaced_is_kept() {
    let town = Town::start().await;
    town.world().lifetime = 0;
    town.world().rotates = false;
    let client = town.connect(town.login().build()).await.unwrap();
    client.call::<String>("t", ()).await.unwrap();
    for (_, form) in &town.world().token_requests[1..] {
        assert_eq!(form["refresh_token"], "canary-refresh-1");
    }
}

#[tokio::test]
async fn a_revoked_token_is_refreshed_once_for_all_who_wait() {
    let town = Town::start().await;
    let client = town.connect(town.login().build()).await.unwrap();
    town.revoke();
    let call = || client.call::<String>("t", ());
    let (one, two, three) = tokio::join!(call(), call(), call());
    assert!(one.is_ok() && two.is_ok() && three.is_ok());
    assert_eq!(
        town.world().grants(),
        ["authorization_code", "refresh_token"]
    );
}

#[tokio::test]
async fn a_refresh_token_that_is_refused_leads_to_a_login() {
    let town = Town::start().await;
    let client = town.connect(town.login().build()).await.unwrap();
    town.revoke();
    town.world().takes_refresh = false;
    client.call::<String>("t", ()).await.unwrap();
    let grants = ["authorization_code", "refresh_token", "authorization_code"];
    assert_eq!(town.world().grants(), grants);
    assert_eq!(town.world().registrations.len(), 1);
}
