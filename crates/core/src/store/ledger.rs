//! Who holds how much of something that is bounded, in one record of a store.
//!
//! One record, so that a decision is one compare-and-set whichever process makes it. What
//! holds a part until some time is struck off when that has come; times are those of the
//! wall clock, for processes agree on no other.

use std::{
    collections::BTreeMap,
    sync::Arc,
    time::{Duration, SystemTime, UNIX_EPOCH},
};

use bytes::Bytes;
use serde::{Deserialize, Serialize};

use super::{Attempts, Key, KeyValue, StoreError, StoreErrorKind, StoreResult};

/// How many holders one ledger has at most, so that its record stays below what every
/// store takes.
pub(crate) const MAX_HOLDERS: usize = 4_096;

/// What one holder has.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Part {
    #[serde(rename = "n")]
    pub(crate) amount: u64,
    /// Milliseconds since 1970; nothing for what does not expire.
    #[serde(rename = "u")]
    pub(crate) until: Option<u64>,
    /// Who has written it last, by a random number.
    #[serde(rename = "w")]
    pub(crate) writer: u64,
}

/// The parts by their holders.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Parts(pub(crate) BTreeMap<String, Part>);

impl Parts {
    fn strike_off(&mut self, now: u64) {
        self.0.retain(|_, part| is_alive(part.until, now));
    }

    pub(crate) fn total(&self) -> u64 {
        self.0.values().map(|part| part.amount).sum()
    }

    /// Whether a holder may have so much, all holders being bounded by `limit`. What a
    /// holder has already it may always have.
    pub(crate) fn admits(&self, holder: &str, amount: u64, limit: u64) -> bool {
        let has = self.0.get(holder).map(|part| part.amount);
        if has.is_some_and(|has| amount <= has) {
            return true;
        }
        let others = self.total() - has.unwrap_or(0);
        others.saturating_add(amount) <= limit && (has.is_some() || self.0.len() < MAX_HOLDERS)
    }

    /// The later of two times; nothing is the latest.
    pub(crate) fn later(one: Option<u64>, other: Option<u64>) -> Option<u64> {
        Some(one?.max(other?))
    }

    fn time_to_live(&self, now: u64) -> Option<Duration> {
        let mut latest = Some(now);
        for part in self.0.values() {
            latest = Self::later(latest, part.until);
        }
        let left = Duration::from_millis(latest?.saturating_sub(now));
        // Longer than needed, for clocks that differ.
        Some(left + Duration::from_secs(600))
    }
}

fn is_alive(until: Option<u64>, now: u64) -> bool {
    until.is_none_or(|until| until > now)
}

/// When something ends that lives so long from now on.
pub(crate) fn until(ttl: Option<Duration>) -> Option<u64> {
    Some(now().saturating_add(millis(ttl?)))
}

fn millis(duration: Duration) -> u64 {
    u64::try_from(duration.as_millis()).unwrap_or(u64::MAX)
}

fn now() -> u64 {
    millis(
        SystemTime::now()
            .duration_since(UNIX_EPOCH)
            .unwrap_or_default(),
    )
}

/// One ledger, wherever it lies.
#[derive(Clone, Debug)]
pub(crate) struct Ledger {
    pub(crate) store: Arc<dyn KeyValue>,
    pub(crate) collection: &'static str,
    pub(crate) key: Arc<str>,
}

impl Ledger {
    pub(crate) async fn parts(&self) -> StoreResult<Parts> {
        let found = self.store.get(self.at()).await?;
        let mut parts = decode(found.map(|stored| stored.value).as_ref())?;
        parts.strike_off(now());
        Ok(parts)
    }

    /// Changes it in one step. `change` runs again when somebody else was faster.
    pub(crate) async fn update<T>(
        &self,
        mut change: impl FnMut(&mut Parts) -> T,
    ) -> StoreResult<T> {
        let mut attempts = Attempts::default();
        loop {
            let found = self.store.get(self.at()).await?.map(|stored| stored.value);
            let before = decode(found.as_ref())?;
            let (mut parts, now) = (before.clone(), now());
            parts.strike_off(now);
            let outcome = change(&mut parts);
            if parts == before {
                return Ok(outcome);
            }
            let (new, ttl) = (encode(&parts)?, parts.time_to_live(now));
            let set = self.store.compare_and_set(self.at(), found, new, ttl);
            if set.await? {
                return Ok(outcome);
            }
            attempts.failed().await?;
        }
    }

    fn at(&self) -> Key<'_> {
        Key::new(self.collection, &self.key)
    }
}

fn decode(found: Option<&Bytes>) -> StoreResult<Parts> {
    let Some(raw) = found else {
        return Ok(Parts::default());
    };
    let text = "what a quota has counted cannot be read";
    serde_json::from_slice(raw).map_err(|_| StoreError::new(StoreErrorKind::Corrupt, text))
}

/// An empty one is no record.
fn encode(parts: &Parts) -> StoreResult<Option<Bytes>> {
    if parts.0.is_empty() {
        return Ok(None);
    }
    let text = "what a quota has counted cannot be written as JSON";
    let raw = serde_json::to_vec(parts);
    raw.map(|raw| Some(raw.into()))
        .map_err(|_| StoreError::new(StoreErrorKind::Invalid, text))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn part(amount: u64, until: Option<u64>) -> Part {
        Part {
            amount,
            until,
            writer: 0,
        }
    }

    #[test]
    fn what_has_expired_makes_room_and_shrinking_is_always_allowed() {
        let mut parts = Parts::default();
        parts.0.insert("a".to_owned(), part(6, Some(100)));
        parts.0.insert("b".to_owned(), part(4, None));
        assert!(!parts.admits("c", 1, 10));
        assert!(parts.admits("a", 6, 10) && !parts.admits("a", 7, 10));
        // Somebody has lowered the limit.
        assert!(parts.admits("a", 5, 1));
        parts.strike_off(100);
        assert!(parts.admits("c", 6, 10) && !parts.admits("c", 7, 10));
        assert_eq!(parts.time_to_live(100), None);
    }
}
