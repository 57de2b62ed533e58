//! A fetcher in the making.

use std::marker::PhantomData;
use std::sync::Arc;

use super::clock::{Clock, SystemClock};
use super::connector::{Connector, SystemConnector};
use super::fetcher::{Inner, UrlFetcher};
use super::policy::Policy;
use super::proxy::{EgressProxy, Pinned, Proxied};
use super::resolver::{Resolver, SystemResolver};
use super::scope::{Scope, Scopes};
use super::tls::Tls;
use super::{ConfigError, Limits, UrlRules, dial::Dial};
use crate::events::{GuardEvents, Observers};

/// Makes a [`UrlFetcher`]; see [`UrlFetcher::with`].
#[derive(Debug)]
pub struct Builder<P = Pinned> {
    rules: UrlRules,
    limits: Limits,
    policy: Option<Arc<dyn Policy>>,
    resolver: Arc<dyn Resolver>,
    connector: Arc<dyn Connector>,
    clock: Arc<dyn Clock>,
    tls: Tls,
    proxy: Option<EgressProxy>,
    observers: Observers,
    path: PhantomData<P>,
}

impl Builder {
    pub(super) fn new(rules: UrlRules) -> Self {
        Self {
            rules,
            limits: Limits::default(),
            policy: None,
            resolver: Arc::new(SystemResolver::default()),
            connector: Arc::new(SystemConnector),
            clock: Arc::new(SystemClock::default()),
            tls: Tls::default(),
            proxy: None,
            observers: Observers::default(),
            path: PhantomData,
        }
    }

    /// Goes through a proxy, which looks names up by itself: see [`Proxied`].
    #[must_use]
    pub fn through(self, proxy: EgressProxy) -> Builder<Proxied> {
        Builder {
            rules: self.rules,
            limits: self.limits,
            policy: self.policy,
            resolver: self.resolver,
            connector: self.connector,
            clock: self.clock,
            tls: self.tls,
            proxy: Some(proxy),
            observers: self.observers,
            path: PhantomData,
        }
    }
}

impl<P> Builder<P> {
    /// How much of everything there may be.
    #[must_use]
    pub fn limits(mut self, limits: Limits) -> Self {
        self.limits = limits;
        self
    }

    /// Who is asked beside the rules.
    #[must_use]
    pub fn policy(mut self, policy: impl Policy) -> Self {
        self.policy = Some(Arc::new(policy));
        self
    }

    /// Who knows the addresses of names (default: [`SystemResolver`]).
    #[must_use]
    pub fn resolver(mut self, resolver: impl Resolver) -> Self {
        self.resolver = Arc::new(resolver);
        self
    }

    /// Who makes connections (default: [`SystemConnector`]).
    #[must_use]
    pub fn connector(mut self, connector: impl Connector) -> Self {
        self.connector = Arc::new(connector);
        self
    }

    /// What time it is (default: [`SystemClock`]).
    #[must_use]
    pub fn clock(mut self, clock: impl Clock) -> Self {
        self.clock = Arc::new(clock);
        self
    }

    /// Tells somebody what was asked for and what became of it, besides those that are told
    /// already.
    #[must_use]
    pub fn events(mut self, events: impl GuardEvents) -> Self {
        self.observers = self.observers.and(events);
        self
    }

    /// Trusts these certificate authorities too (PEM, one or more).
    ///
    /// # Errors
    /// When there is no certificate in the text.
    pub fn trust(mut self, pem: &str) -> Result<Self, ConfigError> {
        self.tls.trust(pem)?;
        Ok(self)
    }

    /// The fetcher.
    #[must_use]
    pub fn build(mut self) -> UrlFetcher<P> {
        if !self.rules.follows_redirects() {
            self.limits.redirects = 0;
        }
        let scope = Scope::new(&self.limits);
        let inner = Inner {
            scopes: Scopes::new(&self.limits),
            rules: self.rules,
            limits: self.limits,
            policy: self.policy,
            clock: self.clock,
            dial: Dial {
                resolver: self.resolver,
                connector: self.connector,
                tls: self.tls,
                proxy: self.proxy,
            },
        };
        UrlFetcher::new(inner, scope, self.observers)
    }
}
