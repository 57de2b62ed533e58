use purlin_client::{Change, Client, Revision, Subscription};
use serde_json::{Value, json};

use crate::peer::{Peer, connected};

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
    assert_eq!(changes.next().await, Some(Change::Tools));
    assert_eq!(
        changes.next().await,
        Some(Change::Resource("data://stats".to_owned()))
    );
    drop(changes);
    let request = peer.expect("resources/unsubscribe").await;
    assert_eq!(request["params"]["uri"], "data://stats");
}

#[tokio::test]
async fn a_resource_stays_subscribed_while_anyone_listens() {
    let (client, peer) = connected(Client::builder(), Revision::V2025_11_25).await;
    let listen = || async {
        let (changes, ()) =
            tokio::join!(client.listen(Subscription::new().resource("a:b")), async {
                let request = peer.expect("resources/subscribe").await;
                peer.answer(&request, &json!({}));
            });
        changes.unwrap()
    };
    let (first, second) = (listen().await, listen().await);
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
    assert_eq!(changes.next().await, Some(Change::Tools));
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
        assert_eq!(changes.unwrap().next().await, None);
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
