//! Leaving a store alone that has failed.

use std::{
    sync::{
        Mutex, MutexGuard, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use tokio::time::Instant;

/// How long a store that failed is left alone.
pub(crate) const PAUSE: Duration = Duration::from_secs(1);

/// Whether a store is away, for work that can go on without it: while it is, one request a
/// second asks it, and all others need not wait for it.
///
/// ```
/// use purlin_core::store::Outage;
///
/// let outage = Outage::default();
/// assert!(outage.is_to_be_asked());
/// assert!(outage.note_failure(), "this one is the first to notice");
/// assert!(!outage.note_failure() && !outage.is_to_be_asked());
/// assert!(outage.note_answer(), "it was away");
/// assert!(outage.is_to_be_asked());
/// ```
#[derive(Debug, Default)]
pub struct Outage {
    is_away: AtomicBool,
    /// When the store may be asked again.
    again: Mutex<Option<Instant>>,
}

impl Outage {
    /// Whether the store failed when it was last asked.
    pub fn is_on(&self) -> bool {
        self.is_away.load(Ordering::Acquire)
    }

    /// Whether the store is there, or it is for this request to look.
    pub fn is_to_be_asked(&self) -> bool {
        if !self.is_on() {
            return true;
        }
        let now = Instant::now();
        let mut again = self.again();
        let due = again.is_none_or(|at| at <= now);
        if due {
            *again = Some(now + PAUSE);
        }
        due
    }

    /// Says that it has answered; true when it was away before.
    pub fn note_answer(&self) -> bool {
        self.is_on() && self.is_away.swap(false, Ordering::AcqRel)
    }

    /// Says that it has failed, or took too long; true when it was there before.
    pub fn note_failure(&self) -> bool {
        *self.again() = Some(Instant::now() + PAUSE);
        !self.is_away.swap(true, Ordering::AcqRel)
    }

    fn again(&self) -> MutexGuard<'_, Option<Instant>> {
        self.again.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
