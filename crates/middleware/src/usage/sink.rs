//! Where counts go.

use std::{
    sync::Arc,
    time::{Duration, SystemTime},
};

use bytes::Bytes;
use purlin_core::{
    BoxFuture, Error, ErrorKind, Result,
    store::{Key, KeyValue},
};

use super::{UsageCounts, UsageKey};

/// Where sums lie in a store, unless said otherwise.
const COLLECTION: &str = "usage";
/// How often others may be faster before a record is left for later.
const ATTEMPTS: usize = 16;
/// The seconds of a day.
const DAY: u64 = 24 * 60 * 60;
/// How long sums are kept, unless said otherwise: a year can be billed after its end.
const KEPT: Duration = Duration::from_secs(400 * DAY);

/// Takes what was counted.
pub trait UsageSink: Send + Sync + 'static {
    /// Adds to what is known of a key.
    ///
    /// # Errors
    /// When it was not taken; it is handed over again later.
    fn record<'a>(
        &'a self,
        key: &'a UsageKey,
        counts: &'a UsageCounts,
    ) -> BoxFuture<'a, Result<()>>;
}

/// Adds counts up in a store, for each day of UTC. Sums are kept for 400 days after
/// they last grew ([`kept_for`](Self::kept_for)).
#[derive(Clone, Debug)]
pub struct StoreSink {
    store: Arc<dyn KeyValue>,
    collection: String,
    kept: Duration,
}

impl StoreSink {
    /// Adds up in this store, in the collection `usage`.
    pub fn new(store: Arc<dyn KeyValue>) -> Self {
        Self {
            store,
            collection: COLLECTION.to_owned(),
            kept: KEPT,
        }
    }

    /// How long sums are kept after they last grew.
    #[must_use]
    pub fn kept_for(mut self, time: Duration) -> Self {
        self.kept = time;
        self
    }

    /// Takes another collection.
    #[must_use]
    pub fn collection(mut self, name: impl Into<String>) -> Self {
        self.collection = name.into();
        self
    }

    /// The sums of a key on one day, counted from 1970-01-01.
    ///
    /// # Errors
    /// As the store.
    pub async fn read(&self, key: &UsageKey, day: u64) -> Result<UsageCounts> {
        let at = text(key, day);
        let stored = self.store.get(self.at(&at)).await?;
        stored.map_or_else(
            || Ok(UsageCounts::default()),
            |stored| decode(&stored.value),
        )
    }

    /// Today, counted from 1970-01-01.
    pub fn today() -> u64 {
        let since = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH);
        since.map_or(0, |since| since.as_secs() / DAY)
    }

    fn at<'a>(&'a self, key: &'a str) -> Key<'a> {
        Key {
            collection: &self.collection,
            key,
        }
    }
}

impl UsageSink for StoreSink {
    fn record<'a>(
        &'a self,
        key: &'a UsageKey,
        counts: &'a UsageCounts,
    ) -> BoxFuture<'a, Result<()>> {
        Box::pin(async move {
            let key = text(key, Self::today());
            for _ in 0..ATTEMPTS {
                let found = self.store.get(self.at(&key)).await?;
                let found = found.map(|stored| stored.value);
                let mut sum = found
                    .as_ref()
                    .map_or_else(|| Ok(UsageCounts::default()), |bytes| decode(bytes))?;
                sum.add(counts);
                let sum = Bytes::from(serde_json::to_vec(&sum)?);
                let (at, ttl) = (self.at(&key), Some(self.kept));
                let set = self.store.compare_and_set(at, found, Some(sum), ttl);
                if set.await? {
                    return Ok(());
                }
            }
            Err(Error::new(
                ErrorKind::Unavailable,
                "others add to the same usage all the time",
            ))
        })
    }
}

fn decode(bytes: &[u8]) -> Result<UsageCounts> {
    Ok(serde_json::from_slice(bytes)?)
}

/// Each part with its length before it, so that no two keys are one text.
pub(super) fn text(key: &UsageKey, day: u64) -> String {
    let mut text = day.to_string();
    for part in [
        key.tenant.as_deref(),
        key.caller.as_deref(),
        Some(&*key.tool),
    ] {
        match part {
            Some(part) => text.push_str(&format!(" {}:{part}", part.len())),
            None => text.push_str(" -"),
        }
    }
    text
}
