//! HTTP+SSE of revision 2024-11-05.

use purlin_client::http::HttpEndpoint;
use purlin_client::{Client, ErrorKind, Revision};
use serde_json::{Value, json};

use crate::peer::http::{Exchange, HttpPeer};
use crate::peer::{initialized, text};

async fn answer(stream: &mut Exchange, request: &Value, result: &Value) {
    let answer = json!({"jsonrpc": "2.0", "id": request["id"], "result": result});
    stream.event("event: message\n", &answer).await;
}

/// The next message of the client, which is taken.
async fn posted(peer: &HttpPeer, method: &str) -> Value {
    let post = peer.expect(method).await;
    assert_eq!(
        (&*post.method, &*post.path),
        ("POST", "/messages?session=7")
    );
    let message = post.body.clone();
    post.status(202, "", "").await;
    message
}

/// Opens the stream and greets the client on it.
async fn welcome(peer: &HttpPeer) -> Exchange {
    let mut stream = peer.next().await;
    assert_eq!(stream.method, "GET");
    assert_eq!(stream.header("accept"), Some("text/event-stream"));
    stream.events().await;
    stream
        .raw("event: endpoint\ndata: /messages?session=7\n\n")
        .await;
    let hello = posted(peer, "initialize").await;
    answer(&mut stream, &hello, &initialized("2024-11-05")).await;
    posted(peer, "notifications/initialized").await;
    stream
}

#[tokio::test]
async fn a_server_that_knows_nothing_newer_is_found_last() {
    let peer = HttpPeer::start().await;
    let (client, mut stream) = tokio::join!(Client::connect(peer.url()), async {
        let hello = peer.expect("server/discover").await;
        hello.status(405, "", "").await;
        let hello = peer.expect("initialize").await;
        hello.status(405, "", "").await;
        welcome(&peer).await
    });
    let client = client.unwrap();
    assert_eq!(client.revision(), Revision::V2024_11_05);
    let (result, ()) = tokio::join!(async { client.call::<String>("t", ()).await }, async {
        let call = posted(&peer, "tools/call").await;
        answer(&mut stream, &call, &text("hi")).await;
    });
    assert_eq!(result.unwrap(), "hi");
}

#[tokio::test]
async fn a_url_that_is_said_to_be_one_is_not_probed() {
    let peer = HttpPeer::start().await;
    let endpoint = HttpEndpoint::new(&peer.url()).unwrap().event_stream();
    let (client, stream) = tokio::join!(Client::connect(endpoint), welcome(&peer));
    let client = client.unwrap();
    let call = async { client.call_tool("t", ()).await };
    let (result, ()) = tokio::join!(call, async {
        posted(&peer, "tools/call").await;
        drop(stream);
    });
    assert_eq!(result.unwrap_err().kind(), ErrorKind::Closed);
}

#[tokio::test]
async fn messages_are_sent_nowhere_else() {
    let peer = HttpPeer::start().await;
    let endpoint = HttpEndpoint::new(&peer.url()).unwrap().event_stream();
    let (client, _stream) = tokio::join!(Client::connect(endpoint), async {
        let mut stream = peer.next().await;
        stream.events().await;
        stream
            .raw("event: endpoint\ndata: http://elsewhere.test/messages\n\n")
            .await;
        stream
    });
    let failure = client.unwrap_err();
    assert_eq!(failure.kind(), ErrorKind::Transport);
    assert!(failure.to_string().contains("elsewhere"), "{failure}");
}

#[tokio::test]
async fn a_message_that_is_not_taken_ends_the_connection_with_the_reason() {
    let peer = HttpPeer::start().await;
    let endpoint = HttpEndpoint::new(&peer.url()).unwrap().event_stream();
    let (client, _stream) = tokio::join!(Client::connect(endpoint), welcome(&peer));
    let client = client.unwrap();
    let call = async { client.call_tool("t", ()).await };
    let (result, ()) = tokio::join!(call, async {
        peer.expect("tools/call").await.status(500, "", "").await;
    });
    let failure = result.unwrap_err();
    assert_eq!(failure.kind(), ErrorKind::Closed);
    assert!(failure.to_string().contains("500"), "{failure}");
}

#[tokio::test]
async fn a_server_without_the_stream_is_known_by_its_first_refusal() {
    let peer = HttpPeer::start().await;
    let (client, ()) = tokio::join!(Client::connect(peer.url()), async {
        for _ in ["discover", "initialize"] {
            peer.next().await.status(404, "", "no such page").await;
        }
        let stream = peer.next().await;
        assert_eq!(stream.method, "GET");
        stream.status(200, "Content-Type: text/html\r\n", "").await;
    });
    let failure = client.unwrap_err();
    assert_eq!(failure.status(), Some(404));
    assert!(failure.to_string().contains("no such page"), "{failure}");
}
