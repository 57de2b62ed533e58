//! Who opens the root of a tenant: one at a time, while the others of that tenant wait.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use super::{FileError, Limits};

/// The tenants whose roots are being opened.
#[derive(Clone, Debug, Default)]
pub(super) struct Openings(Arc<Mutex<HashMap<String, Door>>>);

/// What those of one tenant wait at.
#[derive(Debug)]
struct Door {
    turn: Arc<Semaphore>,
    /// How many wait at it, or go through it.
    there: usize,
}

/// A place at a door.
#[derive(Debug)]
pub(super) struct Opening {
    openings: Openings,
    name: String,
    turn: Arc<Semaphore>,
}

/// The only one that opens the root of a tenant, as long as this is kept.
#[derive(Debug)]
pub(super) struct Turn {
    _turn: OwnedSemaphorePermit,
    _opening: Opening,
}

impl Openings {
    /// A place at the door of a tenant.
    ///
    /// # Errors
    /// `busy` if as many of that tenant wait as of a root, or too many tenants are new at once.
    pub(super) fn at(&self, name: &str, limits: &Limits) -> Result<Opening, FileError> {
        let mut doors = self.doors();
        let is_full = doors.len() >= limits.tenants.max(1);
        let most = limits.parallel.saturating_add(limits.waiting).max(1);
        let turn = match doors.get_mut(name) {
            Some(door) if door.there >= most => return Err(FileError::Busy),
            Some(door) => {
                door.there += 1;
                Arc::clone(&door.turn)
            }
            None if is_full => return Err(FileError::Busy),
            None => {
                let turn = Arc::new(Semaphore::new(1));
                let door = Door {
                    turn: Arc::clone(&turn),
                    there: 1,
                };
                doors.insert(name.to_owned(), door);
                turn
            }
        };
        Ok(Opening {
            openings: self.clone(),
            name: name.to_owned(),
            turn,
        })
    }

    fn doors(&self) -> MutexGuard<'_, HashMap<String, Door>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Opening {
    pub(super) async fn turn(self) -> Result<Turn, FileError> {
        let turn = Arc::clone(&self.turn).acquire_owned().await;
        Ok(Turn {
            _turn: turn.map_err(|_| FileError::Busy)?,
            _opening: self,
        })
    }
}

impl Drop for Opening {
    fn drop(&mut self) {
        let mut doors = self.openings.doors();
        if let Some(door) = doors.get_mut(&self.name) {
            door.there -= 1;
            if door.there == 0 {
                doors.remove(&self.name);
            }
        }
    }
}
