use std::{
    future::Future,
    pin::pin,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    task::Poll,
    time::Duration,
};

use purlin_core::{Principal, Server, ToolResult, access::Caller};
use serde_json::{Value, json};
use tokio::{sync::Semaphore, time::advance};

use super::{
    Concurrency,
    gate::{Asked, Door, Gates, Place},
};
use crate::fixture::{Wire, caller, text, tool};

/// A server whose tools wait to be let go, and how many of them run.
struct Held {
    server: Server,
    let_go: Arc<Semaphore>,
    most: Arc<AtomicUsize>,
}

fn held(bulkheads: &Concurrency) -> Held {
    let (let_go, running) = (Arc::new(Semaphore::new(0)), Arc::new(AtomicUsize::new(0)));
    let most = Arc::new(AtomicUsize::new(0));
    let server = Server::builder("test", "1.0.0").middleware(bulkheads.clone());
    for name in ["slow", "other"] {
        let (gate, running, most) = (let_go.clone(), running.clone(), most.clone());
        let slow = tool(name, move |_, arguments| {
            let (gate, running, most) = (gate.clone(), running.clone(), most.clone());
            async move {
                let now = running.fetch_add(1, Ordering::SeqCst) + 1;
                most.fetch_max(now, Ordering::SeqCst);
                gate.acquire().await.unwrap().forget();
                running.fetch_sub(1, Ordering::SeqCst);
                ToolResult::structured(&arguments)
            }
        });
        server.add_tool(slow).unwrap();
    }
    let nested = tool("nested", |cx, _| async move {
        cx.call_tool("quick", json!({})).await
    });
    server.add_tool(nested).unwrap();
    let quick = tool("quick", |_, _| async { Ok(ToolResult::text("quick")) });
    server.add_tool(quick).unwrap();
    Held {
        server,
        let_go,
        most,
    }
}

fn start(wire: &Wire, id: u64, tool: &str) {
    let params = json!({ "name": tool, "arguments": { "id": id } });
    wire.request(id, "tools/call", params);
}

async fn settled(bulkheads: &Concurrency, running: usize, queued: usize) {
    loop {
        let now = bulkheads.statistics();
        if (now.running, now.queued) == (running, queued) {
            return;
        }
        tokio::task::yield_now().await;
    }
}

#[tokio::test]
async fn no_more_run_than_there_are_places() {
    let bulkheads = Concurrency::new(3);
    let held = held(&bulkheads);
    let wire = Wire::to(&held.server).await;
    (0..10).for_each(|id| start(&wire, id, "slow"));
    settled(&bulkheads, 3, 7).await;
    held.let_go.add_permits(10);
    for _ in 0..10 {
        assert!(wire.hear().await["result"].is_object());
    }
    settled(&bulkheads, 0, 0).await;
    assert_eq!(held.most.load(Ordering::SeqCst), 3);
    let statistics = bulkheads.statistics();
    assert_eq!((statistics.passed, statistics.waited), (10, 7));
    assert_eq!(bulkheads.gates.len(), 0);
}

#[tokio::test]
async fn a_tool_that_is_full_leaves_the_others_alone() {
    let bulkheads = Concurrency::new(10).tool("slow", 1).queue(1);
    let held = held(&bulkheads);
    let wire = Wire::to(&held.server).await;
    start(&wire, 0, "slow");
    start(&wire, 1, "slow");
    settled(&bulkheads, 2, 1).await;
    start(&wire, 2, "slow");
    let refused = wire.hear().await;
    assert_eq!(refused["error"]["code"], 503, "{refused}");
    assert_eq!(refused["error"]["data"]["retryAfterMs"], 1_000);
    assert_eq!(text(&wire.call("quick", json!({})).await), "quick");
    let samples = held.server.samples();
    let full = samples.value("mcp_concurrency_refused_total", &[("reason", "full")]);
    assert_eq!(full, Some(1.0));
    held.let_go.add_permits(2);
    wire.hear().await;
    wire.hear().await;
}

#[tokio::test(start_paused = true)]
async fn waiting_has_a_bound_and_counts_against_the_time_of_the_call() {
    let bulkheads = Concurrency::new(1).max_wait(Duration::from_secs(2));
    let held = held(&bulkheads);
    let server = held.server.clone().timeout(Duration::from_secs(3));
    let wire = Wire::to(&server).await;
    start(&wire, 0, "slow");
    settled(&bulkheads, 1, 0).await;
    start(&wire, 1, "slow");
    settled(&bulkheads, 1, 1).await;
    // The clock goes on by itself when all wait.
    let started = tokio::time::Instant::now();
    let refused = wire.hear().await;
    assert_eq!(
        (&refused["id"], &refused["error"]["code"]),
        (&json!(1), &json!(503))
    );
    assert_eq!(started.elapsed().as_secs(), 2);
    // The next waits a second, for what holds the place has one more second to
    // run, and has two seconds of its three left.
    start(&wire, 2, "slow");
    let stopped = wire.hear().await;
    assert_eq!(
        (&stopped["id"], started.elapsed().as_secs()),
        (&json!(0), 3)
    );
    let stopped = wire.hear().await;
    assert_eq!(
        (&stopped["id"], started.elapsed().as_secs()),
        (&json!(2), 5)
    );
    assert_eq!(stopped["result"]["isError"], true);
}

#[tokio::test(start_paused = true)]
async fn what_has_less_time_than_the_queue_times_out_in_it() {
    let bulkheads = Concurrency::new(1).max_wait(Duration::from_secs(60));
    let held = held(&bulkheads);
    let server = held.server.clone().timeout(Duration::from_secs(1));
    let places = enter(&bulkheads.gates, &Door::Server, 1, &alice());
    let wire = Wire::to(&server).await;
    let stopped = wire.call("slow", json!({})).await;
    assert!(text(&stopped).contains("longer than 1s"), "{stopped}");
    drop(places);
    settled(&bulkheads, 0, 0).await;
}

#[tokio::test]
async fn what_a_handler_calls_does_not_wait_for_the_handler() {
    let bulkheads = Concurrency::new(1).each_principal(1).each_tool(1).queue(0);
    let wire = Wire::to(&held(&bulkheads).server).await;
    for _ in 0..3 {
        assert_eq!(text(&wire.call("nested", json!({})).await), "quick");
    }
    assert_eq!(bulkheads.statistics().passed, 3);
}

#[tokio::test]
async fn a_cancelled_request_leaves_the_queue_and_its_place() {
    let bulkheads = Concurrency::new(1);
    let held = held(&bulkheads);
    let wire = Wire::to(&held.server).await;
    for id in 0..3 {
        start(&wire, id, "slow");
    }
    settled(&bulkheads, 1, 2).await;
    for (id, running, queued) in [(1, 1, 1), (0, 1, 0), (2, 0, 0)] {
        wire.say(&json!({
            "jsonrpc": "2.0",
            "method": "notifications/cancelled",
            "params": { "requestId": id },
        }));
        settled(&bulkheads, running, queued).await;
    }
}

#[tokio::test]
async fn places_go_around_among_callers() {
    let bulkheads = Concurrency::new(1).queue(100);
    let held = held(&bulkheads);
    let greedy = Wire::from(&held.server, caller(Principal::new("greedy"))).await;
    let modest = Wire::from(&held.server, caller(Principal::new("modest"))).await;
    (0..50).for_each(|id| start(&greedy, id, "slow"));
    settled(&bulkheads, 1, 49).await;
    start(&modest, 0, "slow");
    settled(&bulkheads, 1, 50).await;
    // The one that runs, at most one of the greedy, and then the modest.
    held.let_go.add_permits(3);
    assert!(modest.hear().await["result"].is_object());
    held.let_go.add_permits(50);
}

#[tokio::test]
async fn a_full_queue_has_room_for_who_waits_with_less() {
    let bulkheads = Concurrency::new(1).queue(10);
    let held = held(&bulkheads);
    let greedy = Wire::from(&held.server, caller(Principal::new("greedy"))).await;
    let modest = Wire::from(&held.server, caller(Principal::new("modest"))).await;
    (0..11).for_each(|id| start(&greedy, id, "slow"));
    settled(&bulkheads, 1, 10).await;
    start(&modest, 0, "slow");
    // The latest of the greedy is pushed out.
    let refused = greedy.hear().await;
    assert_eq!(
        (&refused["id"], &refused["error"]["code"]),
        (&json!(10), &json!(503))
    );
    settled(&bulkheads, 1, 10).await;
    start(&greedy, 99, "slow");
    let refused: Value = greedy.hear().await;
    assert_eq!(refused["id"], 99);
    held.let_go.add_permits(20);
    assert!(modest.hear().await["result"].is_object());
}

fn alice() -> Caller {
    Caller::Principal("alice".into())
}

fn enter(gates: &Arc<Gates>, door: &Door, places: usize, caller: &Caller) -> Place {
    match gates.ask(door, places, 100, || caller.clone()) {
        Asked::Place(place) => place,
        other => panic!("there is no place: {other:?}"),
    }
}

/// A request that waits at two gates one after the other.
async fn two_gates(gates: Arc<Gates>) {
    let mut places = Vec::new();
    for door in [Door::Tool("a".to_owned()), Door::Server] {
        match gates.ask(&door, 1, 100, alice) {
            Asked::Place(place) => places.push(place),
            Asked::Queued(queued) => places.extend(queued.wait().await),
            Asked::Full => panic!("the queue has room"),
        }
        tokio::task::yield_now().await;
    }
}

/// Drops a request after each number of polls, while others come and go: no
/// place and no place in a queue is ever lost.
#[tokio::test]
async fn no_place_is_lost_whenever_a_request_is_dropped() {
    for polls in 0..8 {
        for free_at in 0..8 {
            let gates = Arc::new(Gates::default());
            let mut taken = Some([
                enter(&gates, &Door::Tool("a".to_owned()), 1, &alice()),
                enter(&gates, &Door::Server, 1, &alice()),
            ]);
            {
                let mut dropped = pin!(two_gates(gates.clone()));
                let mut follower = Box::pin(two_gates(gates.clone()));
                for poll in 0..polls {
                    if poll == free_at {
                        taken = None;
                    }
                    if poll_once(dropped.as_mut()).await {
                        break;
                    }
                    let _ = poll_once(follower.as_mut()).await;
                }
            }
            drop(taken);
            assert_eq!(gates.totals(), (0, 0), "{polls} {free_at}");
            assert_eq!(gates.len(), 0, "{polls} {free_at}");
        }
    }
}

async fn poll_once<F: Future>(mut future: std::pin::Pin<&mut F>) -> bool {
    std::future::poll_fn(|cx| Poll::Ready(future.as_mut().poll(cx).is_ready())).await
}

#[tokio::test(start_paused = true)]
async fn a_place_that_is_free_goes_to_whoever_still_waits() {
    let gates = Arc::new(Gates::default());
    let place = enter(&gates, &Door::Server, 1, &alice());
    let Asked::Queued(gone) = gates.ask(&Door::Server, 1, 10, alice) else {
        panic!("the place is taken");
    };
    let Asked::Queued(waiting) = gates.ask(&Door::Server, 1, 10, alice) else {
        panic!("the place is taken");
    };
    // Granted to the first, who leaves without having taken it.
    drop(place);
    drop(gone);
    let place = waiting.wait().await;
    assert!(place.is_some());
    advance(Duration::from_secs(1)).await;
    assert_eq!(gates.totals(), (1, 0));
    drop(place);
    assert_eq!(gates.len(), 0);
}
