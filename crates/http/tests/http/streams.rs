use serde_json::Value;

use crate::{
    fixture::{Fixture, call_body, session_call, take},
    raw::{Events, events, post},
};

const VERSION: &str = "2025-11-25";

#[tokio::test]
async fn a_call_that_says_nothing_is_answered_as_json() {
    let hosted = Fixture::new().host().await;
    let session = hosted.open(VERSION).await;
    let (head, body) = hosted.exchange(session_call(&session, 1, "echo")).await;
    assert_eq!(
        head.field("content-type"),
        Some("application/json"),
        "{body}"
    );
}

#[tokio::test]
async fn a_stream_opens_with_an_id_and_a_retry_time() {
    let hosted = Fixture::new().host().await;
    let session = hosted.open(VERSION).await;
    let (_, body) = hosted.exchange(session_call(&session, 1, "say")).await;
    let events = events(&body);
    assert_eq!(events.len(), 3, "{body}");
    assert!(events[0].id.is_some() && events[0].data.is_empty());
    assert!(
        events[0]
            .retry
            .as_deref()
            .is_some_and(|retry| retry.parse::<u64>().is_ok())
    );
    assert!(events[1].data.contains("notifications/progress"));
    assert!(events[2].data.contains("\"result\"") && events[2].id.is_some());
}

#[tokio::test]
async fn older_sessions_get_no_empty_event() {
    let hosted = Fixture::new().host().await;
    let session = hosted.open("2025-06-18").await;
    let (_, body) = hosted.exchange(session_call(&session, 1, "say")).await;
    assert!(
        events(&body).iter().all(|event| !event.data.is_empty()),
        "{body}"
    );
}

#[tokio::test]
async fn a_closed_stream_is_resumed_for_its_answer() {
    let hosted = Fixture::new().host().await;
    let session = hosted.open(VERSION).await;
    let (_, body) = hosted.exchange(session_call(&session, 1, "close")).await;
    let seen = events(&body);
    assert_eq!(
        seen.len(),
        1,
        "only the event that opens the stream: {body}"
    );
    hosted.fixture.gate.add_permits(1);
    let rest = hosted
        .resume(&session, seen[0].id.as_deref().unwrap())
        .await;
    assert_eq!(rest.len(), 1);
    assert!(rest[0].data.contains("\"result\""), "{rest:?}");
}

#[tokio::test]
async fn a_lost_connection_does_not_cancel() {
    let hosted = Fixture::new().host().await;
    let session = hosted.open(VERSION).await;
    // Before the answer has begun.
    let mut raw = hosted.connect().await;
    raw.send(session_call(&session, 1, "wait")).await;
    take(&hosted.fixture.started).await;
    drop(raw);
    // After the stream has begun.
    let mut stream = hosted.stream(session_call(&session, 2, "talk")).await;
    let id = stream.next().await.unwrap().id.unwrap();
    let word = stream.next().await.unwrap();
    take(&hosted.fixture.started).await;
    drop(stream);
    assert!(hosted.fixture.ended.try_acquire().is_err());
    hosted.fixture.gate.add_permits(2);
    let rest = hosted.resume(&session, &id).await;
    assert_eq!(rest.len(), 3, "{rest:?}");
    assert_eq!(rest[0], word);
    assert!(rest[2].data.contains("\"id\":2"), "{rest:?}");
    take(&hosted.fixture.ended).await;
    take(&hosted.fixture.ended).await;
}

#[tokio::test]
async fn work_left_behind_by_one_session_is_bounded() {
    let hosted = Fixture::new().host().await;
    let session = hosted.open(VERSION).await;
    for id in 1..=65 {
        let mut raw = hosted.connect().await;
        raw.send(session_call(&session, id, "wait")).await;
        take(&hosted.fixture.started).await;
    }
    // One more than may go on was left behind, so one was cancelled.
    take(&hosted.fixture.ended).await;
    hosted.fixture.gate.add_permits(64);
    for _ in 0..64 {
        take(&hosted.fixture.ended).await;
    }
}

#[tokio::test]
async fn resuming_replays_only_what_that_stream_missed() {
    let hosted = Fixture::new().host().await;
    let session = hosted.open(VERSION).await;
    let (_, one) = hosted.exchange(session_call(&session, 1, "say")).await;
    let (_, two) = hosted.exchange(session_call(&session, 2, "say")).await;
    let (one, two) = (events(&one), events(&two));
    for events in [one, two] {
        for (index, event) in events.iter().enumerate() {
            let rest = hosted.resume(&session, event.id.as_deref().unwrap()).await;
            assert_eq!(rest, events[index + 1..]);
        }
    }
}

#[tokio::test]
async fn event_ids_are_of_their_session() {
    let hosted = Fixture::new().host().await;
    let (mine, other) = (hosted.open(VERSION).await, hosted.open(VERSION).await);
    let (_, body) = hosted.exchange(session_call(&mine, 1, "say")).await;
    let id = events(&body)[0].id.clone().unwrap();
    hosted.exchange(session_call(&other, 1, "say")).await;
    assert_eq!(hosted.get(&other, Some(&id)).await.0.status, 400);
    for unknown in ["nonsense", "1-2-3", ""] {
        assert_eq!(
            hosted.get(&mine, Some(unknown)).await.0.status,
            400,
            "{unknown}"
        );
    }
}

#[tokio::test]
async fn streams_at_the_same_time_do_not_mix() {
    let hosted = Fixture::new().host().await;
    let session = hosted.open(VERSION).await;
    let mut streams = Vec::new();
    for id in 1..=3 {
        streams.push(hosted.stream(session_call(&session, id, "talk")).await);
    }
    hosted.fixture.gate.add_permits(3);
    for (index, stream) in streams.into_iter().enumerate() {
        let events = stream.rest().await;
        let answer: Value = serde_json::from_str(&events.last().unwrap().data).unwrap();
        assert_eq!(answer["id"], index + 1);
        let answers = events
            .iter()
            .filter(|event| event.data.contains("\"result\""));
        assert_eq!(answers.count(), 1);
    }
}

#[tokio::test]
async fn a_message_of_the_session_goes_to_exactly_one_stream() {
    let hosted = Fixture::new().host().await;
    let session = hosted.open(VERSION).await;
    let (_, old) = hosted.get(&session, None).await;
    let (head, new) = hosted.get(&session, None).await;
    assert_eq!(head.status, 200);
    // The newest listener takes over, the earlier one ends.
    assert_eq!(Events::of(old).rest().await, []);
    assert!(hosted.fixture.server.remove_tool("large"));
    let mut new = Events::of(new);
    let change = new.next().await.unwrap();
    assert!(
        change.data.contains("notifications/tools/list_changed"),
        "{change:?}"
    );
    // Nor is it sent again on the stream of a call.
    let (_, body) = hosted.exchange(session_call(&session, 1, "say")).await;
    assert!(!body.contains("list_changed"), "{body}");
}

#[tokio::test]
async fn what_the_session_says_while_nobody_listens_can_be_resumed() {
    let hosted = Fixture::new().host().await;
    let session = hosted.open(VERSION).await;
    let (_, raw) = hosted.get(&session, None).await;
    let mut stream = Events::of(raw);
    assert!(hosted.fixture.server.remove_tool("large"));
    let first = stream.next().await.unwrap();
    drop(stream);
    assert!(hosted.fixture.server.remove_tool("say"));
    let (_, raw) = hosted.get(&session, first.id.as_deref()).await;
    let second = Events::of(raw).next().await.unwrap();
    assert!(second.data.contains("list_changed"));
    assert_ne!(first.id, second.id);
}

#[tokio::test]
async fn deleting_a_session_cancels_and_ends_its_streams() {
    let hosted = Fixture::new().host().await;
    let session = hosted.open(VERSION).await;
    let call = hosted.stream(session_call(&session, 1, "talk")).await;
    let (_, listening) = hosted.get(&session, None).await;
    take(&hosted.fixture.started).await;
    let delete =
        format!("DELETE /mcp HTTP/1.1\r\nHost: localhost\r\nMcp-Session-Id: {session}\r\n\r\n");
    assert_eq!(hosted.status(delete).await, 204);
    take(&hosted.fixture.ended).await;
    Events::of(listening).rest().await;
    assert!(
        call.rest()
            .await
            .iter()
            .all(|event| !event.data.contains("\"result\""))
    );
}

#[tokio::test]
async fn a_cancelled_request_is_not_answered() {
    let hosted = Fixture::new().host().await;
    let session = hosted.open(VERSION).await;
    let call = hosted.stream(session_call(&session, 5, "talk")).await;
    take(&hosted.fixture.started).await;
    let cancel = r#"{"jsonrpc":"2.0","method":"notifications/cancelled","params":{"requestId":5}}"#;
    assert_eq!(
        hosted
            .status(post(&[("Mcp-Session-Id", &session)], cancel))
            .await,
        202
    );
    take(&hosted.fixture.ended).await;
    assert!(
        call.rest()
            .await
            .iter()
            .all(|event| !event.data.contains("\"result\""))
    );
}

#[tokio::test]
async fn a_question_travels_on_the_stream_of_its_call_and_the_answer_in_a_post() {
    let hosted = Fixture::new().host().await;
    let session = hosted.open(VERSION).await;
    let (_, listening) = hosted.get(&session, None).await;
    let mut call = hosted.stream(session_call(&session, 1, "ask")).await;
    call.next().await.unwrap();
    let question: Value = serde_json::from_str(&call.next().await.unwrap().data).unwrap();
    assert_eq!(question["method"], "roots/list");
    let result = serde_json::json!({ "roots": [{ "uri": "file:///home" }] });
    let answer = serde_json::json!({ "jsonrpc": "2.0", "id": question["id"], "result": result });
    // The answer of another session is nobody's.
    let other = hosted.open(VERSION).await;
    let wrong = answer.to_string().replace("home", "elsewhere");
    assert_eq!(
        hosted
            .status(post(&[("Mcp-Session-Id", &other)], &wrong))
            .await,
        202
    );
    let right = post(&[("Mcp-Session-Id", &session)], &answer.to_string());
    assert_eq!(hosted.status(right).await, 202);
    let end = call.rest().await;
    assert!(end.last().unwrap().data.contains("file:///home"), "{end:?}");
    hosted.fixture.server.shutdown();
    assert_eq!(
        Events::of(listening).rest().await,
        [],
        "the question went to one stream"
    );
}

#[tokio::test]
async fn a_batch_that_speaks_is_a_stream_with_every_answer() {
    let hosted = Fixture::new().host().await;
    let session = hosted.open("2025-03-26").await;
    let batch = format!("[{},{}]", call_body(1, "echo"), call_body(2, "say"));
    let (head, body) = hosted
        .exchange(post(&[("Mcp-Session-Id", &session)], &batch))
        .await;
    assert_eq!(head.field("content-type"), Some("text/event-stream"));
    let answers = events(&body)
        .iter()
        .filter(|event| event.data.contains("\"result\""))
        .count();
    assert_eq!(answers, 2, "{body}");
}
