//! How often a host is asked, and how many times at once.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use super::target::Host;
use super::{FetchError, Limits};

/// How many wait for their turn at a host, as a multiple of those that have it.
const WAITING: usize = 16;

/// When to try again where no point in time is known.
const SOON: Duration = Duration::from_secs(1);

/// What is known of the hosts that were asked lately.
#[derive(Debug)]
pub(super) struct Hosts {
    known: Mutex<HashMap<Host, Known>>,
    most: usize,
    concurrency: usize,
    /// The time between two requests, on average.
    interval: Duration,
    /// How far requests may be ahead of that.
    slack: Duration,
}

/// The generic cell rate algorithm needs one point in time: until when the host is spoken for.
#[derive(Debug)]
struct Known {
    turns: Arc<Semaphore>,
    spoken_for: Duration,
}

impl Known {
    fn is_in_use(&self, now: Duration) -> bool {
        self.spoken_for > now || Arc::strong_count(&self.turns) > 1
    }
}

/// The turn at a host, which ends when it is dropped.
#[derive(Debug)]
pub(super) struct Turn(OwnedSemaphorePermit);

impl Turn {
    /// How many turns at the same host nobody has.
    pub(super) fn free(&self) -> usize {
        self.0.semaphore().available_permits()
    }
}

impl Hosts {
    pub(super) fn new(limits: &Limits) -> Self {
        let interval = Duration::from_secs(1) / limits.rate.max(1);
        Self {
            known: Mutex::default(),
            most: limits.hosts,
            concurrency: limits.concurrency.max(1),
            interval,
            slack: interval * limits.burst.saturating_sub(1),
        }
    }

    /// Waits for a turn at a host.
    ///
    /// # Errors
    /// `rate_limited`, when the host is asked too often, or too many wait.
    ///
    /// # Cancellation
    /// Dropping the future gives the place in the queue back.
    pub(super) async fn enter(&self, host: &Host, now: Duration) -> Result<Turn, FetchError> {
        let turns = self.admit(host, now)?;
        let turn = turns.acquire_owned().await;
        // Nobody closes it.
        turn.map(Turn).map_err(|_| FetchError::RateLimited(SOON))
    }

    /// Whether no host is asked, and none was lately.
    pub(super) fn is_idle(&self, now: Duration) -> bool {
        let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        known.retain(|_, it| it.is_in_use(now));
        known.is_empty()
    }

    fn admit(&self, host: &Host, now: Duration) -> Result<Arc<Semaphore>, FetchError> {
        let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        if !known.contains_key(host) {
            if known.len() >= self.most {
                known.retain(|_, it| it.is_in_use(now));
            }
            if known.len() >= self.most {
                return Err(FetchError::RateLimited(SOON));
            }
        }
        let it = known.entry(host.clone()).or_insert_with(|| Known {
            turns: Arc::new(Semaphore::new(self.concurrency)),
            spoken_for: now,
        });
        // Each permit and each wait holds the semaphore.
        if Arc::strong_count(&it.turns) > self.concurrency * (1 + WAITING) {
            return Err(FetchError::RateLimited(SOON));
        }
        let from = it.spoken_for.max(now);
        if let Some(early) = (from - now).checked_sub(self.slack)
            && !early.is_zero()
        {
            return Err(FetchError::RateLimited(early));
        }
        it.spoken_for = from + self.interval;
        Ok(Arc::clone(&it.turns))
    }
}
