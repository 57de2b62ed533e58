//! How long each component takes: lines, and statistics over all of its calls.

mod hooks;
mod statistics;
#[cfg(test)]
mod tests;

use std::{
    fmt,
    sync::{Arc, PoisonError, RwLock},
    time::Duration,
};

use foldhash::HashMap;

pub use statistics::OperationStatistics;
use statistics::Times;

use crate::line;

/// How many components are told apart.
const MAX_NAMES: usize = 256;

/// The name under which the rest is counted.
const OTHERS: &str = "(others)";

/// Takes a line.
type Sink = dyn Fn(&str) + Send + Sync;

/// Measures each tool, resource, prompt and list by name.
///
/// Each operation is one line, `Tool 'add' completed in 1.23ms`, at DEBUG with
/// the target `purlin::timing`, and one entry in
/// [`statistics`](Self::statistics): count, failures, mean and percentiles of a
/// histogram of two digits. Only what the server has is counted by name, 256
/// names at most ([`max_names`](Self::max_names)), each 12 KiB; the rest is
/// `(others)`. A clone counts into the same statistics.
///
/// ```
/// use purlin_core::Server;
/// use purlin_middleware::DetailedTiming;
///
/// let timing = DetailedTiming::new();
/// let server = Server::builder("orders", "1.0.0").middleware(timing.clone());
/// for operation in timing.statistics() {
///     println!("{} {}: {:?}", operation.operation, operation.name, operation.p99);
/// }
/// ```
#[derive(Clone)]
pub struct DetailedTiming {
    shared: Arc<Shared>,
    sink: Option<Arc<Sink>>,
    max_names: usize,
}

#[derive(Default)]
struct Shared(RwLock<[Names; Operation::ALL.len()]>);

/// The components of one kind, by name.
type Names = HashMap<Box<str>, Times>;

/// What is measured.
#[derive(Debug, Clone, Copy)]
enum Operation {
    Tool,
    Resource,
    Prompt,
    List,
    Completion,
}

impl Operation {
    const ALL: [Self; 5] = [
        Self::Tool,
        Self::Resource,
        Self::Prompt,
        Self::List,
        Self::Completion,
    ];

    fn word(self) -> &'static str {
        match self {
            Self::Tool => "Tool",
            Self::Resource => "Resource",
            Self::Prompt => "Prompt",
            Self::List => "List",
            Self::Completion => "Completion",
        }
    }
}

impl fmt::Debug for DetailedTiming {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("DetailedTiming").finish_non_exhaustive()
    }
}

impl Default for DetailedTiming {
    fn default() -> Self {
        Self::new()
    }
}

impl DetailedTiming {
    /// Statistics, and lines to `tracing`.
    pub fn new() -> Self {
        Self {
            shared: Arc::default(),
            sink: None,
            max_names: MAX_NAMES,
        }
    }

    /// How many components are told apart; the default is 256.
    #[must_use]
    pub fn max_names(mut self, names: usize) -> Self {
        self.max_names = names;
        self
    }

    /// Sends the lines there in place of `tracing`. It is called on the way of
    /// the request, so it must not wait.
    #[must_use]
    pub fn to(mut self, sink: impl Fn(&str) + Send + Sync + 'static) -> Self {
        self.sink = Some(Arc::new(sink));
        self
    }

    /// What was measured so far, sorted by operation and name.
    pub fn statistics(&self) -> Vec<OperationStatistics> {
        let known = self.shared.0.read().unwrap_or_else(PoisonError::into_inner);
        let mut all: Vec<_> = known
            .iter()
            .zip(Operation::ALL)
            .flat_map(|(names, operation)| names.iter().map(move |entry| (operation, entry)))
            .map(|(operation, (name, times))| times.read(operation.word(), name))
            .collect();
        all.sort_by(|a, b| (a.operation, &a.name).cmp(&(b.operation, &b.name)));
        all
    }

    /// Counts an operation. `known` says whether the server has it: names that
    /// clients make up are not kept.
    fn count(&self, operation: Operation, name: &str, known: bool, took: Duration, failed: bool) {
        let counted = if known { name } else { OTHERS };
        self.add(operation, counted, took, failed);
        let heard = self.sink.is_some()
            || tracing::enabled!(target: "purlin::timing", tracing::Level::DEBUG);
        if heard {
            self.write(operation, name, took, failed);
        }
    }

    fn add(&self, operation: Operation, name: &str, took: Duration, failed: bool) {
        {
            let known = self.shared.0.read().unwrap_or_else(PoisonError::into_inner);
            if let Some(times) = known[operation as usize].get(name) {
                return times.add(took, failed);
            }
        }
        let mut known = self
            .shared
            .0
            .write()
            .unwrap_or_else(PoisonError::into_inner);
        let count: usize = known.iter().map(HashMap::len).sum();
        let names = &mut known[operation as usize];
        let name = match count < self.max_names || names.contains_key(name) {
            true => name,
            false => OTHERS,
        };
        let times = names.entry(name.into()).or_default();
        times.add(took, failed);
    }

    fn write(&self, operation: Operation, name: &str, took: Duration, failed: bool) {
        let mut line = format!("{} '", operation.word());
        line::escape_into(&mut line, line::cut(name, line::MAX_TEXT).0);
        line.push_str(if failed {
            "' failed after "
        } else {
            "' completed in "
        });
        line::push_millis(&mut line, took);
        line.push_str("ms");
        match &self.sink {
            Some(sink) => sink(&line),
            None => tracing::debug!(target: "purlin::timing", "{line}"),
        }
    }
}
