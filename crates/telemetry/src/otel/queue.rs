//! The queue of spans that wait to be sent, and counts of what was lost.

use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering},
    },
    time::Duration,
};

use opentelemetry::Context;
use opentelemetry_sdk::{
    Resource,
    error::OTelSdkResult,
    metrics::{Temporality, data::ResourceMetrics, exporter::PushMetricExporter},
    trace::{BatchSpanProcessor, Span, SpanData, SpanExporter, SpanProcessor},
};
use purlin_core::measure::{Measure, Samples};

use super::variable;

/// How many spans wait at most, unless `OTEL_BSP_MAX_QUEUE_SIZE` says otherwise.
const CAPACITY: usize = 2_048;

/// What became of everything that was to be sent.
#[derive(Debug, Default)]
pub(super) struct Fates {
    waiting: AtomicUsize,
    sent: AtomicU64,
    dropped: AtomicU64,
    failed: AtomicU64,
    metrics_failed: AtomicU64,
    /// The last attempt failed.
    failing: AtomicBool,
}

impl Fates {
    /// Writes into the log when sending begins to fail, and when it works again.
    fn tell(&self, result: &OTelSdkResult) {
        let failing = result.is_err();
        if self.failing.swap(failing, Ordering::Relaxed) == failing {
            return;
        }
        match result {
            Err(error) => tracing::warn!(%error, "traces and metrics cannot be sent"),
            Ok(()) => tracing::info!("traces and metrics are sent again"),
        }
    }

    /// How many spans wait to be sent.
    pub(super) fn waiting(&self) -> usize {
        self.waiting.load(Ordering::Relaxed)
    }

    /// How many did not fit.
    pub(super) fn dropped(&self) -> u64 {
        self.dropped.load(Ordering::Relaxed)
    }
}

impl Measure for Fates {
    fn measure(&self, samples: &mut Samples) {
        let mut counter = |name, help, count: &AtomicU64| {
            samples.counter(name, help, &[], count.load(Ordering::Relaxed));
        };
        counter(
            "purlin_otel_spans_sent_total",
            "Spans that were sent.",
            &self.sent,
        );
        counter(
            "purlin_otel_spans_dropped_total",
            "Spans that did not fit into the queue.",
            &self.dropped,
        );
        counter(
            "purlin_otel_spans_failed_total",
            "Spans that could not be sent.",
            &self.failed,
        );
        counter(
            "purlin_otel_metrics_failed_total",
            "Attempts to send metrics that failed.",
            &self.metrics_failed,
        );
    }
}

/// Lets spans into the queue as long as they fit.
#[derive(Debug)]
pub(super) struct Gate {
    queue: BatchSpanProcessor,
    fates: Arc<Fates>,
    capacity: usize,
}

impl Gate {
    pub(super) fn new(exporter: impl SpanExporter + 'static, fates: &Arc<Fates>) -> Self {
        let wanted = variable("OTEL_BSP_MAX_QUEUE_SIZE").and_then(|text| text.parse().ok());
        let exporter = Counting {
            exporter,
            fates: Arc::clone(fates),
        };
        Self {
            queue: BatchSpanProcessor::builder(exporter).build(),
            fates: Arc::clone(fates),
            capacity: wanted.unwrap_or(CAPACITY),
        }
    }
}

impl SpanProcessor for Gate {
    fn on_start(&self, span: &mut Span, cx: &Context) {
        self.queue.on_start(span, cx);
    }

    fn on_end(&self, span: SpanData) {
        if !span.span_context.is_sampled() {
            return;
        }
        if self.fates.waiting.fetch_add(1, Ordering::Relaxed) >= self.capacity {
            self.fates.waiting.fetch_sub(1, Ordering::Relaxed);
            self.fates.dropped.fetch_add(1, Ordering::Relaxed);
            return;
        }
        self.queue.on_end(span);
    }

    fn force_flush(&self) -> OTelSdkResult {
        self.queue.force_flush()
    }

    fn shutdown_with_timeout(&self, timeout: Duration) -> OTelSdkResult {
        self.queue.shutdown_with_timeout(timeout)
    }

    fn set_resource(&mut self, resource: &Resource) {
        self.queue.set_resource(resource);
    }
}

/// An exporter whose successes and failures are counted.
#[derive(Debug)]
pub(super) struct Counting<E> {
    pub(super) exporter: E,
    pub(super) fates: Arc<Fates>,
}

impl<E: SpanExporter> SpanExporter for Counting<E> {
    async fn export(&self, batch: Vec<SpanData>) -> OTelSdkResult {
        let count = batch.len();
        let result = self.exporter.export(batch).await;
        self.fates.waiting.fetch_sub(count, Ordering::Relaxed);
        let fate = match result {
            Ok(()) => &self.fates.sent,
            Err(_) => &self.fates.failed,
        };
        fate.fetch_add(count as u64, Ordering::Relaxed);
        self.fates.tell(&result);
        result
    }

    fn shutdown_with_timeout(&self, timeout: Duration) -> OTelSdkResult {
        self.exporter.shutdown_with_timeout(timeout)
    }

    fn force_flush(&self) -> OTelSdkResult {
        self.exporter.force_flush()
    }

    fn set_resource(&mut self, resource: &Resource) {
        self.exporter.set_resource(resource);
    }
}

impl<E: PushMetricExporter> PushMetricExporter for Counting<E> {
    async fn export(&self, metrics: &ResourceMetrics) -> OTelSdkResult {
        let result = self.exporter.export(metrics).await;
        if result.is_err() {
            self.fates.metrics_failed.fetch_add(1, Ordering::Relaxed);
        }
        self.fates.tell(&result);
        result
    }

    fn force_flush(&self) -> OTelSdkResult {
        self.exporter.force_flush()
    }

    fn shutdown_with_timeout(&self, timeout: Duration) -> OTelSdkResult {
        self.exporter.shutdown_with_timeout(timeout)
    }

    fn temporality(&self) -> Temporality {
        self.exporter.temporality()
    }
}
