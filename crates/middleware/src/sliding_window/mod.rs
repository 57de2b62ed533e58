//! A count that no stretch of time exceeds.
//!
//! A token bucket lets a burst through and then its rate, so that the hour after
//! a burst sees nearly twice the count. Where a contract says "at most 100 in any
//! hour", [`SlidingWindow`] keeps it.
//!
//! Time is cut into slots, a sixteenth of the window each. A key has a count per
//! slot, and what may still lie in the window is counted whole: no window ever
//! holds more than the count, and a place that a request has left is given again
//! a sixteenth of the window later at most. Exact times would give it back at
//! once, and take memory as the count grows; the usual approximation by two
//! buckets takes less, and exceeds the count.

mod hooks;
mod slots;
#[cfg(test)]
mod tests;

use std::sync::{
    Arc, Mutex, MutexGuard, PoisonError,
    atomic::{AtomicU64, Ordering},
};

use purlin_core::{
    Rate,
    access::{Caller, too_early},
};
use tokio::time::Instant;

use slots::Windows;

/// How many callers are remembered.
const CAPACITY: usize = 10_000;

/// Lets each caller send so many requests in any window of time, and not one
/// more.
///
/// Callers are told apart as [`Caller`] says: by principal, else by address,
/// else by connection. 10,000 are remembered, of about 100 bytes each; beyond
/// that the half is forgotten that has sent least.
///
/// ```
/// use purlin_core::Server;
/// use purlin_middleware::SlidingWindow;
///
/// # fn main() -> Result<(), purlin_core::InvalidRate> {
/// let window = SlidingWindow::new("100/minute".parse()?);
/// let server = Server::builder("orders", "1.0.0").middleware(window);
/// # Ok(()) }
/// ```
///
/// A clone is a handle on the same counts.
#[derive(Clone, Debug)]
pub struct SlidingWindow {
    rate: Rate,
    tools: Option<Vec<String>>,
    windows: Arc<Mutex<Windows<Caller>>>,
    passed: Arc<AtomicU64>,
    refused: Arc<AtomicU64>,
}

/// What has been counted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct SlidingWindowStatistics {
    /// Requests that passed.
    pub passed: u64,
    /// Requests that were refused.
    pub refused: u64,
    /// Callers that are remembered now.
    pub callers: usize,
}

impl SlidingWindow {
    /// At most [`count`](Rate::count) requests of a caller in any stretch of time
    /// as long as [`period`](Rate::period).
    pub fn new(rate: Rate) -> Self {
        Self {
            rate,
            tools: None,
            windows: Arc::new(Mutex::new(Windows::new(rate, CAPACITY))),
            passed: Arc::default(),
            refused: Arc::default(),
        }
    }

    /// Counts calls of these tools alone, all together.
    #[must_use]
    pub fn tools<T: Into<String>>(mut self, names: impl IntoIterator<Item = T>) -> Self {
        self.tools = Some(names.into_iter().map(Into::into).collect());
        self
    }

    /// How many callers are remembered; 0 counts as 1. Forgets what was counted.
    #[must_use]
    pub fn capacity(mut self, callers: usize) -> Self {
        self.windows = Arc::new(Mutex::new(Windows::new(self.rate, callers.max(1))));
        self
    }

    fn windows(&self) -> MutexGuard<'_, Windows<Caller>> {
        self.windows.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn admit(&self, caller: Caller) -> purlin_core::Result<()> {
        let counted = self.windows().admit(caller, Instant::now());
        match counted {
            Ok(()) => {
                self.passed.fetch_add(1, Ordering::Relaxed);
                Ok(())
            }
            Err(wait) => {
                self.refused.fetch_add(1, Ordering::Relaxed);
                Err(too_early(self.rate, wait))
            }
        }
    }

    /// What has been counted so far.
    pub fn statistics(&self) -> SlidingWindowStatistics {
        SlidingWindowStatistics {
            passed: self.passed.load(Ordering::Relaxed),
            refused: self.refused.load(Ordering::Relaxed),
            callers: self.windows().len(),
        }
    }
}
