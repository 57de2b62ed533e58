//! A line for each message, and one for how it ended.
//!
//! [`Logging`] never writes what a client sent or got unless it is asked to
//! ([`payloads`](Logging::payloads)); then sensitive arguments and what the
//! [`Redactor`] knows as a secret are left out, and the rest is cut. Names and
//! methods are escaped and cut at 200 characters.

mod hooks;
mod lines;
#[cfg(test)]
mod tests;

use std::{collections::BTreeSet, fmt, sync::Arc};

use tracing::Level;

use crate::{Redactor, line::Form};

/// How much of a payload is written, in characters.
const MAX_PAYLOAD: usize = 1_000;

/// Takes the lines.
type Sink = dyn Fn(Level, &str) + Send + Sync;

/// Logs each message and how it ended, in one line each.
///
/// The lines are `event=request_start method=tools/call target=add
/// source=client` and `event=request_success … duration_ms=1.23`, or
/// `request_error` with the kind of the error; notifications have
/// `notification_…`. [`json`](Self::json) writes the same fields as one JSON
/// object. Lines go to `tracing` with the target `purlin::logging`; where nobody
/// listens to that, a message costs one comparison.
///
/// ```
/// use purlin_core::Server;
/// use purlin_middleware::Logging;
///
/// let logging = Logging::human().payloads(true).max_payload(200).methods(["tools/call"]);
/// let server = Server::builder("orders", "1.0.0").middleware(logging);
/// ```
#[derive(Clone)]
pub struct Logging {
    form: Form,
    level: Level,
    payloads: bool,
    max_payload: usize,
    sizes: bool,
    tokens: bool,
    methods: Option<BTreeSet<String>>,
    redactor: Redactor,
    sink: Option<Arc<Sink>>,
}

impl fmt::Debug for Logging {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Logging")
            .field("form", &self.form)
            .field("level", &self.level)
            .field("payloads", &self.payloads)
            .field("methods", &self.methods)
            .finish_non_exhaustive()
    }
}

impl Logging {
    /// Lines for people: `name=value`.
    pub fn human() -> Self {
        Self::new(Form::Human)
    }

    /// Lines for programs: one JSON object each.
    pub fn json() -> Self {
        Self::new(Form::Json)
    }

    fn new(form: Form) -> Self {
        Self {
            form,
            level: Level::INFO,
            payloads: false,
            max_payload: MAX_PAYLOAD,
            sizes: false,
            tokens: false,
            methods: None,
            redactor: Redactor::new(),
            sink: None,
        }
    }

    /// The level of the lines; the default is INFO. Failures are WARN at least.
    #[must_use]
    pub fn level(mut self, level: Level) -> Self {
        self.level = level;
        self
    }

    /// Whether arguments and results are written, without their secrets. The
    /// default is not to.
    #[must_use]
    pub fn payloads(mut self, payloads: bool) -> Self {
        self.payloads = payloads;
        self
    }

    /// How much of a payload is written, in characters; the default is 1,000.
    #[must_use]
    pub fn max_payload(mut self, characters: usize) -> Self {
        self.max_payload = characters;
        self
    }

    /// Whether the lengths of arguments and results are written, in bytes.
    #[must_use]
    pub fn payload_sizes(mut self, sizes: bool) -> Self {
        self.sizes = sizes;
        self
    }

    /// Whether the tokens of arguments and results are estimated, at four
    /// bytes each.
    #[must_use]
    pub fn estimate_tokens(mut self, tokens: bool) -> Self {
        self.tokens = tokens;
        self
    }

    /// Logs these methods alone, for example `tools/call`.
    #[must_use]
    pub fn methods<T: Into<String>>(mut self, methods: impl IntoIterator<Item = T>) -> Self {
        self.methods = Some(methods.into_iter().map(Into::into).collect());
        self
    }

    /// What takes secrets out of payloads.
    #[must_use]
    pub fn redactor(mut self, redactor: Redactor) -> Self {
        self.redactor = redactor;
        self
    }

    /// Sends the lines there in place of `tracing`. It is called on the way of
    /// the request, so it must not wait.
    #[must_use]
    pub fn to(mut self, sink: impl Fn(Level, &str) + Send + Sync + 'static) -> Self {
        self.sink = Some(Arc::new(sink));
        self
    }
}
