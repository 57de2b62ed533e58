use std::{
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use purlin_core::{
    BoxFuture, Error, ErrorKind, Principal, Result,
    store::{Key, KeyValue, MemoryStore},
};
use serde_json::json;

use super::{StoreSink, Usage, UsageCounts, UsageKey, UsageSink};
use crate::fixture::{Wire, caller, server, tool};

/// Keeps what it was given, while it works.
#[derive(Clone, Default)]
struct Book {
    broken: Arc<AtomicBool>,
    lines: Arc<Mutex<Vec<(UsageKey, UsageCounts)>>>,
}

impl Book {
    fn calls(&self) -> u64 {
        self.lines
            .lock()
            .unwrap()
            .iter()
            .map(|(_, counts)| counts.calls)
            .sum()
    }
}

impl UsageSink for Book {
    fn record<'a>(
        &'a self,
        key: &'a UsageKey,
        counts: &'a UsageCounts,
    ) -> BoxFuture<'a, Result<()>> {
        Box::pin(async move {
            tokio::task::yield_now().await;
            if self.broken.load(Ordering::SeqCst) {
                return Err(Error::new(ErrorKind::Unavailable, "away"));
            }
            self.lines.lock().unwrap().push((key.clone(), *counts));
            Ok(())
        })
    }
}

#[tokio::test(start_paused = true)]
async fn calls_errors_bytes_and_time_are_counted_for_each_caller_and_tool() {
    let usage = Usage::new(Book::default());
    let server = server().middleware(usage.clone());
    let slow = tool("slow", |_, _| async {
        tokio::time::sleep(Duration::from_secs(2)).await;
        Ok(purlin_core::ToolResult::text("four"))
    });
    server.add_tool(slow).unwrap();
    let acme = Principal::new("alice").with_tenant("acme");
    let alice = Wire::from(&server, caller(acme.clone())).await;
    let stranger = Wire::over_http(&server).await;
    alice.call("slow", json!({})).await;
    alice.call("slow", json!({ "a": 1 })).await;
    alice.call("fail", json!({})).await;
    alice.call("no such tool", json!({})).await;
    stranger.call("echo", json!({})).await;
    let pending = usage.pending();
    let of = |caller: Option<&Principal>, tool: &str| {
        let found = pending.iter().find(|(key, _)| {
            key.tool == tool && key.caller.as_deref() == caller.map(Principal::identity).as_deref()
        });
        found.unwrap_or_else(|| panic!("{tool}: {pending:?}")).1
    };
    let expected = UsageCounts {
        calls: 2,
        errors: 0,
        bytes_in: 9,
        bytes_out: 12,
        micros: 4_000_000,
    };
    assert_eq!(of(Some(&acme), "slow"), expected);
    assert_eq!(of(Some(&acme), "fail").errors, 1);
    assert_eq!(of(Some(&acme), "").errors, 1);
    assert_eq!(of(None, "echo").calls, 1);
    assert_eq!(pending.len(), 4);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn no_call_is_lost_under_load_and_while_the_sink_is_away() {
    let book = Book::default();
    let usage = Usage::new(book.clone()).capacity(7);
    let server = server().middleware(usage.clone());
    let mut tasks = Vec::new();
    for number in 0..8 {
        let (server, usage) = (server.clone(), usage.clone());
        let broken = book.broken.clone();
        tasks.push(tokio::spawn(async move {
            let person = Principal::new(number.to_string());
            let wire = Wire::from(&server, caller(person)).await;
            for call in 0..200 {
                wire.call("echo", json!({})).await;
                if call % 50 == 0 {
                    broken.store(call % 100 == 0, Ordering::SeqCst);
                    let _ = usage.flush().await;
                }
            }
        }));
    }
    for task in tasks {
        task.await.unwrap();
    }
    book.broken.store(false, Ordering::SeqCst);
    usage.flush().await.unwrap();
    assert_eq!(book.calls(), 8 * 200);
    assert!(usage.pending().is_empty());
    assert!(usage.statistics().keys <= 70);
}

#[tokio::test]
async fn a_flush_that_is_dropped_loses_nothing() {
    for polls in 0..6 {
        let book = Book::default();
        let usage = Usage::new(book.clone());
        let server = server().middleware(usage.clone());
        for number in 0..3 {
            let person = Principal::new(number.to_string());
            Wire::from(&server, caller(person))
                .await
                .call("echo", json!({}))
                .await;
        }
        {
            let mut flush = Box::pin(usage.flush());
            for _ in 0..polls {
                let done = std::future::poll_fn(|cx| {
                    std::task::Poll::Ready(flush.as_mut().poll(cx).is_ready())
                });
                if done.await {
                    break;
                }
            }
        }
        let pending: u64 = usage.pending().iter().map(|(_, counts)| counts.calls).sum();
        assert_eq!(book.calls() + pending, 3, "{polls}");
    }
}

#[tokio::test(start_paused = true)]
async fn it_is_flushed_again_and_again_while_somebody_counts() {
    let book = Book::default();
    let usage = Usage::new(book.clone());
    let server = server().middleware(usage.clone());
    let flushing = tokio::spawn(usage.clone().keep_flushing(Duration::from_secs(60)));
    let wire = Wire::to(&server).await;
    for calls in 1..=3 {
        wire.call("echo", json!({})).await;
        tokio::time::sleep(Duration::from_secs(61)).await;
        assert_eq!(book.calls(), calls);
    }
    wire.call("echo", json!({})).await;
    drop((wire, server, usage));
    flushing.await.unwrap();
    // What was counted since.
    assert_eq!(book.calls(), 4);
}

#[tokio::test(start_paused = true)]
async fn what_was_counted_last_is_handed_over_when_the_server_ends() {
    let book = Book::default();
    let usage = Usage::new(book.clone());
    let server = server()
        .middleware(usage.clone())
        .with_lifespan(usage.clone().flushing(Duration::from_secs(60)));
    server.start().await.unwrap();
    let wire = Wire::to(&server).await;
    wire.call("echo", json!({})).await;
    tokio::time::sleep(Duration::from_secs(61)).await;
    assert_eq!(book.calls(), 1);
    wire.call("echo", json!({})).await;
    server.stop().await;
    drop(wire);
    while book.calls() < 2 {
        tokio::task::yield_now().await;
    }
    // A sink that is away is asked once more, and the end is not held up.
    server.start().await.unwrap();
    let wire = Wire::to(&server).await;
    wire.call("echo", json!({})).await;
    book.broken.store(true, Ordering::SeqCst);
    server.stop().await;
    assert_eq!(book.calls(), 2);
    drop(wire);
    while usage.statistics().failed == 0 {
        tokio::task::yield_now().await;
    }
}

#[tokio::test]
async fn sums_in_a_store_do_not_stay_for_ever() {
    let store = Arc::new(MemoryStore::default());
    let sink = StoreSink::new(store.clone()).kept_for(Duration::from_secs(60));
    let usage = Usage::new(sink);
    let server = server().middleware(usage.clone());
    Wire::to(&server).await.call("echo", json!({})).await;
    let (key, _) = usage.pending().remove(0);
    usage.flush().await.unwrap();
    let mut left = Vec::new();
    for day in [StoreSink::today() - 1, StoreSink::today()] {
        let text = super::sink::text(&key, day);
        let stored = store.get(Key::new("usage", &text)).await.unwrap();
        left.extend(stored.map(|stored| stored.expires_in));
    }
    let [Some(left)] = left[..] else {
        panic!("{left:?}");
    };
    assert!(left <= Duration::from_secs(60), "{left:?}");
}

#[tokio::test]
async fn a_store_adds_up_what_several_processes_count() {
    let store = Arc::new(MemoryStore::default());
    let sink = StoreSink::new(store);
    let day = StoreSink::today();
    let mut tasks = Vec::new();
    for _ in 0..4 {
        let usage = Usage::new(sink.clone());
        let server = server().middleware(usage.clone());
        tasks.push(tokio::spawn(async move {
            let wire = Wire::from(&server, caller(Principal::new("alice"))).await;
            for _ in 0..5 {
                wire.call("echo", json!({ "a": 1 })).await;
                while usage.flush().await.is_err() {}
            }
        }));
    }
    for task in tasks {
        task.await.unwrap();
    }
    let key = UsageKey {
        caller: Some(Principal::new("alice").identity().to_string()),
        tool: "echo".to_owned(),
        ..UsageKey::default()
    };
    let counts = sink.read(&key, day).await.unwrap();
    // Around midnight some of them belong to the next day.
    let next = sink.read(&key, day + 1).await.unwrap();
    assert_eq!(counts.calls + next.calls, 20);
    assert_eq!(counts.bytes_in + next.bytes_in, 20 * 7);
}
