//! Servers of a few lines, each doing exactly what one test needs.

pub(crate) mod http;

use purlin_client::transport::{PairEnd, Transport, pair};
use purlin_client::{Client, ClientBuilder, Revision};
use serde_json::{Value, json};

/// The other end of a connection, played by the test.
pub(crate) struct Peer(PairEnd);

impl Peer {
    pub(crate) fn pair() -> (PairEnd, Self) {
        let (ours, theirs) = pair();
        (ours, Self(theirs))
    }

    /// The next message of the client; panics at the end.
    pub(crate) async fn next(&self) -> Value {
        self.try_next()
            .await
            .expect("the client closed the connection")
    }

    pub(crate) async fn try_next(&self) -> Option<Value> {
        let message = self.0.recv().await.expect("pairs do not fail")?;
        Some(serde_json::from_slice(&message).expect("the client writes JSON"))
    }

    /// The next message, which has to be this request or notification.
    pub(crate) async fn expect(&self, method: &str) -> Value {
        let message = self.next().await;
        assert_eq!(message["method"], method, "{message}");
        message
    }

    pub(crate) fn send(&self, message: &Value) {
        self.0.send(message.to_string().into_bytes());
    }

    pub(crate) fn answer(&self, request: &Value, result: &Value) {
        self.send(&json!({"jsonrpc": "2.0", "id": request["id"], "result": result}));
    }

    pub(crate) fn refuse(&self, request: &Value, code: i64, data: &Value) {
        let error = json!({"code": code, "message": "refused", "data": data});
        self.send(&json!({"jsonrpc": "2.0", "id": request["id"], "error": error}));
    }

    /// Answers the client's introduction in the era it was pinned to.
    pub(crate) async fn welcome(&self) {
        let hello = self.next().await;
        if hello["method"] == "server/discover" {
            self.answer(&hello, &discovered());
        } else {
            self.answer(
                &hello,
                &initialized(hello["params"]["protocolVersion"].as_str().unwrap()),
            );
            self.expect("notifications/initialized").await;
        }
    }
}

pub(crate) fn discovered() -> Value {
    json!({
        "resultType": "complete",
        "supportedVersions": ["2026-07-28"],
        "capabilities": {"tools": {}},
        "ttlMs": 0,
        "cacheScope": "public",
        "_meta": {"io.modelcontextprotocol/serverInfo": {"name": "fake", "version": "1"}},
    })
}

pub(crate) fn initialized(version: &str) -> Value {
    json!({
        "protocolVersion": version,
        "capabilities": {"tools": {}},
        "serverInfo": {"name": "fake", "version": "1"},
    })
}

pub(crate) fn text(text: &str) -> Value {
    json!({"content": [{"type": "text", "text": text}]})
}

/// A client that is connected to a peer, in the era of the revision.
pub(crate) async fn connected(builder: ClientBuilder, revision: Revision) -> (Client, Peer) {
    let (ours, peer) = Peer::pair();
    let (client, ()) = tokio::join!(builder.era(revision).connect(ours), peer.welcome());
    (client.expect("the peer welcomes the client"), peer)
}

pub(crate) const ERAS: [Revision; 2] = [Revision::V2025_11_25, Revision::V2026_07_28];
