//! A deed that is under way, of which somebody will be told whatever becomes of it.

use std::sync::Arc;
use std::time::Instant;

use super::{Deed, GuardEvent, GuardEvents, Outcome};
use crate::Tenant;

/// Who is told, and for whom things are done. Each of the hands has one; it costs two counters
/// to clone.
#[derive(Clone, Debug, Default)]
pub(crate) struct Witness {
    told: Arc<[Arc<dyn GuardEvents>]>,
    tenant: Option<Tenant>,
}

impl Witness {
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

    /// For whom things are done.
    #[allow(dead_code, reason = "for files and code")]
    pub(crate) fn tenant(&self) -> Option<&Tenant> {
        self.tenant.as_ref()
    }

    /// Begins. If what this returns is dropped, the deed was cancelled.
    pub(crate) fn watch(&self, deed: Deed) -> Watch {
        Watch {
            witness: self.clone(),
            deed: Some(deed),
            since: Instant::now(),
        }
    }
}

/// A deed that is under way.
#[derive(Debug)]
pub(crate) struct Watch {
    witness: Witness,
    /// Until it has been told of.
    deed: Option<Deed>,
    since: Instant,
}

impl Watch {
    /// Notes what is known by now.
    #[allow(dead_code, reason = "not every feature knows more by and by")]
    pub(crate) fn note(&mut self, note: impl FnOnce(&mut Deed)) {
        if let Some(deed) = &mut self.deed {
            note(deed);
        }
    }

    /// Ends.
    pub(crate) fn end(mut self, outcome: Outcome) {
        self.tell(outcome);
    }

    fn tell(&mut self, outcome: Outcome) {
        let Some(deed) = self.deed.take() else {
            return;
        };
        let event = GuardEvent {
            tenant: self.witness.tenant.clone(),
            deed,
            outcome,
            took: self.since.elapsed(),
        };
        trace(&event);
        for told in &*self.witness.told {
            told.record(&event);
        }
    }
}

impl Drop for Watch {
    fn drop(&mut self) {
        self.tell(Outcome::Cancelled);
    }
}

/// Runs and refusals at the level `INFO`, everything else at `DEBUG`.
fn trace(event: &GuardEvent) {
    let operation = event.operation();
    let (outcome, reason) = (event.outcome.name(), event.outcome.reason());
    let tenant = event.tenant.as_ref().and_then(Tenant::name);
    let (host, path, language, tier) = match &event.deed {
        Deed::Fetch {
            host,
            redirected_to,
            ..
        } => (redirected_to.as_ref().or(host.as_ref()), None, None, None),
        Deed::File { path, .. } => (None, Some(path), None, None),
        Deed::Run { language, tier, .. } => (None, None, language.as_ref(), *tier),
    };
    let (host, path) = (host.map(String::as_str), path.map(String::as_str));
    let language = language.map(String::as_str);
    let is_run = matches!(event.deed, Deed::Run { .. });
    if is_run || matches!(event.outcome, Outcome::Refused(_)) {
        tracing::info!(target: "purlin::guard", operation, outcome, reason, host, path, language, tier, tenant);
    } else {
        tracing::debug!(target: "purlin::guard", operation, outcome, reason, host, path, language, tier, tenant);
    }
}
