use std::{
    io,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use proptest::prelude::*;
use purlin_core::{Error, Principal, Server, ToolError, ToolResult};
use serde_json::json;
use tokio::time::{Instant, advance};

use super::{
    BreakerState, CircuitBreaker, Outcome,
    machine::{Machine, Policy, Ticket},
};
use crate::fixture::{Wire, Written, caller, tool};

/// A server of tools that end as they are told.
fn server(breaker: CircuitBreaker) -> (Server, Arc<AtomicBool>) {
    let works = Arc::new(AtomicBool::new(false));
    let server = Server::builder("test", "1.0.0").middleware(breaker);
    for name in ["upstream", "other"] {
        let works = works.clone();
        let upstream = tool(name, move |_, _| {
            let works = works.clone();
            async move {
                if works.load(Ordering::SeqCst) {
                    return Ok(ToolResult::text("fine"));
                }
                Err(ToolError::internal(io::Error::other("down")).into())
            }
        });
        server.add_tool(upstream).unwrap();
    }
    let picky = tool("picky", |_, _| async {
        Err(ToolError::new("sold out").into())
    });
    server.add_tool(picky).unwrap();
    let slow = tool("slow", |_, _| async { std::future::pending().await });
    server.add_tool(slow).unwrap();
    (server.timeout(Duration::from_millis(100)), works)
}

async fn code(wire: &Wire, tool: &str) -> i64 {
    let answer = wire.call(tool, json!({})).await;
    answer["error"]["code"].as_i64().unwrap_or_default()
}

#[tokio::test(start_paused = true)]
async fn it_opens_tries_and_closes() {
    let changes = Written::default();
    let told = changes.clone();
    let breaker = CircuitBreaker::new().on_change(move |change| {
        told.push(format!(
            "{} {:?} {:?}",
            change.dependency, change.from, change.to
        ));
    });
    let (server, works) = server(breaker.clone());
    let wire = Wire::to(&server).await;
    for _ in 0..20 {
        assert_eq!(code(&wire, "upstream").await, 0);
    }
    let refused = wire.call("upstream", json!({})).await;
    assert_eq!(refused["error"]["code"], 503, "{refused}");
    assert_eq!(refused["error"]["data"]["retryAfterMs"], 30_000);
    assert_eq!(code(&wire, "other").await, 0);
    advance(Duration::from_secs(30)).await;
    assert_eq!(code(&wire, "upstream").await, 0);
    assert_eq!(code(&wire, "upstream").await, 503);
    works.store(true, Ordering::SeqCst);
    advance(Duration::from_secs(30)).await;
    for _ in 0..10 {
        assert_eq!(code(&wire, "upstream").await, 0);
    }
    assert_eq!(
        changes.take(),
        [
            "upstream Closed Open",
            "upstream Open HalfOpen",
            "upstream HalfOpen Open",
            "upstream Open HalfOpen",
            "upstream HalfOpen Closed",
        ]
    );
    let statistics = breaker.statistics();
    assert_eq!((statistics.opened, statistics.refused), (2, 2));
    let labels = [("dependency", "upstream"), ("class", "")];
    assert_eq!(
        server.samples().value("mcp_breaker_state", &labels),
        Some(0.0)
    );
}

#[tokio::test(start_paused = true)]
async fn timeouts_count_and_mistakes_and_cancellation_do_not() {
    let breaker = CircuitBreaker::new().threshold(50, 5, Duration::from_secs(10));
    let (server, _) = server(breaker.clone());
    let wire = Wire::to(&server).await;
    for _ in 0..20 {
        assert_eq!(code(&wire, "picky").await, 0);
        assert_eq!(code(&wire, "nothing").await, -32602);
    }
    for id in 100..120 {
        wire.request(id, "tools/call", json!({ "name": "slow" }));
        tokio::task::yield_now().await;
        let cancelled = json!({ "requestId": id });
        wire.say(
            &json!({ "jsonrpc": "2.0", "method": "notifications/cancelled", "params": cancelled }),
        );
    }
    for _ in 0..5 {
        assert_eq!(code(&wire, "slow").await, 0);
    }
    assert_eq!(code(&wire, "slow").await, 503);
    let names: Vec<_> = breaker.statistics().breakers;
    let names: Vec<_> = names
        .iter()
        .map(|(name, _, state)| (name.as_str(), *state))
        .collect();
    assert_eq!(
        names,
        [
            ("picky", BreakerState::Closed),
            ("slow", BreakerState::Open)
        ]
    );
}

#[tokio::test(start_paused = true)]
async fn classes_of_tenants_are_watched_apart() {
    let breaker = CircuitBreaker::new()
        .threshold(100, 2, Duration::from_secs(10))
        .by_class(|cx| Some(cx.principal()?.tenant()?.to_owned()));
    let (server, _) = server(breaker);
    let of = |tenant: &str| caller(Principal::new("a").with_tenant(tenant));
    let (acme, zoo) = (
        Wire::from(&server, of("acme")).await,
        Wire::from(&server, of("zoo")).await,
    );
    for _ in 0..2 {
        code(&acme, "upstream").await;
    }
    assert_eq!(code(&acme, "upstream").await, 503);
    assert_eq!(code(&zoo, "upstream").await, 0);
}

#[tokio::test(start_paused = true)]
async fn dependencies_and_ends_can_be_judged_otherwise() {
    let breaker = CircuitBreaker::new()
        .threshold(100, 2, Duration::from_secs(10))
        .by(|request| request.as_tool_call().map(|_| "warehouse".to_owned()))
        .judge(|result| match result.as_ref().map_err(Error::to_string) {
            Err(text) if text.contains("sold out") => Outcome::Failure,
            _ => Outcome::Success,
        });
    let (server, _) = server(breaker);
    let wire = Wire::to(&server).await;
    for _ in 0..2 {
        code(&wire, "picky").await;
    }
    assert_eq!(code(&wire, "other").await, 503);
}

#[tokio::test(start_paused = true)]
async fn there_is_a_bound_to_breakers() {
    let breaker =
        CircuitBreaker::new().by(|request| Some(request.context().request_id().to_owned()));
    let (server, works) = server(breaker.clone());
    let wire = Wire::to(&server).await;
    for round in 0..2_u64 {
        works.store(round == 0, Ordering::SeqCst);
        for id in 0..1_500 {
            wire.request(
                id + 10_000 * round,
                "tools/call",
                json!({ "name": "other" }),
            );
            wire.hear().await;
        }
        assert!(breaker.statistics().breakers.len() <= 1_000);
    }
}

/// What a breaker is, said as simply as can be.
struct Model {
    ends: Vec<(u64, bool)>,
    phase: ModelPhase,
    start: u64,
}

enum ModelPhase {
    Closed,
    Open(u64),
    Trying { running: u32, succeeded: u32 },
}

const WINDOW: u64 = 1_000;
const PAUSE: u64 = 3_000;
const CALLS: usize = 5;
const PROBES: u32 = 3;

impl Model {
    fn admit(&mut self, now: u64) -> bool {
        if let ModelPhase::Open(until) = self.phase {
            if now < until {
                return false;
            }
            self.phase = ModelPhase::Trying {
                running: 0,
                succeeded: 0,
            };
        }
        match &mut self.phase {
            ModelPhase::Trying { running, succeeded } if *running + *succeeded < PROBES => {
                *running += 1;
                true
            }
            ModelPhase::Trying { .. } => false,
            _ => true,
        }
    }

    fn end(&mut self, now: u64, outcome: Outcome) {
        let slot = |at: u64| (at - self.start) / (WINDOW / 10);
        match &mut self.phase {
            ModelPhase::Closed if outcome != Outcome::Unknown => {
                self.ends.push((now, outcome == Outcome::Failure));
                let current = slot(now);
                let seen = self.ends.iter().filter(|(at, _)| slot(*at) + 10 > current);
                let (ended, failed) = seen.fold((0, 0), |(ended, failed), (_, bad)| {
                    (ended + 1, failed + usize::from(*bad))
                });
                if ended >= CALLS && failed * 2 >= ended {
                    self.phase = ModelPhase::Open(now + PAUSE);
                }
            }
            ModelPhase::Trying { running, succeeded } => {
                *running -= 1;
                match outcome {
                    Outcome::Failure => self.phase = ModelPhase::Open(now + PAUSE),
                    Outcome::Success => *succeeded += 1,
                    Outcome::Unknown => {}
                }
                if matches!(
                    self.phase,
                    ModelPhase::Trying {
                        succeeded: PROBES,
                        ..
                    }
                ) {
                    self.phase = ModelPhase::Closed;
                    self.ends.clear();
                    self.start = now;
                }
            }
            _ => {}
        }
    }

    fn state(&self) -> BreakerState {
        match self.phase {
            ModelPhase::Closed => BreakerState::Closed,
            ModelPhase::Open(_) => BreakerState::Open,
            ModelPhase::Trying { .. } => BreakerState::HalfOpen,
        }
    }
}

#[derive(Clone, Debug)]
enum Step {
    Wait(u64),
    Start,
    End(usize, Outcome),
}

fn step() -> impl Strategy<Value = Step> {
    let outcome = prop_oneof![
        Just(Outcome::Success),
        Just(Outcome::Failure),
        Just(Outcome::Unknown)
    ];
    prop_oneof![
        1 => (0_u64..1_500).prop_map(Step::Wait),
        4 => Just(Step::Start),
        4 => (0_usize..8, outcome).prop_map(|(which, outcome)| Step::End(which, outcome)),
    ]
}

proptest! {
    #[test]
    fn it_behaves_as_the_model(steps in prop::collection::vec(step(), 1..300)) {
        let policy = Policy {
            percent: 50,
            calls: u32::try_from(CALLS).unwrap(),
            window: Duration::from_millis(WINDOW),
            pause: Duration::from_millis(PAUSE),
            probes: PROBES,
        };
        let start = Instant::now();
        let at = |now: u64| start + Duration::from_millis(now);
        let mut machine = Machine::new(policy, start);
        let mut model = Model { ends: Vec::new(), phase: ModelPhase::Closed, start: 0 };
        let mut now = 0;
        // What runs, with the count of the model's changes when it was let through.
        let mut running: Vec<(Ticket, u64)> = Vec::new();
        let mut changes = 0_u64;
        for step in steps {
            let before = model.state();
            match step {
                Step::Wait(millis) => now += millis,
                Step::Start => {
                    let admitted = machine.admit(|| at(now));
                    prop_assert_eq!(admitted.is_ok(), model.admit(now));
                    changes += u64::from(model.state() != before);
                    if let Ok(ticket) = admitted {
                        running.push((ticket, changes));
                    }
                }
                Step::End(which, outcome) if !running.is_empty() => {
                    let (ticket, phase) = running.remove(which % running.len());
                    machine.record(at(now), ticket, outcome);
                    if phase == changes {
                        model.end(now, outcome);
                        changes += u64::from(model.state() != before);
                    }
                }
                Step::End(..) => {}
            }
            prop_assert_eq!(machine.state(), model.state());
        }
    }
}
