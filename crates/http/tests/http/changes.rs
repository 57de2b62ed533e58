//! A change at one replica reaches the clients of all, in both eras.

use std::sync::Arc;

use purlin_core::{DynamicResource, ResourceResult, protocol::Resource};
use purlin_stores::testing::{Mood, Moody};
use serde_json::{Value, json};

use crate::{
    fixture::{Hosted, modern, session_call},
    raw::Events,
    replicas::{VERSION, host, in_session, server},
};

/// Two replicas that offer a resource, and their store.
async fn replicas() -> (Hosted, Hosted, Arc<Moody>) {
    let store = Arc::new(Moody::default());
    let replica = || {
        let server = server(&store);
        let data = Resource::new("data://a", "a");
        let read = |_, _: String| async { Ok(ResourceResult::text("contents")) };
        server
            .add_resource(DynamicResource::new(data, read))
            .unwrap();
        server
    };
    (host(replica()).await, host(replica()).await, store)
}

/// The stream of a session, from its beginning or after an event.
async fn stream(at: &Hosted, session: &str, after: Option<&str>) -> Events {
    let (head, raw) = at.get(session, after).await;
    assert_eq!(head.status, 200);
    Events::of(raw)
}

/// A client of the stateless era that listens.
async fn listen(at: &Hosted) -> Events {
    let notifications = json!({
        "toolsListChanged": true,
        "resourcesListChanged": true,
        "resourceSubscriptions": ["data://a"],
    });
    let filter = json!({ "notifications": notifications });
    let mut stream = at.stream(modern("subscriptions/listen", filter)).await;
    let first = stream.next().await.unwrap();
    assert!(first.data.contains("acknowledged"), "{first:?}");
    stream
}

/// The next message: its method without what all have, and its resource.
async fn next(stream: &mut Events) -> String {
    loop {
        let event = stream.next().await.expect("the stream goes on");
        if event.data.is_empty() {
            continue;
        }
        let message: Value = serde_json::from_str(&event.data).unwrap();
        let method = message["method"].as_str().unwrap();
        let name = method.trim_start_matches("notifications/");
        return match message["params"]["uri"].as_str() {
            Some(uri) => format!("{name} {uri}"),
            None => name.to_owned(),
        };
    }
}

async fn subscribe(at: &Hosted, session: &str, uri: &str) {
    let params = json!({ "uri": uri });
    let body =
        json!({ "jsonrpc": "2.0", "id": 1, "method": "resources/subscribe", "params": params });
    let (head, body) = at.exchange(in_session(session, &body)).await;
    assert_eq!(head.status, 200, "{body}");
}

#[tokio::test]
async fn a_change_reaches_the_clients_of_all_replicas_once_in_both_eras() {
    let (one, two, _) = replicas().await;
    let (first, second) = (one.open(VERSION).await, two.open(VERSION).await);
    let mut heard = vec![
        stream(&one, &first, None).await,
        // At another replica than it was opened at.
        stream(&one, &second, None).await,
        listen(&one).await,
        listen(&two).await,
    ];
    for (at, session) in [(&two, &first), (&two, &second)] {
        subscribe(at, session, "data://a").await;
        // The replica with the stream learns of it with the next message there.
        assert_eq!(one.status(session_call(session, 3, "echo")).await, 200);
    }
    two.fixture.server.notify_tools_changed();
    one.fixture.server.notify_resource_updated("data://a");
    for stream in &mut heard {
        let all = [next(stream).await, next(stream).await];
        assert!(all.contains(&"tools/list_changed".to_owned()), "{all:?}");
        assert!(
            all.contains(&"resources/updated data://a".to_owned()),
            "{all:?}"
        );
    }
    // What comes next is the next change: nobody has heard one twice.
    two.fixture.server.notify_resources_changed();
    for stream in &mut heard {
        assert_eq!(next(stream).await, "resources/list_changed");
    }
}

#[tokio::test]
async fn what_changes_while_a_stream_is_between_two_replicas_is_told_once() {
    let (one, two, _) = replicas().await;
    let session = one.open(VERSION).await;
    let mut before = stream(&one, &session, None).await;
    // The other one knows the session and hears of the same changes.
    assert_eq!(two.status(session_call(&session, 1, "echo")).await, 200);
    two.fixture.server.notify_tools_changed();
    let last = before.next().await.unwrap();
    drop(before);
    one.fixture.server.notify_prompts_changed();
    let mut after = stream(&two, &session, last.id.as_deref()).await;
    assert_eq!(next(&mut after).await, "prompts/list_changed");
    one.fixture.server.notify_resources_changed();
    assert_eq!(next(&mut after).await, "resources/list_changed");
}

#[tokio::test]
async fn what_changes_before_a_client_first_listens_elsewhere_is_told_there() {
    let (one, two, _) = replicas().await;
    let session = one.open(VERSION).await;
    let mut witness = listen(&two).await;
    one.fixture.server.notify_tools_changed();
    assert_eq!(next(&mut witness).await, "tools/list_changed");
    let mut elsewhere = stream(&two, &session, None).await;
    assert_eq!(next(&mut elsewhere).await, "tools/list_changed");
    // And again where it has come from, as a new stream.
    two.fixture.server.notify_resource_updated("data://a");
    assert_eq!(next(&mut witness).await, "resources/updated data://a");
    let mut back = stream(&one, &session, None).await;
    two.fixture.server.notify_prompts_changed();
    assert_eq!(next(&mut back).await, "prompts/list_changed");
}

#[tokio::test]
async fn without_the_store_clients_of_the_same_replica_hear_at_once() {
    let (one, two, store) = replicas().await;
    let (mut here, mut there) = (listen(&one).await, listen(&two).await);
    store.set_mood(Mood::Away);
    // The first one finds out that the store is away.
    one.fixture.server.notify_tools_changed();
    assert_eq!(next(&mut here).await, "tools/list_changed");
    one.fixture.server.notify_resource_updated("data://a");
    assert_eq!(next(&mut here).await, "resources/updated data://a");
    store.set_mood(Mood::Well);
    assert_eq!(next(&mut there).await, "tools/list_changed");
    assert_eq!(next(&mut there).await, "resources/updated data://a");
}
