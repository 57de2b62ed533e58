//! Connections that are kept up.
//!
//! A task per connection makes it, waits until somebody reports it broken, and makes the next one.
//! Callers only ever look at what it offers, so a call that is dropped leaves nothing half made.

use std::{
    hash::{BuildHasher, RandomState},
    sync::atomic::{AtomicUsize, Ordering::Relaxed},
    time::Duration,
};

use purlin_core::store::{StoreError, StoreErrorKind, StoreResult};
use tokio::{
    runtime::Handle,
    sync::watch,
    task::AbortHandle,
    time::{Instant, sleep, timeout},
};

use super::connection::{Connection, Server};

/// The pause before a new attempt is random, up to this at first and twice as much each time.
const FIRST_PAUSE: Duration = Duration::from_millis(50);
const LONGEST_PAUSE: Duration = Duration::from_secs(1);
/// A connection that broke sooner than this counts as a failed attempt.
pub(super) const LASTING: Duration = Duration::from_secs(1);
/// How often a connection is asked for a sign of life.
pub(super) const HEARTBEAT: Duration = Duration::from_secs(5);

/// How long things may take.
#[derive(Debug, Clone, Copy)]
pub(super) struct Patience {
    pub(super) connection: Duration,
    pub(super) answer: Duration,
}

impl Default for Patience {
    fn default() -> Self {
        Self {
            connection: Duration::from_secs(1),
            answer: Duration::from_secs(2),
        }
    }
}

/// A few connections, used in turn.
#[derive(Debug)]
pub(super) struct Links {
    links: Vec<Link>,
    turn: AtomicUsize,
    patience: Duration,
}

/// One connection, again and again.
#[derive(Debug)]
struct Link {
    offered: watch::Receiver<Option<Live>>,
    task: AbortHandle,
}

/// A connection that works, as far as is known.
#[derive(Debug, Clone)]
pub(super) struct Live {
    pub(super) connection: Connection,
    generation: u64,
    broken: watch::Sender<u64>,
}

impl Live {
    /// Reports that the connection is of no use any more.
    pub(super) fn give_up(&self) {
        self.broken.send_if_modified(|broken| {
            let news = *broken < self.generation;
            *broken = self.generation.max(*broken);
            news
        });
    }
}

impl Links {
    pub(super) fn new(runtime: &Handle, server: &Server, count: usize, patience: Patience) -> Self {
        Self {
            links: (0..count)
                .map(|_| Link::new(runtime, server.clone(), patience))
                .collect(),
            turn: AtomicUsize::new(0),
            patience: patience.connection,
        }
    }

    /// A connection: the next in turn that is up, or else the first that comes up.
    pub(super) async fn live(&self) -> StoreResult<Live> {
        let turn = self.turn.fetch_add(1, Relaxed);
        let count = self.links.len();
        let in_turn = |step: usize| &self.links[turn.wrapping_add(step) % count];
        let up = (0..count).find_map(|step| in_turn(step).offered.borrow().clone());
        match up {
            Some(live) => Ok(live),
            None => in_turn(0).up(self.patience).await,
        }
    }
}

impl Link {
    fn new(runtime: &Handle, server: Server, patience: Patience) -> Self {
        let (offer, offered) = watch::channel(None);
        let task = runtime.spawn(keep(server, patience, offer)).abort_handle();
        Self { offered, task }
    }

    async fn up(&self, patience: Duration) -> StoreResult<Live> {
        let mut offered = self.offered.clone();
        let up = timeout(patience, offered.wait_for(Option::is_some)).await;
        let live = up.ok().and_then(Result::ok);
        live.and_then(|live| live.clone()).ok_or_else(|| {
            let text = "there is no connection to Redis";
            StoreError::new(StoreErrorKind::Unavailable, text)
        })
    }
}

impl Drop for Link {
    fn drop(&mut self) {
        self.task.abort();
    }
}

/// Keeps one connection up.
async fn keep(server: Server, patience: Patience, offer: watch::Sender<Option<Live>>) {
    let (broken, mut reports) = watch::channel(0);
    let (mut generation, mut failures) = (0, 0);
    loop {
        match timeout(patience.answer, server.connect()).await {
            Ok(Ok(connection)) => {
                generation += 1;
                let since = Instant::now();
                let live = Live {
                    connection,
                    generation,
                    broken: broken.clone(),
                };
                offer.send_replace(Some(live.clone()));
                watch_over(live, &mut reports, patience).await;
                offer.send_replace(None);
                if since.elapsed() >= LASTING {
                    failures = 0;
                }
                tracing::warn!("a connection to Redis broke");
            }
            Ok(Err(error)) if failures == 0 => {
                tracing::warn!(kind = ?error.kind(), "cannot connect to Redis; trying on");
            }
            Err(_) if failures == 0 => {
                tracing::warn!("Redis does not answer; trying on");
            }
            _ => {}
        }
        sleep(pause(failures)).await;
        failures += 1;
    }
}

/// Ends when the connection is of no use any more.
async fn watch_over(mut live: Live, reports: &mut watch::Receiver<u64>, patience: Patience) {
    loop {
        let reported = reports.wait_for(|broken| *broken >= live.generation);
        if timeout(HEARTBEAT, reported).await.is_ok() {
            return;
        }
        let ping = redis::cmd("PING");
        let answer = ping.query_async::<redis::Value>(&mut live.connection);
        if !matches!(timeout(patience.answer, answer).await, Ok(Ok(_))) {
            return;
        }
    }
}

pub(super) fn pause(failures: u32) -> Duration {
    let most = LONGEST_PAUSE.min(FIRST_PAUSE * 2u32.pow(failures.min(8)));
    let random = RandomState::new().hash_one(failures);
    // Within a second, so it fits.
    let most = u64::try_from(most.as_micros()).unwrap_or(1_000_000);
    Duration::from_micros(random % (most + 1))
}
