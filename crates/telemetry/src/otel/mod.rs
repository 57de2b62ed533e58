//! Traces and metrics for OpenTelemetry, sent over OTLP (HTTP, protobuf).
//!
//! Names are those of the OpenTelemetry conventions for MCP. A request is a span
//! `tools/call NAME` of kind server; within it are the spans of middleware, of
//! mounts, of requests that our client makes meanwhile, and whatever the
//! program's own `tracing` spans are. What the caller says of its trace in
//! `_meta` or in headers is where the span belongs, and what our client sends
//! goes on with it (SEP-414).
//!
//! | span | attributes |
//! |---|---|
//! | `tools/call NAME`, `resources/read`, `prompts/get NAME`, … | `mcp.method.name`, `mcp.protocol.version`, `mcp.session.id`, `mcp.resource.uri`, `gen_ai.tool.name`, `gen_ai.prompt.name`, `jsonrpc.request.id`, `network.transport`, `error.type` |
//! | `middleware NAME` | `purlin.middleware.name` |
//! | `delegate NAME` | `purlin.server.name` |
//!
//! `mcp.session.id` tells sessions apart and is not their id, which whoever reads
//! traces could use to take them over. URIs come without their query. Arguments
//! and results are never part of a trace.
//!
//! Metrics: `mcp.server.operation.duration` and `mcp.server.session.duration`, in
//! seconds.
//!
//! Sending never holds up a request: spans wait in a queue of 2,048, and what does
//! not fit is dropped and counted (`purlin_otel_spans_dropped_total` among the
//! [samples](purlin_core::Server::samples), beside what could not be sent). It
//! happens on threads of its own.
//!
//! The standard variables are honoured: `OTEL_EXPORTER_OTLP_ENDPOINT`,
//! `OTEL_EXPORTER_OTLP_HEADERS`, `OTEL_EXPORTER_OTLP_TIMEOUT` and their forms for
//! traces and metrics, `OTEL_SERVICE_NAME`, `OTEL_RESOURCE_ATTRIBUTES`,
//! `OTEL_TRACES_SAMPLER`, `OTEL_TRACES_EXPORTER=none`, `OTEL_METRICS_EXPORTER=none`,
//! `OTEL_BSP_*`, `OTEL_METRIC_EXPORT_INTERVAL`, `OTEL_PROPAGATORS=none` and
//! `OTEL_SDK_DISABLED`.

mod client;
mod exporting;
mod middleware;
mod propagation;
mod queue;
#[cfg(test)]
mod tests;

use std::env;

use purlin_core::{Error, ErrorKind, Result};

pub use exporting::Exporting;

/// Where traces and metrics are sent, and as what.
///
/// ```no_run
/// use purlin_core::Server;
/// use purlin_telemetry::{Telemetry, log::{Log, Output}, otel::OpenTelemetry};
///
/// # async fn run() -> purlin_core::Result<()> {
/// let telemetry = Telemetry::new()
///     .log(Log::new(Output::Stderr))
///     .otel(OpenTelemetry::to("http://127.0.0.1:4318").service("shop", "1.0.0"))
///     .start()?;
/// let server = telemetry.around(Server::builder("shop", "1.0.0"));
/// // … serve it …
/// telemetry.finish().await;
/// # Ok(()) }
/// ```
#[derive(Debug, Clone)]
#[must_use = "nothing is sent before it is started"]
pub struct OpenTelemetry {
    endpoint: Option<String>,
    service: Option<(String, String)>,
    traces: bool,
    metrics: bool,
}

impl OpenTelemetry {
    /// Sends to a collector at this URL, for example `http://127.0.0.1:4318`.
    pub fn to(endpoint: impl Into<String>) -> Self {
        Self {
            endpoint: Some(endpoint.into()),
            ..Self::by_environment()
        }
    }

    /// Sends to the collector that the environment names; `None` when it names
    /// none, or says that nothing is to be sent.
    pub fn from_env() -> Option<Self> {
        let endpoints = [
            "OTEL_EXPORTER_OTLP_ENDPOINT",
            "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT",
            "OTEL_EXPORTER_OTLP_METRICS_ENDPOINT",
        ];
        let named = endpoints.into_iter().any(|name| variable(name).is_some());
        let disabled =
            variable("OTEL_SDK_DISABLED").is_some_and(|value| value.eq_ignore_ascii_case("true"));
        (named && !disabled).then(Self::by_environment)
    }

    fn by_environment() -> Self {
        let wanted = |name| variable(name).is_none_or(|value| value.trim() != "none");
        Self {
            endpoint: None,
            service: None,
            traces: wanted("OTEL_TRACES_EXPORTER"),
            metrics: wanted("OTEL_METRICS_EXPORTER"),
        }
    }

    /// The name and version under which the program is known, unless
    /// `OTEL_SERVICE_NAME` or `OTEL_RESOURCE_ATTRIBUTES` say otherwise.
    pub fn service(mut self, name: impl Into<String>, version: impl Into<String>) -> Self {
        self.service = Some((name.into(), version.into()));
        self
    }

    /// Whether traces are sent (default yes).
    pub fn traces(mut self, enabled: bool) -> Self {
        self.traces = enabled;
        self
    }

    /// Whether metrics are sent (default yes).
    pub fn metrics(mut self, enabled: bool) -> Self {
        self.metrics = enabled;
        self
    }

    /// Starts to send. The program's `tracing` subscriber needs
    /// [`Exporting::layer`]; [`Telemetry`](crate::Telemetry) puts it in.
    ///
    /// # Errors
    /// [`ErrorKind::Configuration`] when the endpoint or a variable cannot be
    /// read.
    pub fn start(self) -> Result<Exporting> {
        Exporting::start(&self)
    }
}

/// A variable that is set to something.
fn variable(name: &str) -> Option<String> {
    env::var(name).ok().filter(|value| !value.trim().is_empty())
}

fn failed(error: impl std::error::Error + Send + Sync + 'static) -> Error {
    let problem = format!(
        "traces and metrics cannot be sent: {error}; look at the `OTEL_` variables and the endpoint"
    );
    Error::new(ErrorKind::Configuration, problem).with_source(error)
}
