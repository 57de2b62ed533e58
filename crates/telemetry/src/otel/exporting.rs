//! Sending, from its start to its end.

use std::{sync::Arc, time::Duration};

use opentelemetry::{KeyValue, metrics::MeterProvider, trace::TracerProvider};
use opentelemetry_otlp::{MetricExporter, SpanExporter, WithExportConfig, WithHttpConfig};
use opentelemetry_sdk::{
    Resource,
    metrics::{PeriodicReader, SdkMeterProvider},
    trace::SdkTracerProvider,
};
use purlin_core::{Result, Server, trace};
use tokio::time::timeout;
use tracing::Subscriber;
use tracing_subscriber::{
    Layer,
    filter::{LevelFilter, Targets},
    registry::LookupSpan,
};

use super::{
    OpenTelemetry,
    client::{Sender, Worker},
    failed,
    middleware::{Durations, Traced},
    propagation::Carrying,
    queue::{Counting, Fates, Gate},
    variable,
};

/// How long the last of it may take to leave.
const FLUSH: Duration = Duration::from_secs(5);
/// Under which name the library tells what it tells.
const SCOPE: &str = "purlin";

/// Traces and metrics that are being sent. Call [`finish`](Self::finish) before
/// the program ends, for what was told last to be sent too.
#[derive(Debug)]
pub struct Exporting {
    tracer: Option<SdkTracerProvider>,
    meter: Option<SdkMeterProvider>,
    fates: Arc<Fates>,
    /// Kept to the end: the exporters work on it.
    worker: Worker,
}

impl Exporting {
    pub(super) fn start(wanted: &OpenTelemetry) -> Result<Self> {
        let worker = Worker::start()?;
        let client = worker.client().map_err(failed)?;
        let fates = Arc::new(Fates::default());
        let resource = resource(wanted);
        let tracer = match wanted.traces {
            true => Some(tracer(wanted, client.clone(), &resource, &fates)?),
            false => None,
        };
        let meter = match wanted.metrics {
            true => Some(meter(wanted, client, resource, &fates)?),
            false => None,
        };
        let propagates = variable("OTEL_PROPAGATORS").is_none_or(|text| text.trim() != "none");
        if tracer.is_some() && propagates {
            trace::install(Carrying::default());
        }
        Ok(Self {
            tracer,
            meter,
            fates,
            worker,
        })
    }

    /// The layer that makes traces of `tracing` spans, for a subscriber of one's
    /// own: everything at level info, and of Purlin everything at level debug.
    pub fn layer<S>(&self) -> impl Layer<S> + Send + Sync + use<S>
    where
        S: Subscriber + for<'a> LookupSpan<'a> + Send + Sync,
    {
        let tracer = self.tracer.as_ref()?.tracer(SCOPE);
        let targets = Targets::new()
            .with_default(LevelFilter::INFO)
            .with_target("purlin", LevelFilter::DEBUG);
        let layer = tracing_opentelemetry::layer()
            .with_tracer(tracer)
            .with_location(false)
            .with_threads(false)
            .with_target(false)
            .with_tracked_inactivity(false);
        Some(layer.with_filter(targets))
    }

    /// Traces and measures the requests of a server, from outside of all its
    /// middleware so far.
    #[must_use]
    pub fn around(&self, server: Server) -> Server {
        let meter = match &self.meter {
            Some(provider) => provider.meter(SCOPE),
            None => SdkMeterProvider::default().meter(SCOPE),
        };
        let durations = Durations::new(&meter);
        let sessions = durations.clone();
        server
            .outermost(Traced(durations))
            .on_session_end(move |end| sessions.session_ended(end))
            .measured(Arc::clone(&self.fates) as Arc<_>)
    }

    /// Sends what waits, for 5 s at most, and ends.
    pub async fn finish(self) {
        let Self {
            tracer,
            meter,
            fates,
            worker,
        } = self;
        // Both wait for threads of their own.
        let traces = tokio::task::spawn_blocking(move || {
            tracer.map(|tracer| tracer.shutdown_with_timeout(FLUSH))
        });
        let metrics = tokio::task::spawn_blocking(move || {
            meter.map(|meter| meter.shutdown_with_timeout(FLUSH))
        });
        let both = async { (traces.await, metrics.await) };
        match timeout(FLUSH, both).await {
            Ok((Ok(None | Some(Ok(()))), Ok(None | Some(Ok(()))))) => {}
            _ => tracing::warn!(
                spans = fates.waiting(),
                dropped = fates.dropped(),
                "the last traces and metrics could not be sent"
            ),
        }
        drop(worker);
    }
}

/// What the program is.
fn resource(wanted: &OpenTelemetry) -> Resource {
    let builder = Resource::builder();
    let named = variable("OTEL_SERVICE_NAME").is_some()
        || variable("OTEL_RESOURCE_ATTRIBUTES").is_some_and(|text| text.contains("service.name="));
    match &wanted.service {
        Some((name, version)) if !named => builder
            .with_service_name(name.clone())
            .with_attribute(KeyValue::new("service.version", version.clone()))
            .build(),
        _ => builder.build(),
    }
}

fn tracer(
    wanted: &OpenTelemetry,
    client: Sender,
    resource: &Resource,
    fates: &Arc<Fates>,
) -> Result<SdkTracerProvider> {
    let mut builder = SpanExporter::builder().with_http().with_http_client(client);
    if let Some(endpoint) = &wanted.endpoint {
        builder = builder.with_endpoint(path(endpoint, "v1/traces"));
    }
    let exporter = builder.build().map_err(failed)?;
    Ok(SdkTracerProvider::builder()
        .with_resource(resource.clone())
        .with_span_processor(Gate::new(exporter, fates))
        .build())
}

fn meter(
    wanted: &OpenTelemetry,
    client: Sender,
    resource: Resource,
    fates: &Arc<Fates>,
) -> Result<SdkMeterProvider> {
    let mut builder = MetricExporter::builder()
        .with_http()
        .with_http_client(client);
    if let Some(endpoint) = &wanted.endpoint {
        builder = builder.with_endpoint(path(endpoint, "v1/metrics"));
    }
    let exporter = Counting {
        exporter: builder.build().map_err(failed)?,
        fates: Arc::clone(fates),
    };
    Ok(SdkMeterProvider::builder()
        .with_resource(resource)
        .with_reader(PeriodicReader::builder(exporter).build())
        .build())
}

/// Where a collector takes one kind of data.
fn path(endpoint: &str, kind: &str) -> String {
    format!("{}/{kind}", endpoint.trim_end_matches('/'))
}
