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

/// Counts the attempts of one operation that reads, compares and writes. For those who implement
/// stores, or build on [`compare_and_set`](super::KeyValue::compare_and_set).
///
/// ```
/// use purlin_core::store::{Attempts, Key, KeyValue, StoreResult};
///
/// /// Keeps the longest text.
/// async fn longest(store: &dyn KeyValue, at: Key<'_>, text: &str) -> StoreResult<()> {
///     let mut attempts = Attempts::default();
///     loop {
///         let found = store.get(at).await?.map(|stored| stored.value);
///         if found.as_ref().is_some_and(|found| found.len() >= text.len()) {
///             return Ok(());
///         }
///         let new = Some(text.to_owned().into());
///         if store.compare_and_set(at, found, new, None).await? {
///             return Ok(());
///         }
///         attempts.failed().await?;
///     }
/// }
/// ```
#[derive(Debug, Default)]
pub struct Attempts(u32);

impl Attempts {
    /// Call this after each failed attempt: it waits, longer each time and never the same time as
    /// others.
    ///
    /// # Errors
    /// [`StoreErrorKind::Conflict`] when that was the last one.
    pub async fn failed(&mut self) -> StoreResult<()> {
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
