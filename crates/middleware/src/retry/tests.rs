use std::{
    io,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use purlin_core::{
    DynamicResource, DynamicTool, Error, ErrorKind, ResourceResult, Result, Server, ToolError,
    ToolResult,
    protocol::{Resource, ToolAnnotations},
};
use serde_json::json;
use tokio::time::Instant;

use super::Retry;
use crate::{
    Timeout,
    fixture::{Wire, definition, server, text},
};

/// A tool with these hints that fails as `fail` says, given how often it ran before.
fn flaky(
    hints: ToolAnnotations,
    fail: impl Fn(usize) -> Option<Error> + Send + Sync + 'static,
) -> (DynamicTool, Arc<AtomicUsize>) {
    let ran = Arc::new(AtomicUsize::new(0));
    let counted = Arc::clone(&ran);
    let definition = definition("flaky").with_annotations(hints);
    let tool = DynamicTool::new(definition, move |_, _| {
        let failed = fail(counted.fetch_add(1, Ordering::Relaxed));
        async move { failed.map_or_else(|| Ok(ToolResult::text("done")), Err) }
    });
    (tool, ran)
}

fn busy(_: usize) -> Option<Error> {
    Some(Error::new(ErrorKind::Busy, "busy"))
}

fn idempotent() -> ToolAnnotations {
    ToolAnnotations::new().with_idempotent(true)
}

/// Calls such a tool once; gives how often it ran.
async fn runs(
    retry: Retry,
    hints: ToolAnnotations,
    fail: impl Fn(usize) -> Option<Error> + Send + Sync + 'static,
) -> usize {
    let (tool, ran) = flaky(hints, fail);
    let server = server().middleware(retry);
    server.add_tool(tool).unwrap();
    Wire::to(&server).await.call("flaky", json!({})).await;
    ran.load(Ordering::Relaxed)
}

#[tokio::test(start_paused = true)]
async fn what_is_idempotent_is_tried_three_times() {
    assert_eq!(runs(Retry::new(), idempotent(), busy).await, 3);
    let read_only = ToolAnnotations::new().with_read_only(true);
    assert_eq!(runs(Retry::new(), read_only, busy).await, 3);
    assert_eq!(runs(Retry::new(), ToolAnnotations::new(), busy).await, 1);
}

#[tokio::test(start_paused = true)]
async fn a_later_success_is_the_answer() {
    let retry = Retry::new();
    let (tool, _) = flaky(
        idempotent(),
        |before| if before == 0 { busy(0) } else { None },
    );
    let server = server().middleware(retry.clone());
    server.add_tool(tool).unwrap();
    let answer = Wire::to(&server).await.call("flaky", json!({})).await;
    assert_eq!(text(&answer), "done");
    let statistics = retry.statistics();
    assert_eq!((statistics.repeated, statistics.recovered), (1, 1));
}

#[tokio::test(start_paused = true)]
async fn only_what_may_pass_is_repeated() {
    let connection = |_| {
        let cause = io::Error::from(io::ErrorKind::ConnectionReset);
        Some(ToolError::internal(cause).into())
    };
    assert_eq!(runs(Retry::new(), idempotent(), connection).await, 3);
    let said = |_| Some(ToolError::new("sold out").into());
    assert_eq!(runs(Retry::new(), idempotent(), said).await, 1);
    for kind in [
        ErrorKind::InvalidArguments,
        ErrorKind::InvalidParams,
        ErrorKind::Forbidden,
        ErrorKind::Unauthenticated,
        ErrorKind::UnknownTool,
        ErrorKind::Panicked,
        ErrorKind::RateLimited,
        ErrorKind::Cancelled,
    ] {
        let fail = move |_| Some(Error::new(kind, "no"));
        assert_eq!(runs(Retry::new(), idempotent(), fail).await, 1, "{kind:?}");
    }
    let all = Retry::new().when(|error| error.kind() == ErrorKind::Tool);
    assert_eq!(runs(all, idempotent(), said).await, 3);
}

#[tokio::test(start_paused = true)]
async fn waits_stay_within_their_bounds() {
    for _ in 0..50 {
        let started = Instant::now();
        runs(Retry::new().attempts(3), idempotent(), busy).await;
        // 100 ms and 200 ms at most; timers have the grain of a millisecond.
        assert!(started.elapsed() <= Duration::from_millis(302));
    }
}

#[tokio::test(start_paused = true)]
async fn a_wait_that_was_asked_for_is_kept() {
    let fail = |after: u64| {
        move |_| {
            let error = Error::new(ErrorKind::RateLimited, "slow down");
            Some(error.with_data(json!({ "retryAfterMs": after })))
        }
    };
    let started = Instant::now();
    assert_eq!(runs(Retry::new(), idempotent(), fail(2_000)).await, 3);
    assert!(started.elapsed() >= Duration::from_secs(4));
    // As long as the longest wait, and longer: then the client may wait itself.
    assert_eq!(runs(Retry::new(), idempotent(), fail(5_000)).await, 3);
    let started = Instant::now();
    assert_eq!(runs(Retry::new(), idempotent(), fail(5_001)).await, 1);
    assert_eq!(started.elapsed(), Duration::ZERO);
    let patient = Retry::new().wait(Duration::from_millis(100), Duration::from_secs(10));
    assert_eq!(runs(patient, idempotent(), fail(6_000)).await, 3);
}

#[tokio::test(start_paused = true)]
async fn nothing_is_repeated_beyond_the_deadline() {
    let (tool, ran) = flaky(idempotent(), |_| {
        let error = Error::new(ErrorKind::RateLimited, "slow down");
        Some(error.with_data(json!({ "retryAfterMs": 3_000 })))
    });
    let server = server()
        .middleware(Timeout::after(Duration::from_secs(2)))
        .middleware(Retry::new());
    server.add_tool(tool).unwrap();
    let started = Instant::now();
    Wire::to(&server).await.call("flaky", json!({})).await;
    assert_eq!(
        (ran.load(Ordering::Relaxed), started.elapsed()),
        (1, Duration::ZERO)
    );
}

#[tokio::test(start_paused = true)]
async fn nothing_is_repeated_that_the_client_has_heard_of() {
    let ran = Arc::new(AtomicUsize::new(0));
    let counted = Arc::clone(&ran);
    let definition = definition("speaks").with_annotations(idempotent());
    let speaks = DynamicTool::new(definition, move |cx, _| {
        counted.fetch_add(1, Ordering::Relaxed);
        async move {
            cx.progress(1, 2);
            Err(Error::new(ErrorKind::Busy, "busy"))
        }
    });
    let server = server().middleware(Retry::new());
    server.add_tool(speaks).unwrap();
    let wire = Wire::to(&server).await;
    wire.say(
        &json!({ "jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": {
        "name": "speaks",
        "_meta": {
            "io.modelcontextprotocol/protocolVersion": "2026-07-28",
            "io.modelcontextprotocol/clientCapabilities": {},
            "progressToken": 1,
        },
    } }),
    );
    assert_eq!(wire.hear().await["method"], "notifications/progress");
    assert_eq!(wire.hear().await["result"]["isError"], true);
    assert_eq!(ran.load(Ordering::Relaxed), 1);
    // Who did not ask for progress has heard nothing.
    wire.call("speaks", json!({})).await;
    assert_eq!(ran.load(Ordering::Relaxed), 1 + 3);
}

#[tokio::test(start_paused = true)]
async fn a_dependency_that_is_down_gets_a_tenth_more_load() {
    let retry = Retry::new();
    let (tool, ran) = flaky(idempotent(), busy);
    let server = server().middleware(retry.clone());
    server.add_tool(tool).unwrap();
    let wire = Wire::to(&server).await;
    // Sent at one time, so that no window passes.
    for id in 0..1_000 {
        wire.request(id, "tools/call", json!({ "name": "flaky" }));
    }
    for _ in 0..1_000 {
        wire.hear().await;
    }
    let repeated = ran.load(Ordering::Relaxed) - 1_000;
    assert!((90..=120).contains(&repeated), "{repeated} repeats");
    assert!(retry.statistics().over_budget > 800);
}

async fn read_flaky(ran: Arc<AtomicUsize>) -> Result<ResourceResult> {
    if ran.fetch_add(1, Ordering::Relaxed) == 0 {
        return Err(Error::new(ErrorKind::Io, "reset"));
    }
    Ok(ResourceResult::text("read"))
}

#[tokio::test(start_paused = true)]
async fn reads_are_repeated_too() {
    let ran = Arc::new(AtomicUsize::new(0));
    let counted = Arc::clone(&ran);
    let notes = DynamicResource::new(Resource::new("notes://all", "all"), move |_, _: String| {
        read_flaky(Arc::clone(&counted))
    });
    let server = Server::builder("notes", "1.0.0").middleware(Retry::new());
    server.add_resource(notes).unwrap();
    let wire = Wire::to(&server).await;
    let answer = wire
        .ask("resources/read", json!({ "uri": "notes://all" }))
        .await;
    assert_eq!(answer["result"]["contents"][0]["text"], "read");
    assert_eq!(ran.load(Ordering::Relaxed), 2);
}
