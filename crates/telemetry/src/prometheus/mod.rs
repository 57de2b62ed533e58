//! Metrics for Prometheus, in the text format of OpenMetrics 1.0.
//!
//! [`Prometheus`] counts requests from outside of all middleware and answers
//! scrapes with its own metrics and with everything that
//! [`Server::samples`] tells: caches, limits, breakers, stores, sessions.
//!
//! | metric | what it is |
//! |---|---|
//! | `mcp_tool_calls_total{tool_name}` | calls of a tool |
//! | `mcp_tool_errors_total{tool_name}` | those that failed, as results or as errors |
//! | `mcp_tool_duration_seconds{tool_name}` | how long they took, as a histogram |
//! | `mcp_requests_total{method}` | requests of any kind |
//! | `mcp_request_errors_total{method}` | those that failed |
//! | `mcp_requests_in_flight` | requests that are being served |
//!
//! Labels have the names that servers have registered: a tool that nobody offers
//! and a method that does not exist are `_other`, as is the tool after the first
//! 2,000. So the number of series is bounded, whatever clients send.
//!
//! ```
//! use purlin_core::Server;
//! use purlin_http::HttpConfig;
//! use purlin_telemetry::prometheus::Prometheus;
//!
//! let prometheus = Prometheus::new();
//! let server = prometheus.around(Server::builder("shop", "1.0.0"));
//! let config = HttpConfig::new().route("/metrics", prometheus.page(&server));
//! ```

mod middleware;
mod page;
mod samples;
#[cfg(test)]
mod tests;

use std::{
    collections::HashSet,
    fmt,
    sync::{Arc, PoisonError, RwLock, atomic::AtomicI64},
};

use prometheus_client::{
    encoding::text::{encode_eof, encode_registry},
    metrics::{counter::Counter, family::Family, gauge::Gauge, histogram::Histogram},
    registry::Registry,
};
use purlin_core::Server;

pub use page::{Page, PageBody};

use crate::durations::BOUNDS;

/// How many names of tools become labels.
const MAX_TOOLS: usize = 2_000;
/// The label of everything that has none of its own.
const OTHER: &str = "_other";

type Label = [(&'static str, String); 1];

/// What has been counted for Prometheus. A clone counts into the same.
#[derive(Clone)]
pub struct Prometheus(Arc<Counted>);

struct Counted {
    registry: Registry,
    calls: Family<Label, Counter>,
    errors: Family<Label, Counter>,
    durations: Family<Label, Histogram, fn() -> Histogram>,
    requests: Family<Label, Counter>,
    request_errors: Family<Label, Counter>,
    in_flight: Gauge<i64, AtomicI64>,
    tools: RwLock<HashSet<String>>,
}

impl Default for Prometheus {
    fn default() -> Self {
        Self::new()
    }
}

impl fmt::Debug for Prometheus {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Prometheus")
    }
}

impl Prometheus {
    /// Nothing has been counted yet.
    pub fn new() -> Self {
        let histogram: fn() -> Histogram = || Histogram::new(BOUNDS);
        let mut counted = Counted {
            registry: Registry::default(),
            calls: Family::default(),
            errors: Family::default(),
            durations: Family::new_with_constructor(histogram),
            requests: Family::default(),
            request_errors: Family::default(),
            in_flight: Gauge::default(),
            tools: RwLock::default(),
        };
        let registry = &mut counted.registry;
        registry.register("mcp_tool_calls", "Calls of a tool", counted.calls.clone());
        let help = "Calls of a tool that failed";
        registry.register("mcp_tool_errors", help, counted.errors.clone());
        let help = "How long calls of a tool took";
        registry.register("mcp_tool_duration_seconds", help, counted.durations.clone());
        registry.register("mcp_requests", "Requests", counted.requests.clone());
        let help = "Requests that failed";
        registry.register("mcp_request_errors", help, counted.request_errors.clone());
        let help = "Requests that are being served";
        registry.register("mcp_requests_in_flight", help, counted.in_flight.clone());
        Self(Arc::new(counted))
    }

    /// Counts the requests of a server, from outside of all its middleware so
    /// far.
    #[must_use]
    pub fn around(&self, server: Server) -> Server {
        server.outermost(self.clone())
    }

    /// What answers scrapes, to be mounted at `/metrics`: what has been counted
    /// here, and the samples of `server`.
    pub fn page(&self, server: &Server) -> Page {
        Page::new(self.clone(), server.downgrade())
    }

    /// Everything as one text.
    pub fn text(&self, server: &Server) -> String {
        let mut out = String::with_capacity(4 * 1024);
        let samples = samples::registry(server.samples());
        // Writing into a text does not fail.
        let _ = encode_registry(&mut out, &self.0.registry);
        let _ = encode_registry(&mut out, &samples);
        let _ = encode_eof(&mut out);
        out
    }

    /// The label of a tool that is offered.
    fn tool_label(&self, name: &str) -> Label {
        let known = |tools: &HashSet<String>| tools.contains(name);
        if !known(&self.0.tools.read().unwrap_or_else(PoisonError::into_inner)) {
            let mut tools = self.0.tools.write().unwrap_or_else(PoisonError::into_inner);
            if tools.len() >= MAX_TOOLS && !known(&tools) {
                return [("tool_name", OTHER.to_owned())];
            }
            tools.insert(name.to_owned());
        }
        [("tool_name", name.to_owned())]
    }
}

/// The label of a method.
fn method_label(name: &str) -> Label {
    let known = crate::method::known(name);
    [("method", known.unwrap_or(OTHER).to_owned())]
}
