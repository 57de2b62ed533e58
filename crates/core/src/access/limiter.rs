//! The generic cell rate algorithm (ITU-T I.371), one cell per caller.
//!
//! A cell is one point in time: when all that the caller has used will be paid
//! back. It costs no background work, and a cell in the past says as much as no
//! cell, so that forgetting it changes nothing.

use std::{
    collections::HashMap,
    hash::{BuildHasher, RandomState},
    sync::{Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use serde_json::json;
use tokio::time::Instant;

use super::{Caller, Rate};
use crate::{Error, ErrorKind, Result};

/// The member of an error's data that says when to try again, in milliseconds.
pub(crate) const RETRY_AFTER: &str = "retryAfterMs";
/// How many callers one limit remembers.
const CAPACITY: usize = 10_000;

/// Counts the calls of each caller.
#[derive(Debug)]
pub(crate) struct Limiter {
    rate: Rate,
    /// Callers are kept as hashes under keys of our own, so that a cell is as
    /// large for a long name as for a short one, and nobody can choose to share
    /// one.
    hashes: RandomState,
    cells: Mutex<Cells>,
}

/// When each caller will have paid back what it used.
type Cells = HashMap<u64, Instant>;

impl Limiter {
    pub(crate) fn new(rate: Rate) -> Self {
        Self {
            rate,
            hashes: RandomState::new(),
            cells: Mutex::default(),
        }
    }

    /// Counts a call.
    ///
    /// A whole period's count may come at once; then it goes on evenly.
    ///
    /// # Errors
    /// [`ErrorKind::RateLimited`] when it comes too early, with the time to wait.
    pub(crate) fn admit(&self, caller: &Caller) -> Result<()> {
        let now = Instant::now();
        let key = self.hashes.hash_one(caller);
        let mut cells = self.lock();
        let paid_back = cells.get(&key).map_or(now, |at| now.max(*at));
        let used = paid_back - now + self.rate.interval();
        if let Some(early) = used
            .checked_sub(self.rate.period())
            .filter(|early| !early.is_zero())
        {
            return Err(self.refused(early));
        }
        if cells.len() >= CAPACITY {
            forget(&mut cells, now);
        }
        cells.insert(key, now + used);
        Ok(())
    }

    fn lock(&self) -> MutexGuard<'_, Cells> {
        self.cells.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn refused(&self, wait: Duration) -> Error {
        // Rounded up: coming back a moment early would be refused again.
        let millis = wait.as_nanos().div_ceil(1_000_000);
        let seconds = wait.as_secs_f64();
        let problem = format!("at most {}: try again in {seconds:.1} s", self.rate);
        let millis = u64::try_from(millis).unwrap_or(u64::MAX);
        Error::new(ErrorKind::RateLimited, problem).with_data(json!({ RETRY_AFTER: millis }))
    }
}

/// Makes room: for those who owe nothing any more, and if they are too few, for
/// the half that owes least.
fn forget(cells: &mut Cells, now: Instant) {
    cells.retain(|_, at| *at > now);
    if cells.len() <= CAPACITY / 2 {
        return;
    }
    let mut owed: Vec<Instant> = cells.values().copied().collect();
    let (_, middle, _) = owed.select_nth_unstable(cells.len() / 2);
    let middle = *middle;
    cells.retain(|_, at| *at > middle);
}

#[cfg(test)]
mod tests {
    use tokio::time::advance;

    use super::*;

    fn limiter(rate: &str) -> Limiter {
        Limiter::new(rate.parse().unwrap())
    }

    fn wait(refused: Result<()>) -> u64 {
        let error = refused.expect_err("it is too early");
        assert_eq!(error.kind(), ErrorKind::RateLimited);
        error.data().unwrap()["retryAfterMs"].as_u64().unwrap()
    }

    #[tokio::test(start_paused = true)]
    async fn a_periods_count_may_come_at_once_and_then_evenly() {
        let limiter = limiter("3/minute");
        let caller = Caller::Link(1);
        for _ in 0..3 {
            limiter.admit(&caller).unwrap();
        }
        assert_eq!(wait(limiter.admit(&caller)), 20_000);
        advance(Duration::from_millis(19_999)).await;
        assert_eq!(wait(limiter.admit(&caller)), 1);
        advance(Duration::from_millis(1)).await;
        limiter.admit(&caller).unwrap();
        assert_eq!(wait(limiter.admit(&caller)), 20_000);
        advance(Duration::from_secs(600)).await;
        for _ in 0..3 {
            limiter.admit(&caller).unwrap();
        }
        assert_eq!(wait(limiter.admit(&caller)), 20_000);
    }

    #[tokio::test(start_paused = true)]
    async fn who_is_refused_pays_nothing() {
        let limiter = limiter("1/s");
        let caller = Caller::Nobody;
        limiter.admit(&caller).unwrap();
        for _ in 0..100 {
            assert_eq!(wait(limiter.admit(&caller)), 1_000);
        }
        advance(Duration::from_secs(1)).await;
        limiter.admit(&caller).unwrap();
    }

    #[tokio::test(start_paused = true)]
    async fn callers_have_an_allowance_each() {
        let limiter = limiter("1/hour");
        for serial in 0..100 {
            limiter.admit(&Caller::Link(serial)).unwrap();
            limiter
                .admit(&Caller::Principal(serial.to_string()))
                .unwrap();
        }
        assert_eq!(wait(limiter.admit(&Caller::Link(7))), 3_600_000);
    }

    #[tokio::test(start_paused = true)]
    async fn what_is_remembered_is_bounded_and_the_greedy_are_not_forgotten() {
        let limiter = limiter("2/hour");
        let greedy = Caller::Principal("greedy".to_owned());
        for _ in 0..2 {
            limiter.admit(&greedy).unwrap();
        }
        for serial in 0..10 * CAPACITY as u64 {
            limiter.admit(&Caller::Link(serial)).unwrap();
            assert!(limiter.lock().len() <= CAPACITY);
        }
        wait(limiter.admit(&greedy));
        advance(Duration::from_secs(3_600)).await;
        for serial in 0..2 * CAPACITY as u64 {
            limiter.admit(&Caller::Link(serial)).unwrap();
        }
        limiter.admit(&greedy).unwrap();
    }
}
