//! How much was done.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use purlin_core::measure::{Measure, Samples};

use super::{GuardEvent, GuardEvents, Operation, Outcome};

/// Counts what was done, for `/metrics`: one of those who are told, and something that a server
/// measures. The [servers](crate::servers) of this crate have one already.
///
/// ```
/// use std::sync::Arc;
///
/// use purlin_core::Server;
/// use purlin_guard::{UrlFetcher, events::GuardMetrics};
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() {
/// let metrics = GuardMetrics::default();
/// let fetcher = UrlFetcher::web().events(metrics.clone()).build();
/// let server = Server::builder("reader", "1.0.0").measured(Arc::new(metrics));
///
/// fetcher.fetch("http://127.0.0.1/").await.unwrap_err();
/// let labels = [("operation", "fetch"), ("outcome", "blocked_address")];
/// assert_eq!(server.samples().value("mcp_guard_operations_total", &labels), Some(1.0));
/// # }
/// ```
///
/// Labels hold names of operations and errors, of tiers, and of languages that are configured:
/// nothing that a caller chose, and no tenant. A clone is a handle on the same counts.
#[derive(Clone, Debug, Default)]
pub struct GuardMetrics(Arc<Mutex<Counts>>);

#[derive(Debug, Default)]
struct Counts {
    operations: BTreeMap<(&'static str, &'static str), u64>,
    bytes: BTreeMap<&'static str, u64>,
    runs: BTreeMap<(String, &'static str, &'static str), u64>,
    cpu: BTreeMap<String, Duration>,
}

impl GuardMetrics {
    fn counts(&self) -> MutexGuard<'_, Counts> {
        // Every change is one step, so what a panic left behind is whole.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl GuardEvents for GuardMetrics {
    fn record(&self, event: &GuardEvent) {
        let (operation, outcome) = (event.name(), name(event.outcome));
        let mut counts = self.counts();
        match &event.operation {
            Operation::Fetch { bytes, .. } | Operation::File { bytes, .. } => {
                *counts.bytes.entry(operation).or_default() += bytes;
            }
            Operation::Run {
                language,
                tier,
                cpu,
                ..
            } => {
                let language = language.clone().unwrap_or_default();
                *counts.cpu.entry(language.clone()).or_default() += cpu.unwrap_or_default();
                let run = (language, tier.unwrap_or_default(), outcome);
                *counts.runs.entry(run).or_default() += 1;
            }
        }
        *counts.operations.entry((operation, outcome)).or_default() += 1;
    }
}

/// The name of the error, or how else it ended.
fn name(outcome: Outcome) -> &'static str {
    outcome.reason().unwrap_or(outcome.name())
}

impl Measure for GuardMetrics {
    fn measure(&self, samples: &mut Samples) {
        let counts = self.counts();
        for ((operation, outcome), count) in &counts.operations {
            let labels = [("operation", *operation), ("outcome", *outcome)];
            let help = "Fetches, operations on files and runs of code.";
            samples.counter("mcp_guard_operations_total", help, &labels, *count);
        }
        for (operation, bytes) in &counts.bytes {
            let help = "Bytes that were fetched, read or written.";
            let labels = [("operation", *operation)];
            samples.counter("mcp_guard_bytes_total", help, &labels, *bytes);
        }
        for ((language, tier, outcome), count) in &counts.runs {
            let labels = [
                ("language", language.as_str()),
                ("tier", *tier),
                ("outcome", *outcome),
            ];
            let help = "Runs of code, by what stood around them.";
            samples.counter("mcp_guard_runs_total", help, &labels, *count);
        }
        for (language, cpu) in &counts.cpu {
            let millis = u64::try_from(cpu.as_millis()).unwrap_or(u64::MAX);
            let help = "Processor time that code used, in milliseconds.";
            let labels = [("language", language.as_str())];
            samples.counter("mcp_guard_cpu_milliseconds_total", help, &labels, millis);
        }
    }
}
