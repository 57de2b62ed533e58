//! Once more, where that is safe and may help.

mod budget;
mod hooks;
mod policy;
#[cfg(test)]
mod tests;

use std::{
    fmt,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use purlin_core::Error;

use budget::Budget;

type Predicate = dyn Fn(&Error) -> bool + Send + Sync;

/// Repeats what failed for a reason that may pass.
///
/// - Only what can be repeated unseen: lists, reads, prompts, completions, and
///   tools that are annotated as read-only or idempotent; and only as long as
///   the client has heard nothing of the request (progress, a log, a question).
/// - Only what may pass: `Busy`, `Io`, `Timeout`, `RateLimited` with a
///   `retryAfterMs`, and failures whose cause is an I/O error of a connection.
///   Never what the client did wrong. [`when`](Self::when) decides otherwise.
/// - Three attempts at most, after a random wait of up to 100 ms, then 200 ms,
///   … 5 s (full jitter), at least as long as `retryAfterMs` says; not beyond
///   the request's [`deadline`](purlin_core::Context::deadline). What says that it
///   takes longer than the longest wait (5 s, [`wait`](Self::wait)) is not repeated:
///   the client gets the error with its `retryAfterMs`, and may wait itself.
/// - A tenth of all requests may be repeats, measured over ten seconds, and one
///   per second in any case: a dependency that is down gets 10 % more load, not
///   200 %.
///
/// A clone has the same budget and statistics.
///
/// ```
/// use std::time::Duration;
/// use purlin_core::Server;
/// use purlin_middleware::Retry;
///
/// let retry = Retry::new().attempts(5).wait(Duration::from_millis(50), Duration::from_secs(1));
/// let server = Server::builder("orders", "1.0.0").middleware(retry.clone());
/// assert_eq!(retry.statistics().repeated, 0);
/// ```
#[derive(Clone)]
pub struct Retry {
    attempts: usize,
    shortest: Duration,
    longest: Duration,
    when: Option<Arc<Predicate>>,
    budget: Arc<Budget>,
    counts: Arc<Counts>,
}

#[derive(Debug, Default)]
struct Counts {
    requests: AtomicU64,
    repeated: AtomicU64,
    recovered: AtomicU64,
    exhausted: AtomicU64,
    over_budget: AtomicU64,
}

/// What a [`Retry`] has done.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct RetryStatistics {
    /// Requests that could have been repeated.
    pub requests: u64,
    /// Attempts after the first.
    pub repeated: u64,
    /// Requests that succeeded after the first attempt.
    pub recovered: u64,
    /// Requests that failed at the last attempt.
    pub exhausted: u64,
    /// Repeats that the budget did not allow.
    pub over_budget: u64,
}

impl fmt::Debug for Retry {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Retry")
            .field("attempts", &self.attempts)
            .field("shortest", &self.shortest)
            .field("longest", &self.longest)
            .field("statistics", &self.statistics())
            .finish_non_exhaustive()
    }
}

impl Default for Retry {
    fn default() -> Self {
        Self::new()
    }
}

impl Retry {
    /// Three attempts, 100 ms to 5 s, a budget of 10 %.
    pub fn new() -> Self {
        Self {
            attempts: 3,
            shortest: Duration::from_millis(100),
            longest: Duration::from_secs(5),
            when: None,
            budget: Arc::new(Budget::new(0.1)),
            counts: Arc::default(),
        }
    }

    /// How often something is tried, the first time included; at least once.
    #[must_use]
    pub fn attempts(mut self, attempts: usize) -> Self {
        self.attempts = attempts.max(1);
        self
    }

    /// The first wait and the longest, before jitter makes each shorter. An error whose
    /// `retryAfterMs` is above the longest is not repeated.
    #[must_use]
    pub fn wait(mut self, shortest: Duration, longest: Duration) -> Self {
        self.shortest = shortest;
        self.longest = longest.max(shortest);
        self
    }

    /// How many repeats there may be for each request, from 0.0 to 1.0. It
    /// starts a budget of its own.
    #[must_use]
    pub fn budget(mut self, share: f32) -> Self {
        self.budget = Arc::new(Budget::new(share.clamp(0.0, 1.0)));
        self
    }

    /// Decides which errors may pass, in place of the built-in rule. What can be
    /// repeated at all stays as it is.
    #[must_use]
    pub fn when(mut self, when: impl Fn(&Error) -> bool + Send + Sync + 'static) -> Self {
        self.when = Some(Arc::new(when));
        self
    }

    /// What was done so far.
    pub fn statistics(&self) -> RetryStatistics {
        let read = |count: &AtomicU64| count.load(Ordering::Relaxed);
        RetryStatistics {
            requests: read(&self.counts.requests),
            repeated: read(&self.counts.repeated),
            recovered: read(&self.counts.recovered),
            exhausted: read(&self.counts.exhausted),
            over_budget: read(&self.counts.over_budget),
        }
    }
}
