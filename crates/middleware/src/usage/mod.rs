//! Who has used how much.
//!
//! [`Usage`] counts, for each tenant, caller and tool: calls, those that failed,
//! bytes of arguments and of results, and how long they took. Nothing is lost
//! under load, for every call is counted under one lock when it ends, and a call
//! that is dropped is counted as one that failed.
//!
//! The counts are handed to a [`UsageSink`] every now and then
//! ([`flush`](Usage::flush), [`flushing`](Usage::flushing)), one record at a time, and
//! once more when the server ends. What the sink did not take goes back and is handed over with the
//! next. [`StoreSink`] adds them up in any store.

mod flush;
mod hooks;
mod sink;
#[cfg(test)]
mod tests;

use std::{
    collections::HashMap,
    fmt,
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use tokio::sync::watch;

pub use flush::{Flushing, FlushingTask};
pub use sink::{StoreSink, UsageSink};

/// How many keys are counted apart.
const CAPACITY: usize = 10_000;

/// Counts who uses how much.
///
/// ```
/// use std::{sync::Arc, time::Duration};
/// use purlin_core::{Server, store::MemoryStore};
/// use purlin_middleware::{Usage, usage::StoreSink};
///
/// let usage = Usage::new(StoreSink::new(Arc::new(MemoryStore::default())));
/// let server = Server::builder("orders", "1.0.0")
///     .middleware(usage.clone())
///     .with_lifespan(usage.flushing(Duration::from_secs(60)));
/// ```
///
/// At most 10,000 keys are counted apart between two flushes; what comes beyond
/// is counted for its tenant under the caller and the tool `*`, and beyond ten
/// times as many tenants for nobody, so that sums stay exact.
///
/// A clone is a handle on the same counts.
#[derive(Clone)]
pub struct Usage {
    sink: Arc<dyn UsageSink>,
    capacity: usize,
    counts: Arc<Counts>,
    /// Gone with the last handle, which is how the last flush knows of it.
    handles: Arc<watch::Sender<()>>,
}

#[derive(Default)]
struct Counts {
    keys: Mutex<HashMap<UsageKey, UsageCounts>>,
    /// One flush at a time, so that records arrive in order.
    flushing: tokio::sync::Mutex<()>,
    flushed: AtomicU64,
    failed: AtomicU64,
}

/// Whose use of what.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[non_exhaustive]
pub struct UsageKey {
    /// The tenant of the caller.
    pub tenant: Option<String>,
    /// [`Principal::identity`](purlin_core::Principal::identity); nothing for
    /// those whom nobody has authenticated.
    pub caller: Option<String>,
    /// The tool, by the name it has at the server this was added to.
    pub tool: String,
}

/// How much was used.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[non_exhaustive]
pub struct UsageCounts {
    /// Calls that have ended.
    pub calls: u64,
    /// Those of them that failed or were dropped.
    pub errors: u64,
    /// Bytes of arguments, as JSON.
    pub bytes_in: u64,
    /// Bytes of results, as JSON.
    pub bytes_out: u64,
    /// How long they took together, in microseconds.
    pub micros: u64,
}

/// What has been counted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct UsageStatistics {
    /// Keys that wait for the next flush.
    pub keys: usize,
    /// Records that the sink has taken.
    pub flushed: u64,
    /// Records that it has not; they are handed over again.
    pub failed: u64,
}

impl fmt::Debug for Usage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Usage")
            .field("statistics", &self.statistics())
            .finish_non_exhaustive()
    }
}

impl UsageCounts {
    /// Both together.
    pub fn add(&mut self, more: &Self) {
        self.calls = self.calls.saturating_add(more.calls);
        self.errors = self.errors.saturating_add(more.errors);
        self.bytes_in = self.bytes_in.saturating_add(more.bytes_in);
        self.bytes_out = self.bytes_out.saturating_add(more.bytes_out);
        self.micros = self.micros.saturating_add(more.micros);
    }

    /// How long the calls took together.
    pub fn duration(&self) -> Duration {
        Duration::from_micros(self.micros)
    }
}

impl Usage {
    /// Counts, and hands the counts to this sink.
    pub fn new(sink: impl UsageSink) -> Self {
        Self {
            sink: Arc::new(sink),
            capacity: CAPACITY,
            counts: Arc::default(),
            handles: Arc::default(),
        }
    }

    /// How many keys are counted apart between two flushes; 0 counts as 1.
    #[must_use]
    pub fn capacity(mut self, keys: usize) -> Self {
        self.capacity = keys.max(1);
        self
    }

    /// What has been counted since the last flush, sorted by key.
    pub fn pending(&self) -> Vec<(UsageKey, UsageCounts)> {
        let keys = self.counts.lock();
        let mut pending: Vec<_> = keys
            .iter()
            .map(|(key, counts)| (key.clone(), *counts))
            .collect();
        drop(keys);
        pending.sort_by(|a, b| a.0.cmp(&b.0));
        pending
    }

    /// What has been counted so far.
    pub fn statistics(&self) -> UsageStatistics {
        UsageStatistics {
            keys: self.counts.lock().len(),
            flushed: self.counts.flushed.load(Ordering::Relaxed),
            failed: self.counts.failed.load(Ordering::Relaxed),
        }
    }
}

impl Counts {
    fn lock(&self) -> MutexGuard<'_, HashMap<UsageKey, UsageCounts>> {
        self.keys.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Adds to a key, or to the one that takes what there is no room for.
    fn count(&self, key: UsageKey, counts: &UsageCounts, capacity: usize) {
        let mut keys = self.lock();
        let has_room = |keys: &HashMap<_, _>, key: &UsageKey, capacity: usize| {
            keys.len() < capacity || keys.contains_key(key)
        };
        let key = if has_room(&keys, &key, capacity) {
            key
        } else {
            let rest = |tenant| UsageKey {
                tenant,
                caller: Some("*".to_owned()),
                tool: "*".to_owned(),
            };
            let of_tenant = rest(key.tenant);
            match has_room(&keys, &of_tenant, capacity.saturating_mul(10)) {
                true => of_tenant,
                false => rest(None),
            }
        };
        keys.entry(key).or_default().add(counts);
    }
}
