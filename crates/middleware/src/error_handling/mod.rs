//! What is done about failures: one line in the log, one answer that says what
//! to do, and an id that both have.

mod answer;
mod correlation;
mod counters;
mod hooks;
#[cfg(test)]
mod tests;

use std::{collections::BTreeMap, fmt, sync::Arc};

use purlin_core::{Context, Error};

pub use correlation::CorrelationId;
use counters::Counters;

type Callback = dyn Fn(&Failed<'_>) + Send + Sync;
type Transform = dyn Fn(Error) -> Error + Send + Sync;

/// Logs, counts, masks and explains failures.
///
/// A request that fails gets a [`CorrelationId`]. It stands in one line of the
/// log (`tracing`, target `purlin::errors`, with the cause), in the field
/// `correlation_id` of the current span if it has one, and in the answer: in
/// `data` of a JSON-RPC error, in `_meta["purlin/error"]` of a tool's result,
/// beside a `code` and `recoverySteps`. Where the cause is kept from the client,
/// the text is `internal error` with the id; what an author wrote for the client
/// is always shown.
///
/// Questions to the client are no failures. A failure that has its id from a
/// mounted server keeps it and is not logged again.
///
/// ```
/// use purlin_core::{Error, ErrorKind, Server};
/// use purlin_middleware::ErrorHandling;
///
/// let errors = ErrorHandling::new()
///     .transform(|error| match error.kind() {
///         ErrorKind::Io => error.with_public_text("the warehouse is away").with_code("away"),
///         _ => error,
///     })
///     .on_failure(|failed| eprintln!("{} failed: {}", failed.method, failed.correlation_id));
/// let server = Server::builder("orders", "1.0.0").middleware(errors.clone());
/// assert!(errors.statistics().is_empty());
/// ```
#[derive(Clone, Default)]
pub struct ErrorHandling {
    mask: Option<bool>,
    transform: Option<Arc<Transform>>,
    callback: Option<Arc<Callback>>,
    counters: Arc<Counters>,
}

/// A request that failed, as a callback sees it.
#[derive(Debug)]
#[non_exhaustive]
pub struct Failed<'a> {
    /// The request.
    pub context: &'a Context,
    /// The method, for example `tools/call`.
    pub method: &'a str,
    /// The name of the tool or prompt, or the URI.
    pub target: Option<&'a str>,
    /// What went wrong, with its cause.
    pub error: &'a Error,
    /// What the log and the client know it by.
    pub correlation_id: &'a CorrelationId,
}

impl fmt::Debug for ErrorHandling {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ErrorHandling")
            .field("mask", &self.mask)
            .field("counters", &self.counters)
            .finish_non_exhaustive()
    }
}

impl ErrorHandling {
    /// Masks as the server does: over HTTP, unless it says otherwise
    /// ([`Server::mask_errors`](purlin_core::Server::mask_errors)).
    pub fn new() -> Self {
        Self::default()
    }

    /// Whether causes are kept from clients, whatever the server says.
    #[must_use]
    pub fn mask(mut self, mask: bool) -> Self {
        self.mask = Some(mask);
        self
    }

    /// Changes each error before anything else is done with it.
    #[must_use]
    pub fn transform(mut self, transform: impl Fn(Error) -> Error + Send + Sync + 'static) -> Self {
        self.transform = Some(Arc::new(transform));
        self
    }

    /// Is told of each failure. It is called on the way of the request, so it
    /// must not wait.
    #[must_use]
    pub fn on_failure(mut self, callback: impl Fn(&Failed<'_>) + Send + Sync + 'static) -> Self {
        self.callback = Some(Arc::new(callback));
        self
    }

    /// How often each kind of error ended each method, as `Timeout:tools/call`.
    /// There are 256 keys at most; what comes after is counted as `(others)`.
    pub fn statistics(&self) -> BTreeMap<String, u64> {
        self.counters.read()
    }
}
