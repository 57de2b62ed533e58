use purlin_client::protocol::Implementation;
use purlin_client::{Client, ClientError, Era, ErrorKind, Revision, Subscription};
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
async fn a_pinned_era_that_the_server_does_not_speak_is_unsupported() {
    let only_stateless = json!({"supported": ["2026-07-28"], "requested": "2025-11-25"});
    for (era, code, data, words) in [
        (
            Era::Stateless,
            -32601,
            json!(null),
            "does not speak 2026-07-28",
        ),
        (
            Era::Stateless,
            -32000,
            json!(null),
            "does not speak 2026-07-28",
        ),
        (
            Era::Session,
            -32601,
            json!(null),
            "does not speak 2025-11-25",
        ),
        (
            Era::Session,
            -32022,
            only_stateless,
            "the server speaks 2026-07-28",
        ),
    ] {
        let error = turned_away(era, code, &data).await;
        assert_eq!(error.kind(), ErrorKind::Unsupported, "{error}");
        assert!(error.to_string().contains(words), "{error}");
    }
}

#[tokio::test]
async fn a_server_that_breaks_down_has_not_said_which_era_it_speaks() {
    for era in [Era::Stateless, Era::Session] {
        let error = turned_away(era, -32603, &json!(null)).await;
        assert_eq!(error.code(), Some(-32603), "{error}");
    }
}

/// What becomes of a client whose first question is refused.
async fn turned_away(era: Era, code: i64, data: &serde_json::Value) -> ClientError {
    let (ours, peer) = Peer::pair();
    let server = async { peer.refuse(&peer.next().await, code, data) };
    let (client, ()) = tokio::join!(Client::builder().era(era).connect(ours), server);
    client.unwrap_err()
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

#[tokio::test]
async fn futures_of_this_crate_make_those_of_their_callers_no_larger_than_they_have_to_be() {
    const LARGE: usize = 4096;
    let connecting = Client::connect("http://127.0.0.1:9/mcp");
    assert!(
        size_of_val(&connecting) < LARGE,
        "{}",
        size_of_val(&connecting)
    );
    let (client, _peer) = connected(Client::builder(), Revision::V2025_11_25).await;
    let listening = client.listen(Subscription::lists());
    assert!(
        size_of_val(&listening) < LARGE,
        "{}",
        size_of_val(&listening)
    );
    let proxying = purlin_client::proxy(client.clone());
    assert!(size_of_val(&proxying) < LARGE, "{}", size_of_val(&proxying));
    let checking = client.call::<String>("t", ()).checked().into_future();
    assert!(size_of_val(&checking) <= size_of::<[usize; 2]>());
}
