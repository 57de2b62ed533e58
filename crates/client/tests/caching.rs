//! What is kept of servers (SEP-2549), between client and peer.

use purlin_client::protocol::ElicitResult;
use purlin_client::{Cache, Change, Client, Revision, Subscription};
use serde_json::{Value, json};

use crate::peer::http::HttpPeer;
use crate::peer::{Peer, connected, discovered, initialized};

fn tools(names: &[&str]) -> Value {
    let tool = |name: &&str| json!({"name": name, "inputSchema": {"type": "object"}});
    let tools: Vec<_> = names.iter().map(tool).collect();
    json!({"tools": tools, "ttlMs": 60_000, "cacheScope": "public"})
}

async fn listed(client: &Client) -> Vec<String> {
    let tools = client.list_tools().await.unwrap();
    tools.into_iter().map(|tool| tool.name).collect()
}

/// Lists the tools, which the peer is asked for.
async fn list_anew(client: &Client, peer: &Peer, names: &[&str]) {
    let (listed, ()) = tokio::join!(listed(client), async {
        let list = peer.expect("tools/list").await;
        peer.answer(&list, &tools(names));
    });
    assert_eq!(listed, names);
}

#[tokio::test]
async fn a_list_is_used_again_until_the_server_says_that_it_changed() {
    let (client, peer) = connected(Client::builder(), Revision::V2026_07_28).await;
    list_anew(&client, &peer, &["a"]).await;
    assert_eq!(listed(&client).await, ["a"]);
    let (changes, id) = tokio::join!(client.listen(Subscription::lists()), async {
        let listen = peer.expect("subscriptions/listen").await;
        let meta = json!({"io.modelcontextprotocol/subscriptionId": listen["id"]});
        let params = json!({"notifications": {"toolsListChanged": true}, "_meta": meta});
        let method = "notifications/subscriptions/acknowledged";
        peer.send(&json!({"jsonrpc": "2.0", "method": method, "params": params}));
        listen["id"].clone()
    });
    let mut changes = changes.unwrap();
    let params = json!({"_meta": {"io.modelcontextprotocol/subscriptionId": id}});
    let method = "notifications/tools/list_changed";
    peer.send(&json!({"jsonrpc": "2.0", "method": method, "params": params}));
    assert_eq!(
        changes.next().await.transpose().unwrap(),
        Some(Change::Tools)
    );
    list_anew(&client, &peer, &["a", "b"]).await;
}

#[tokio::test]
async fn a_resource_is_read_again_only_if_asked_for_freshly() {
    let (client, peer) = connected(Client::builder(), Revision::V2026_07_28).await;
    let read = async |text: &str| {
        let read = peer.expect("resources/read").await;
        let contents = json!([{"uri": "data://a", "text": text}]);
        let result = json!({"contents": contents, "ttlMs": 60_000, "cacheScope": "private"});
        peer.answer(&read, &result);
    };
    let first = async { client.read_resource("data://a").await };
    let (first, ()) = tokio::join!(first, read("1"));
    assert_eq!(
        client.read_resource("data://a").await.unwrap(),
        first.unwrap()
    );
    let fresh = async { client.read_resource("data://a").fresh().await };
    let (fresh, ()) = tokio::join!(fresh, read("2"));
    assert_eq!(
        client.read_resource("data://a").await.unwrap(),
        fresh.unwrap()
    );
}

#[tokio::test]
async fn an_answer_that_took_a_question_is_not_kept() {
    let builder = Client::builder().answer_elicitation(|_| ElicitResult::decline());
    let (client, peer) = connected(builder, Revision::V2026_07_28).await;
    for _ in 0..2 {
        let read = async { client.read_resource("data://a").await };
        let (result, ()) = tokio::join!(read, async {
            let read = peer.expect("resources/read").await;
            peer.answer(
                &read,
                &json!({"resultType": "input_required", "requestState": "s"}),
            );
            let read = peer.expect("resources/read").await;
            let contents = json!([{"uri": "data://a", "text": "x"}]);
            let result = json!({"contents": contents, "ttlMs": 60_000, "cacheScope": "public"});
            peer.answer(&read, &result);
        });
        result.unwrap();
    }
}

#[tokio::test]
async fn a_cursor_that_is_not_valid_any_more_discards_all_pages() {
    let (client, peer) = connected(Client::builder(), Revision::V2026_07_28).await;
    for _ in 0..2 {
        let (outcome, ()) = tokio::join!(client.list_tools(), async {
            let list = peer.expect("tools/list").await;
            let mut page = tools(&["a"]);
            page["nextCursor"] = "c".into();
            peer.answer(&list, &page);
            let list = peer.expect("tools/list").await;
            peer.refuse(&list, -32602, &json!(null));
        });
        assert_eq!(outcome.unwrap_err().code(), Some(-32602));
    }
}

#[tokio::test]
async fn clients_of_one_server_may_share_what_is_public() {
    let (peer, cache) = (HttpPeer::start().await, Cache::new());
    let connect = async || {
        let client = Client::builder().cache(cache.clone()).connect(peer.url());
        let (client, ()) = tokio::join!(client, async {
            let hello = peer.expect("server/discover").await;
            hello.result("", &discovered()).await;
        });
        client.unwrap()
    };
    let (one, other) = (connect().await, connect().await);
    let (first, ()) = tokio::join!(listed(&one), async {
        peer.expect("tools/list")
            .await
            .result("", &tools(&["a"]))
            .await;
    });
    assert_eq!(listed(&other).await, first);
}

#[tokio::test]
async fn a_server_known_to_have_sessions_is_not_asked_again() {
    let (peer, cache) = (HttpPeer::start().await, Cache::new());
    for first in [true, false] {
        let client = Client::builder().cache(cache.clone()).connect(peer.url());
        let (client, _stream) = tokio::join!(client, async {
            if first {
                let hello = peer.expect("server/discover").await;
                hello.status(400, "", "").await;
            }
            let hello = peer.expect("initialize").await;
            hello.result("", &initialized("2025-11-25")).await;
            let opened = peer.expect("notifications/initialized").await;
            opened.status(202, "", "").await;
            peer.next().await
        });
        client.unwrap();
    }
}
