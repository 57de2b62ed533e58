//! What a tenant may keep: bytes and subscriptions.
//!
//! Middleware puts an [`Allowance`] into the state of a request
//! ([`Context::state`](crate::Context::state)); session values, `resources/subscribe` and
//! `subscriptions/listen` go by it. Without one, nothing is looked at or counted.

use std::{
    collections::HashMap,
    convert::Infallible,
    fmt,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use tokio::{runtime::Handle, time::sleep};

use crate::{
    Context, Error, ErrorKind, Result, Server,
    context::digest,
    server::random_id,
    store::{
        KeyValue, MANY, Quota, StoreResult,
        ledger::{Ledger, Part, Parts, until},
    },
};

const COLLECTION: &str = "mcp.quota.subscriptions";
/// How long a stream counts that nobody has heard of.
const LEASE: Duration = Duration::from_secs(60);
/// How often a stream says that it is there.
const RENEWAL: Duration = Duration::from_secs(20);

/// What somebody may keep, a tenant for example. The shelf's `Tenants` makes it.
///
/// ```
/// use purlin_core::access::{Allowance, Subscribers};
///
/// let subscribers = Subscribers::new(100);
/// let acme = Allowance::new("acme").bytes(1 << 20).subscriptions(subscribers.clone());
/// # let _ = acme;
/// ```
#[derive(Clone, Debug)]
pub struct Allowance {
    of: Arc<str>,
    bytes: Option<u64>,
    subscribers: Option<Subscribers>,
}

impl Allowance {
    /// The allowance of whoever `of` names, and of nobody else.
    pub fn new(of: impl Into<Arc<str>>) -> Self {
        Self {
            of: of.into(),
            bytes: None,
            subscribers: None,
        }
    }

    /// How many bytes it may keep in a store, names and keys included.
    #[must_use]
    pub fn bytes(mut self, bytes: u64) -> Self {
        self.bytes = Some(bytes);
        self
    }

    /// Bounds its subscriptions, in both eras.
    #[must_use]
    pub fn subscriptions(mut self, subscribers: Subscribers) -> Self {
        self.subscribers = Some(subscribers);
        self
    }

    /// The store, in which so many bytes may be kept.
    pub fn around(&self, store: Arc<dyn KeyValue>) -> Arc<dyn KeyValue> {
        match self.bytes {
            Some(bytes) => Arc::new(Quota::new(store, &self.of, bytes)),
            None => store,
        }
    }
}

/// Who is subscribed to how much in this process, and how much anybody may be. A clone is
/// a handle on the same counts.
#[derive(Clone, Debug)]
pub struct Subscribers {
    limit: usize,
    /// Only those who have some.
    counts: Arc<Mutex<HashMap<Arc<str>, usize>>>,
}

impl Subscribers {
    /// At most so many each.
    pub fn new(limit: usize) -> Self {
        Self {
            limit,
            counts: Arc::default(),
        }
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<Arc<str>, usize>> {
        self.counts.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn take(&self, of: &Arc<str>, count: usize) -> Result<()> {
        let mut counts = self.lock();
        let has = counts.get(of).copied().unwrap_or(0);
        if has.saturating_add(count) > self.limit {
            return Err(self.refusal(count));
        }
        counts.insert(Arc::clone(of), has + count);
        Ok(())
    }

    fn give_back(&self, of: &Arc<str>, count: usize) {
        let mut counts = self.lock();
        if let Some(has) = counts.get_mut(of) {
            *has = has.saturating_sub(count);
            if *has == 0 {
                counts.remove(of);
            }
        }
    }

    fn refusal(&self, count: usize) -> Error {
        let text = format!(
            "the tenant has at most {} subscriptions at one time, and this needs {count} more: end \
             some, or ask the operator for more",
            self.limit
        );
        Error::new(ErrorKind::RateLimited, text)
    }
}

/// The subscriptions of one session or one stream; dropping it gives them back.
pub(crate) struct Seats {
    of: Arc<str>,
    subscribers: Subscribers,
    held: Mutex<usize>,
    /// With replicas, where all of them count, and under which name.
    shared: Option<(Ledger, String)>,
    /// Whether this is a stream, which says that it is there.
    leased: bool,
}

impl fmt::Debug for Seats {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Seats").finish_non_exhaustive()
    }
}

impl Seats {
    /// Of a stream, with so many subscriptions. Nothing where none is bounded.
    ///
    /// # Errors
    /// When they are too many, and when the store that replicas share is not there.
    pub(crate) async fn of_stream(cx: &Context, count: usize) -> Result<Option<Self>> {
        let Some(seats) = Self::of(cx, None) else {
            return Ok(None);
        };
        seats.take(cx.server(), count).await?;
        Ok(Some(seats))
    }

    /// Of a session, which has none yet in this process. `shared` is its key if replicas
    /// share it. Nothing where none is bounded.
    pub(crate) fn of_session(cx: &Context, shared: Option<&str>) -> Option<Self> {
        Self::of(cx, Some(shared))
    }

    fn of(cx: &Context, session: Option<Option<&str>>) -> Option<Self> {
        let allowance = cx.state().get::<Allowance>()?;
        let subscribers = allowance.subscribers.clone()?;
        let holder = match session {
            Some(key) => key.map(|key| format!("s{key}")),
            None if cx.server().sharing().is_some() => Some(format!("l{}", random_id())),
            None => None,
        };
        let ledger = |_: &String| Ledger {
            store: cx.server().store(),
            collection: COLLECTION,
            key: digest(allowance.of.as_bytes()).into(),
        };
        Some(Self {
            of: Arc::clone(&allowance.of),
            subscribers,
            held: Mutex::new(0),
            shared: holder.map(|holder| (ledger(&holder), holder)),
            leased: session.is_none(),
        })
    }

    /// # Errors
    /// When they are too many, and when the store that replicas share is not there.
    pub(crate) async fn take(&self, server: &Server, count: usize) -> Result<()> {
        let Some((ledger, holder)) = &self.shared else {
            self.subscribers.take(&self.of, count)?;
            *self.held() += count;
            return Ok(());
        };
        if !self.enter(ledger, holder, count).await? {
            strike_off_ended(ledger, server).await?;
            if !self.enter(ledger, holder, count).await? {
                return Err(self.subscribers.refusal(count));
            }
        }
        Ok(())
    }

    async fn enter(&self, ledger: &Ledger, holder: &str, count: usize) -> StoreResult<bool> {
        let (limit, until) = (self.subscribers.limit as u64, self.until());
        let entered = ledger.update(|parts| {
            let has = parts.0.get(holder).map_or(0, |part| part.amount);
            let amount = has.saturating_add(count as u64);
            let admitted = parts.admits(holder, amount, limit);
            if admitted {
                parts.0.insert(holder.to_owned(), part(amount, until));
            }
            admitted
        });
        entered.await
    }

    fn until(&self) -> Option<u64> {
        until(self.leased.then_some(LEASE))
    }

    /// # Errors
    /// Those of the store that replicas share.
    pub(crate) async fn give_back(&self, count: usize) -> StoreResult<()> {
        let Some((ledger, holder)) = &self.shared else {
            let count = {
                let mut held = self.held();
                let count = count.min(*held);
                *held -= count;
                count
            };
            self.subscribers.give_back(&self.of, count);
            return Ok(());
        };
        let given_back = ledger.update(|parts| {
            if let Some(part) = parts.0.get_mut(holder) {
                part.amount = part.amount.saturating_sub(count as u64);
            }
            parts.0.retain(|_, part| part.amount > 0);
        });
        given_back.await
    }

    /// Says again and again that the stream is there. Never ends.
    pub(crate) async fn keep(&self) -> Infallible {
        let Some((ledger, holder)) = self.shared.as_ref().filter(|_| self.leased) else {
            return std::future::pending().await;
        };
        loop {
            sleep(RENEWAL).await;
            let renewed = ledger.update(|parts| {
                if let Some(part) = parts.0.get_mut(holder) {
                    part.until = self.until();
                }
            });
            if let Err(error) = renewed.await {
                tracing::warn!(%error, "a stream could not say that it is there");
            }
        }
    }

    /// Gives all of them back at the end.
    ///
    /// # Errors
    /// Those of the store that replicas share.
    pub(crate) async fn leave(&self) -> StoreResult<()> {
        match &self.shared {
            Some((ledger, holder)) => ledger.update(|parts| _ = parts.0.remove(holder)).await,
            None => self.give_back(usize::MAX).await,
        }
    }

    fn held(&self) -> MutexGuard<'_, usize> {
        self.held.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Seats {
    fn drop(&mut self) {
        self.subscribers.give_back(&self.of, *self.held());
        // A session goes on elsewhere; a stream ends here, and counts until its lease is
        // over if this cannot be said.
        let Some((ledger, holder)) = self.shared.take().filter(|_| self.leased) else {
            return;
        };
        let Ok(runtime) = Handle::try_current() else {
            return;
        };
        runtime.spawn(async move {
            let left = ledger.update(|parts| _ = parts.0.remove(&holder)).await;
            if let Err(error) = left {
                tracing::debug!(%error, "a stream counts until its lease is over");
            }
        });
    }
}

fn part(amount: u64, until: Option<u64>) -> Part {
    Part {
        amount,
        until,
        writer: 0,
    }
}

/// Strikes off the sessions that have ended without anybody saying so.
async fn strike_off_ended(ledger: &Ledger, server: &Server) -> StoreResult<()> {
    let parts = ledger.parts().await?;
    let keys = parts.0.keys().filter_map(|it| it.strip_prefix('s'));
    let keys: Vec<String> = keys.map(str::to_owned).collect();
    for some in keys.chunks(MANY) {
        let alive = server.shared_sessions(some).await?;
        let ended = some.iter().zip(alive).filter(|(_, alive)| !alive);
        let ended: Vec<_> = ended.map(|(key, _)| format!("s{key}")).collect();
        if !ended.is_empty() {
            let strike = |parts: &mut Parts| parts.0.retain(|holder, _| !ended.contains(holder));
            ledger.update(strike).await?;
        }
    }
    Ok(())
}
