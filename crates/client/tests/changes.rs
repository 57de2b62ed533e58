use std::future::poll_fn;
use std::pin::Pin;

use futures_core::Stream;
use purlin_client::{Change, Changes, Client, ErrorKind, Revision, Subscription};
use serde_json::{Value, json};

use crate::peer::{ERAS, Peer, connected};

fn notify(peer: &Peer, method: &str, params: &Value) {
    peer.send(&json!({"jsonrpc": "2.0", "method": method, "params": params}));
}

fn tag(id: &Value) -> Value {
    json!({"_meta": {"io.modelcontextprotocol/subscriptionId": id}})
}

#[tokio::test]
async fn a_session_tells_changes_unasked_and_resources_on_request() {
    let (client, peer) = connected(Client::builder(), Revision::V2025_11_25).await;
    let wanted = Subscription::new().tools().resource("data://stats");
    let (changes, ()) = tokio::join!(client.listen(wanted), async {
        let request = peer.expect("resources/subscribe").await;
        assert_eq!(request["params"]["uri"], "data://stats");
        peer.answer(&request, &json!({}));
    });
    let mut changes = changes.unwrap();
    notify(&peer, "notifications/prompts/list_changed", &json!({}));
    notify(&peer, "notifications/tools/list_changed", &json!({}));
    notify(
        &peer,
        "notifications/resources/updated",
        &json!({"uri": "data://stats"}),
    );
    assert_eq!(
        changes.next().await.transpose().unwrap(),
        Some(Change::Tools)
    );
    assert_eq!(
        changes.next().await.transpose().unwrap(),
        Some(Change::Resource("data://stats".to_owned()))
    );
    drop(changes);
    let request = peer.expect("resources/unsubscribe").await;
    assert_eq!(request["params"]["uri"], "data://stats");
}

#[tokio::test]
async fn a_resource_stays_subscribed_while_anyone_listens() {
    let (client, peer) = connected(Client::builder(), Revision::V2025_11_25).await;
    let first = listen(&client, &peer, "a:b").await;
    // The session is subscribed already.
    let second = client.listen(Subscription::new().resource("a:b")).await;
    let second = second.unwrap();
    drop(first);
    drop(second);
    peer.expect("resources/unsubscribe").await;
    drop(client);
    assert_eq!(peer.try_next().await, None);
}

#[tokio::test]
async fn a_stateless_server_acknowledges_and_tags_what_it_tells() {
    let (client, peer) = connected(Client::builder(), Revision::V2026_07_28).await;
    let wanted = Subscription::lists().resource("data://stats");
    let (changes, request) = tokio::join!(client.listen(wanted), async {
        let request = peer.expect("subscriptions/listen").await;
        assert_eq!(
            request["params"]["notifications"],
            json!({
                "toolsListChanged": true,
                "promptsListChanged": true,
                "resourcesListChanged": true,
                "resourceSubscriptions": ["data://stats"],
            })
        );
        let mut ack = tag(&request["id"]);
        ack["notifications"] = json!({"toolsListChanged": true});
        notify(&peer, "notifications/subscriptions/acknowledged", &ack);
        request
    });
    let mut changes = changes.unwrap();
    assert!(changes.served().tools_list_changed && !changes.served().prompts_list_changed);
    notify(
        &peer,
        "notifications/tools/list_changed",
        &tag(&json!(4711)),
    );
    notify(
        &peer,
        "notifications/tools/list_changed",
        &tag(&request["id"]),
    );
    assert_eq!(
        changes.next().await.transpose().unwrap(),
        Some(Change::Tools)
    );
    drop(changes);
    let cancelled = peer.expect("notifications/cancelled").await;
    assert_eq!(cancelled["params"]["requestId"], request["id"]);
}

#[tokio::test]
async fn a_subscription_that_the_server_ends_is_over() {
    for ends_by_result in [true, false] {
        let (client, peer) = connected(Client::builder(), Revision::V2026_07_28).await;
        let (changes, request) = tokio::join!(client.listen(Subscription::lists()), async {
            let request = peer.expect("subscriptions/listen").await;
            let mut ack = tag(&request["id"]);
            ack["notifications"] = json!({});
            notify(&peer, "notifications/subscriptions/acknowledged", &ack);
            request
        });
        if ends_by_result {
            peer.answer(&request, &tag(&request["id"]));
        } else {
            notify(
                &peer,
                "notifications/cancelled",
                &json!({"requestId": request["id"]}),
            );
        }
        assert_eq!(changes.unwrap().next().await.transpose().unwrap(), None);
    }
}

#[tokio::test]
async fn a_refused_subscription_is_an_error() {
    let (client, peer) = connected(Client::builder(), Revision::V2026_07_28).await;
    let (changes, ()) = tokio::join!(client.listen(Subscription::lists()), async {
        let request = peer.expect("subscriptions/listen").await;
        peer.refuse(&request, -32601, &json!(null));
    });
    assert_eq!(changes.unwrap_err().code(), Some(-32601));
}

/// Listens to one resource of a session.
async fn listen(client: &Client, peer: &Peer, uri: &str) -> Changes {
    let (changes, ()) = tokio::join!(client.listen(Subscription::new().resource(uri)), async {
        let request = peer.expect("resources/subscribe").await;
        assert_eq!(request["params"]["uri"], uri);
        peer.answer(&request, &json!({}));
    });
    changes.unwrap()
}

#[tokio::test]
async fn changes_are_a_stream() {
    fn next<S: Stream + Unpin>(mut stream: S) -> impl Future<Output = Option<S::Item>> {
        poll_fn(move |task| Pin::new(&mut stream).poll_next(task))
    }
    let (client, peer) = connected(Client::builder(), Revision::V2025_11_25).await;
    let changes = client.listen(Subscription::lists()).await.unwrap();
    let (change, ()) = tokio::join!(next(changes), async {
        notify(&peer, "notifications/tools/list_changed", &json!({}));
    });
    assert_eq!(change.unwrap().unwrap(), Change::Tools);
}

#[tokio::test]
async fn what_changed_several_times_is_told_once() {
    let (client, peer) = connected(Client::builder(), Revision::V2025_11_25).await;
    let mut changes = client.listen(Subscription::lists()).await.unwrap();
    for list in ["tools", "prompts", "tools"] {
        notify(
            &peer,
            &format!("notifications/{list}/list_changed"),
            &json!({}),
        );
    }
    let (pong, ()) = tokio::join!(client.ping(), async {
        let ping = peer.expect("ping").await;
        peer.answer(&ping, &json!({}));
    });
    pong.unwrap();
    let told = [changes.next().await, changes.next().await];
    let told = told.map(|change| change.unwrap().unwrap());
    assert_eq!(told, [Change::Tools, Change::Prompts]);
    notify(&peer, "notifications/resources/list_changed", &json!({}));
    assert_eq!(changes.next().await.unwrap().unwrap(), Change::Resources);
}

#[tokio::test]
async fn a_broken_connection_ends_changes_with_an_error_and_a_closed_client_without() {
    for breaks in [true, false] {
        for revision in ERAS {
            let (client, peer) = connected(Client::builder(), revision).await;
            let (changes, ()) = tokio::join!(client.listen(Subscription::lists()), async {
                if revision.is_modern() {
                    let request = peer.expect("subscriptions/listen").await;
                    let mut ack = tag(&request["id"]);
                    ack["notifications"] = json!({});
                    notify(&peer, "notifications/subscriptions/acknowledged", &ack);
                }
            });
            let mut changes = changes.unwrap();
            if breaks {
                drop(peer);
                let failure = changes.next().await.unwrap().unwrap_err();
                assert_eq!(failure.kind(), ErrorKind::Closed, "{failure}");
            } else {
                client.close().await;
            }
            assert!(changes.next().await.is_none());
        }
    }
}

#[tokio::test]
async fn a_stream_hears_of_the_resources_it_asked_for_and_of_their_parts() {
    let (client, peer) = connected(Client::builder(), Revision::V2025_11_25).await;
    let mut one = listen(&client, &peer, "data://one").await;
    let mut two = listen(&client, &peer, "data://two").await;
    for uri in ["data://one/part", "data://two"] {
        notify(
            &peer,
            "notifications/resources/updated",
            &json!({"uri": uri}),
        );
    }
    let told = |uri: &str| Change::Resource(uri.to_owned());
    assert_eq!(two.next().await.unwrap().unwrap(), told("data://two"));
    assert_eq!(one.next().await.unwrap().unwrap(), told("data://one/part"));
    client.close().await;
    assert!(one.next().await.is_none());
}

#[tokio::test]
async fn a_resource_that_is_wanted_again_at_once_stays_subscribed() {
    let (client, peer) = connected(Client::builder(), Revision::V2025_11_25).await;
    drop(listen(&client, &peer, "a:b").await);
    // The end of the subscription has not been sent yet, and need not be.
    let again = client.listen(Subscription::new().resource("a:b")).await;
    let mut again = again.unwrap();
    notify(
        &peer,
        "notifications/resources/updated",
        &json!({"uri": "a:b"}),
    );
    let change = again.next().await.unwrap().unwrap();
    assert_eq!(change, Change::Resource("a:b".to_owned()));
    drop(again);
    let end = peer.expect("resources/unsubscribe").await;
    // While the server is still being told, whoever comes waits until it was.
    let (changes, ()) = tokio::join!(client.listen(Subscription::new().resource("a:b")), async {
        peer.answer(&end, &json!({}));
        let request = peer.expect("resources/subscribe").await;
        peer.answer(&request, &json!({}));
    });
    drop(changes.unwrap());
}

#[tokio::test]
async fn what_was_subscribed_by_hand_outlives_streams() {
    let (client, peer) = connected(Client::builder(), Revision::V2025_11_25).await;
    let (subscribed, ()) = tokio::join!(client.subscribe("a:b"), async {
        let request = peer.expect("resources/subscribe").await;
        peer.answer(&request, &json!({}));
    });
    subscribed.unwrap();
    drop(
        client
            .listen(Subscription::new().resource("a:b"))
            .await
            .unwrap(),
    );
    let (ended, ()) = tokio::join!(client.unsubscribe("a:b"), async {
        let request = peer.expect("resources/unsubscribe").await;
        peer.answer(&request, &json!({}));
    });
    ended.unwrap();
}
