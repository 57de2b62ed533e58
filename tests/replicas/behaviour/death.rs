//! A process is killed (SIGKILL) while it works.

use std::sync::{
    Arc,
    atomic::{AtomicU32, Ordering},
};

use purlin::store::{Key, KeyValue};
use purlin_client::{Client, ClientError, Era, ErrorKind};
use serde_json::json;
use tokio::{sync::Notify, task::JoinSet};

use crate::cluster::{Cluster, Heard};

#[tokio::test(flavor = "multi_thread")]
async fn a_call_whose_process_dies_is_answered_by_another() {
    let mut cluster = Cluster::start().await;
    let (client, heard) = cluster.client(Era::Session).await;
    let call = client.call_tool("hang", json!({}));
    let call = tokio::spawn(async move { call.await });
    // The call tells which process it is at.
    let process = loop {
        if let Some(process) = heard.progress().first() {
            break *process;
        }
        tokio::task::yield_now().await;
    };
    cluster.kill(Some(process)).await;
    let error = call.await.unwrap().unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Rpc, "{error}");
    assert!(error.to_string().contains("is gone"), "{error}");
    assert_eq!(heard.answered_twice(), [""; 0]);
    // The session lives on.
    let counted: u32 = client.call("count", json!({})).await.unwrap();
    assert_eq!(counted, 1);
}

/// Calls per client, and clients per era.
const CALLS: u32 = 30;
const CLIENTS: u32 = 4;

/// How many calls have been answered by all clients, and who wants to know.
#[derive(Default)]
struct Tally {
    answered: AtomicU32,
    a_third: Notify,
}

impl Tally {
    fn count(&self) {
        let answered = self.answered.fetch_add(1, Ordering::Relaxed) + 1;
        if answered == CALLS * CLIENTS * 2 / 3 {
            self.a_third.notify_one();
        }
    }
}

/// What one client has seen.
#[derive(Default)]
struct Seen {
    errors: Vec<ClientError>,
    /// The orders that were answered, and those that failed.
    paid: Vec<String>,
    unsure: Vec<String>,
    counts: Vec<u32>,
    uncounted: usize,
}

impl Seen {
    /// Checks one answer against its request.
    fn answer<T: PartialEq + std::fmt::Debug>(
        &mut self,
        answer: Result<T, ClientError>,
        expected: &T,
    ) -> bool {
        match answer {
            Ok(answer) => {
                assert_eq!(&answer, expected);
                true
            }
            Err(error) => {
                self.errors.push(error);
                false
            }
        }
    }
}

async fn drive(name: String, client: Client, trip: Option<String>, tally: Arc<Tally>) -> Seen {
    let mut seen = Seen::default();
    for n in 0..CALLS {
        let token = format!("{name} {n}");
        match n % 4 {
            0 => {
                let done = client.call("work", json!({ "token": token })).await;
                seen.answer(done, &token);
            }
            1 => {
                let done = client.call("confirm", json!({ "token": token })).await;
                seen.answer(done, &format!("{token}: true"));
            }
            2 => {
                let done = client.call("order", json!({ "id": token })).await;
                let paid = seen.answer(done, &1);
                let orders = if paid {
                    &mut seen.paid
                } else {
                    &mut seen.unsure
                };
                orders.push(token);
            }
            _ => match client.call("count", json!({ "trip": trip })).await {
                Ok(count) => seen.counts.push(count),
                Err(error) => {
                    seen.uncounted += 1;
                    seen.errors.push(error);
                }
            },
        }
        tally.count();
    }
    seen
}

#[tokio::test(flavor = "multi_thread")]
async fn under_load_a_death_loses_nothing_and_doubles_nothing() {
    let mut cluster = Cluster::start().await;
    let tally = Arc::new(Tally::default());
    let (mut clients, mut ears) = (JoinSet::new(), Vec::<Heard>::new());
    for n in 0..CLIENTS {
        for era in [Era::Stateless, Era::Session] {
            let (client, heard) = cluster.client(era).await;
            let trip: Option<String> = match era {
                Era::Stateless => Some(client.call("start", json!({})).await.unwrap()),
                _ => None,
            };
            ears.push(heard);
            clients.spawn(drive(
                format!("{era:?} {n}"),
                client,
                trip,
                Arc::clone(&tally),
            ));
        }
    }
    tally.a_third.notified().await;
    cluster.kill(None).await;
    let seen = clients.join_all().await;
    let store = cluster.store();
    let mut failed = 0;
    for seen in seen {
        for error in &seen.errors {
            // A typed error of the call, never the loss of a session.
            let kinds = [ErrorKind::Transport, ErrorKind::Rpc, ErrorKind::Closed];
            let is_of_the_proxy = error.status() == Some(502);
            assert!(
                is_of_the_proxy || kinds.contains(&error.kind()),
                "{error:?}"
            );
            failed += 1;
        }
        for order in &seen.paid {
            assert_eq!(charged(&store, order).await, 1, "{order}");
        }
        for order in &seen.unsure {
            assert!(charged(&store, order).await <= 1, "{order}");
        }
        check_counts(&seen);
    }
    for heard in ears {
        assert_eq!(heard.answered_twice(), [""; 0]);
    }
    // Most calls were at other processes.
    assert!(failed < CALLS * CLIENTS, "{failed} calls failed");
}

async fn charged(store: &impl KeyValue, order: &str) -> i64 {
    store
        .add(Key::new("charged", order), 0, None)
        .await
        .unwrap()
}

/// Each count is one more than the last, or more where an answer was lost.
fn check_counts(seen: &Seen) {
    assert!(seen.counts.is_sorted(), "{:?}", seen.counts);
    let mut once = seen.counts.clone();
    once.dedup();
    assert_eq!(once, seen.counts, "a count was given twice");
    let last = seen.counts.last().copied().unwrap_or(0) as usize;
    assert!(last <= seen.counts.len() + seen.uncounted, "counted twice");
}
