//! Calls that would fail are refused at once.
//!
//! A [`CircuitBreaker`] watches how requests to each dependency end. Where half
//! of at least 20 within 10 seconds failed, it opens: for 30 seconds requests to
//! that dependency are refused with the kind `Unavailable` and the time to come
//! back, which spares both sides. Then three requests are let through to try it;
//! if all succeed it closes, and if one fails it stays open for 30 seconds more.
//!
//! A failure is a timeout, a panic, an internal error, or an error of a handler
//! that has a source. What a caller did wrong, what was cancelled or refused
//! before it ran, and an error that is nothing but a text of its author (`sold
//! out`) say nothing of the dependency. [`judge`](CircuitBreaker::judge) decides
//! otherwise.

mod hooks;
mod machine;
#[cfg(test)]
mod tests;

use std::{
    borrow::Cow,
    error::Error as _,
    fmt,
    sync::{
        Arc, Mutex, MutexGuard, PoisonError, RwLock,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use foldhash::HashMap;
use purlin_core::{
    Context, ErrorKind, Result,
    middleware::{AnyRequest, AnyResponse},
};

use tokio::time::Instant;

use machine::{Machine, Policy};

pub use machine::{BreakerState, Outcome};

/// How many breakers there are at most.
const CAPACITY: usize = 1_000;

type Dependency = dyn for<'a> Fn(&AnyRequest<'a>) -> Option<String> + Send + Sync;
type Class = dyn Fn(&Context) -> Option<String> + Send + Sync;
type Judge = dyn Fn(&Result<AnyResponse>) -> Outcome + Send + Sync;
type Callback = dyn Fn(&BreakerChange<'_>) + Send + Sync;

/// Refuses what would fail.
///
/// By default every tool is a dependency of its own. Name others where several
/// tools need the same thing:
///
/// ```
/// use purlin_core::Server;
/// use purlin_middleware::CircuitBreaker;
///
/// let breaker = CircuitBreaker::new()
///     .by(|request| match request.as_tool_call()?.name() {
///         "search" | "order" => Some("warehouse".to_owned()),
///         _ => None,
///     })
///     .on_change(|change| eprintln!("{}: {:?}", change.dependency, change.to));
/// let server = Server::builder("orders", "1.0.0").middleware(breaker);
/// ```
///
/// There are at most 1,000 breakers; beyond that those that are closed and have
/// seen no failure are forgotten, and if there are none, further dependencies
/// are not watched.
///
/// A clone is a handle on the same breakers.
#[derive(Clone)]
pub struct CircuitBreaker {
    policy: Policy,
    /// `None`: each tool.
    dependency: Option<Arc<Dependency>>,
    class: Option<Arc<Class>>,
    judge: Arc<Judge>,
    callback: Option<Arc<Callback>>,
    breakers: Arc<Breakers>,
}

#[derive(Default)]
struct Breakers {
    known: RwLock<HashMap<Key<'static>, Arc<Breaker>>>,
    refused: AtomicU64,
    opened: AtomicU64,
}

/// The breaker of one dependency.
#[derive(Debug)]
struct Breaker {
    key: Key<'static>,
    machine: Mutex<Machine>,
}

/// A dependency, and the class of tenants it is watched for.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
struct Key<'a> {
    dependency: Cow<'a, str>,
    class: Option<Cow<'a, str>>,
}

/// A breaker that has changed.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct BreakerChange<'a> {
    /// The dependency.
    pub dependency: &'a str,
    /// The class of tenants, if they are told apart.
    pub class: Option<&'a str>,
    /// What it was.
    pub from: BreakerState,
    /// What it is.
    pub to: BreakerState,
}

/// What has been counted.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct BreakerStatistics {
    /// Requests that were refused.
    pub refused: u64,
    /// How often a breaker opened.
    pub opened: u64,
    /// Each breaker, sorted: dependency, class of tenants, state.
    pub breakers: Vec<(String, Option<String>, BreakerState)>,
}

impl fmt::Debug for CircuitBreaker {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("CircuitBreaker")
            .field("policy", &self.policy)
            .field("breakers", &self.breakers.all().len())
            .finish_non_exhaustive()
    }
}

impl Default for CircuitBreaker {
    fn default() -> Self {
        Self::new()
    }
}

impl CircuitBreaker {
    /// A breaker for each tool.
    pub fn new() -> Self {
        Self {
            policy: Policy::default(),
            dependency: None,
            class: None,
            judge: Arc::new(judge),
            callback: None,
            breakers: Arc::default(),
        }
    }

    /// Says which dependency a request needs; `None` is not watched. What it
    /// gives is shown in metrics, so it must not come from clients.
    #[must_use]
    pub fn by(
        mut self,
        dependency: impl for<'a> Fn(&AnyRequest<'a>) -> Option<String> + Send + Sync + 'static,
    ) -> Self {
        self.dependency = Some(Arc::new(dependency));
        self
    }

    /// Watches each class of tenants apart, for example those who pay, so that
    /// the mischief of one class does not shut out another.
    #[must_use]
    pub fn by_class(
        mut self,
        class: impl Fn(&Context) -> Option<String> + Send + Sync + 'static,
    ) -> Self {
        self.class = Some(Arc::new(class));
        self
    }

    /// Opens when at least `percent` of at least `calls` within `window` failed;
    /// by default 50 of 20 within 10 s. Time goes by tenths of the window.
    #[must_use]
    pub fn threshold(mut self, percent: u8, calls: u32, window: Duration) -> Self {
        self.policy.percent = percent.clamp(1, 100);
        self.policy.calls = calls.max(1);
        self.policy.window = window.max(Duration::from_millis(10));
        self
    }

    /// How long it stays open; 30 s by default.
    #[must_use]
    pub fn pause(mut self, pause: Duration) -> Self {
        self.policy.pause = pause;
        self
    }

    /// How many requests have to succeed before it closes; 3 by default.
    #[must_use]
    pub fn probes(mut self, requests: u32) -> Self {
        self.policy.probes = requests.max(1);
        self
    }

    /// Says what the end of a request tells of the dependency.
    #[must_use]
    pub fn judge(
        mut self,
        judge: impl Fn(&Result<AnyResponse>) -> Outcome + Send + Sync + 'static,
    ) -> Self {
        self.judge = Arc::new(judge);
        self
    }

    /// Is told of every change. It is called on the way of a request, so it must
    /// not wait.
    #[must_use]
    pub fn on_change(
        mut self,
        callback: impl Fn(&BreakerChange<'_>) + Send + Sync + 'static,
    ) -> Self {
        self.callback = Some(Arc::new(callback));
        self
    }

    /// What has been counted so far.
    pub fn statistics(&self) -> BreakerStatistics {
        let mut breakers: Vec<_> = self.breakers.all().iter().map(|one| one.told()).collect();
        breakers.sort_by(|a, b| (&a.0, &a.1).cmp(&(&b.0, &b.1)));
        BreakerStatistics {
            refused: self.breakers.refused.load(Ordering::Relaxed),
            opened: self.breakers.opened.load(Ordering::Relaxed),
            breakers,
        }
    }
}

impl Breakers {
    fn all(&self) -> Vec<Arc<Breaker>> {
        let known = self.known.read().unwrap_or_else(PoisonError::into_inner);
        known.values().cloned().collect()
    }
}

impl Breaker {
    fn new(key: Key<'static>, policy: Policy) -> Self {
        Self {
            key,
            machine: Mutex::new(Machine::new(policy, Instant::now())),
        }
    }

    fn lock(&self) -> MutexGuard<'_, Machine> {
        self.machine.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn told(&self) -> (String, Option<String>, BreakerState) {
        let Key { dependency, class } = &self.key;
        let class = class.as_deref().map(str::to_owned);
        (dependency.clone().into_owned(), class, self.lock().state())
    }
}

impl Key<'_> {
    fn into_owned(self) -> Key<'static> {
        Key {
            dependency: Cow::Owned(self.dependency.into_owned()),
            class: self.class.map(|class| Cow::Owned(class.into_owned())),
        }
    }
}

/// What an end says unless somebody says otherwise.
fn judge(result: &Result<AnyResponse>) -> Outcome {
    let Err(error) = result else {
        return Outcome::Success;
    };
    match error.kind() {
        ErrorKind::Timeout
        | ErrorKind::Panicked
        | ErrorKind::Io
        | ErrorKind::Internal
        | ErrorKind::Remote
        | ErrorKind::Unavailable => Outcome::Failure,
        ErrorKind::Tool | ErrorKind::Resource | ErrorKind::Prompt if error.source().is_some() => {
            Outcome::Failure
        }
        _ => Outcome::Unknown,
    }
}
