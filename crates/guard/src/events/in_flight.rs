//! An operation that is under way, of which somebody will be told whatever becomes of it.

use std::sync::Arc;
use std::time::Instant;

use super::{GuardEvent, GuardEvents, Operation, Outcome};
use crate::Tenant;

/// Who is told, and for whom things are done. Each of the hands has one; it costs two counters
/// to clone.
#[derive(Clone, Debug, Default)]
pub(crate) struct Observers {
    told: Arc<[Arc<dyn GuardEvents>]>,
    tenant: Option<Tenant>,
}

impl Observers {
    /// Tells one more.
    pub(crate) fn and(&self, events: impl GuardEvents) -> Self {
        let one: Arc<dyn GuardEvents> = Arc::new(events);
        Self {
            told: self.told.iter().cloned().chain([one]).collect(),
            tenant: self.tenant.clone(),
        }
    }

    /// Tells the same of what is done for a tenant.
    pub(crate) fn scoped(&self, tenant: &Tenant) -> Self {
        Self {
            told: Arc::clone(&self.told),
            tenant: Some(tenant.clone()),
        }
    }

    /// Begins. If what this returns is dropped, the operation was cancelled.
    pub(crate) fn begin(&self, operation: Operation) -> InFlight {
        InFlight {
            observers: self.clone(),
            operation: Some(operation),
            since: Instant::now(),
        }
    }
}

/// An operation that is under way.
#[derive(Debug)]
pub(crate) struct InFlight {
    observers: Observers,
    /// Until it has been told of.
    operation: Option<Operation>,
    since: Instant,
}

impl InFlight {
    /// Notes what is known by now.
    pub(crate) fn note(&mut self, note: impl FnOnce(&mut Operation)) {
        if let Some(operation) = &mut self.operation {
            note(operation);
        }
    }

    /// Ends.
    pub(crate) fn end(mut self, outcome: Outcome) {
        self.tell(outcome);
    }

    fn tell(&mut self, outcome: Outcome) {
        let Some(operation) = self.operation.take() else {
            return;
        };
        let event = GuardEvent {
            tenant: self.observers.tenant.clone(),
            operation,
            outcome,
            took: self.since.elapsed(),
        };
        trace(&event);
        for told in &*self.observers.told {
            told.record(&event);
        }
    }
}

impl Drop for InFlight {
    fn drop(&mut self) {
        self.tell(Outcome::Cancelled);
    }
}

/// Runs and refusals at the level `INFO`, everything else at `DEBUG`.
fn trace(event: &GuardEvent) {
    let operation = event.name();
    let (outcome, reason) = (event.outcome.name(), event.outcome.reason());
    let tenant = event.tenant.as_ref().and_then(Tenant::name);
    let (host, path, language, tier) = match &event.operation {
        Operation::Fetch {
            host,
            redirected_to,
            ..
        } => (redirected_to.as_ref().or(host.as_ref()), None, None, None),
        Operation::File { path, .. } => (None, Some(path), None, None),
        Operation::Run { language, tier, .. } => (None, None, language.as_ref(), *tier),
    };
    let (host, path) = (host.map(String::as_str), path.map(String::as_str));
    let language = language.map(String::as_str);
    let is_run = matches!(event.operation, Operation::Run { .. });
    if is_run || matches!(event.outcome, Outcome::Refused(_)) {
        tracing::info!(target: "purlin::guard", operation, outcome, reason, host, path, language, tier, tenant);
    } else {
        tracing::debug!(target: "purlin::guard", operation, outcome, reason, host, path, language, tier, tenant);
    }
}
