//! What a session leaves behind, and who tells of its end.

use std::{
    sync::{
        Arc,
        atomic::{AtomicU32, Ordering},
    },
    time::Duration,
};

use http::Request;
use purlin_core::{DynamicTool, Principal, Server, ToolResult, protocol::Tool};
use purlin_http::{Body, HttpConfig, StreamableHttp};
use purlin_stores::testing::Moody;
use serde_json::json;

use crate::{
    fixture::{Fixture, Hosted, initialize, session_call},
    replicas::{VERSION, delete, host, server},
};

/// A server that keeps something for a session, and counts the ends it hears of.
fn keeping(server: Server, ends: &Arc<AtomicU32>) -> Server {
    let ends = Arc::clone(ends);
    let server = server.on_session_end(move |_| _ = ends.fetch_add(1, Ordering::Relaxed));
    let tool = Tool::new("keep", json!({ "type": "object" }).into());
    let keep = |cx: purlin_core::Context, _| async move {
        cx.session()?.set("kept", &1).await?;
        Ok(ToolResult::text("kept"))
    };
    server.add_tool(DynamicTool::new(tool, keep)).unwrap();
    server
}

async fn until(holds: impl Fn() -> bool) {
    while !holds() {
        tokio::task::yield_now().await;
    }
}

async fn keep(at: &Hosted, session: &str) {
    let (head, body) = at.exchange(session_call(session, 1, "keep")).await;
    assert!(head.status == 200 && body.contains("kept"), "{body}");
}

#[tokio::test]
async fn the_values_of_a_session_go_with_it_at_delete() {
    let (store, ends) = (Arc::new(Moody::default()), Arc::default());
    let alone = Fixture::of(keeping(server(&store), &ends)).host().await;
    let session = alone.open(VERSION).await;
    keep(&alone, &session).await;
    assert_eq!(alone.status(delete(&session)).await, 204);
    assert_eq!(store.deleted("mcp.values"), 1);
    assert_eq!(ends.load(Ordering::Relaxed), 1);
}

#[tokio::test]
async fn the_values_of_a_session_go_with_it_when_it_expires() {
    let (store, ends) = (Arc::new(Moody::default()), Arc::default());
    for replicated in [false, true] {
        let config = HttpConfig::new().session_idle(Duration::from_millis(50));
        let config = config.replicated(replicated);
        let fixture = Fixture::of(keeping(server(&store), &ends));
        let hosted = fixture.host_config(config).await;
        let session = hosted.open(VERSION).await;
        keep(&hosted, &session).await;
        let count = 1 + usize::from(replicated);
        until(|| store.deleted("mcp.values") == count).await;
        until(|| ends.load(Ordering::Relaxed) as usize == count).await;
        assert_eq!(hosted.status(session_call(&session, 2, "keep")).await, 404);
    }
}

#[tokio::test]
async fn a_session_that_several_replicas_hold_ends_once() {
    let (store, ends) = (Arc::new(Moody::default()), Arc::default());
    let one = host(keeping(server(&store), &ends)).await;
    let two = host(keeping(server(&store), &ends)).await;
    let three = host(keeping(server(&store), &ends)).await;
    let session = one.open(VERSION).await;
    for replica in [&one, &two, &three] {
        keep(replica, &session).await;
    }
    assert_eq!(two.status(delete(&session)).await, 204);
    assert_eq!(store.deleted("mcp.values"), 1);
    for replica in [&one, &two, &three] {
        assert_eq!(replica.status(session_call(&session, 2, "keep")).await, 404);
    }
    drop((one, two, three));
    assert_eq!(ends.load(Ordering::Relaxed), 1);
}

pub(crate) async fn status(
    at: &StreamableHttp,
    method: &str,
    session: Option<&str>,
    caller: &str,
) -> (u16, Option<String>) {
    let mut request = Request::builder()
        .method(method)
        .uri("/mcp")
        .header("host", "localhost")
        .header("content-type", "application/json")
        .header("accept", "application/json, text/event-stream");
    if let Some(session) = session {
        request = request.header("mcp-session-id", session);
    }
    let body = if method == "POST" {
        initialize(VERSION)
    } else {
        String::new()
    };
    let mut request = request.body(Body::from(body.into_bytes())).unwrap();
    let principal = match caller.split_once('@') {
        Some((name, tenant)) => Principal::new(name).with_tenant(tenant),
        None => Principal::new(caller),
    };
    request.extensions_mut().insert(principal);
    let response = at.handle(request).await;
    let id = response.headers().get("mcp-session-id");
    let id = id.map(|id| id.to_str().unwrap().to_owned());
    (response.status().as_u16(), id)
}

#[tokio::test]
async fn a_principal_has_so_many_sessions_at_all_replicas_together() {
    let store = Arc::new(Moody::default());
    let replica = || {
        let config = HttpConfig::new().replicated(true).session_limits(100, 2);
        StreamableHttp::with_config(server(&store), config).unwrap()
    };
    let replicas = [replica(), replica(), replica()];
    let mut sessions = Vec::new();
    for at in &replicas {
        sessions.push(status(at, "POST", None, "alice").await);
    }
    let codes: Vec<u16> = sessions.iter().map(|(status, _)| *status).collect();
    assert_eq!(codes, [200, 200, 429]);
    assert_eq!(status(&replicas[2], "POST", None, "bob").await.0, 200);
    // One that ends anywhere makes room everywhere.
    let first = sessions[0].1.as_deref();
    assert_eq!(status(&replicas[2], "DELETE", first, "alice").await.0, 204);
    assert_eq!(status(&replicas[1], "POST", None, "alice").await.0, 200);
    assert_eq!(status(&replicas[0], "POST", None, "alice").await.0, 429);
}

#[tokio::test]
async fn sessions_that_nobody_ended_do_not_count_for_ever() {
    let store = Arc::new(Moody::default());
    let config = HttpConfig::new().replicated(true).session_limits(100, 1);
    let config = config.session_idle(Duration::from_millis(50));
    let died = StreamableHttp::with_config(server(&store), config.clone()).unwrap();
    assert_eq!(status(&died, "POST", None, "alice").await.0, 200);
    drop(died);
    let lives = StreamableHttp::with_config(server(&store), config).unwrap();
    while status(&lives, "POST", None, "alice").await.0 == 429 {
        tokio::task::yield_now().await;
    }
}

#[tokio::test]
async fn the_callers_of_a_tenant_share_its_sessions_at_all_replicas() {
    for replicated in [false, true] {
        let store = Arc::new(Moody::default());
        let replica = || {
            let config = HttpConfig::new().replicated(replicated);
            let config = config.sessions_per_tenant(2);
            StreamableHttp::with_config(server(&store), config).unwrap()
        };
        let one = replica();
        let two = if replicated { replica() } else { one.clone() };
        let (_, first) = status(&one, "POST", None, "alice@acme").await;
        assert_eq!(status(&two, "POST", None, "bob@acme").await.0, 200);
        for at in [&one, &two] {
            assert_eq!(status(at, "POST", None, "carol@acme").await.0, 429);
        }
        // Others are not concerned, whatever their names are.
        for caller in ["alice@zoo", "alice", "acme", "alice@acm", "e@acme1"] {
            assert_eq!(status(&two, "POST", None, caller).await.0, 200, "{caller}");
        }
        let deleted = status(&two, "DELETE", first.as_deref(), "alice@acme").await;
        assert_eq!(deleted.0, 204);
        assert_eq!(status(&one, "POST", None, "carol@acme").await.0, 200);
    }
}
