use std::time::{Duration, Instant};

use purlin_client::protocol::ElicitResult;
use purlin_client::{Change, Client, ClientBuilder, ErrorKind, Revision, Subscription};
use serde_json::json;

use crate::peer::http::{Exchange, HttpPeer};
use crate::peer::{initialized, text};

/// Opens a session; gives the client and its request for the standalone stream.
async fn connected(builder: ClientBuilder, peer: &HttpPeer) -> (Client, Exchange) {
    let url = peer.url();
    let (client, stream) = tokio::join!(builder.connect(url), async {
        let hello = peer.expect("server/discover").await;
        hello.status(400, "", "").await;
        let hello = peer.expect("initialize").await;
        assert_eq!(hello.header("mcp-protocol-version"), None);
        assert_eq!(hello.header("mcp-method"), None);
        hello
            .result("Mcp-Session-Id: s-1\r\n", &initialized("2025-11-25"))
            .await;
        let opened = peer.expect("notifications/initialized").await;
        assert_eq!(opened.header("mcp-session-id"), Some("s-1"));
        assert_eq!(opened.header("mcp-protocol-version"), Some("2025-11-25"));
        opened.status(202, "", "").await;
        let stream = peer.next().await;
        assert_eq!(
            (stream.method.as_str(), stream.header("accept")),
            ("GET", Some("text/event-stream"))
        );
        stream
    });
    let client = client.unwrap();
    assert_eq!(client.revision(), Revision::V2025_11_25);
    (client, stream)
}

#[tokio::test]
async fn a_call_is_made_in_the_session() {
    let peer = HttpPeer::start().await;
    let (client, _stream) = connected(Client::builder(), &peer).await;
    let (result, ()) = tokio::join!(async { client.call::<String>("t", ()).await }, async {
        let request = peer.expect("tools/call").await;
        assert_eq!(request.header("mcp-session-id"), Some("s-1"));
        assert_eq!(request.header("mcp-name"), None);
        request.result("", &text("hi")).await;
    });
    assert_eq!(result.unwrap(), "hi");
}

#[tokio::test]
async fn an_answer_that_did_not_arrive_is_sent_again() {
    let peer = HttpPeer::start().await;
    let builder = Client::builder().answer_elicitation(|_| ElicitResult::decline());
    let (client, _stream) = connected(builder, &peer).await;
    let (result, ()) = tokio::join!(async { client.call::<String>("t", ()).await }, async {
        let mut request = peer.expect("tools/call").await;
        request.events().await;
        let params =
            json!({"message": "?", "requestedSchema": {"type": "object", "properties": {}}});
        request.event("", &json!({"jsonrpc": "2.0", "id": "q", "method": "elicitation/create", "params": params})).await;
        let lost = peer.next().await;
        let sent = lost.body.clone();
        drop(lost);
        let refused = peer.next().await;
        assert_eq!(refused.body, sent);
        let away = json!({"jsonrpc": "2.0", "error": {"code": -32603, "message": "later"}});
        refused
            .status(503, "Retry-After: 5\r\n", &away.to_string())
            .await;
        let taken = peer.next().await;
        assert_eq!(taken.body, sent);
        taken.status(202, "", "").await;
        let id = request.body["id"].clone();
        request
            .event(
                "",
                &json!({"jsonrpc": "2.0", "id": id, "result": text("done")}),
            )
            .await;
    });
    assert_eq!(result.unwrap(), "done");
}

#[tokio::test]
async fn a_question_on_a_stream_is_answered_by_post() {
    let peer = HttpPeer::start().await;
    let builder = Client::builder().answer_elicitation(|_| ElicitResult::decline());
    let (client, _stream) = connected(builder, &peer).await;
    let (result, ()) = tokio::join!(async { client.call::<String>("t", ()).await }, async {
        let mut request = peer.expect("tools/call").await;
        request.events().await;
        let params =
            json!({"message": "?", "requestedSchema": {"type": "object", "properties": {}}});
        request.event("", &json!({"jsonrpc": "2.0", "id": "q", "method": "elicitation/create", "params": params})).await;
        let answer = peer.next().await;
        assert_eq!(
            answer.body,
            json!({"jsonrpc": "2.0", "id": "q", "result": {"action": "decline"}})
        );
        assert_eq!(answer.header("mcp-session-id"), Some("s-1"));
        answer.status(202, "", "").await;
        let id = request.body["id"].clone();
        request
            .event(
                "",
                &json!({"jsonrpc": "2.0", "id": id, "result": text("done")}),
            )
            .await;
    });
    assert_eq!(result.unwrap(), "done");
}

#[tokio::test]
async fn a_stream_that_breaks_off_is_resumed_after_the_time_asked_for() {
    let peer = HttpPeer::start().await;
    let (client, _stream) = connected(Client::builder(), &peer).await;
    let (result, waited) = tokio::join!(async { client.call::<String>("t", ()).await }, async {
        let mut request = peer.expect("tools/call").await;
        let id = request.body["id"].clone();
        request.events().await;
        request.raw("id: e-1\nretry: 150\ndata:\n\n").await;
        drop(request);
        let broken = Instant::now();
        let mut again = peer.next().await;
        let waited = broken.elapsed();
        assert_eq!(again.method, "GET");
        assert_eq!(again.header("last-event-id"), Some("e-1"));
        assert_eq!(again.header("mcp-session-id"), Some("s-1"));
        again.events().await;
        again
            .event(
                "id: e-2\n",
                &json!({"jsonrpc": "2.0", "id": id, "result": text("done")}),
            )
            .await;
        waited
    });
    assert_eq!(result.unwrap(), "done");
    assert!(waited >= Duration::from_millis(145), "{waited:?}");
}

#[tokio::test]
async fn a_stream_without_event_ids_cannot_be_resumed() {
    let peer = HttpPeer::start().await;
    let (client, _stream) = connected(Client::builder(), &peer).await;
    let (result, ()) = tokio::join!(async { client.call_tool("t", ()).await }, async {
        let mut request = peer.expect("tools/call").await;
        request.events().await;
        request.raw("data:\n\n").await;
    });
    assert_eq!(result.unwrap_err().kind(), ErrorKind::Transport);
}

#[tokio::test]
async fn a_dropped_call_is_cancelled_by_notification() {
    let peer = HttpPeer::start().await;
    let (client, _stream) = connected(Client::builder(), &peer).await;
    let call = client.call_tool("slow", ()).into_future();
    let request = tokio::select! {
        _ = call => panic!("nobody answered"),
        request = peer.expect("tools/call") => request,
    };
    let cancelled = peer.expect("notifications/cancelled").await;
    assert_eq!(cancelled.body["params"]["requestId"], request.body["id"]);
    cancelled.status(202, "", "").await;
}

#[tokio::test]
async fn changes_come_on_the_standalone_stream_which_is_reopened() {
    let peer = HttpPeer::start().await;
    let (client, mut stream) = connected(Client::builder(), &peer).await;
    let mut changes = client.listen(Subscription::lists()).await.unwrap();
    stream.events().await;
    stream.raw("retry: 1\n").await;
    stream
        .event(
            "id: g-1\n",
            &json!({"jsonrpc": "2.0", "method": "notifications/tools/list_changed"}),
        )
        .await;
    assert_eq!(
        changes.next().await.transpose().unwrap(),
        Some(Change::Tools)
    );
    drop(stream);
    let mut stream = peer.next().await;
    assert_eq!(
        (stream.method.as_str(), stream.header("last-event-id")),
        ("GET", Some("g-1"))
    );
    stream.events().await;
    stream
        .event(
            "",
            &json!({"jsonrpc": "2.0", "method": "notifications/prompts/list_changed"}),
        )
        .await;
    assert_eq!(
        changes.next().await.transpose().unwrap(),
        Some(Change::Prompts)
    );
}

/// Greets a client that opens a session again; gives its request for the standalone stream and
/// the one that it makes next, which come in either order.
async fn welcome_again(peer: &HttpPeer, session: &str) -> (Exchange, Exchange) {
    let hello = peer.expect("initialize").await;
    assert_eq!(hello.header("mcp-session-id"), None);
    assert_eq!(hello.body["params"]["protocolVersion"], "2025-11-25");
    let header = format!("Mcp-Session-Id: {session}\r\n");
    let mut introduction = initialized("2025-11-25");
    introduction["serverInfo"]["version"] = session.into();
    introduction["capabilities"] = json!({"prompts": {}});
    introduction["instructions"] = json!("Be patient.");
    hello.result(&header, &introduction).await;
    let opened = peer.expect("notifications/initialized").await;
    assert_eq!(opened.header("mcp-session-id"), Some(session));
    opened.status(202, "", "").await;
    let (one, other) = (peer.next().await, peer.next().await);
    let (stream, next) = if one.method == "GET" {
        (one, other)
    } else {
        (other, one)
    };
    assert_eq!((&*stream.method, &*next.method), ("GET", "POST"));
    (stream, next)
}

#[tokio::test]
async fn a_lost_session_is_opened_again_and_the_call_made_in_it() {
    let peer = HttpPeer::start().await;
    let (client, stream) = connected(Client::builder(), &peer).await;
    stream.status(405, "", "").await;
    let (result, ()) = tokio::join!(async { client.call::<String>("t", ()).await }, async {
        let request = peer.expect("tools/call").await;
        let first = request.body["id"].clone();
        request.status(404, "", "").await;
        let (_stream, request) = welcome_again(&peer, "s-2").await;
        assert_eq!(request.body["method"], "tools/call");
        assert_eq!(request.header("mcp-session-id"), Some("s-2"));
        assert_ne!(request.body["id"], first);
        request.result("", &text("hi")).await;
    });
    assert_eq!(result.unwrap(), "hi");
}

#[tokio::test]
async fn after_a_session_was_opened_again_its_introduction_counts_and_everything_may_have_changed()
{
    let peer = HttpPeer::start().await;
    let (client, stream) = connected(Client::builder(), &peer).await;
    stream.status(405, "", "").await;
    assert_eq!(client.server_info().unwrap().version, "1");
    let mut changes = client.listen(Subscription::lists()).await.unwrap();
    let (result, ()) = tokio::join!(async { client.call::<String>("t", ()).await }, async {
        peer.expect("tools/call").await.status(404, "", "").await;
        let (_stream, request) = welcome_again(&peer, "s-2").await;
        request.result("", &text("hi")).await;
    });
    result.unwrap();
    assert_eq!(client.server_info().unwrap().version, "s-2");
    let offered = client.server_capabilities();
    assert!(offered.tools.is_none() && offered.prompts.is_some());
    assert_eq!(client.instructions().as_deref(), Some("Be patient."));
    for change in [Change::Tools, Change::Prompts, Change::Resources] {
        assert_eq!(changes.next().await.unwrap().unwrap(), change);
    }
}

#[tokio::test]
async fn a_session_that_is_lost_again_at_once_is_an_error() {
    let peer = HttpPeer::start().await;
    let (client, stream) = connected(Client::builder(), &peer).await;
    stream.status(405, "", "").await;
    let (result, ()) = tokio::join!(async { client.call_tool("t", ()).await }, async {
        peer.expect("tools/call").await.status(404, "", "").await;
        let (_stream, request) = welcome_again(&peer, "s-2").await;
        request.status(404, "", "").await;
    });
    assert_eq!(result.unwrap_err().kind(), ErrorKind::SessionLost);
}

#[tokio::test]
async fn a_session_that_its_stream_finds_lost_is_opened_again_with_its_subscriptions() {
    let peer = HttpPeer::start().await;
    let (client, stream) = connected(Client::builder(), &peer).await;
    let wanted = Subscription::new().resource("data://stats");
    let (changes, ()) = tokio::join!(client.listen(wanted), async {
        let subscribe = peer.expect("resources/subscribe").await;
        subscribe.result("", &json!({})).await;
    });
    let mut changes = changes.unwrap();
    stream.status(404, "", "").await;
    let (mut stream, subscribe) = welcome_again(&peer, "s-2").await;
    assert_eq!(subscribe.body["method"], "resources/subscribe");
    assert_eq!(subscribe.header("mcp-session-id"), Some("s-2"));
    assert_eq!(subscribe.body["params"]["uri"], "data://stats");
    subscribe.result("", &json!({})).await;
    stream.events().await;
    let updated = json!({"uri": "data://stats"});
    stream
        .event(
            "",
            &json!({"jsonrpc": "2.0", "method": "notifications/resources/updated", "params": updated}),
        )
        .await;
    assert_eq!(
        changes.next().await.transpose().unwrap(),
        Some(Change::Resource("data://stats".into()))
    );
}

#[tokio::test]
async fn a_call_whose_answer_was_on_its_way_is_not_made_again() {
    let peer = HttpPeer::start().await;
    let (client, _stream) = connected(Client::builder(), &peer).await;
    let (result, ()) = tokio::join!(async { client.call_tool("t", ()).await }, async {
        let mut request = peer.expect("tools/call").await;
        request.events().await;
        request.raw("id: e-1\nretry: 1\ndata:\n\n").await;
        drop(request);
        let again = peer.next().await;
        assert_eq!(again.header("last-event-id"), Some("e-1"));
        again.status(404, "", "").await;
    });
    assert_eq!(result.unwrap_err().kind(), ErrorKind::Transport);
}

#[tokio::test]
async fn a_closed_session_is_deleted() {
    let peer = HttpPeer::start().await;
    let (client, stream) = connected(Client::builder(), &peer).await;
    stream.status(405, "", "").await;
    let ((), ()) = tokio::join!(client.close(), async {
        let end = peer.next().await;
        assert_eq!(
            (end.method.as_str(), end.header("mcp-session-id")),
            ("DELETE", Some("s-1"))
        );
        end.status(405, "", "").await;
    });
}
