//! Tenants, kept apart, each with its share.
//!
//! A tenant is what a verified claim says it is
//! ([`Principal::tenant`](purlin_core::Principal::tenant)), never what a header,
//! an argument or a client says. What becomes of callers without one has to be
//! decided: [`required`](Tenants::required) refuses them,
//! [`sharing`](Tenants::sharing) lets them be one tenant together, which is none
//! of the others.
//!
//! Handlers find the [`Tenant`] in the state of the request and make keys of it
//! that no other tenant can reach. Quotas bound how many calls a tenant has in a
//! period, counted in a store that processes may share, and how much it has
//! running at one time. Rates, caches and usage know tenants by themselves; give
//! [`RateLimit::tenant`](crate::RateLimit::tenant) a rate too.
//!
//! How many bytes a tenant keeps in a store is bounded by the store's own
//! wrappers, for only they see what expires; how many sessions it has, by the
//! transport (`HttpConfig::sessions_per_tenant`). Subscriptions are bounded for each
//! session and each stream.

mod hooks;
mod tenant;
#[cfg(test)]
mod tests;

use std::{
    collections::HashMap,
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
};

use purlin_core::{
    Rate,
    store::{KeyValue, MemoryStore},
};

pub use tenant::Tenant;

/// Where the counts of calls lie.
const COLLECTION: &str = "tenants";

/// Keeps tenants apart and bounds what each may use.
///
/// ```
/// use purlin_core::{Context, Server};
/// use purlin_middleware::{Tenants, tenants::Tenant};
///
/// # fn main() -> Result<(), purlin_core::InvalidRate> {
/// let tenants = Tenants::required().calls("100000/day".parse()?).concurrency(32);
/// let server = Server::builder("orders", "1.0.0").middleware(tenants);
/// # Ok(()) }
///
/// fn key_of_order(cx: &Context, order: &str) -> Option<String> {
///     Some(cx.state().get::<Tenant>()?.key(order))
/// }
/// ```
///
/// A clone is a handle on the same counts.
#[derive(Clone, Debug)]
pub struct Tenants {
    required: bool,
    calls: Option<Rate>,
    concurrency: Option<usize>,
    store: Arc<dyn KeyValue>,
    counts: Arc<Counts>,
}

#[derive(Debug, Default)]
struct Counts {
    running: Mutex<HashMap<Tenant, usize>>,
    without: AtomicU64,
    over_quota: AtomicU64,
    busy: AtomicU64,
    uncounted: AtomicU64,
}

/// What has been counted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct TenantStatistics {
    /// Requests refused because they had no tenant.
    pub without: u64,
    /// Calls refused because the tenant had used its quota up.
    pub over_quota: u64,
    /// Calls refused because too many of the tenant ran.
    pub busy: u64,
    /// Calls that passed uncounted, for the store was away.
    pub uncounted: u64,
    /// Tenants of whom something runs now.
    pub running: usize,
}

impl Tenants {
    /// Refuses callers without a tenant, those on standard input and output
    /// included: nobody has said whose data they may see.
    pub fn required() -> Self {
        Self::new(true)
    }

    /// Lets callers without a tenant be one tenant together.
    pub fn sharing() -> Self {
        Self::new(false)
    }

    fn new(required: bool) -> Self {
        Self {
            required,
            calls: None,
            concurrency: None,
            store: Arc::new(MemoryStore::default()),
            counts: Arc::default(),
        }
    }

    /// How many calls of tools, reads and prompts each tenant has in a period.
    /// Periods begin at whole multiples of their length since 1970, for all
    /// tenants at once.
    #[must_use]
    pub fn calls(mut self, quota: Rate) -> Self {
        self.calls = Some(quota);
        self
    }

    /// How many of them run at one time for each tenant; more are refused as
    /// `Busy`. 0 counts as 1.
    #[must_use]
    pub fn concurrency(mut self, places: usize) -> Self {
        self.concurrency = Some(places.max(1));
        self
    }

    /// Counts calls in a store that several processes share. While it is away,
    /// calls pass uncounted and the log says so: a quota is no protection
    /// against overload, which is what [`RateLimit`](crate::RateLimit) is for.
    #[must_use]
    pub fn store(mut self, store: Arc<dyn KeyValue>) -> Self {
        self.store = store;
        self
    }

    /// What has been counted so far.
    pub fn statistics(&self) -> TenantStatistics {
        TenantStatistics {
            without: self.counts.without.load(Ordering::Relaxed),
            over_quota: self.counts.over_quota.load(Ordering::Relaxed),
            busy: self.counts.busy.load(Ordering::Relaxed),
            uncounted: self.counts.uncounted.load(Ordering::Relaxed),
            running: self.counts.lock().len(),
        }
    }
}

impl Counts {
    fn lock(&self) -> MutexGuard<'_, HashMap<Tenant, usize>> {
        self.running.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
