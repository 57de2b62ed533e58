//! How often callers may come.
//!
//! [`RateLimit`] counts every request before it reaches anything else, so that
//! a refusal costs no handler. A refused request is answered with the error
//! kind `RateLimited` and `retryAfterMs`, over HTTP with 429 and `Retry-After`.
//!
//! The algorithm is core's own [`Limiter`], the
//! generic cell rate algorithm that `rate_limit = "10/minute"` on a tool and the
//! stores use too. The crate `governor` has the same algorithm, but its keyed
//! state grows until somebody sweeps it, its clock cannot be paused by tests of
//! tokio, and its cells cannot be counted in a shared store, so that a second
//! one would have stood beside it.

mod hooks;
pub(crate) mod rule;
#[cfg(test)]
mod tests;

use std::{
    fmt,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use purlin_core::{
    Rate,
    access::{Limiter, SharedLimits},
};

use rule::{Rule, Whom};

pub use rule::OperationClass;

/// How many keys each rule remembers.
const CAPACITY: usize = 100_000;
/// What one principal may do: 50 a second, 100 at once.
const PRINCIPAL: (u32, u32) = (50, 100);
/// What one address without a principal may do.
const ADDRESS: (u32, u32) = (50, 100);
/// What all without a principal may do together.
const STRANGERS: (u32, u32) = (500, 1_000);

/// Refuses who comes too often.
///
/// By default one principal may send 50 requests a second and 100 at once, one
/// address that nobody has authenticated as many, and all such addresses
/// together 500 and 1,000. (FastMCP lets all clients together send 10 a second
/// and 20 at once: `RateLimit::none().everyone("10/s".parse()?, 20)`.)
///
/// Rules add up: a request passes when all of them let it. The narrowest is
/// asked first, so that what one rule refuses does not use up the allowance of
/// the wider ones. A rule remembers [100,000 keys](Self::capacity) of 16 bytes;
/// who pays back nothing is never forgotten for one who does
/// ([`Limiter`]).
///
/// ```
/// use purlin_core::Server;
/// use purlin_middleware::{RateLimit, rate_limit::OperationClass};
///
/// # fn main() -> Result<(), purlin_core::InvalidRate> {
/// let limits = RateLimit::new()
///     .tenant("200/s".parse()?, 400)
///     .tool("report", "10/minute".parse()?, 2)
///     .class(OperationClass::List, "5/s".parse()?, 20);
/// let server = Server::builder("orders", "1.0.0").middleware(limits);
/// # Ok(()) }
/// ```
///
/// Several processes count together when they [share](Self::shared) a store.
///
/// A clone is a handle on the same counts.
#[derive(Clone, Debug)]
pub struct RateLimit {
    rules: Vec<Arc<Rule<Limiter>>>,
    capacity: usize,
    shared: Option<SharedLimits>,
    passed: Arc<AtomicU64>,
}

/// What has been counted.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct RateLimitStatistics {
    /// Requests that passed.
    pub passed: u64,
    /// Requests that were refused, by the name of the rule.
    pub refused: Vec<(String, u64)>,
    /// Keys that are remembered now.
    pub keys: usize,
}

impl Default for RateLimit {
    fn default() -> Self {
        Self::new()
    }
}

impl RateLimit {
    /// The limits by default.
    pub fn new() -> Self {
        let second = |(count, burst)| (Rate::new(count, Duration::from_secs(1)), burst);
        let (principal, address, strangers) =
            (second(PRINCIPAL), second(ADDRESS), second(STRANGERS));
        Self::none()
            .principal(principal.0, principal.1)
            .unauthenticated(address.0, address.1)
            .strangers(strangers.0, strangers.1)
    }

    /// No limit, to add one's own.
    pub fn none() -> Self {
        Self {
            rules: Vec::new(),
            capacity: CAPACITY,
            shared: None,
            passed: Arc::default(),
        }
    }

    /// Bounds each principal. Trusted callers on standard input and output and
    /// in memory count as one for each connection.
    #[must_use]
    pub fn principal(self, rate: Rate, burst: u32) -> Self {
        self.rule("principal", Whom::Known, None, rate, burst)
    }

    /// Bounds each client application: the `client_id` that was verified with
    /// the principal, within its tenant. Who has none is not counted here.
    #[must_use]
    pub fn client(self, rate: Rate, burst: u32) -> Self {
        self.rule("client", Whom::Client, None, rate, burst)
    }

    /// Bounds each tenant. Who has none is not counted here.
    #[must_use]
    pub fn tenant(self, rate: Rate, burst: u32) -> Self {
        self.rule("tenant", Whom::Tenant, None, rate, burst)
    }

    /// Bounds each address from which requests come over HTTP without a
    /// principal; of IPv6 the first 64 bits count.
    #[must_use]
    pub fn unauthenticated(self, rate: Rate, burst: u32) -> Self {
        self.rule("address", Whom::Address, None, rate, burst)
    }

    /// Bounds all requests without a principal over HTTP together.
    #[must_use]
    pub fn strangers(self, rate: Rate, burst: u32) -> Self {
        self.rule("strangers", Whom::Strangers, None, rate, burst)
    }

    /// Bounds all requests together.
    #[must_use]
    pub fn everyone(self, rate: Rate, burst: u32) -> Self {
        self.rule("everyone", Whom::Everyone, None, rate, burst)
    }

    /// Bounds each caller at one tool, by the name it has at the server this is
    /// added to.
    #[must_use]
    pub fn tool(self, name: impl Into<String>, rate: Rate, burst: u32) -> Self {
        let name = name.into();
        let rule = format!("tool {name}");
        self.rule(
            rule,
            Whom::Each,
            Some(rule::Only::Tools(vec![name])),
            rate,
            burst,
        )
    }

    /// Bounds each caller at one class of operations.
    #[must_use]
    pub fn class(self, class: OperationClass, rate: Rate, burst: u32) -> Self {
        let rule = format!("class {}", class.as_str());
        self.rule(
            rule,
            Whom::Each,
            Some(rule::Only::Class(class)),
            rate,
            burst,
        )
    }

    fn rule(
        mut self,
        name: impl Into<String>,
        whom: Whom,
        only: Option<rule::Only>,
        rate: Rate,
        burst: u32,
    ) -> Self {
        let limiter = Limiter::new(rate)
            .with_burst(burst)
            .with_capacity(self.capacity);
        let rule = Rule::new(name.into(), whom, only, limiter);
        rule::insert(&mut self.rules, rule);
        self
    }

    /// How many keys each rule that is added from here on remembers; 100,000 by
    /// default.
    #[must_use]
    pub fn capacity(mut self, keys: usize) -> Self {
        self.capacity = keys;
        self
    }

    /// Counts in a store that several processes share. While it is away each
    /// counts alone at its part of the limits, as [`SharedLimits`] says.
    ///
    /// A request asks the store once for all rules. Over Redis that is one step, and
    /// a refused request is counted by none of them.
    ///
    /// Callers that only this process can tell apart (connections on standard
    /// input and output) are counted here all the same.
    #[must_use]
    pub fn shared(mut self, limits: SharedLimits) -> Self {
        self.shared = Some(limits);
        self
    }

    /// What has been counted so far.
    pub fn statistics(&self) -> RateLimitStatistics {
        let refused =
            |rule: &Arc<Rule<Limiter>>| (rule.name.clone(), rule.refused.load(Ordering::Relaxed));
        RateLimitStatistics {
            passed: self.passed.load(Ordering::Relaxed),
            refused: self.rules.iter().map(refused).collect(),
            keys: self.rules.iter().map(|rule| rule.limiter.len()).sum(),
        }
    }
}

impl fmt::Display for OperationClass {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}
