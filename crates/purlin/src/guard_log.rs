//! What the hands of `guard` did, in the audit log of the shelf.
//!
//! `guard` tells of events and `middleware` keeps records; neither knows the other, so what joins
//! them stands here.

use purlin_guard::{
    Tenant,
    events::{GuardEvent, GuardEvents, Operation, Outcome as Ended},
};
use purlin_middleware::audit::{Audit, AuditEvent, Outcome};

/// Writes what was fetched, done to files and run into an audit log, beside the records of
/// requests: all runs, and of the others what was refused; [`all`](Self::all) of it, if that is
/// wanted.
///
/// A record is called `guard/` and the operation: `guard/fetch`, `guard/run`, `guard/write` and so
/// on. Its `target` is the host, the path below the root or the language; it has `tenant`,
/// `redirected_to`, `status`, `destination`, `tier`, `reason` as far as they are known, how long
/// it took (`micros`), and the outcome `ok`, `denied`, `error` or `cancelled`.
///
/// Nobody waits for it: an event that the log has no place for is counted
/// ([`AuditStatistics::refused`](purlin_middleware::audit::AuditStatistics::refused)) and told to
/// `tracing`.
///
/// ```
/// use purlin::guard::UrlFetcher;
/// use purlin::middleware::{Audit, audit::{AuditFile, GuardLog}};
///
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let directory = std::env::temp_dir().join(format!("guard-log-{}", std::process::id()));
/// # let path = directory.join("audit.jsonl");
/// let audit = Audit::to(AuditFile::open(path)?)?;
/// let fetcher = UrlFetcher::web().events(GuardLog::to(&audit)).build();
/// # std::fs::remove_dir_all(directory)?;
/// # Ok(()) }
/// ```
#[derive(Clone, Debug)]
pub struct GuardLog {
    audit: Audit,
    all: bool,
}

impl GuardLog {
    /// Writes to this log.
    pub fn to(audit: &Audit) -> Self {
        Self {
            audit: audit.clone(),
            all: false,
        }
    }

    /// Writes of fetches and operations on files that were not refused, too.
    #[must_use]
    pub fn all(mut self) -> Self {
        self.all = true;
        self
    }
}

impl GuardEvents for GuardLog {
    fn record(&self, event: &GuardEvent) {
        let is_run = matches!(event.operation, Operation::Run { .. });
        let is_refused = matches!(event.outcome, Ended::Refused(_));
        if self.all || is_run || is_refused {
            // What finds no place, the log counts and tells of.
            let _ = self.audit.try_record(record(event));
        }
    }
}

fn record(event: &GuardEvent) -> AuditEvent {
    let outcome = match event.outcome {
        Ended::Done => Outcome::Ok,
        Ended::Refused(_) => Outcome::Denied,
        Ended::Cancelled => Outcome::Cancelled,
        _ => Outcome::Error,
    };
    let name = format!("guard/{}", event.name());
    let record = AuditEvent::new(name).outcome(outcome).took(event.took);
    let (target, more) = details(&event.operation);
    let target = target.into_iter().map(|target| ("target", target));
    let more = more
        .into_iter()
        .filter_map(|(field, value)| Some((field, value?)));
    let tenant = event.tenant.as_ref().and_then(Tenant::name);
    let tenant = tenant.map(|tenant| ("tenant", tenant.to_owned()));
    let reason = event
        .outcome
        .reason()
        .map(|reason| ("reason", reason.to_owned()));
    let fields = target.chain(more).chain(tenant).chain(reason);
    fields.fold(record, |record, (field, value)| record.field(field, &value))
}

type Field = (&'static str, Option<String>);

/// What it was done to, and what else is known.
fn details(operation: &Operation) -> (Option<String>, Vec<Field>) {
    match operation {
        Operation::Fetch {
            host,
            redirected_to,
            status,
            ..
        } => {
            let status = status.map(|status| status.to_string());
            let more = vec![("redirected_to", redirected_to.clone()), ("status", status)];
            (host.clone(), more)
        }
        Operation::File {
            path, destination, ..
        } => (
            Some(path.clone()),
            vec![("destination", destination.clone())],
        ),
        Operation::Run { language, tier, .. } => {
            let tier = tier.map(str::to_owned);
            (language.clone(), vec![("tier", tier)])
        }
        _ => (None, Vec::new()),
    }
}
