//! A count that no stretch of time exceeds.
//!
//! A token bucket lets a burst through and then its rate, so that the hour after
//! a burst sees nearly twice the count. Where a contract says "at most 100 in any
//! hour", [`SlidingWindow`] keeps it.
//!
//! Time is cut into slots, a sixteenth of the window each. A key has a count per
//! slot, and what may still lie in the window is counted whole: no window ever
//! holds more than the count, and a place that a request has left is given again
//! a sixteenth of the window later at most. Exact times would give it back at
//! once, and take memory as the count grows; the usual approximation by two
//! buckets takes less, and exceeds the count.

mod hooks;
mod slots;
#[cfg(test)]
mod tests;

use std::{
    fmt,
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
};

use purlin_core::{
    Rate,
    access::{Caller, too_early},
};
use tokio::time::Instant;

use slots::Windows;

use crate::rate_limit::{
    OperationClass,
    rule::{self, Counted, Only, Rule, Whom},
};

/// How many keys each rule remembers.
const CAPACITY: usize = 10_000;

/// Lets callers send so many requests in any window of time, and not one more.
///
/// The rules are those of [`RateLimit`](crate::RateLimit), without bursts: for each
/// caller, principal, client, tenant, address or tool, or for all together. They add
/// up, and the narrowest is asked first. A rule remembers
/// [10,000 keys](Self::capacity), of about 100 bytes each; beyond that the half is
/// forgotten that has sent least.
///
/// ```
/// use purlin_core::Server;
/// use purlin_middleware::SlidingWindow;
///
/// # fn main() -> Result<(), purlin_core::InvalidRate> {
/// let windows = SlidingWindow::new("100/minute".parse()?)
///     .tenant("10000/day".parse()?)
///     .tool("report", "5/hour".parse()?);
/// let server = Server::builder("orders", "1.0.0").middleware(windows);
/// # Ok(()) }
/// ```
///
/// It counts in this process; what several processes count together, a
/// [`RateLimit`](crate::RateLimit) does. A clone is a handle on the same counts.
#[derive(Clone)]
pub struct SlidingWindow {
    rules: Vec<Arc<Rule<Counts>>>,
    capacity: usize,
    passed: Arc<AtomicU64>,
}

/// What one rule has counted.
struct Counts {
    rate: Rate,
    windows: Mutex<Windows<Key>>,
}

/// Whom a rule counts.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
enum Key {
    Caller(Caller),
    Text(String),
}

/// What has been counted.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct SlidingWindowStatistics {
    /// Requests that passed.
    pub passed: u64,
    /// Requests that were refused, by the name of the rule.
    pub refused: Vec<(String, u64)>,
    /// Keys that are remembered now.
    pub keys: usize,
}

impl fmt::Debug for SlidingWindow {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let rules = self
            .rules
            .iter()
            .map(|rule| (&rule.name, rule.limiter.rate));
        f.debug_map().entries(rules).finish()
    }
}

impl SlidingWindow {
    /// At most [`count`](Rate::count) requests of each caller in any stretch of time as
    /// long as [`period`](Rate::period). Callers are told apart as [`Caller`] says: by
    /// principal, else by address, else by connection.
    pub fn new(rate: Rate) -> Self {
        Self::none().rule("caller", Whom::Each, None, rate)
    }

    /// No limit, to add one's own.
    pub fn none() -> Self {
        Self {
            rules: Vec::new(),
            capacity: CAPACITY,
            passed: Arc::default(),
        }
    }

    /// Bounds each principal, and each connection that is trusted without one.
    #[must_use]
    pub fn principal(self, rate: Rate) -> Self {
        self.rule("principal", Whom::Known, None, rate)
    }

    /// Bounds each client application: the `client_id` that was verified with
    /// the principal, within its tenant. Who has none is not counted here.
    #[must_use]
    pub fn client(self, rate: Rate) -> Self {
        self.rule("client", Whom::Client, None, rate)
    }

    /// Bounds each tenant. Who has none is not counted here.
    #[must_use]
    pub fn tenant(self, rate: Rate) -> Self {
        self.rule("tenant", Whom::Tenant, None, rate)
    }

    /// Bounds each address from which requests come over HTTP without a
    /// principal; of IPv6 the first 64 bits count.
    #[must_use]
    pub fn unauthenticated(self, rate: Rate) -> Self {
        self.rule("address", Whom::Address, None, rate)
    }

    /// Bounds all requests without a principal over HTTP together.
    #[must_use]
    pub fn strangers(self, rate: Rate) -> Self {
        self.rule("strangers", Whom::Strangers, None, rate)
    }

    /// Bounds all requests together.
    #[must_use]
    pub fn everyone(self, rate: Rate) -> Self {
        self.rule("everyone", Whom::Everyone, None, rate)
    }

    /// Bounds each caller at one tool, by the name it has at the server this is
    /// added to.
    #[must_use]
    pub fn tool(self, name: impl Into<String>, rate: Rate) -> Self {
        self.tools([name], rate)
    }

    /// Bounds each caller at these tools, all of them together.
    #[must_use]
    pub fn tools<T: Into<String>>(self, names: impl IntoIterator<Item = T>, rate: Rate) -> Self {
        let names: Vec<String> = names.into_iter().map(Into::into).collect();
        let rule = format!("tool {}", names.join(" "));
        self.rule(rule, Whom::Each, Some(Only::Tools(names)), rate)
    }

    /// Bounds each caller at one class of operations.
    #[must_use]
    pub fn class(self, class: OperationClass, rate: Rate) -> Self {
        let rule = format!("class {class}");
        self.rule(rule, Whom::Each, Some(Only::Class(class)), rate)
    }

    fn rule(mut self, name: impl Into<String>, whom: Whom, only: Option<Only>, rate: Rate) -> Self {
        let counts = Counts {
            rate,
            windows: Mutex::new(Windows::new(rate, self.capacity)),
        };
        let rule = Rule::new(name.into(), whom, only, counts);
        rule::insert(&mut self.rules, rule);
        self
    }

    /// How many keys each rule remembers, those that it has already included; 0
    /// counts as 1. Forgets what was counted.
    #[must_use]
    pub fn capacity(mut self, keys: usize) -> Self {
        self.capacity = keys.max(1);
        for rule in &self.rules {
            let counts = &rule.limiter;
            *counts.lock() = Windows::new(counts.rate, self.capacity);
        }
        self
    }

    /// What has been counted so far.
    pub fn statistics(&self) -> SlidingWindowStatistics {
        let refused =
            |rule: &Arc<Rule<Counts>>| (rule.name.clone(), rule.refused.load(Ordering::Relaxed));
        SlidingWindowStatistics {
            passed: self.passed.load(Ordering::Relaxed),
            refused: self.rules.iter().map(refused).collect(),
            keys: self
                .rules
                .iter()
                .map(|rule| rule.limiter.lock().len())
                .sum(),
        }
    }
}

impl Counts {
    fn lock(&self) -> std::sync::MutexGuard<'_, Windows<Key>> {
        self.windows.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn admit(&self, key: Key, now: Instant) -> purlin_core::Result<()> {
        let counted = self.lock().admit(key, now);
        counted.map_err(|wait| too_early(self.rate, wait))
    }
}

impl Key {
    fn of(counted: Counted, caller: &Caller) -> Self {
        match counted {
            Counted::Caller => Self::Caller(caller.clone()),
            Counted::Text(text) => Self::Text(text),
        }
    }
}
