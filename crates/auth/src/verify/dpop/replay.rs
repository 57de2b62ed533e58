//! Proofs that were used.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use ring::digest::{Context, SHA256};
use tokio::time::Instant;

use crate::verify::VerifyError;

/// The most proofs that are remembered.
const MOST: usize = 100_000;
/// How long to wait when there is no room.
const COME_BACK: Duration = Duration::from_secs(5);

pub(super) struct Seen {
    /// Until when each is remembered.
    proofs: Mutex<HashMap<[u8; 32], Instant>>,
}

impl Seen {
    pub(super) fn new() -> Self {
        Self {
            proofs: Mutex::default(),
        }
    }

    /// Lets a proof of this key in once within `window`.
    ///
    /// # Errors
    /// When it was used before; when there is no room to remember it.
    pub(super) fn admit(&self, key: &str, id: &str, window: Duration) -> Result<(), VerifyError> {
        let now = Instant::now();
        let mut proofs = self.proofs.lock().unwrap_or_else(PoisonError::into_inner);
        let proof = hash(key, id);
        if proofs.get(&proof).is_some_and(|until| *until > now) {
            return Err(VerifyError::InvalidProof("it was used before (`jti`)"));
        }
        if proofs.len() >= MOST {
            proofs.retain(|_, until| *until > now);
        }
        if proofs.len() >= MOST {
            return Err(VerifyError::Unavailable {
                retry_after: COME_BACK,
            });
        }
        proofs.insert(proof, now + window);
        Ok(())
    }
}

fn hash(key: &str, id: &str) -> [u8; 32] {
    let mut context = Context::new(&SHA256);
    // With its length before it, no key and id are another key and id.
    context.update(&u64::try_from(key.len()).unwrap_or(u64::MAX).to_be_bytes());
    context.update(key.as_bytes());
    context.update(id.as_bytes());
    let mut hash = [0; 32];
    hash.copy_from_slice(context.finish().as_ref());
    hash
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn what_is_remembered_is_bounded_and_forgotten_in_time() {
        let (seen, window) = (Seen::new(), Duration::from_secs(120));
        for serial in 0..MOST {
            seen.admit("key", &serial.to_string(), window).unwrap();
        }
        let full = seen.admit("key", "another", window);
        assert!(
            matches!(full, Err(VerifyError::Unavailable { .. })),
            "{full:?}"
        );
        let again = seen.admit("key", "7", window);
        assert!(
            matches!(again, Err(VerifyError::InvalidProof(_))),
            "{again:?}"
        );
        tokio::time::advance(window).await;
        seen.admit("key", "7", window).unwrap();
        assert_eq!(seen.proofs.lock().unwrap().len(), 1);
        seen.admit("key", "another", window).unwrap();
        assert_eq!(seen.proofs.lock().unwrap().len(), 2);
    }
}
