//! How long each request took, in one line.

mod hooks;
#[cfg(test)]
mod tests;

use std::{fmt, sync::Arc, time::Duration};

use crate::line;

/// Takes a line.
type Sink = dyn Fn(&str) + Send + Sync;

/// Says of each request how long it took: `Request tools/call completed in
/// 1.23ms`, or `failed after`.
///
/// Lines go to `tracing` at INFO with the target `purlin::timing`; where nobody
/// listens to that, a request costs one comparison. What the times are of each
/// tool, [`DetailedTiming`](crate::DetailedTiming) knows.
///
/// ```
/// use purlin_core::Server;
/// use purlin_middleware::Timing;
///
/// let server = Server::builder("orders", "1.0.0").middleware(Timing::new());
/// ```
#[derive(Clone, Default)]
pub struct Timing {
    sink: Option<Arc<Sink>>,
}

impl fmt::Debug for Timing {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Timing")
    }
}

impl Timing {
    /// Lines to `tracing`.
    pub fn new() -> Self {
        Self::default()
    }

    /// Sends the lines there in place of `tracing`. It is called on the way of
    /// the request, so it must not wait.
    #[must_use]
    pub fn to(mut self, sink: impl Fn(&str) + Send + Sync + 'static) -> Self {
        self.sink = Some(Arc::new(sink));
        self
    }

    fn is_heard(&self) -> bool {
        self.sink.is_some() || tracing::enabled!(target: "purlin::timing", tracing::Level::INFO)
    }

    fn write(&self, method: &str, took: Duration, failed: bool) {
        let mut line = String::from("Request ");
        line::escape_into(&mut line, line::cut(method, line::MAX_TEXT).0);
        line.push_str(if failed {
            " failed after "
        } else {
            " completed in "
        });
        line::push_millis(&mut line, took);
        line.push_str("ms");
        match &self.sink {
            Some(sink) => sink(&line),
            None => tracing::info!(target: "purlin::timing", "{line}"),
        }
    }
}
