//! Attempts at a value that others change at the same time.

use std::{
    hash::{BuildHasher, RandomState},
    time::Duration,
};

use super::{StoreError, StoreErrorKind, StoreResult};

/// How often a value is tried. Every failure is the success of somebody else, so this many callers
/// at once on one key get through.
const ATTEMPTS: u32 = 256;
/// After so many failures a caller steps aside for a moment.
const PATIENCE: u32 = 4;

/// Counts the attempts of one operation.
#[derive(Debug, Default)]
pub(super) struct Attempts(u32);

impl Attempts {
    /// Call this after each failed attempt: it waits, longer each time and never the same time as
    /// others.
    ///
    /// # Errors
    /// [`StoreErrorKind::Conflict`] when that was the last one.
    pub(super) async fn failed(&mut self) -> StoreResult<()> {
        self.0 += 1;
        if self.0 >= ATTEMPTS {
            let text = "others changed the value at every attempt";
            return Err(StoreError::new(StoreErrorKind::Conflict, text));
        }
        match self.0.checked_sub(PATIENCE) {
            None => tokio::task::yield_now().await,
            Some(turn) => tokio::time::sleep(jitter(turn)).await,
        }
        Ok(())
    }
}

/// Up to 1 ms in the first turn and 16 ms in the last.
fn jitter(turn: u32) -> Duration {
    let most = 1_000u64 << turn.min(4);
    Duration::from_micros(RandomState::new().hash_one(turn) % most)
}
