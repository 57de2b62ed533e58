//! Several endpoints that share a store are one to their clients.

use std::sync::Arc;

use purlin_core::{
    BoxFuture, Context, DynamicResource, ResourceHandler, ResourceResult, Result, Server, Watching,
    protocol::ResourceTemplate, resource::ResourceInput, store::KeyValue,
};
use purlin_http::HttpConfig;
use purlin_stores::testing::{Mood, Moody};
use serde_json::{Value, json};
use tokio::sync::mpsc;

use crate::{
    fixture::{Fixture, Hosted, initialize, session_call, take},
    raw::{Events, post},
};

pub(crate) const VERSION: &str = "2025-11-25";

/// Two replicas and their store.
async fn replicas() -> (Hosted, Hosted, Arc<Moody>) {
    let store = Arc::new(Moody::default());
    (replica(&store).await, replica(&store).await, store)
}

pub(crate) fn server(store: &Arc<Moody>) -> Server {
    let shared: Arc<dyn KeyValue> = Arc::<Moody>::clone(store);
    Server::builder("fixture", "1.0.0").with_store(shared)
}

async fn replica(store: &Arc<Moody>) -> Hosted {
    host(server(store)).await
}

pub(crate) async fn host(server: Server) -> Hosted {
    let config = HttpConfig::new().replicated(true);
    Fixture::of(server).host_config(config).await
}

pub(crate) fn in_session(session: &str, body: &Value) -> String {
    post(&[("Mcp-Session-Id", session)], &body.to_string())
}

pub(crate) fn delete(session: &str) -> String {
    format!("DELETE /mcp HTTP/1.1\r\nHost: localhost\r\nMcp-Session-Id: {session}\r\n\r\n")
}

fn data(events: &[crate::raw::Event]) -> Vec<&str> {
    let data = events.iter().map(|event| event.data.as_str());
    data.filter(|data| !data.is_empty()).collect()
}

#[tokio::test]
async fn any_replica_serves_a_session_and_any_ends_it() {
    let (one, two, _) = replicas().await;
    let session = one.open(VERSION).await;
    for (id, replica) in [&two, &one, &two].into_iter().enumerate() {
        let call = session_call(&session, u32::try_from(id).unwrap(), "echo");
        let (head, body) = replica.exchange(call).await;
        assert_eq!(head.status, 200, "{body}");
    }
    assert_eq!(two.status(delete(&session)).await, 204);
    for replica in [&one, &two] {
        assert_eq!(replica.status(session_call(&session, 9, "echo")).await, 404);
        assert_eq!(replica.status(delete(&session)).await, 404);
        assert_eq!(replica.get(&session, None).await.0.status, 404);
    }
}

#[tokio::test]
async fn a_session_that_ends_elsewhere_cancels_what_runs_here() {
    let (one, two, _) = replicas().await;
    let session = one.open(VERSION).await;
    let stream = one.stream(session_call(&session, 1, "talk")).await;
    take(&one.fixture.started).await;
    assert_eq!(two.status(delete(&session)).await, 204);
    take(&one.fixture.ended).await;
    let said = stream.rest().await;
    assert!(said.iter().all(|event| !event.data.contains("\"result\"")));
}

#[tokio::test]
async fn a_stream_is_resumed_at_another_replica() {
    let (one, two, _) = replicas().await;
    let session = one.open(VERSION).await;
    let mut stream = one.stream(session_call(&session, 7, "talk")).await;
    let first = stream.next().await.unwrap().id.unwrap();
    let word = stream.next().await.unwrap();
    take(&one.fixture.started).await;
    drop(stream);
    // What was missed comes from the store, the rest as it is said.
    let (head, raw) = two.get(&session, Some(&first)).await;
    assert_eq!(head.status, 200);
    let mut resumed = Events::of(raw);
    assert_eq!(resumed.next().await.unwrap(), word);
    one.fixture.gate.add_permits(1);
    let rest = resumed.rest().await;
    assert_eq!(rest.len(), 2, "{rest:?}");
    assert!(rest[1].data.contains("\"id\":7") && rest[1].data.contains("\"result\""));
    // And again, after the end, at either.
    for replica in [&one, &two] {
        assert_eq!(replica.resume(&session, &first).await.len(), 3);
    }
    let foreign = one.open(VERSION).await;
    assert_eq!(two.get(&foreign, Some(&first)).await.0.status, 400);
}

#[tokio::test]
async fn one_reader_at_a_time_reads_a_stream_wherever_it_is() {
    let (one, two, _) = replicas().await;
    let session = one.open(VERSION).await;
    let mut stream = one.stream(session_call(&session, 1, "talk")).await;
    let first = stream.next().await.unwrap().id.unwrap();
    stream.next().await.unwrap();
    take(&one.fixture.started).await;
    let (_, raw) = two.get(&session, Some(&first)).await;
    let mut elsewhere = Events::of(raw);
    elsewhere.next().await.unwrap();
    let (_, raw) = two.get(&session, Some(&first)).await;
    let mut newest = Events::of(raw);
    newest.next().await.unwrap();
    one.fixture.gate.add_permits(1);
    assert_eq!(newest.rest().await.len(), 2);
    assert!(stream.rest().await.is_empty());
    assert!(elsewhere.rest().await.is_empty());
}

#[tokio::test]
async fn an_answer_reaches_the_replica_that_asks() {
    let (one, two, _) = replicas().await;
    let session = one.open(VERSION).await;
    for root in ["file:///a", "file:///b"] {
        let mut stream = one.stream(session_call(&session, 3, "ask")).await;
        stream.next().await.unwrap();
        let question: Value = serde_json::from_str(&stream.next().await.unwrap().data).unwrap();
        assert_eq!(question["method"], "roots/list");
        let answer = json!({
            "jsonrpc": "2.0", "id": question["id"], "result": { "roots": [{ "uri": root }] },
        });
        assert_eq!(two.status(in_session(&session, &answer)).await, 202);
        // A second answer is for nobody.
        assert_eq!(two.status(in_session(&session, &answer)).await, 202);
        let rest = stream.rest().await;
        assert!(data(&rest)[0].contains(root), "{rest:?}");
    }
}

#[tokio::test]
async fn a_request_is_cancelled_from_another_replica() {
    let (one, two, _) = replicas().await;
    let session = one.open(VERSION).await;
    let mut raw = one.connect().await;
    raw.send(session_call(&session, 5, "wait")).await;
    take(&one.fixture.started).await;
    let cancel = json!({
        "jsonrpc": "2.0", "method": "notifications/cancelled", "params": { "requestId": 5 },
    });
    assert_eq!(two.status(in_session(&session, &cancel)).await, 202);
    take(&one.fixture.ended).await;
    assert_eq!(raw.answer().await.0.status, 202);
}

#[tokio::test]
async fn the_stream_of_a_session_moves_with_its_client() {
    let (one, two, _) = replicas().await;
    let session = one.open(VERSION).await;
    let (head, raw) = one.get(&session, None).await;
    assert_eq!(head.status, 200);
    let mut stream = Events::of(raw);
    one.fixture.server.notify_tools_changed();
    let first = stream.next().await.unwrap();
    assert!(first.data.contains("tools/list_changed"), "{first:?}");
    // It comes back elsewhere; what is said here now is nobody's.
    let (head, raw) = two.get(&session, first.id.as_deref()).await;
    assert_eq!(head.status, 200);
    let mut moved = Events::of(raw);
    assert!(stream.next().await.is_none());
    two.fixture.server.notify_prompts_changed();
    let next = moved.next().await.unwrap();
    assert!(next.data.contains("prompts/list_changed"), "{next:?}");
    // And back again, to where it began.
    let (_, raw) = one.get(&session, next.id.as_deref()).await;
    let mut back = Events::of(raw);
    assert!(moved.next().await.is_none());
    one.fixture.server.notify_resources_changed();
    let last = back.next().await.unwrap();
    assert!(last.data.contains("resources/list_changed"), "{last:?}");
}

#[tokio::test]
async fn without_the_store_known_sessions_go_on_and_others_wait() {
    let (one, two, store) = replicas().await;
    let session = one.open(VERSION).await;
    store.set_mood(Mood::Away);
    // Here it is known, streams included.
    let stream = one.stream(session_call(&session, 1, "say")).await;
    let said = stream.rest().await;
    assert!(
        data(&said).last().unwrap().contains("\"result\""),
        "{said:?}"
    );
    // There it may exist: 404 would make the client throw it away.
    let (head, _) = two.exchange(session_call(&session, 2, "echo")).await;
    assert_eq!(head.status, 503);
    assert!(head.field("retry-after").is_some());
    let (head, _) = one.exchange(post(&[], &initialize(VERSION))).await;
    assert_eq!(head.status, 503);
    assert!(head.field("retry-after").is_some());
    assert!(head.field("mcp-session-id").is_none());
    store.set_mood(Mood::Well);
    assert_eq!(two.status(session_call(&session, 3, "echo")).await, 200);
    // What was said meanwhile is not lost to a client that comes back there.
    let first = said[0].id.clone().unwrap();
    let (head, raw) = two.get(&session, Some(&first)).await;
    let mut status = head.status;
    let mut resumed = Some(raw);
    while status == 400 {
        // The owner has not yet noticed that the store is back.
        tokio::task::yield_now().await;
        let (head, raw) = two.get(&session, Some(&first)).await;
        (status, resumed) = (head.status, Some(raw));
    }
    let rest = Events::of(resumed.unwrap()).rest().await;
    assert_eq!(data(&rest), data(&said));
}

/// Resources that tell which of them are watched.
struct Watched(mpsc::UnboundedSender<String>);

impl ResourceHandler for Watched {
    fn read<'a>(&'a self, _: ResourceInput<'a>) -> BoxFuture<'a, Result<ResourceResult>> {
        Box::pin(async { Ok(ResourceResult::default()) })
    }

    fn watch<'a>(&'a self, cx: &'a Context, uri: &'a str) -> BoxFuture<'a, Result<Watching>> {
        Box::pin(async move {
            // There is no request here that a question could be asked in.
            assert!(cx.method() == "resources/subscribe" || cx.roots().await.is_err());
            self.0.send(format!("+{uri}")).unwrap();
            Ok(Watching::new(Unwatch(self.0.clone(), format!("-{uri}"))))
        })
    }
}

struct Unwatch(mpsc::UnboundedSender<String>, String);

impl Drop for Unwatch {
    fn drop(&mut self) {
        let _ = self.0.send(std::mem::take(&mut self.1));
    }
}

async fn watching(store: &Arc<Moody>) -> (Hosted, mpsc::UnboundedReceiver<String>) {
    let (tell, told) = mpsc::unbounded_channel();
    let template = ResourceTemplate::new("data://{name}", "data");
    let data = DynamicResource::template(template, Watched(tell)).unwrap();
    let server = server(store);
    server.add_resource(data).unwrap();
    (host(server).await, told)
}

async fn about(at: &Hosted, session: &str, method: &str, uri: &str) {
    let body = json!({"jsonrpc": "2.0", "id": 1, "method": method, "params": {"uri": uri}});
    let (head, body) = at.exchange(in_session(session, &body)).await;
    assert_eq!(
        (head.status, body.contains("\"result\"")),
        (200, true),
        "{body}"
    );
}

#[tokio::test]
async fn what_is_subscribed_to_at_one_replica_is_watched_at_all_that_have_the_session() {
    let store = Arc::new(Moody::default());
    let ((one, mut at_one), (two, mut at_two)) = (watching(&store).await, watching(&store).await);
    let session = one.open(VERSION).await;
    about(&one, &session, "resources/subscribe", "data://a").await;
    assert_eq!(at_one.recv().await.unwrap(), "+data://a");
    assert!(at_two.is_empty());
    // The other one hears of the session, and with it of the resource.
    assert_eq!(two.status(session_call(&session, 2, "echo")).await, 200);
    assert_eq!(at_two.recv().await.unwrap(), "+data://a");
    // A replica that has the stream of the session looks by itself.
    let (_, raw) = two.get(&session, None).await;
    let mut stream = Events::of(raw);
    about(&one, &session, "resources/subscribe", "data://b").await;
    assert_eq!(at_one.recv().await.unwrap(), "+data://b");
    assert_eq!(at_two.recv().await.unwrap(), "+data://b");
    two.fixture.server.notify_resource_updated("data://b");
    let updated = stream.next().await.unwrap();
    assert!(updated.data.contains("data://b"), "{updated:?}");
    about(&one, &session, "resources/unsubscribe", "data://a").await;
    assert_eq!(at_one.recv().await.unwrap(), "-data://a");
    assert_eq!(at_two.recv().await.unwrap(), "-data://a");
    assert_eq!(one.status(delete(&session)).await, 204);
    assert_eq!(at_one.recv().await.unwrap(), "-data://b");
    assert_eq!(at_two.recv().await.unwrap(), "-data://b");
}
