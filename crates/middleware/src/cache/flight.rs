//! One request works out what several wait for.

use std::{
    collections::HashMap,
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
};

use tokio::sync::{OwnedSemaphorePermit, Semaphore};

/// What is being worked out, by the texts of keys. There are no more than
/// requests.
#[derive(Debug, Default)]
pub(super) struct Flights(Mutex<HashMap<Arc<str>, Flight>>);

#[derive(Debug)]
struct Flight {
    shared: Arc<Shared>,
    aboard: usize,
}

#[derive(Debug)]
struct Shared {
    /// Whose turn it is to work it out.
    turn: Arc<Semaphore>,
    /// The last answer could not be kept: there is nothing to wait for.
    in_vain: AtomicBool,
}

/// A request that is part of a flight; dropping it leaves.
#[derive(Debug)]
pub(super) struct Seat<'a> {
    flights: &'a Flights,
    key: Arc<str>,
    shared: Arc<Shared>,
}

impl Flights {
    fn lock(&self) -> MutexGuard<'_, HashMap<Arc<str>, Flight>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn join(&self, key: &Arc<str>) -> Seat<'_> {
        let mut flights = self.lock();
        let flight = flights.entry(Arc::clone(key)).or_insert_with(|| Flight {
            shared: Arc::new(Shared {
                turn: Arc::new(Semaphore::new(1)),
                in_vain: AtomicBool::new(false),
            }),
            aboard: 0,
        });
        flight.aboard += 1;
        Seat {
            flights: self,
            key: Arc::clone(key),
            shared: Arc::clone(&flight.shared),
        }
    }

    #[cfg(test)]
    pub(super) fn len(&self) -> usize {
        self.lock().len()
    }
}

impl Seat<'_> {
    /// The turn, if nobody has it.
    pub(super) fn try_turn(&self) -> Option<OwnedSemaphorePermit> {
        Arc::clone(&self.shared.turn).try_acquire_owned().ok()
    }

    /// Waits for the turn; `None` if there is nothing to wait for.
    pub(super) async fn turn(&self) -> Option<OwnedSemaphorePermit> {
        let turn = Arc::clone(&self.shared.turn);
        let turn = turn.acquire_owned().await.ok()?;
        (!self.shared.in_vain.load(Ordering::Acquire)).then_some(turn)
    }

    /// Says whether the answer could be kept.
    pub(super) fn landed(&self, kept: bool) {
        self.shared.in_vain.store(!kept, Ordering::Release);
    }
}

impl Drop for Seat<'_> {
    fn drop(&mut self) {
        let mut flights = self.flights.lock();
        if let Some(flight) = flights.get_mut(&self.key) {
            flight.aboard -= 1;
            if flight.aboard == 0 {
                flights.remove(&self.key);
            }
        }
    }
}
