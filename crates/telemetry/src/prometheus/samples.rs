//! The samples of a server, in the form the exposition knows.

use std::fmt;

use prometheus_client::{
    collector::Collector,
    encoding::{DescriptorEncoder, MetricEncoder, NoLabelSet},
    metrics::MetricType,
    registry::Registry,
};
use purlin_core::measure::{Metric, MetricKind, Samples, Series};

/// The samples as a registry of their own.
pub(super) fn registry(samples: Samples) -> Registry {
    let mut registry = Registry::default();
    registry.register_collector(Box::new(OfServer(samples)));
    registry
}

#[derive(Debug)]
struct OfServer(Samples);

impl Collector for OfServer {
    fn encode(&self, mut encoder: DescriptorEncoder<'_>) -> fmt::Result {
        for metric in self.0.metrics() {
            let (name, kind) = exposed(metric);
            let mut encoder = encoder.encode_descriptor(name, metric.help, None, kind)?;
            for series in &metric.series {
                write(&mut encoder, kind, series)?;
            }
        }
        Ok(())
    }
}

/// The name and type of a metric. The exposition adds `_total` by itself.
fn exposed(metric: &Metric) -> (&'static str, MetricType) {
    match metric.kind {
        MetricKind::Counter => {
            let name = metric.name.strip_suffix("_total");
            (name.unwrap_or(metric.name), MetricType::Counter)
        }
        _ => (metric.name, MetricType::Gauge),
    }
}

fn write(encoder: &mut MetricEncoder<'_>, kind: MetricType, series: &Series) -> fmt::Result {
    let labels: Vec<_> = series
        .labels
        .iter()
        .map(|(name, value)| (*name, value.as_ref()))
        .collect();
    if labels.is_empty() {
        return value(encoder, kind, series.value);
    }
    value(&mut encoder.encode_family(&labels)?, kind, series.value)
}

fn value(encoder: &mut MetricEncoder<'_>, kind: MetricType, value: f64) -> fmt::Result {
    match kind {
        // Whole numbers below 2^53.
        #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)]
        MetricType::Counter => encoder.encode_counter::<NoLabelSet, _, u64>(&(value as u64), None),
        _ => encoder.encode_gauge(&value),
    }
}
