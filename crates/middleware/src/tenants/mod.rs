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
//! How many bytes a tenant keeps ([`bytes`](Tenants::bytes)) is counted in the server's
//! store itself, and how many subscriptions it has
//! ([`subscriptions`](Tenants::subscriptions)) by core, both over processes that share
//! their sessions. How many sessions it has is bounded by the transport
//! (`HttpConfig::sessions_per_tenant`).

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
    access::{Allowance, Subscribers},
    store::{KeyValue, MemoryStore, Outage},
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
/// let tenants = Tenants::required()
///     .calls("100000/day".parse()?)
///     .concurrency(32)
///     .bytes(16 << 20)
///     .subscriptions(1_000);
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
    bytes: Option<u64>,
    subscribers: Option<Subscribers>,
    store: Arc<dyn KeyValue>,
    outage: Arc<Outage>,
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
            bytes: None,
            subscribers: None,
            store: Arc::new(MemoryStore::default()),
            outage: Arc::default(),
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

    /// How many bytes each tenant keeps in the server's store
    /// ([`Server::with_store`](purlin_core::Server::with_store)): values of sessions, and
    /// what handlers keep by [`Tenant::store`], with the names of collections and keys. It
    /// has at most 4,096 records, a session being one.
    ///
    /// What does not fit is refused with an error that says the limit, which a handler passes
    /// on by `?`; what was there stays. Processes with the same store count together, and a
    /// write costs four more calls of the store. The values of a session that ends in another
    /// process than where they were used count until they would have expired.
    #[must_use]
    pub fn bytes(mut self, bytes: u64) -> Self {
        self.bytes = Some(bytes);
        self
    }

    /// How many subscriptions each tenant has at one time: resources that its sessions
    /// subscribe to, and in the stateless era its streams and each resource of a stream. More
    /// are refused with code 429.
    ///
    /// Processes that share sessions (`HttpConfig::replicated`) count together in the server's
    /// store; one that dies takes its streams with it within a minute.
    #[must_use]
    pub fn subscriptions(mut self, subscriptions: usize) -> Self {
        self.subscribers = Some(Subscribers::new(subscriptions));
        self
    }

    /// What the session values and subscriptions of a tenant go by, if they are bounded.
    fn allowance(&self, tenant: &Tenant) -> Option<Allowance> {
        if self.bytes.is_none() && self.subscribers.is_none() {
            return None;
        }
        let mut allowance = Allowance::new(tenant.key(""));
        if let Some(bytes) = self.bytes {
            allowance = allowance.bytes(bytes);
        }
        if let Some(subscribers) = &self.subscribers {
            allowance = allowance.subscriptions(subscribers.clone());
        }
        Some(allowance)
    }

    /// Counts calls in a store that several processes share. While it is away,
    /// calls pass uncounted and the log says so: a quota is no protection
    /// against overload, which is what [`RateLimit`](crate::RateLimit) is for. One call
    /// a second looks whether it is back, for 250 ms at most; the others do not wait for it.
    #[must_use]
    pub fn store(mut self, store: Arc<dyn KeyValue>) -> Self {
        self.store = store;
        self.outage = Arc::default();
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
