//! The executor itself: queues, and what a run becomes.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::{Duration, Instant};

use super::backend::{Backend, Job};
use super::queue::Queue;
use super::running::{Running, Started};
use super::tenants::Tenants;
use super::{Builder, CodeError, Limits, Outcome, Run, Tier};
use crate::Tenant;
#[cfg(feature = "mcp")]
use crate::events::GuardEvents;
use crate::events::{Observers, Operation};

/// The least time that a run has. One of no time at all could not even be told that it is over.
const SHORTEST: Duration = Duration::from_millis(1);

/// Runs code that somebody else wrote.
///
/// Cheap to clone; clones share their queue.
///
/// ```no_run
/// use purlin_guard::CodeExecutor;
/// use purlin_guard::code::{CodeError, Language, Run};
///
/// # async fn example() -> Result<(), CodeError> {
/// let executor = CodeExecutor::builder().language(Language::python()).build().await?;
/// let outcome = executor.run(Run::new("python", "print(6 * 7)")).await?;
/// assert_eq!(outcome.stdout().text(), "42\n");
/// # Ok(()) }
/// ```
#[derive(Clone, Debug)]
pub struct CodeExecutor {
    inner: Arc<Inner>,
    /// Of the tenant, if it is for one.
    queue: Option<Arc<Queue>>,
    observers: Observers,
}

#[derive(Debug)]
pub(super) struct Inner {
    pub(super) backends: BTreeMap<String, Arc<dyn Backend>>,
    pub(super) limits: Limits,
    pub(super) queue: Arc<Queue>,
    pub(super) tenants: Tenants,
}

impl CodeExecutor {
    /// An executor in the making. It needs a language at least.
    #[must_use]
    pub fn builder() -> Builder {
        Builder::new()
    }

    pub(super) fn new(inner: Inner, observers: Observers) -> Self {
        Self {
            inner: Arc::new(inner),
            queue: None,
            observers,
        }
    }

    /// The languages it runs, by name, with the tier that each runs in.
    pub fn languages(&self) -> impl Iterator<Item = (&str, Tier)> {
        let backends = self.inner.backends.iter();
        backends.map(|(name, backend)| (name.as_str(), backend.tier()))
    }

    /// The limits that hold for each run.
    #[must_use]
    pub fn limits(&self) -> &Limits {
        &self.inner.limits
    }

    /// An executor for one tenant: as many runs at once and in the queue as
    /// [`Limits::tenant_at_once`] and [`Limits::tenant_queue`] say, beside what holds for all
    /// together. Asking twice for a tenant gives the same queue again.
    #[must_use]
    pub fn scoped(&self, tenant: &Tenant) -> Self {
        let inner = Arc::clone(&self.inner);
        Self {
            queue: Some(inner.tenants.of(tenant, &inner.limits)),
            observers: self.observers.scoped(tenant),
            inner,
        }
    }

    /// The same, of which one more is told.
    #[cfg(feature = "mcp")]
    pub(crate) fn telling(mut self, events: impl GuardEvents) -> Self {
        self.observers = self.observers.and(events);
        self
    }

    /// Runs code to its end.
    ///
    /// # Errors
    /// See [`CodeError`]. Code that ends with another code than zero is an error too; what it
    /// printed is in [`CodeError::outcome`].
    ///
    /// # Cancellation
    /// Dropping the future ends the run and all its processes, and gives back its slot or its
    /// place in the queue.
    pub async fn run(&self, run: Run) -> Result<Outcome, CodeError> {
        self.stream(run).outcome().await
    }

    /// Runs code, and hands out what it prints as it does. It starts when it is first asked for
    /// something, and has to be asked to go on: see [`Running`].
    #[must_use]
    pub fn stream(&self, run: Run) -> Running {
        let known = self.inner.backends.contains_key(&run.language);
        let language = known.then_some(run.language.as_str());
        let in_flight = self.observers.begin(Operation::run(language));
        let executor = self.clone();
        let start = async move { executor.start(run).await };
        Running::new(Box::pin(start), in_flight)
    }

    async fn start(self, run: Run) -> Result<Started, CodeError> {
        let inner = &self.inner;
        let backend = inner.backends.get(&run.language);
        let backend = Arc::clone(backend.ok_or(CodeError::Language)?);
        run.check(&inner.limits, backend.source_name())?;
        let wait = inner.limits.wait;
        let of_tenant = match &self.queue {
            Some(queue) => Some(queue.acquire(wait).await?),
            None => None,
        };
        let slot = inner.queue.acquire(wait).await?;
        let mut limits = inner.limits.clone();
        limits.wall = run
            .wall
            .unwrap_or(limits.wall)
            .min(limits.wall)
            .max(SHORTEST);
        let job = Job {
            source: run.source,
            arguments: run.arguments,
            input: run.input,
            files: run.files,
            limits: limits.clone(),
        };
        let from = Instant::now();
        let session = backend.start(job).await?;
        let tier = backend.tier();
        Ok(Started::new(
            session,
            &limits,
            tier,
            from,
            (slot, of_tenant),
        ))
    }
}
