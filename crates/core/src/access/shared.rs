//! Limits that several processes count together, in a store they share.
//!
//! While the store is away each process counts alone, at its share of the limit:
//! together they let no more through, and nobody is shut out by an outage.

mod roster;

use std::{
    borrow::Cow,
    fmt,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use tokio::time::timeout;

use self::roster::Roster;
use super::{Caller, Limiter, too_early};
use crate::{
    BoxFuture, Error, Result,
    store::{Admission, Key, KeyValue, Outage, StoreError, StoreResult},
};

/// How long a request waits for the store, unless said otherwise.
const PATIENCE: Duration = Duration::from_millis(250);
/// Where the cells lie, unless said otherwise.
const COLLECTION: &str = "limits";

/// A store in which several processes count together.
///
/// A request asks the store for one cell, in one atomic step by the store's own
/// clock where it has one ([`KeyValue::admit`]). When the store fails or takes
/// longer than 250 ms ([`patience`](Self::patience)), it is left alone for a second,
/// and meanwhile every process counts by itself at one part in
/// [`replicas`](Self::replicas) of the limit, or of as many as it
/// [has seen](Self::count_replicas). The log says so once, as an error, and once when it is over; so
/// nothing waits for a store that is away but one request a second.
///
/// A clone is a handle on the same.
///
/// ```
/// use std::sync::Arc;
/// use purlin_core::{Server, access::SharedLimits, store::MemoryStore};
///
/// let store = Arc::new(MemoryStore::default());
/// let server = Server::builder("orders", "1.0.0").share_limits(SharedLimits::new(store).replicas(3));
/// ```
#[derive(Clone)]
pub struct SharedLimits(Arc<Inner>);

struct Inner {
    settings: Settings,
    outage: Outage,
    outages: AtomicU64,
    fallbacks: AtomicU64,
}

#[derive(Clone)]
struct Settings {
    store: Arc<dyn KeyValue>,
    collection: String,
    replicas: u32,
    /// Who else counts, where that is looked for.
    roster: Option<Arc<Roster>>,
    patience: Duration,
}

/// What a request is charged to: the name of a limit, whom it counts, by a text that means the same
/// in every process, and what it allows.
#[derive(Clone, Debug)]
pub struct Charge<'a> {
    limit: &'a str,
    key: Cow<'a, str>,
    limiter: &'a Limiter,
}

impl<'a> Charge<'a> {
    /// A request that `limit` counts for `key`.
    pub fn new(limit: &'a str, key: impl Into<Cow<'a, str>>, limiter: &'a Limiter) -> Self {
        Self {
            limit,
            key: key.into(),
            limiter,
        }
    }

    /// The key of its cell. With its length before it no name of a limit runs into a key.
    fn cell(&self) -> String {
        format!("{}:{} {}", self.limit.len(), self.limit, self.key)
    }
}

/// How the store of limits has done.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct SharedStatistics {
    /// Whether it is away now.
    pub away: bool,
    /// How often it went away.
    pub outages: u64,
    /// How many requests were counted by this process alone.
    pub fallbacks: u64,
}

impl fmt::Debug for SharedLimits {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SharedLimits")
            .field("store", &self.0.settings.store)
            .field("collection", &self.0.settings.collection)
            .field("replicas", &self.0.settings.replicas)
            .field("statistics", &self.statistics())
            .finish()
    }
}

impl SharedLimits {
    /// Counts in this store.
    pub fn new(store: Arc<dyn KeyValue>) -> Self {
        Self::of(Settings {
            store,
            collection: COLLECTION.to_owned(),
            replicas: 1,
            roster: None,
            patience: PATIENCE,
        })
    }

    fn of(settings: Settings) -> Self {
        Self(Arc::new(Inner {
            settings,
            outage: Outage::default(),
            outages: AtomicU64::new(0),
            fallbacks: AtomicU64::new(0),
        }))
    }

    /// The same with another setting, which has seen nothing of its store yet: handles made before
    /// stay as they are.
    fn with(self, change: impl FnOnce(&mut Settings)) -> Self {
        let mut settings = self.0.settings.clone();
        change(&mut settings);
        Self::of(settings)
    }

    /// How many processes count together: while the store is away, each lets
    /// through its part of the limit. The default, 1, lets each have all of it;
    /// 0 counts as 1.
    #[must_use]
    pub fn replicas(self, processes: u32) -> Self {
        self.with(|settings| settings.replicas = processes.max(1))
    }

    /// Finds out how many processes count together: each says in the store that it
    /// lives, every few seconds from its first request on. While the store is away,
    /// each lets through one part in as many as it has last seen there, or in
    /// [`replicas`](Self::replicas) as long as it has seen none.
    #[must_use]
    pub fn count_replicas(self) -> Self {
        self.with(|settings| settings.roster = Some(settings.new_roster()))
    }

    /// How long a request waits for the store before it is counted here alone; 250 ms
    /// unless said otherwise.
    #[must_use]
    pub fn patience(self, time: Duration) -> Self {
        self.with(|settings| settings.patience = time)
    }

    /// The collection of the store the cells lie in, `limits` by default. Limits
    /// that are not to be counted together need another.
    #[must_use]
    pub fn collection(self, name: impl Into<String>) -> Self {
        self.with(|settings| {
            settings.collection = name.into();
            settings.roster = settings.roster.as_ref().map(|_| settings.new_roster());
        })
    }

    /// How the store has done.
    pub fn statistics(&self) -> SharedStatistics {
        SharedStatistics {
            away: self.0.outage.is_on(),
            outages: self.0.outages.load(Ordering::Relaxed),
            fallbacks: self.0.fallbacks.load(Ordering::Relaxed),
        }
    }

    /// Counts one more of a caller, of whom `limit` is the name of one allowance.
    ///
    /// Callers whom only this process can tell apart are counted here.
    ///
    /// # Errors
    /// [`ErrorKind::RateLimited`](crate::ErrorKind::RateLimited), with the time to wait.
    pub async fn admit(&self, limit: &str, caller: &Caller, limiter: &Limiter) -> Result<()> {
        match caller.key() {
            Some(caller) => self.admit_key(limit, &caller, limiter).await,
            None => limiter.admit(caller),
        }
    }

    /// The same for any key, by which the same is meant in every process.
    ///
    /// # Errors
    /// As [`admit`](Self::admit).
    pub async fn admit_key(&self, limit: &str, key: &str, limiter: &Limiter) -> Result<()> {
        let counted = Charge::new(limit, key, limiter);
        let cell = counted.cell();
        let at = self.key(&cell);
        let store = &self.0.settings.store;
        match self.ask(|| store.admit(at, limiter.limit())).await {
            Some(admission) => judge(limiter, admission),
            None => self.admit_part(&cell, limiter),
        }
    }

    /// Counts one request for several limits, up to the first that refuses it. The store is asked
    /// once for all of them; one that can answer in one step counts a refused request nowhere
    /// ([`KeyValue::admit_all`]).
    ///
    /// # Errors
    /// Which one has refused, and as [`admit`](Self::admit).
    pub async fn admit_all(&self, counted: &[Charge<'_>]) -> Result<(), (usize, Error)> {
        if let [only] = counted {
            let admitted = self.admit_key(only.limit, &only.key, only.limiter).await;
            return admitted.map_err(|error| (0, error));
        }
        let cells: Vec<_> = counted.iter().map(Charge::cell).collect();
        let limits = counted.iter().map(|counted| counted.limiter.limit());
        let keys = cells.iter().map(|cell| self.key(cell));
        let asked: Vec<_> = keys.zip(limits).collect();
        let store = &self.0.settings.store;
        let said = self.ask(|| store.admit_all(&asked)).await;
        for (index, counted) in counted.iter().enumerate() {
            let admitted = match &said {
                Some(said) => said
                    .get(index)
                    .map_or(Ok(()), |admission| judge(counted.limiter, *admission)),
                None => self.admit_part(&cells[index], counted.limiter),
            };
            admitted.map_err(|error| (index, error))?;
        }
        Ok(())
    }

    fn key<'k>(&'k self, cell: &'k str) -> Key<'k> {
        Key {
            collection: &self.0.settings.collection,
            key: cell,
        }
    }

    /// Asks the store; `None` where this process has to count alone.
    async fn ask<'a, T>(
        &self,
        answer: impl FnOnce() -> BoxFuture<'a, StoreResult<T>>,
    ) -> Option<T> {
        if let Some(roster) = &self.0.settings.roster {
            roster.begin();
        }
        if !self.0.outage.is_to_be_asked() {
            return None;
        }
        match timeout(self.0.settings.patience, answer()).await {
            Ok(Ok(answer)) => {
                self.answered();
                return Some(answer);
            }
            Ok(Err(error)) => self.failed(Some(&error)),
            Err(_) => self.failed(None),
        }
        None
    }

    /// Counts here alone.
    fn admit_part(&self, cell: &str, limiter: &Limiter) -> Result<()> {
        self.0.fallbacks.fetch_add(1, Ordering::Relaxed);
        limiter.admit_part(cell, self.0.settings.parts())
    }

    fn answered(&self) {
        if self.0.outage.note_answer() {
            tracing::warn!(target: "purlin::limits", "the store of limits is back");
        }
    }

    /// `None` when it took too long.
    fn failed(&self, error: Option<&StoreError>) {
        // That others were faster is no outage: only this request is counted here.
        if error.is_some_and(|error| !error.is_outage()) {
            let error = error.map(ToString::to_string);
            tracing::error!(target: "purlin::limits", error, "a limit cannot be counted in its store");
            return;
        }
        if self.0.outage.note_failure() {
            self.0.outages.fetch_add(1, Ordering::Relaxed);
            let error = error.map_or_else(|| "it took too long".to_owned(), ToString::to_string);
            let replicas = self.0.settings.parts();
            tracing::error!(
                target: "purlin::limits",
                error, replicas,
                "the store of limits is away: every process counts alone, at its part of the limits"
            );
        }
    }
}

impl Settings {
    fn new_roster(&self) -> Arc<Roster> {
        Arc::new(Roster::new(Arc::clone(&self.store), &self.collection))
    }

    /// In how many parts limits go while the store is away.
    fn parts(&self) -> u32 {
        let seen = self.roster.as_ref().map_or(0, |roster| roster.seen());
        if seen == 0 { self.replicas } else { seen }
    }
}

fn judge(limiter: &Limiter, admission: Admission) -> Result<()> {
    match admission {
        Admission::Granted { .. } => Ok(()),
        Admission::Refused { retry_after } => Err(too_early(limiter.rate(), retry_after)),
    }
}

#[cfg(test)]
mod tests;
