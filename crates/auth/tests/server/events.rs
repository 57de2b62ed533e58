//! Who is told of callers that are not let in.

use std::sync::{Arc, Mutex};

use purlin_auth::audit::{AuthEvent, AuthEventKind, AuthOutcome};

use crate::{READER, STRANGER, Town, bearer, protection};

#[tokio::test]
async fn refusals_are_told_and_a_flood_of_them_is_not() {
    let told = Arc::new(Mutex::new(Vec::new()));
    let kept = Arc::clone(&told);
    let events = move |event: &AuthEvent| kept.lock().unwrap().push(event.clone());
    let town = Town::behind(protection().events(events)).await;
    let (reader, stranger, unknown) = (bearer(READER), bearer(STRANGER), bearer("canary-x"));
    town.call("who", &[]).await;
    town.call("who", &[("authorization", &reader)]).await;
    town.call("write", &[("authorization", &reader)]).await;
    assert!(told.lock().unwrap().is_empty(), "nobody was refused here");
    for headers in [
        &[("authorization", &*stranger)][..],
        &[("authorization", &*reader), ("authorization", &*reader)],
        &[("authorization", &*unknown)],
    ] {
        town.call("who", headers).await;
    }
    for _ in 0..50 {
        town.call("who", &[("authorization", &unknown)]).await;
    }
    let told = told.lock().unwrap();
    let reasons: Vec<_> = told.iter().filter_map(AuthEvent::reason).collect();
    assert_eq!(
        reasons[..3],
        ["insufficient_scope", "invalid_request", "invalid_token"]
    );
    assert_eq!(told[0].subject(), Some("stranger"));
    for event in &*told {
        assert_eq!(event.kind(), AuthEventKind::Access);
        assert_eq!(event.outcome(), AuthOutcome::Refused);
        assert!(event.address().is_some_and(|peer| peer.is_loopback()));
        assert!(!format!("{event:?}").contains("canary"), "{event:?}");
    }
    // 10 at once and one every 6 s; there were 53 refusals.
    assert!(told.len() < 40, "{} events", told.len());
}
