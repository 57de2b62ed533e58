//! What is counted for one tenant, and for nobody else.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use super::Limits;
use super::hosts::Hosts;
use super::pool::IdlePool;
use crate::Tenant;

/// What a fetcher remembers for one tenant. Whatever is kept from one fetch to the next belongs
/// in here, so that no tenant can tell by a refusal or by the time it takes what another did.
#[derive(Debug)]
pub(super) struct Scope {
    pub(super) hosts: Hosts,
    pub(super) idle: IdlePool,
}

/// The scopes of the tenants that fetched lately.
#[derive(Debug)]
pub(super) struct Scopes {
    known: Mutex<HashMap<Tenant, Arc<Scope>>>,
    limits: Limits,
}

impl Scope {
    pub(super) fn new(limits: &Limits) -> Self {
        Self {
            hosts: Hosts::new(limits),
            idle: IdlePool::new(limits),
        }
    }
}

impl Scopes {
    pub(super) fn new(limits: &Limits) -> Self {
        let mut limits = limits.clone();
        limits.hosts = limits.tenant_hosts;
        limits.idle = limits.tenant_idle.min(limits.idle);
        Self {
            known: Mutex::default(),
            limits,
        }
    }

    /// The scope of a tenant. Where too many have one that cannot be forgotten, it is one in
    /// which every host is `rate_limited`.
    pub(super) fn of(&self, tenant: &Tenant, now: Duration) -> Arc<Scope> {
        let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(scope) = known.get(tenant) {
            return Arc::clone(scope);
        }
        if known.len() >= self.limits.tenants {
            known.retain(|_, it| Arc::strong_count(it) > 1 || !it.hosts.is_idle(now));
        }
        if known.len() >= self.limits.tenants {
            let mut none = self.limits.clone();
            none.hosts = 0;
            return Arc::new(Scope::new(&none));
        }
        let scope = Arc::new(Scope::new(&self.limits));
        known.insert(tenant.clone(), Arc::clone(&scope));
        scope
    }
}
