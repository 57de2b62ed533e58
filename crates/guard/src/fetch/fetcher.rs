//! The fetcher itself: hop after hop, each through the whole guard.

use std::marker::PhantomData;
use std::sync::Arc;

use super::clock::{Clock, within};
use super::dial::Dial;
use super::exchange::Outcome;
use super::hop::Hop;
use super::policy::Policy;
use super::proxy::Pinned;
use super::scope::{Scope, Scopes};
use super::{Builder, FetchError, FetchRequest, Fetched, Limits, Phase, UrlRules, audit, redirect};
use crate::Tenant;
#[cfg(feature = "mcp")]
use crate::events::GuardEvents;
use crate::events::{InFlight, Observers, Operation};

/// Fetches URLs that somebody else named.
///
/// Cheap to clone; clones share what they know of hosts, and the connections that are kept for
/// later. `P` says whether connections go to
/// addresses that were judged ([`Pinned`]), or whether a proxy is in between
/// ([`Proxied`](super::Proxied)).
///
/// ```no_run
/// use purlin_guard::UrlFetcher;
/// use purlin_guard::fetch::UrlRules;
///
/// # async fn example() -> Result<(), Box<dyn std::error::Error>> {
/// let rules = UrlRules::web().allow_hosts(["docs.example.com", "*.example.org"])?;
/// let fetcher = UrlFetcher::with(rules).build();
/// match fetcher.fetch("http://169.254.169.254/latest/meta-data/").await {
///     Ok(_) => unreachable!("nobody gets there"),
///     Err(error) => assert_eq!(error.name(), "blocked_host"),
/// }
/// # Ok(()) }
/// ```
pub struct UrlFetcher<P = Pinned> {
    inner: Arc<Inner>,
    scope: Arc<Scope>,
    observers: Observers,
    path: PhantomData<fn() -> P>,
}

#[derive(Debug)]
pub(super) struct Inner {
    pub(super) rules: UrlRules,
    pub(super) limits: Limits,
    pub(super) policy: Option<Arc<dyn Policy>>,
    pub(super) clock: Arc<dyn Clock>,
    pub(super) scopes: Scopes,
    pub(super) dial: Dial,
}

impl UrlFetcher {
    /// For the public web: [`UrlRules::web`].
    #[must_use]
    pub fn web() -> Builder {
        Self::with(UrlRules::web())
    }

    /// For documents of OAuth that somebody else named: [`UrlRules::oauth`].
    #[must_use]
    pub fn oauth() -> Builder {
        Self::with(UrlRules::oauth())
    }

    /// With rules of one's own.
    #[must_use]
    pub fn with(rules: UrlRules) -> Builder {
        Builder::new(rules)
    }
}

impl<P> UrlFetcher<P> {
    pub(super) fn new(inner: Inner, scope: Scope, observers: Observers) -> Self {
        Self {
            inner: Arc::new(inner),
            scope: Arc::new(scope),
            observers,
            path: PhantomData,
        }
    }

    /// The rules that URLs are held against.
    #[must_use]
    pub fn rules(&self) -> &UrlRules {
        &self.inner.rules
    }

    /// A fetcher for one tenant: with the same rules, and with limits of its own, so that no
    /// tenant is refused or has to wait for what another asked. Asking twice for a tenant gives
    /// the same limits again.
    #[must_use]
    pub fn scoped(&self, tenant: &Tenant) -> Self {
        Self {
            scope: self.inner.scopes.of(tenant, self.inner.clock.now()),
            observers: self.observers.scoped(tenant),
            ..self.clone()
        }
    }

    /// The same, of which one more is told.
    #[cfg(feature = "mcp")]
    pub(crate) fn telling(mut self, events: impl GuardEvents) -> Self {
        self.observers = self.observers.and(events);
        self
    }

    /// Fetches a URL.
    ///
    /// # Errors
    /// See [`FetchError`]: each rule has its own.
    ///
    /// # Cancellation
    /// Dropping the future closes the connection and gives up the turn at the host.
    pub async fn fetch(&self, request: impl Into<FetchRequest>) -> Result<Fetched, FetchError> {
        let request = request.into();
        let mut in_flight = self.observers.begin(Operation::fetch());
        let result = self.inner.fetch(request, &self.scope, &mut in_flight).await;
        in_flight.end(audit::outcome(&result));
        result
    }
}

impl<P> Clone for UrlFetcher<P> {
    fn clone(&self) -> Self {
        Self {
            inner: Arc::clone(&self.inner),
            scope: Arc::clone(&self.scope),
            observers: self.observers.clone(),
            path: PhantomData,
        }
    }
}

impl<P> std::fmt::Debug for UrlFetcher<P> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_tuple("UrlFetcher").field(&self.inner).finish()
    }
}

impl Inner {
    async fn fetch(
        &self,
        request: FetchRequest,
        scope: &Scope,
        in_flight: &mut InFlight,
    ) -> Result<Fetched, FetchError> {
        let whole = Box::pin(self.follow(request, scope, in_flight));
        within(&*self.clock, self.limits.total, Phase::Total, whole).await
    }

    async fn follow(
        &self,
        request: FetchRequest,
        scope: &Scope,
        in_flight: &mut InFlight,
    ) -> Result<Fetched, FetchError> {
        audit::asked(in_flight, &request.url);
        let mut request = request.checked()?;
        let mut target = self.rules.check(&request.url)?;
        let mut followed = 0;
        loop {
            match Hop::new(self, scope, &target).ask(&request).await? {
                Outcome::Answer(head, body) => {
                    let fetched = Fetched {
                        url: target,
                        status: head.status,
                        headers: head.headers,
                        body,
                    };
                    audit::answered(in_flight, &fetched);
                    return Ok(fetched);
                }
                Outcome::Redirect(status, location) => {
                    if followed == self.limits.redirects {
                        return Err(FetchError::Redirect("there were too many"));
                    }
                    followed += 1;
                    audit::redirected(in_flight, &target, &location);
                    let next = redirect::follow(&self.rules, &target, &location)?;
                    request = redirect::next(request, status, &target, &next);
                    target = next;
                }
            }
        }
    }
}
