//! Proofs that were used.

use std::collections::{HashMap, HashSet, VecDeque};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use ring::digest::{Context, SHA256, digest};
use tokio::time::Instant;

use crate::verify::VerifyError;

/// The most proofs that are remembered.
const MOST: usize = 100_000;
/// The most of them that are of one key: a client fills its own share and nobody else's.
const SHARE: usize = 10_000;
/// How long to wait when there is no room.
const COME_BACK: Duration = Duration::from_secs(5);

type Hash = [u8; 32];

/// Remembers proofs for one length of time, so those that came first are over first.
pub(super) struct Seen {
    window: Duration,
    proofs: Mutex<Proofs>,
}

#[derive(Default)]
struct Proofs {
    known: HashSet<Hash>,
    /// When each is over, and of which key it is.
    order: VecDeque<(Instant, Hash, Hash)>,
    of_key: HashMap<Hash, usize>,
}

impl Seen {
    pub(super) fn new(window: Duration) -> Self {
        Self {
            window,
            proofs: Mutex::default(),
        }
    }

    /// Lets a proof of this key in once, and gives the name it is remembered by.
    ///
    /// # Errors
    /// When it was used before; when there is no room to remember it.
    pub(super) fn admit(&self, key: &str, id: &str) -> Result<Hash, VerifyError> {
        let (now, proof, key) = (Instant::now(), hash(key, id), of(key));
        let mut proofs = self.proofs.lock().unwrap_or_else(PoisonError::into_inner);
        proofs.forget(now);
        if proofs.known.contains(&proof) {
            return Err(VerifyError::InvalidProof("it was used before (`jti`)"));
        }
        let share = proofs.of_key.get(&key).copied().unwrap_or_default();
        if proofs.known.len() >= MOST || share >= SHARE {
            return Err(VerifyError::Unavailable {
                retry_after: COME_BACK,
            });
        }
        proofs.known.insert(proof);
        proofs.order.push_back((now + self.window, proof, key));
        proofs.of_key.insert(key, share + 1);
        Ok(proof)
    }
}

impl Proofs {
    /// Forgets what is over: each proof once, whatever else is remembered.
    fn forget(&mut self, now: Instant) {
        while let Some((until, proof, key)) = self.order.front().copied()
            && until <= now
        {
            self.order.pop_front();
            self.known.remove(&proof);
            match self.of_key.get_mut(&key) {
                Some(share) if *share > 1 => *share -= 1,
                _ => drop(self.of_key.remove(&key)),
            }
        }
    }
}

fn of(key: &str) -> Hash {
    let mut hash = [0; 32];
    hash.copy_from_slice(digest(&SHA256, key.as_bytes()).as_ref());
    hash
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
        let window = Duration::from_secs(120);
        let seen = Seen::new(window);
        for serial in 0..MOST {
            let key = (serial / SHARE).to_string();
            seen.admit(&key, &serial.to_string()).unwrap();
        }
        let full = seen.admit("key", "another");
        assert!(
            matches!(full, Err(VerifyError::Unavailable { .. })),
            "{full:?}"
        );
        let again = seen.admit("0", "7");
        assert!(
            matches!(again, Err(VerifyError::InvalidProof(_))),
            "{again:?}"
        );
        tokio::time::advance(window).await;
        seen.admit("0", "7").unwrap();
        let proofs = seen.proofs.lock().unwrap();
        let left = (proofs.known.len(), proofs.order.len(), proofs.of_key.len());
        assert_eq!(left, (1, 1, 1));
    }

    #[tokio::test(start_paused = true)]
    async fn a_key_takes_no_more_than_its_share() {
        let window = Duration::from_secs(120);
        let seen = Seen::new(window);
        for serial in 0..SHARE {
            seen.admit("greedy", &serial.to_string()).unwrap();
        }
        let more = seen.admit("greedy", "more");
        assert!(matches!(more, Err(VerifyError::Unavailable { .. })));
        seen.admit("modest", "1").unwrap();
        tokio::time::advance(window).await;
        seen.admit("greedy", "more").unwrap();
    }
}
