//! How many run at once, and how many wait for that.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::time::timeout;

use super::CodeError;

/// So many places, of which some have their turn.
#[derive(Debug)]
pub(super) struct Turns {
    /// For those that run and those that wait.
    places: Arc<Semaphore>,
    /// For those that run.
    turns: Arc<Semaphore>,
}

/// A turn, which ends when it is dropped.
#[derive(Debug)]
pub(super) struct Turn {
    // In this order: whoever gets the place finds no turn taken that nobody has.
    _turn: OwnedSemaphorePermit,
    _place: OwnedSemaphorePermit,
}

impl Turns {
    pub(super) fn new(at_once: usize, queue: usize) -> Self {
        let at_once = at_once.clamp(1, Semaphore::MAX_PERMITS / 2);
        let queue = queue.min(Semaphore::MAX_PERMITS / 2);
        Self {
            places: Arc::new(Semaphore::new(at_once + queue)),
            turns: Arc::new(Semaphore::new(at_once)),
        }
    }

    /// Waits for a turn, in the order of arrival.
    ///
    /// # Errors
    /// `busy`, when as many wait as may, or the turn does not come in time.
    ///
    /// # Cancellation
    /// Dropping the future gives the place in the queue back.
    pub(super) async fn enter(&self, wait: Duration) -> Result<Turn, CodeError> {
        let place = Arc::clone(&self.places).try_acquire_owned();
        let place = place.map_err(|_| CodeError::Busy)?;
        let turn = timeout(wait, Arc::clone(&self.turns).acquire_owned()).await;
        // Nobody closes it, so only the time can have run out.
        let turn = turn.ok().and_then(Result::ok).ok_or(CodeError::Busy)?;
        Ok(Turn {
            _turn: turn,
            _place: place,
        })
    }
}
