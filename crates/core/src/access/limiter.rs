//! The generic cell rate algorithm (ITU-T I.371), one cell per caller.
//!
//! A cell is one point in time: when all that the caller has used will be paid
//! back. It costs no background work, and a cell in the past says as much as no
//! cell, so that forgetting it changes nothing.

use std::{
    collections::HashMap,
    hash::{BuildHasher, BuildHasherDefault, Hash, Hasher, RandomState},
    sync::{Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use tokio::time::Instant;

use super::Rate;
use crate::{Error, ErrorKind, Result, store::Gcra};

/// How many callers one limit remembers.
const CAPACITY: usize = 10_000;
/// Into how many parts cells are spread at most, and how many each holds at least: requests do not
/// wait for one lock, and where room is made, one part is looked through and not all.
const PARTS: usize = 16;
const PART: usize = 512;

/// Counts how often each key comes, and refuses who comes too often.
///
/// The generic cell rate algorithm: a token bucket that is one point in time for
/// each key. A burst may come at once; then it goes on evenly, by the nanosecond.
///
/// At most [`capacity`](Self::with_capacity) keys are remembered, 10,000 unless
/// said otherwise. They are kept in up to 16 parts. When one is full, those of it
/// that owe nothing are forgotten, which changes nothing, and if they are too few,
/// the half that owes least: a stranger who comes under many keys does not free
/// the greedy.
///
/// ```
/// use purlin_core::{Rate, access::Limiter};
///
/// # #[tokio::main(flavor = "current_thread")] async fn main() {
/// let limiter = Limiter::new("2/minute".parse().unwrap());
/// assert!(limiter.admit("alice").is_ok());
/// assert!(limiter.admit("alice").is_ok());
/// assert!(limiter.admit("alice").is_err());
/// assert!(limiter.admit("bob").is_ok());
/// # }
/// ```
#[derive(Debug)]
pub struct Limiter {
    limit: Gcra,
    /// How many cells each part has at most.
    capacity: usize,
    /// Keys are kept as hashes under keys of our own, so that a cell is as
    /// large for a long name as for a short one, and nobody can choose to share
    /// one.
    hashes: RandomState,
    parts: Box<[Mutex<Cells>]>,
}

/// When each caller will have paid back what it used. The keys are hashes, which need no hashing.
type Cells = HashMap<u64, Instant, BuildHasherDefault<Hashed>>;

/// Takes a number that is a hash already for what it is.
#[derive(Debug, Default)]
struct Hashed(u64);

impl Hasher for Hashed {
    fn write_u64(&mut self, hash: u64) {
        self.0 = hash;
    }

    fn write(&mut self, bytes: &[u8]) {
        for byte in bytes {
            self.0 = self.0.rotate_left(8) ^ u64::from(*byte);
        }
    }

    fn finish(&self) -> u64 {
        self.0
    }
}

impl Limiter {
    /// Lets each key come at this rate. A whole period's count may come at once.
    pub fn new(rate: Rate) -> Self {
        Self {
            limit: Gcra::new(rate),
            capacity: 0,
            hashes: RandomState::new(),
            parts: Box::default(),
        }
        .with_capacity(CAPACITY)
    }

    /// Lets this many come at once, in place of a period's count; 0 counts as 1.
    #[must_use]
    pub fn with_burst(mut self, burst: u32) -> Self {
        self.limit = self.limit.burst(burst);
        self
    }

    /// Remembers at most this many keys, of 16 bytes each; 0 counts as 1.
    #[must_use]
    pub fn with_capacity(mut self, keys: usize) -> Self {
        let parts = (keys / PART).clamp(1, PARTS);
        self.capacity = (keys / parts).max(1);
        self.parts = (0..parts).map(|_| Mutex::default()).collect();
        self
    }

    /// The rate in the long run.
    pub fn rate(&self) -> Rate {
        self.limit.rate()
    }

    /// How many keys are remembered now.
    pub fn len(&self) -> usize {
        self.parts.iter().map(|part| lock(part).len()).sum()
    }

    /// Whether none are.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Counts one more of a key. Who is refused pays nothing.
    ///
    /// # Errors
    /// [`ErrorKind::RateLimited`] when it comes too early, with the time to wait.
    pub fn admit<K: Hash + ?Sized>(&self, key: &K) -> Result<()> {
        self.admit_at(key, Instant::now())
    }

    /// The same, for whoever knows what time it is.
    ///
    /// # Errors
    /// As [`admit`](Self::admit).
    pub fn admit_at<K: Hash + ?Sized>(&self, key: &K, now: Instant) -> Result<()> {
        self.count(key, self.limit, now)
            .map_err(|early| too_early(self.rate(), early))
    }

    /// Lets through one part in `parts`, for what several processes count apart.
    pub(crate) fn admit_part<K: Hash + ?Sized>(&self, key: &K, parts: u32) -> Result<()> {
        // A part of the burst is at least one.
        let limit = self.limit.at_least(parts).cost(parts);
        self.count(key, limit, Instant::now())
            .map_err(|early| too_early(self.rate(), early))
    }

    pub(crate) fn limit(&self) -> Gcra {
        self.limit
    }

    /// Counts, or gives the bare time to wait.
    fn count<K: Hash + ?Sized>(&self, key: &K, limit: Gcra, now: Instant) -> Result<(), Duration> {
        let key = self.hashes.hash_one(key);
        let mut cells = lock(self.part(key));
        if let Some(cell) = cells.get_mut(&key) {
            let owes = limit.spend(cell.saturating_duration_since(now))?;
            *cell = now + owes;
            return Ok(());
        }
        let owes = limit.spend(Duration::ZERO)?;
        if cells.len() >= self.capacity {
            forget(&mut cells, now, self.capacity);
        }
        cells.insert(key, now + owes);
        Ok(())
    }

    /// The part in which a key is.
    fn part(&self, key: u64) -> &Mutex<Cells> {
        // Neither the lowest nor the highest bits, by which a map tells keys apart.
        let middle = u64::from((key >> 16) as u32);
        &self.parts[((middle * self.parts.len() as u64) >> 32) as usize]
    }
}

fn lock(cells: &Mutex<Cells>) -> MutexGuard<'_, Cells> {
    cells.lock().unwrap_or_else(PoisonError::into_inner)
}

/// What is said to whoever comes `wait` too early for a rate: an error of
/// [`ErrorKind::RateLimited`] with the time to wait.
pub fn too_early(rate: Rate, wait: Duration) -> Error {
    let seconds = wait.as_secs_f64();
    let problem = format!("at most {rate}: try again in {seconds:.1} s");
    Error::new(ErrorKind::RateLimited, problem).with_retry_after(wait)
}

/// Makes room: for those who owe nothing any more, and if they are too few, for
/// the half that owes least.
fn forget(cells: &mut Cells, now: Instant, capacity: usize) {
    cells.retain(|_, at| *at > now);
    if cells.len() <= capacity / 2 {
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
    use crate::access::Caller;

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
    async fn a_burst_may_be_more_or_less_than_a_periods_count() {
        let limiter = limiter("1/s").with_burst(3);
        for _ in 0..3 {
            limiter.admit("a").unwrap();
        }
        assert_eq!(wait(limiter.admit("a")), 1_000);
        let limiter = self::limiter("60/minute").with_burst(0);
        limiter.admit("a").unwrap();
        assert_eq!(wait(limiter.admit("a")), 1_000);
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
                .admit(&Caller::Principal(serial.to_string().into()))
                .unwrap();
        }
        assert_eq!(wait(limiter.admit(&Caller::Link(7))), 3_600_000);
    }

    #[tokio::test(start_paused = true)]
    async fn what_is_remembered_is_bounded_and_the_greedy_are_not_forgotten() {
        let limiter = limiter("2/hour");
        let greedy = Caller::Principal("greedy".into());
        for _ in 0..2 {
            limiter.admit(&greedy).unwrap();
        }
        for serial in 0..10 * CAPACITY as u64 {
            limiter.admit(&Caller::Link(serial)).unwrap();
            assert!(limiter.len() <= CAPACITY);
        }
        wait(limiter.admit(&greedy));
        advance(Duration::from_secs(3_600)).await;
        for serial in 0..2 * CAPACITY as u64 {
            limiter.admit(&Caller::Link(serial)).unwrap();
        }
        limiter.admit(&greedy).unwrap();
    }

    #[tokio::test(start_paused = true)]
    async fn one_more_than_there_is_room_for_does_not_cost_half_of_all() {
        let limiter = limiter("2/hour");
        let mut most = 0;
        let mut key = 0_u64;
        // Until room was made somewhere.
        while most <= limiter.len() {
            most = limiter.len();
            limiter.admit(&Caller::Link(key)).unwrap();
            key += 1;
            assert!(key < 2 * CAPACITY as u64, "no room was made");
        }
        assert!(limiter.len() > CAPACITY * 3 / 4, "{}", limiter.len());
    }
}
