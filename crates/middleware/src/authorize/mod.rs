//! Who may use what, decided by functions.
//!
//! Components, servers and mounts say themselves which scopes and roles they
//! demand and which policies they ask (`scopes(…)`, `roles(…)`, `policy(…)`), and
//! core judges that. [`Authorize`] is a set of policies that is put around
//! something as middleware, with counts of what they decided. It adds nothing to
//! how core judges: it is judged with everything else that is demanded, once.
//!
//! - Every policy is asked and all have to allow: a request passes when each one
//!   says so. A policy that fails, panics or takes longer than 5 s denies.
//! - What a caller may not know of ([`Decision::Hide`]) is answered as what is
//!   not there, to the letter.
//! - Scopes that are missing are told in one answer: those of all policies, of
//!   the component, its server and its mounts.
//! - Lists show what would pass.
//! - It is judged where the first `Authorize` stands in the chain of the outermost
//!   server, else at the end of that chain.
//! - Whoever has started this process and talks over standard input and output,
//!   or is part of it, is trusted and not asked about, unless
//!   [`trust_nobody`](Authorize::trust_nobody) says so.

mod hooks;
#[cfg(test)]
mod tests;

use std::{
    borrow::Cow,
    fmt,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
};

use purlin_core::access::check;
pub use purlin_core::access::{Asked, ComponentKind, Decision, Policy, Purpose};

/// Lets through what all policies allow.
///
/// ```
/// use purlin_core::Server;
/// use purlin_middleware::{Authorize, authorize::Decision};
///
/// let authorize = Authorize::new()
///     .tag_scopes("billing", ["billing:read"])
///     .tagged("internal", |asked| match asked.principal() {
///         Some(caller) if caller.has_role("staff") => Decision::Allow,
///         _ => Decision::Hide,
///     })
///     .check(|asked| asked.name() != "shutdown");
/// let server = Server::builder("orders", "1.0.0").middleware(authorize);
/// ```
///
/// Without a policy everything passes.
#[derive(Clone)]
pub struct Authorize {
    policies: Vec<Arc<dyn Policy>>,
    trusts: bool,
    counts: Arc<Counts>,
}

#[derive(Debug, Default)]
struct Counts {
    allowed: AtomicU64,
    denied: AtomicU64,
    hidden: AtomicU64,
    failed: AtomicU64,
}

/// What has been decided.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct AuthorizeStatistics {
    /// Requests that passed.
    pub allowed: u64,
    /// Requests that were refused.
    pub denied: u64,
    /// Requests for what was hidden.
    pub hidden: u64,
    /// Policies that failed, which denied.
    pub failed: u64,
}

impl fmt::Debug for Authorize {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Authorize")
            .field("policies", &self.policies.len())
            .field("trusts", &self.trusts)
            .finish_non_exhaustive()
    }
}

impl Default for Authorize {
    fn default() -> Self {
        Self::new()
    }
}

impl Authorize {
    /// No policy yet.
    pub fn new() -> Self {
        Self {
            policies: Vec::new(),
            trusts: true,
            counts: Arc::default(),
        }
    }

    /// Asks this policy too; for those that have to wait for somebody.
    #[must_use]
    pub fn policy(mut self, policy: impl Policy) -> Self {
        self.policies.push(Arc::new(policy));
        self
    }

    /// Asks this function too. `false` denies.
    #[must_use]
    pub fn check<D: Into<Decision>>(
        self,
        function: impl for<'a> Fn(&Asked<'a>) -> D + Send + Sync + 'static,
    ) -> Self {
        self.policy(check(function))
    }

    /// Asks this function about components that carry a tag.
    #[must_use]
    pub fn tagged<D: Into<Decision>>(
        self,
        tag: impl Into<String>,
        check: impl for<'a> Fn(&Asked<'a>) -> D + Send + Sync + 'static,
    ) -> Self {
        let tag = tag.into();
        self.check(move |asked| match asked.has_tag(&tag) {
            true => check(asked).into(),
            false => Decision::Allow,
        })
    }

    /// Demands these scopes for everything.
    #[must_use]
    pub fn scopes<T: Into<Cow<'static, str>>>(self, scopes: impl IntoIterator<Item = T>) -> Self {
        let scopes: Vec<_> = scopes.into_iter().map(Into::into).collect();
        self.check(move |_| Decision::Scopes(scopes.clone()))
    }

    /// Demands these scopes for components that carry a tag.
    #[must_use]
    pub fn tag_scopes<T: Into<Cow<'static, str>>>(
        self,
        tag: impl Into<String>,
        scopes: impl IntoIterator<Item = T>,
    ) -> Self {
        let scopes: Vec<_> = scopes.into_iter().map(Into::into).collect();
        self.tagged(tag, move |_| Decision::Scopes(scopes.clone()))
    }

    /// Asks about callers on standard input and output and in memory as well.
    #[must_use]
    pub fn trust_nobody(mut self) -> Self {
        self.trusts = false;
        self
    }

    /// What has been decided so far.
    pub fn statistics(&self) -> AuthorizeStatistics {
        AuthorizeStatistics {
            allowed: self.counts.allowed.load(Ordering::Relaxed),
            denied: self.counts.denied.load(Ordering::Relaxed),
            hidden: self.counts.hidden.load(Ordering::Relaxed),
            failed: self.counts.failed.load(Ordering::Relaxed),
        }
    }
}
