//! How many runs there are at once, and how many wait for that.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::time::timeout;

use super::CodeError;

/// A bounded queue in front of a bounded number of slots.
#[derive(Debug)]
pub(super) struct Queue {
    /// For runs that go on and runs that wait.
    places: Arc<Semaphore>,
    /// For runs that go on.
    slots: Arc<Semaphore>,
}

/// Permission to run, which ends when it is dropped.
#[derive(Debug)]
pub(super) struct Slot {
    // In this order: whoever then gets the place finds a slot that is free.
    _slot: OwnedSemaphorePermit,
    _place: OwnedSemaphorePermit,
    // A queue that somebody is in is remembered: see `Tenants`.
    _queue: Arc<Queue>,
}

impl Queue {
    pub(super) fn new(at_once: usize, waiting: usize) -> Self {
        let at_once = at_once.clamp(1, Semaphore::MAX_PERMITS / 2);
        let waiting = waiting.min(Semaphore::MAX_PERMITS / 2);
        Self {
            places: Arc::new(Semaphore::new(at_once + waiting)),
            slots: Arc::new(Semaphore::new(at_once)),
        }
    }

    /// Waits for a slot, in the order of arrival.
    ///
    /// # Errors
    /// `busy`, when as many wait as may, or no slot becomes free in time.
    ///
    /// # Cancellation
    /// Dropping the future gives the place in the queue back.
    pub(super) async fn acquire(self: &Arc<Self>, wait: Duration) -> Result<Slot, CodeError> {
        let place = Arc::clone(&self.places).try_acquire_owned();
        let place = place.map_err(|_| CodeError::Busy)?;
        let slot = timeout(wait, Arc::clone(&self.slots).acquire_owned()).await;
        // Nobody closes it, so only the time can have run out.
        let slot = slot.ok().and_then(Result::ok).ok_or(CodeError::Busy)?;
        Ok(Slot {
            _slot: slot,
            _place: place,
            _queue: Arc::clone(self),
        })
    }
}
