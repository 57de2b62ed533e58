//! What is issued, and every way it ends.

use std::{sync::Arc, time::Duration};

use proptest::prelude::*;
use purlin_core::{
    ErrorKind, Principal,
    store::{Key, KeyValue, MemoryStore},
};
use purlin_stores::{Disk, Redis};

use super::*;
use crate::{
    Secret,
    audit::AuthEventKind,
    authorization_server::{
        clients::{Client, ClientAuth, ClientKind, GrantType},
        fixture::{Provider, Recorded, SetClock, Spy, form, redis_server::RedisServer},
        redirect::ApplicationType,
        storage::Keys,
    },
    identity::{Identity, LoginErrorKind, UpstreamTokens},
    verify::{Clock as _, Presented, Scheme, Verifier, VerifyError},
};

const ISSUER: &str = "https://auth.test";
const RESOURCE: &str = "https://mcp.test/mcp";

/// Replicas of one authorization server.
struct Town {
    clock: Arc<SetClock>,
    provider: Arc<Provider>,
    events: Recorded,
    keys: Keys,
}

impl Town {
    fn new() -> Self {
        Self {
            clock: SetClock::new(),
            provider: Arc::default(),
            events: Recorded::default(),
            keys: Keys::new([[7; 32]]).unwrap(),
        }
    }

    fn replica(&self, store: Arc<dyn KeyValue>) -> Tokens {
        self.replica_of(ISSUER, store)
    }

    fn replica_of(&self, issuer: &str, store: Arc<dyn KeyValue>) -> Tokens {
        Tokens::new(
            issuer,
            &Storage::new(store, self.keys.clone()),
            self.provider.clone(),
            Arc::new(self.events.clone()),
            self.clock.clone(),
        )
    }

    /// One replica, in memory.
    fn alone(&self) -> Tokens {
        self.replica(Arc::new(MemoryStore::new()))
    }

    fn forward(&self, seconds: u64) {
        self.clock.forward(Duration::from_secs(seconds));
    }
}

fn client(id: &str) -> Client {
    Client {
        id: id.to_owned(),
        name: id.to_owned(),
        redirect_uris: vec!["http://127.0.0.1/cb".to_owned()],
        auth: ClientAuth::None,
        kind: ClientKind::Registered,
        application_type: ApplicationType::Native,
        scopes: None,
        grants: GrantType::ALL.to_vec(),
        uri: None,
        patterns: Arc::default(),
    }
}

fn grant() -> Grant {
    Grant {
        family: Family::new(),
        client: "app".to_owned(),
        identity: Identity::new("alice")
            .with_issuer("https://idp.test")
            .with_name("Alice")
            .with_roles(["admin"])
            .with_tenant("acme")
            .with_claim("team", "blue"),
        scopes: vec!["read".to_owned(), "write".to_owned()],
        resource: RESOURCE.to_owned(),
        refreshable: true,
    }
}

fn upstream(access: &str) -> UpstreamTokens {
    let mut tokens = UpstreamTokens::new(access);
    tokens.refresh_token = Some("upstream-refresh-c4n4ry".into());
    tokens
}

async fn verify_for(
    tokens: &Tokens,
    token: &str,
    resource: &str,
) -> Result<Principal, VerifyError> {
    let (head, ()) = http::Request::new(()).into_parts();
    let presented = Presented::new(resource, &head).with_token(Scheme::Bearer, token);
    tokens.verify(presented).decided().await
}

async fn verify(tokens: &Tokens, token: &Secret) -> Result<Principal, VerifyError> {
    verify_for(tokens, token.reveal(), RESOURCE).await
}

async fn refresh(tokens: &Tokens, token: &Secret) -> Result<TokenResponse, TokenError> {
    let form = form(&[("refresh_token", token.reveal())]);
    tokens.refresh(&client("app"), &form, None).await
}

fn refreshed(response: &TokenResponse) -> &Secret {
    response.refresh_token.as_ref().unwrap()
}

fn code(error: &TokenError) -> TokenErrorCode {
    error.code()
}

#[tokio::test]
async fn a_token_says_who_consented_to_what() {
    let tokens = Town::new().alone();
    let response = tokens.issue(grant()).await.unwrap();
    assert_eq!(
        (response.token_type, response.expires_in),
        ("Bearer", 3_600)
    );
    assert_eq!(response.scope, "read write");
    let alice = verify(&tokens, &response.access_token).await.unwrap();
    assert_eq!(
        (alice.subject(), alice.issuer()),
        ("alice", Some("https://idp.test"))
    );
    assert_eq!(
        (alice.client(), alice.tenant()),
        (Some("app"), Some("acme"))
    );
    assert!(alice.has_scope("write") && alice.has_role("admin"));
    assert_eq!(alice.claim("team").unwrap(), "blue");
}

#[tokio::test]
async fn a_token_for_one_resource_is_refused_by_another() {
    let tokens = Town::new().alone();
    let token = tokens.issue(grant()).await.unwrap().access_token;
    for other in [
        "https://mcp.test/mcp/",
        "https://mcp.test",
        "https://evil.test/mcp",
        "",
    ] {
        let refused = verify_for(&tokens, token.reveal(), other).await;
        assert_eq!(
            refused,
            Err(VerifyError::Invalid("it is for another resource")),
            "{other}"
        );
    }
}

#[tokio::test]
async fn a_token_of_another_issuer_with_the_same_keys_is_not_ours() {
    let town = Town::new();
    let store = Arc::new(MemoryStore::new());
    let token = town
        .replica(store.clone())
        .issue(grant())
        .await
        .unwrap()
        .access_token;
    let other = town.replica_of("https://other.test", store);
    assert_eq!(verify(&other, &token).await, Err(VerifyError::NotMine));
}

#[tokio::test]
async fn access_tokens_live_one_hour_and_refresh_tokens_30_days() {
    let town = Town::new();
    let tokens = town.alone();
    let response = tokens.issue(grant()).await.unwrap();
    town.forward(3_599);
    verify(&tokens, &response.access_token).await.unwrap();
    town.forward(1);
    let expired = verify(&tokens, &response.access_token).await;
    assert_eq!(expired, Err(VerifyError::Invalid("it has expired")));
    town.forward(30 * 24 * 3_600 - 3_600 - 1);
    let response = refresh(&tokens, refreshed(&response)).await.unwrap();
    town.forward(30 * 24 * 3_600);
    let expired = refresh(&tokens, refreshed(&response)).await.unwrap_err();
    assert_eq!(code(&expired), TokenErrorCode::InvalidGrant);
}

#[tokio::test]
async fn tokens_for_an_assertion_live_300_seconds_and_are_not_refreshed() {
    let town = Town::new();
    let tokens = town.alone();
    let response = tokens.issue_asserted(grant()).await.unwrap();
    assert_eq!(response.expires_in, 300);
    assert!(response.refresh_token.is_none());
    town.forward(300);
    assert!(verify(&tokens, &response.access_token).await.is_err());
}

#[tokio::test]
async fn refresh_tokens_are_rotated() {
    let town = Town::new();
    let tokens = town.alone();
    let mut response = tokens.issue(grant()).await.unwrap();
    for _ in 0..3 {
        town.forward(60);
        let next = refresh(&tokens, refreshed(&response)).await.unwrap();
        assert_ne!(refreshed(&next), refreshed(&response));
        verify(&tokens, &next.access_token).await.unwrap();
        response = next;
    }
}

#[tokio::test]
async fn a_client_that_may_not_refresh_gets_no_refresh_token() {
    let tokens = Town::new().alone();
    let grant = Grant {
        refreshable: false,
        ..grant()
    };
    assert!(tokens.issue(grant).await.unwrap().refresh_token.is_none());
}

#[tokio::test]
async fn a_refresh_token_that_was_used_ends_its_family() {
    let town = Town::new();
    let tokens = town.alone();
    let first = tokens.issue(grant()).await.unwrap();
    let second = refresh(&tokens, refreshed(&first)).await.unwrap();
    town.forward(11);
    let reused = refresh(&tokens, refreshed(&first)).await.unwrap_err();
    assert_eq!(code(&reused), TokenErrorCode::InvalidGrant);
    for token in [&first.access_token, &second.access_token] {
        let revoked = verify(&tokens, token).await;
        assert_eq!(revoked, Err(VerifyError::Invalid("it has been revoked")));
    }
    assert!(refresh(&tokens, refreshed(&second)).await.is_err());
    let events = town.events.all();
    assert_eq!(events.len(), 1);
    assert_eq!(events[0].kind(), AuthEventKind::ReuseDetected);
    assert_eq!(
        (events[0].client(), events[0].subject()),
        (Some("app"), Some("alice"))
    );
}

#[tokio::test]
async fn a_retry_within_ten_seconds_gets_the_same_refresh_token_again() {
    let town = Town::new();
    let tokens = town.alone();
    let first = tokens.issue(grant()).await.unwrap();
    let second = refresh(&tokens, refreshed(&first)).await.unwrap();
    town.forward(10);
    let again = refresh(&tokens, refreshed(&first)).await.unwrap();
    assert_eq!(refreshed(&again), refreshed(&second));
    refresh(&tokens, refreshed(&second)).await.unwrap();
    assert!(town.events.all().is_empty());
}

#[tokio::test]
async fn there_is_no_grace_for_a_token_whose_successor_was_used() {
    let town = Town::new();
    let tokens = town.alone();
    let first = tokens.issue(grant()).await.unwrap();
    let second = refresh(&tokens, refreshed(&first)).await.unwrap();
    let third = refresh(&tokens, refreshed(&second)).await.unwrap();
    assert!(refresh(&tokens, refreshed(&first)).await.is_err());
    assert!(verify(&tokens, &third.access_token).await.is_err());
}

#[tokio::test]
async fn another_client_cannot_use_a_refresh_token() {
    let tokens = Town::new().alone();
    let response = tokens.issue(grant()).await.unwrap();
    let fields = form(&[("refresh_token", refreshed(&response).reveal())]);
    let refused = tokens
        .refresh(&client("evil"), &fields, None)
        .await
        .unwrap_err();
    assert_eq!(code(&refused), TokenErrorCode::InvalidGrant);
    refresh(&tokens, refreshed(&response)).await.unwrap();
}

#[tokio::test]
async fn a_refresh_may_ask_for_less_and_never_for_more_or_elsewhere() {
    let tokens = Town::new().alone();
    let mut response = tokens.issue(grant()).await.unwrap();
    for (name, value, expected) in [
        ("scope", "read", Ok("read")),
        ("scope", "read admin", Err(TokenErrorCode::InvalidScope)),
        ("scope", "read  write", Err(TokenErrorCode::InvalidScope)),
        (
            "resource",
            "https://evil.test/mcp",
            Err(TokenErrorCode::InvalidTarget),
        ),
        ("resource", RESOURCE, Ok("read write")),
        // As `/authorize` lets it pass.
        ("resource", "https://mcp.test/mcp/", Ok("read write")),
    ] {
        let fields = form(&[
            ("refresh_token", refreshed(&response).reveal()),
            (name, value),
        ]);
        let answer = tokens.refresh(&client("app"), &fields, None).await;
        let got = answer
            .as_ref()
            .map(|next| next.scope.as_str())
            .map_err(code);
        assert_eq!(got, expected, "{name}={value}");
        if let Ok(next) = answer {
            let caller = verify(&tokens, &next.access_token).await.unwrap();
            assert_eq!(caller.scopes().collect::<Vec<_>>().join(" "), next.scope);
            response = next;
        }
    }
}

/// Refreshes once a week until that is refused; gives in which week.
async fn refused_in_week(town: &Town, tokens: &Tokens) -> u64 {
    const WEEK: u64 = 7 * 24 * 60 * 60;
    let mut response = tokens.issue(grant()).await.unwrap();
    for week in 1..100 {
        town.forward(WEEK);
        match refresh(tokens, refreshed(&response)).await {
            Ok(next) => response = next,
            Err(error) => {
                assert_eq!(code(&error), TokenErrorCode::InvalidGrant);
                return week;
            }
        }
    }
    panic!("it never ends");
}

#[tokio::test]
async fn however_often_it_is_refreshed_a_login_ends_after_90_days_or_as_configured() {
    let town = Town::new();
    assert_eq!(refused_in_week(&town, &town.alone()).await, 13);
    let lifetimes = Lifetimes {
        absolute: Duration::from_secs(20 * 24 * 60 * 60),
        ..Lifetimes::default()
    };
    let short = town.alone().with_lifetimes(lifetimes);
    assert_eq!(refused_in_week(&town, &short).await, 3);
}

#[tokio::test]
async fn any_token_of_a_family_revokes_it() {
    let town = Town::new();
    let tokens = town.alone();
    for by_refresh in [true, false] {
        let response = tokens.issue(grant()).await.unwrap();
        let token = if by_refresh {
            refreshed(&response)
        } else {
            &response.access_token
        };
        let fields = form(&[("token", token.reveal())]);
        let foreign = tokens.revoke(&client("evil"), &fields).await.unwrap_err();
        assert_eq!(code(&foreign), TokenErrorCode::InvalidGrant);
        verify(&tokens, &response.access_token).await.unwrap();
        tokens.revoke(&client("app"), &fields).await.unwrap();
        assert!(verify(&tokens, &response.access_token).await.is_err());
        assert!(refresh(&tokens, refreshed(&response)).await.is_err());
        tokens.revoke(&client("app"), &fields).await.unwrap();
    }
    let unknown = form(&[("token", "who knows")]);
    tokens.revoke(&client("app"), &unknown).await.unwrap();
    let missing = tokens.revoke(&client("app"), &form(&[])).await.unwrap_err();
    assert_eq!(code(&missing), TokenErrorCode::InvalidRequest);
}

#[tokio::test]
async fn a_family_that_was_revoked_before_it_began_never_begins() {
    let tokens = Town::new().alone();
    let grant = grant();
    tokens.revoke_family(&grant.family).await.unwrap();
    let refused = tokens.issue(grant).await.unwrap_err();
    assert_eq!(code(&refused), TokenErrorCode::InvalidGrant);
}

#[tokio::test]
async fn while_the_store_is_down_nothing_is_accepted_and_nothing_is_lost() {
    let town = Town::new();
    let store = Arc::new(Spy::default());
    let tokens = town.replica(store.clone());
    let response = tokens.issue(grant()).await.unwrap();
    store.down(true);
    let verdict = verify(&tokens, &response.access_token).await;
    assert!(
        matches!(verdict, Err(VerifyError::Unavailable { .. })),
        "{verdict:?}"
    );
    let answer = refresh(&tokens, refreshed(&response)).await.unwrap_err();
    assert_eq!(
        (answer.status().as_u16(), answer.retry_after()),
        (503, Some(5))
    );
    let fields = form(&[("token", refreshed(&response).reveal())]);
    let answer = tokens.revoke(&client("app"), &fields).await.unwrap_err();
    assert_eq!(answer.status().as_u16(), 503);
    assert_eq!(
        tokens.issue(grant()).await.unwrap_err().status().as_u16(),
        503
    );
    store.down(false);
    verify(&tokens, &response.access_token).await.unwrap();
    refresh(&tokens, refreshed(&response)).await.unwrap();
}

#[tokio::test]
async fn no_header_but_our_own_is_read() {
    use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
    let tokens = Town::new().alone();
    let token = tokens.issue(grant()).await.unwrap().access_token;
    let (_, rest) = token.reveal().split_once('.').unwrap();
    for header in [
        r#"{"alg":"none"}"#,
        r#"{"alg":"HS256","typ":"at+jwt"}"#,
        r#"{"alg":"HS256","typ":"at+jwt","kid":"../../dev/null"}"#,
        r#"{"alg":"HS256","typ":"at+jwt","jku":"https://evil.test/keys"}"#,
        r#"{"alg":"RS256","typ":"at+jwt"}"#,
    ] {
        let forged = format!("{}.{rest}", URL_SAFE_NO_PAD.encode(header));
        let verdict = verify_for(&tokens, &forged, RESOURCE).await;
        assert_eq!(verdict, Err(VerifyError::NotMine), "{header}");
    }
    let (signed, _) = token.reveal().rsplit_once('.').unwrap();
    for forged in [format!("{signed}."), signed.to_owned(), "x".repeat(9_000)] {
        assert!(verify_for(&tokens, &forged, RESOURCE).await.is_err());
    }
}

#[tokio::test]
async fn tokens_of_a_rotated_key_stay_valid_and_those_of_a_removed_one_do_not() {
    let mut town = Town::new();
    let store = Arc::new(MemoryStore::new());
    let before = town.replica(store.clone()).issue(grant()).await.unwrap();
    town.keys = Keys::new([[8; 32], [7; 32]]).unwrap();
    let both = town.replica(store.clone());
    verify(&both, &before.access_token).await.unwrap();
    let after = refresh(&both, refreshed(&before)).await.unwrap();
    town.keys = Keys::new([[8; 32]]).unwrap();
    let new = town.replica(store);
    verify(&new, &after.access_token).await.unwrap();
    assert!(verify(&new, &before.access_token).await.is_err());
    assert!(refresh(&new, refreshed(&before)).await.is_err());
}

#[tokio::test]
async fn families_cannot_be_swapped_in_the_store() {
    let town = Town::new();
    let store = Arc::new(MemoryStore::new());
    let tokens = town.replica(store.clone());
    let (mine, theirs) = (grant(), grant());
    let places = [&mine, &theirs].map(|grant| grant.family.digest().to_string());
    let mine = tokens.issue(mine).await.unwrap();
    tokens.issue(theirs).await.unwrap();
    let [mine_at, theirs_at] = places
        .each_ref()
        .map(|key| Key::new("purlin.auth.families", key));
    let admin = store.get(theirs_at).await.unwrap().unwrap().value;
    store.put(mine_at, admin, None).await.unwrap();
    assert!(verify(&tokens, &mine.access_token).await.is_err());
}

#[tokio::test]
async fn upstream_tokens_are_sealed_and_handed_out_to_a_tool_that_asks_alone() {
    let town = Town::new();
    let store = Arc::new(Spy::default());
    let tokens = town.replica(store.clone());
    let grant = Grant {
        identity: Identity::new("alice").with_upstream(upstream("upstream-access-c4n4ry")),
        ..grant()
    };
    let handle = grant.family.handle().to_owned();
    let response = tokens.issue(grant).await.unwrap();
    let alice = verify(&tokens, &response.access_token).await.unwrap();
    let answer = serde_json::to_string(&response).unwrap();
    let claims = serde_json::to_string(alice.claim("purlin_grant").unwrap()).unwrap();
    for text in [
        &answer,
        &format!("{alice:?} {response:?} {tokens:?}"),
        &claims,
    ] {
        assert!(!text.contains("c4n4ry"), "{text}");
    }
    for (key, value) in store.written() {
        for secret in ["c4n4ry", &handle, "alice", refreshed(&response).reveal()] {
            let holds = value
                .windows(secret.len())
                .any(|window| window == secret.as_bytes());
            assert!(!holds && !key.contains(secret), "{key}");
        }
    }
    let token = tokens.upstream().access_token_of(&alice).await.unwrap();
    assert_eq!(token.reveal(), "upstream-access-c4n4ry");
    let stranger = Principal::new("alice");
    let refused = tokens
        .upstream()
        .access_token_of(&stranger)
        .await
        .unwrap_err();
    assert_eq!(refused.kind(), ErrorKind::Unauthenticated);
    tokens.revoke_family(&Family::named(handle)).await.unwrap();
    let over = tokens.upstream().access_token_of(&alice).await.unwrap_err();
    assert_eq!(over.kind(), ErrorKind::Unauthenticated);
}

#[tokio::test]
async fn nobody_but_us_says_whose_upstream_tokens_a_caller_has() {
    let tokens = Town::new().alone();
    let identity = Identity::new("alice").with_issuer("https://idp.test");
    let grant = Grant {
        identity: identity.with_upstream(upstream("upstream-access-c4n4ry")),
        ..grant()
    };
    let digest = grant.family.digest().to_string();
    let response = tokens.issue(grant).await.unwrap();
    let alice = verify(&tokens, &response.access_token).await.unwrap();
    let ours = alice.claim("purlin_grant").unwrap().clone();
    let theirs = |name: &str, issuer: &str, claim: &serde_json::Value| {
        Principal::new(name)
            .with_issuer(issuer)
            .with_client("app")
            .with_claim("purlin_grant", claim.clone())
    };
    for forged in [
        // Another verifier lets issuers write whatever claim they like.
        theirs("alice", "https://idp.test", &digest.clone().into()),
        theirs("alice", "https://idp.test", &format!("{digest}.").into()),
        theirs("alice", "https://idp.test", &format!("{digest}.AA").into()),
        // What we wrote for alice, shown by somebody else.
        theirs("mallory", "https://idp.test", &ours),
        theirs("alice", "https://evil.test", &ours),
    ] {
        let refused = tokens.upstream().access_token_of(&forged).await;
        assert_eq!(refused.unwrap_err().kind(), ErrorKind::Unauthenticated);
    }
    let same = theirs("alice", "https://idp.test", &ours);
    tokens.upstream().access_token_of(&same).await.unwrap();
}

#[tokio::test]
async fn no_two_access_tokens_are_the_same() {
    let tokens = Town::new().alone();
    let first = tokens.issue(grant()).await.unwrap();
    let second = refresh(&tokens, refreshed(&first)).await.unwrap();
    let repeated = refresh(&tokens, refreshed(&first)).await.unwrap();
    let all = [&first, &second, &repeated].map(|answer| answer.access_token.reveal().to_owned());
    assert!(all[0] != all[1] && all[1] != all[2] && all[0] != all[2]);
    for token in &all {
        verify_for(&tokens, token, RESOURCE).await.unwrap();
    }
}

/// A provider that rotates says what it says once: whoever hung up on it would have lost the login.
#[tokio::test(start_paused = true)]
async fn whoever_has_waited_for_its_turn_waits_for_the_whole_answer_too() {
    let town = Town::new();
    let tokens = town.alone();
    let (_, alice) = about_to_end(&town, &tokens).await;
    town.provider.takes(Duration::from_secs(15));
    town.provider.answers(Err(LoginErrorKind::Unavailable));
    town.provider
        .answers(Ok(Identity::new("alice").with_upstream(upstream("new"))));
    let ask = || {
        let (upstream, alice) = (tokens.upstream(), alice.clone());
        tokio::spawn(async move { upstream.access_token_of(&alice).await })
    };
    let first = ask();
    while town.provider.asked() == 0 {
        tokio::task::yield_now().await;
    }
    let second = ask();
    let refused = first.await.unwrap().unwrap_err();
    assert_eq!(refused.kind(), ErrorKind::Unavailable);
    assert_eq!(second.await.unwrap().unwrap().reveal(), "new");
}

#[tokio::test(start_paused = true)]
async fn a_provider_that_never_answers_is_given_up() {
    let town = Town::new();
    let tokens = town.alone();
    let (_, alice) = about_to_end(&town, &tokens).await;
    town.provider.takes(Duration::from_secs(3_600));
    for _ in 0..2 {
        let refused = tokens.upstream().access_token_of(&alice).await.unwrap_err();
        assert_eq!(refused.kind(), ErrorKind::Unavailable);
    }
    assert_eq!(town.provider.asked(), 2, "the turn was given back");
}

/// A family whose upstream token ends in a moment, and its principal.
async fn about_to_end(town: &Town, tokens: &Tokens) -> (TokenResponse, Principal) {
    let mut old = upstream("old");
    old.expires_at = Some(town.clock.seconds() + 90);
    let identity = Identity::new("alice").with_upstream(old);
    let response = tokens
        .issue(Grant {
            identity,
            ..grant()
        })
        .await
        .unwrap();
    let alice = verify(tokens, &response.access_token).await.unwrap();
    town.forward(100);
    (response, alice)
}

/// Of all who need a new upstream token, one asks the provider.
async fn one_renews_for_all(stores: [Arc<dyn KeyValue>; 2]) {
    let town = Town::new();
    let replicas = stores.map(|store| town.replica(store));
    let (response, alice) = about_to_end(&town, &replicas[0]).await;
    let new = Identity::new("alice").with_upstream(upstream("new"));
    town.provider.answers(Ok(new));
    let asking: Vec<_> = (0..20)
        .map(|index| {
            let (upstream, alice) = (replicas[index % 2].upstream(), alice.clone());
            tokio::spawn(async move { upstream.access_token_of(&alice).await })
        })
        .collect();
    for answer in asking {
        assert_eq!(answer.await.unwrap().unwrap().reveal(), "new");
    }
    assert_eq!(town.provider.asked(), 1);
    refresh(&replicas[1], refreshed(&response)).await.unwrap();
    assert_eq!(town.provider.asked(), 1);
}

#[tokio::test]
async fn an_upstream_token_is_renewed_once_for_all_who_ask_in_memory() {
    let store: Arc<dyn KeyValue> = Arc::new(MemoryStore::new());
    one_renews_for_all([store.clone(), store]).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_upstream_token_is_renewed_once_for_all_who_ask_on_two_replicas_over_redis() {
    let server = RedisServer::start().await;
    let connect = || -> Arc<dyn KeyValue> {
        Arc::new(
            Redis::builder(format!("redis://{}/", server.address()))
                .build()
                .unwrap(),
        )
    };
    one_renews_for_all([connect(), connect()]).await;
}

#[tokio::test]
async fn a_renewal_that_nobody_waits_for_any_longer_is_kept() {
    let town = Town::new();
    let tokens = town.alone();
    let (_, alice) = about_to_end(&town, &tokens).await;
    town.provider
        .answers(Ok(Identity::new("alice").with_upstream(upstream("new"))));
    let upstream = tokens.upstream();
    {
        let mut asking = Box::pin(upstream.access_token_of(&alice));
        while town.provider.asked() == 0 {
            assert!(futures_poll(asking.as_mut()).await.is_none());
            tokio::task::yield_now().await;
        }
    }
    assert_eq!(
        upstream.access_token_of(&alice).await.unwrap().reveal(),
        "new"
    );
    assert_eq!(town.provider.asked(), 1);
}

async fn futures_poll<F: Future>(mut future: std::pin::Pin<&mut F>) -> Option<F::Output> {
    std::future::poll_fn(|cx| match future.as_mut().poll(cx) {
        std::task::Poll::Ready(output) => std::task::Poll::Ready(Some(output)),
        std::task::Poll::Pending => std::task::Poll::Ready(None),
    })
    .await
}

#[tokio::test]
async fn whoever_the_provider_no_longer_vouches_for_is_let_go() {
    let town = Town::new();
    let tokens = town.alone();
    for answer in [Err(LoginErrorKind::Denied), Ok(Identity::new("mallory"))] {
        let (response, alice) = about_to_end(&town, &tokens).await;
        town.provider.answers(answer);
        let refused = refresh(&tokens, refreshed(&response)).await.unwrap_err();
        assert_eq!(code(&refused), TokenErrorCode::InvalidGrant);
        assert!(verify(&tokens, &response.access_token).await.is_err());
        assert!(tokens.upstream().access_token_of(&alice).await.is_err());
    }
}

#[tokio::test]
async fn a_provider_that_is_down_changes_nothing() {
    let town = Town::new();
    let tokens = town.alone();
    let (response, alice) = about_to_end(&town, &tokens).await;
    town.provider.answers(Err(LoginErrorKind::Unavailable));
    let refused = refresh(&tokens, refreshed(&response)).await.unwrap_err();
    assert_eq!(refused.status().as_u16(), 503);
    town.provider.answers(Err(LoginErrorKind::Unavailable));
    let refused = tokens.upstream().access_token_of(&alice).await.unwrap_err();
    assert_eq!(refused.kind(), ErrorKind::Unavailable);
    verify(&tokens, &response.access_token).await.unwrap();
    town.provider.answers(Ok(Identity::new("alice")));
    refresh(&tokens, refreshed(&response)).await.unwrap();
}

#[tokio::test]
async fn clocks_that_jump_make_no_token_eternal() {
    const TEN_YEARS: Duration = Duration::from_secs(10 * 365 * 24 * 3_600);
    let town = Town::new();
    let tokens = town.alone();
    let response = tokens.issue(grant()).await.unwrap();
    town.clock.back(Duration::from_secs(60));
    verify(&tokens, &response.access_token).await.unwrap();
    town.clock.back(TEN_YEARS);
    assert!(verify(&tokens, &response.access_token).await.is_err());
    assert!(refresh(&tokens, refreshed(&response)).await.is_err());
    town.clock.forward(TEN_YEARS);
    verify(&tokens, &response.access_token).await.unwrap();
    let next = refresh(&tokens, refreshed(&response)).await.unwrap();
    town.clock.back(Duration::from_secs(3_600));
    assert!(
        refresh(&tokens, refreshed(&response)).await.is_err(),
        "no grace backwards"
    );
    town.clock.forward(TEN_YEARS);
    assert!(verify(&tokens, &next.access_token).await.is_err());
}

/// What has to hold between replicas, on any store.
async fn replicas_agree(stores: [Arc<dyn KeyValue>; 2]) {
    let town = Town::new();
    let replicas = stores.map(|store| town.replica(store));
    for _ in 0..20 {
        let grant = grant();
        let issuing = replicas.each_ref().map(|tokens| {
            let (tokens, grant) = (tokens.clone(), grant.clone());
            tokio::spawn(async move { tokens.issue(grant).await })
        });
        let mut issued = Vec::new();
        for answer in issuing {
            issued.extend(answer.await.unwrap());
        }
        assert_eq!(issued.len(), 1, "one of two replicas redeems a grant");
        let response = issued.remove(0);
        for tokens in &replicas {
            verify(tokens, &response.access_token).await.unwrap();
        }
        let refreshing: Vec<_> = (0..6)
            .map(|index| {
                let tokens = replicas[index % 2].clone();
                let token = refreshed(&response).clone();
                tokio::spawn(async move { refresh(&tokens, &token).await })
            })
            .collect();
        let mut next = Vec::new();
        for answer in refreshing {
            next.push(refreshed(&answer.await.unwrap().unwrap()).clone());
        }
        assert!(
            next.windows(2).all(|pair| pair[0] == pair[1]),
            "one successor"
        );
        refresh(&replicas[0], &next[0]).await.unwrap();
        // Its successor was used meanwhile.
        assert!(refresh(&replicas[1], refreshed(&response)).await.is_err());
        assert!(verify(&replicas[0], &response.access_token).await.is_err());
    }
    assert_eq!(town.events.all().len(), 20);
}

#[tokio::test(flavor = "multi_thread")]
async fn two_replicas_redeem_one_token_at_the_same_time_over_redis() {
    let server = RedisServer::start().await;
    let connect = || -> Arc<dyn KeyValue> {
        Arc::new(
            Redis::builder(format!("redis://{}/", server.address()))
                .build()
                .unwrap(),
        )
    };
    replicas_agree([connect(), connect()]).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn two_replicas_redeem_one_token_at_the_same_time_in_memory() {
    let store: Arc<dyn KeyValue> = Arc::new(MemoryStore::new());
    replicas_agree([store.clone(), store]).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn two_replicas_redeem_one_token_at_the_same_time_on_disk() {
    let directory = tempfile::tempdir().unwrap();
    let disk = Disk::open(directory.path().join("auth.redb"))
        .await
        .unwrap();
    let store: Arc<dyn KeyValue> = Arc::new(disk);
    replicas_agree([store.clone(), store]).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn two_replicas_take_one_code_at_the_same_time_over_redis() {
    let server = RedisServer::start().await;
    let keys = Keys::random();
    let replicas = [0, 1].map(|_| {
        let store = Redis::builder(format!("redis://{}/", server.address()))
            .build()
            .unwrap();
        Storage::new(Arc::new(store), keys.clone()).records::<String>("codes")
    });
    for round in 0..50 {
        let code = format!("code {round}");
        replicas[0]
            .put(&code, &code, Duration::from_secs(60))
            .await
            .unwrap();
        let taking = replicas.each_ref().map(|records| {
            let (records, code) = (records.clone(), code.clone());
            tokio::spawn(async move { records.take(&code).await.unwrap() })
        });
        let mut taken = 0;
        for answer in taking {
            taken += usize::from(answer.await.unwrap().is_some());
        }
        assert_eq!(taken, 1);
    }
}

proptest! {
    #[test]
    fn no_bit_flip_of_a_token_verifies(position in any::<prop::sample::Index>(), bit in 0_u8..7) {
        let references = References::new(&Keys::new([[7; 32]]).unwrap());
        let claims = reference::Claims {
            iss: ISSUER.to_owned(),
            aud: RESOURCE.to_owned(),
            client_id: "app".to_owned(),
            scope: "read".to_owned(),
            iat: 1,
            exp: 2,
            jti: "handle".into(),
        };
        let token = references.sign(&claims);
        prop_assert!(references.read(token.reveal()).is_ok());
        let mut bytes = token.reveal().as_bytes().to_vec();
        let position = position.index(bytes.len());
        bytes[position] ^= 1 << bit;
        let changed = String::from_utf8(bytes).unwrap();
        prop_assert!(references.read(&changed).is_err());

        let tokens = RefreshTokens::new(&Keys::new([[7; 32]]).unwrap());
        let token = tokens.sign(&Family::new(), 7);
        prop_assert!(tokens.read(token.reveal()).is_some());
        let mut bytes = token.reveal().as_bytes().to_vec();
        let position = position % bytes.len();
        bytes[position] ^= 1 << bit;
        prop_assert!(tokens.read(&String::from_utf8(bytes).unwrap()).is_none());
    }

    #[test]
    fn no_text_panics(text in any::<String>()) {
        let keys = Keys::new([[7; 32]]).unwrap();
        prop_assert!(References::new(&keys).read(&text).is_err());
        prop_assert!(RefreshTokens::new(&keys).read(&text).is_none());
        let text = "purlin_rt_".to_owned() + &text;
        prop_assert!(RefreshTokens::new(&keys).read(&text).is_none());
    }
}
