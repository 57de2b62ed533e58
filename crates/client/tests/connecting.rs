use purlin_client::protocol::Implementation;
use purlin_client::{Client, Era, ErrorKind, Revision};
use serde_json::json;

use crate::peer::{Peer, connected, discovered, initialized};

#[tokio::test]
async fn a_stateless_server_is_asked_once_and_told_everything() {
    let (ours, peer) = Peer::pair();
    let builder = Client::builder().info(Implementation::new("me", "2"));
    let server = async {
        let hello = peer.expect("server/discover").await;
        let meta = &hello["params"]["_meta"];
        assert_eq!(
            meta["io.modelcontextprotocol/protocolVersion"],
            "2026-07-28"
        );
        assert_eq!(
            meta["io.modelcontextprotocol/clientCapabilities"],
            json!({})
        );
        assert_eq!(meta["io.modelcontextprotocol/clientInfo"]["name"], "me");
        peer.answer(&hello, &discovered());
    };
    let (client, ()) = tokio::join!(builder.connect(ours), server);
    let client = client.unwrap();
    assert_eq!(client.revision(), Revision::V2026_07_28);
    assert_eq!(client.server_info().unwrap().name, "fake");
}

#[tokio::test]
async fn an_old_server_is_greeted_the_old_way() {
    let (ours, peer) = Peer::pair();
    let server = async {
        let hello = peer.expect("server/discover").await;
        peer.refuse(&hello, -32601, &json!(null));
        let hello = peer.expect("initialize").await;
        assert_eq!(hello["params"]["protocolVersion"], "2025-11-25");
        assert!(hello["params"].get("_meta").is_none(), "{hello}");
        peer.answer(&hello, &initialized("2024-11-05"));
        peer.expect("notifications/initialized").await;
    };
    let (client, ()) = tokio::join!(Client::connect(ours), server);
    assert_eq!(client.unwrap().revision(), Revision::V2024_11_05);
}

#[tokio::test(start_paused = true)]
async fn a_silent_server_is_greeted_the_old_way_after_a_while() {
    let (ours, peer) = Peer::pair();
    let server = async {
        peer.expect("server/discover").await;
        let hello = peer.expect("initialize").await;
        peer.answer(&hello, &initialized("2025-11-25"));
        peer.expect("notifications/initialized").await;
    };
    let (client, ()) = tokio::join!(Client::connect(ours), server);
    assert_eq!(client.unwrap().revision(), Revision::V2025_11_25);
}

#[tokio::test]
async fn a_connection_that_closes_is_no_verdict() {
    let (ours, peer) = Peer::pair();
    let server = async {
        peer.expect("server/discover").await;
        drop(peer);
    };
    let (client, ()) = tokio::join!(Client::connect(ours), server);
    assert_eq!(client.unwrap_err().kind(), ErrorKind::Closed);
}

#[tokio::test]
async fn a_pinned_revision_is_not_negotiated_away() {
    let (ours, peer) = Peer::pair();
    let server = async {
        let hello = peer.expect("initialize").await;
        assert_eq!(hello["params"]["protocolVersion"], "2025-06-18");
        peer.answer(&hello, &initialized("2025-03-26"));
    };
    let builder = Client::builder().era(Revision::V2025_06_18);
    let (client, ()) = tokio::join!(builder.connect(ours), server);
    assert_eq!(client.unwrap_err().kind(), ErrorKind::Unsupported);
}

#[tokio::test]
async fn a_question_of_the_server_during_the_handshake_is_answered() {
    let (ours, peer) = Peer::pair();
    let server = async {
        let hello = peer.expect("initialize").await;
        peer.send(&json!({"jsonrpc": "2.0", "id": "p", "method": "ping"}));
        assert_eq!(
            peer.next().await,
            json!({"jsonrpc": "2.0", "id": "p", "result": {}})
        );
        peer.answer(&hello, &initialized("2025-11-25"));
        peer.expect("notifications/initialized").await;
    };
    let builder = Client::builder().era(Era::Session);
    let (client, ()) = tokio::join!(builder.connect(ours), server);
    client.unwrap();
}

#[tokio::test]
async fn the_last_handle_closes_the_connection() {
    let (client, peer) = connected(Client::builder(), Revision::V2025_11_25).await;
    let other = client.clone();
    drop(client);
    let (pong, ()) = tokio::join!(other.ping(), async {
        let ping = peer.expect("ping").await;
        peer.answer(&ping, &json!({}));
    });
    pong.unwrap();
    drop(other);
    assert_eq!(peer.try_next().await, None);
}
