//! Log, traces and metrics, started and ended together.

use purlin_core::{Result, Server};
use tracing_subscriber::{layer::SubscriberExt, util::SubscriberInitExt};

use crate::log::{self, Log};
#[cfg(feature = "otel")]
use crate::otel::{Exporting, OpenTelemetry};

/// What the program is to tell of itself.
///
/// ```
/// use purlin_core::Server;
/// use purlin_telemetry::{Telemetry, log::{Log, Output}};
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> purlin_core::Result<()> {
/// let telemetry = Telemetry::new().log(Log::new(Output::Stderr)).start()?;
/// let server = telemetry.around(Server::builder("shop", "1.0.0"));
/// // … serve it …
/// telemetry.finish().await;
/// # Ok(()) }
/// ```
#[derive(Debug, Default)]
#[must_use = "nothing is told before it is started"]
pub struct Telemetry {
    log: Option<Log>,
    #[cfg(feature = "otel")]
    otel: Option<OpenTelemetry>,
}

impl Telemetry {
    /// Nothing.
    pub fn new() -> Self {
        Self::default()
    }

    /// Writes a log.
    pub fn log(mut self, log: Log) -> Self {
        self.log = Some(log);
        self
    }

    /// Sends traces and metrics; nothing when given `None`.
    #[cfg(feature = "otel")]
    #[cfg_attr(docsrs, doc(cfg(feature = "otel")))]
    pub fn otel(mut self, otel: impl Into<Option<OpenTelemetry>>) -> Self {
        self.otel = otel.into();
        self
    }

    /// Starts all of it. A program that has a `tracing` subscriber already keeps
    /// it: then there is no log of ours, and traces need
    /// [`Exporting::layer`](crate::otel::Exporting::layer) in that subscriber.
    ///
    /// # Errors
    /// [`ErrorKind::Configuration`](purlin_core::ErrorKind::Configuration) when
    /// the level of the log or the endpoint of the collector cannot be read.
    pub fn start(self) -> Result<Telling> {
        let (writing, handle) = match self.log.map(Log::layer).transpose()? {
            Some((writing, handle)) => (Some(writing), Some(handle)),
            None => (None, None),
        };
        let registry = tracing_subscriber::registry().with(writing);
        #[cfg(feature = "otel")]
        let exporting = self.otel.map(OpenTelemetry::start).transpose()?;
        #[cfg(feature = "otel")]
        let registry = registry.with(exporting.as_ref().map(Exporting::layer));
        let started = registry.try_init().is_ok();
        if let Some(handle) = handle.filter(|_| started) {
            log::keep(handle);
        }
        Ok(Telling {
            #[cfg(feature = "otel")]
            exporting,
        })
    }
}

/// What is being told. Call [`finish`](Self::finish) before the program ends.
#[derive(Debug)]
pub struct Telling {
    #[cfg(feature = "otel")]
    exporting: Option<Exporting>,
}

impl Telling {
    /// The server, with everything around it that traces and measures requests.
    #[must_use]
    pub fn around(&self, server: Server) -> Server {
        #[cfg(feature = "otel")]
        let server = match &self.exporting {
            Some(exporting) => exporting.around(server),
            None => server,
        };
        server
    }

    /// Sends what waits to be sent, for 5 s at most.
    pub async fn finish(self) {
        #[cfg(feature = "otel")]
        if let Some(exporting) = self.exporting {
            exporting.finish().await;
        }
    }
}

/// The trace and the span that the running code belongs to, in hexadecimal.
#[cfg(feature = "otel")]
pub(crate) fn trace_ids() -> Option<(String, String)> {
    use opentelemetry::trace::TraceContextExt;

    let current = opentelemetry::Context::current();
    let span = current.span();
    let context = span.span_context();
    let ids = || {
        (
            context.trace_id().to_string(),
            context.span_id().to_string(),
        )
    };
    context.is_valid().then(ids)
}

/// Nothing traces.
#[cfg(not(feature = "otel"))]
pub(crate) fn trace_ids() -> Option<(String, String)> {
    None
}
