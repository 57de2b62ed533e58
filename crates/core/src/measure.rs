//! What a server measures of itself, for whoever asks.
//!
//! Everything here is pulled: whatever counts keeps its counts where they cost
//! least, mostly in atomics, and writes them into [`Samples`] when
//! [`Server::samples`](crate::Server::samples) asks. A request pays nothing for
//! it. Exporters of metrics render the samples; their format is their own.
//!
//! Names and labels stay bounded: a metric's name and its labels' names are part
//! of the program, and a label's value is something registered (the name of a
//! tool, of a dependency), never something a client sent.

use std::{
    borrow::Cow,
    collections::HashMap,
    hash::{DefaultHasher, Hash as _, Hasher as _},
};

/// How many series there are at most in all; what comes later is left out and
/// counted.
const MAX_SERIES: usize = 10_000;
/// How much of a label's value is kept, in characters.
const MAX_LABEL: usize = 200;

/// Something that counts, and tells its counts when asked.
///
/// ```
/// use std::sync::{Arc, atomic::{AtomicU64, Ordering}};
/// use purlin_core::{Server, measure::{Measure, Samples}};
///
/// #[derive(Default)]
/// struct Mailbox {
///     sent: AtomicU64,
/// }
///
/// impl Measure for Mailbox {
///     fn measure(&self, samples: &mut Samples) {
///         let sent = self.sent.load(Ordering::Relaxed);
///         samples.counter("mail_sent_total", "Letters sent.", &[], sent);
///     }
/// }
///
/// let mailbox = Arc::new(Mailbox::default());
/// let server = Server::builder("post", "1.0.0").measured(mailbox.clone());
/// mailbox.sent.fetch_add(2, Ordering::Relaxed);
/// assert_eq!(server.samples().value("mail_sent_total", &[]), Some(2.0));
/// ```
pub trait Measure: Send + Sync + 'static {
    /// Writes what has been counted. It is called for every scrape and must not
    /// block.
    fn measure(&self, samples: &mut Samples);
}

/// Whether a metric only grows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum MetricKind {
    /// It only grows, from 0 at the start of the process.
    Counter,
    /// It goes up and down.
    Gauge,
}

/// One metric with all its series.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct Metric {
    /// Its name, in snake case with its unit, for example `mcp_sessions`.
    pub name: &'static str,
    /// What it counts, in one sentence.
    pub help: &'static str,
    /// Whether it only grows.
    pub kind: MetricKind,
    /// Its values, in the order they were first given.
    pub series: Vec<Series>,
}

/// One value of a metric.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct Series {
    /// What tells it from the others, in the order it was given.
    pub labels: Vec<Label>,
    /// The value. Counters are whole numbers, exact up to 2^53.
    pub value: f64,
}

/// A name and a value.
pub type Label = (&'static str, Cow<'static, str>);

/// The values of all metrics at one moment.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Samples {
    metrics: Vec<Metric>,
    /// Where a metric is, by its name.
    places: HashMap<&'static str, usize>,
    /// Where a series of a metric is, by the hash of its labels; of two with the same,
    /// the first.
    series_places: HashMap<(usize, u64), usize>,
    series: usize,
    left_out: u64,
    /// The prefixes of the mounts on the way to what is being asked.
    mount: Option<String>,
    /// Which one of its type is being asked, if it is not the first.
    instance: Option<String>,
}

impl Samples {
    /// No values.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds the value of a counter. Two that have the same name and labels are
    /// added up.
    pub fn counter(
        &mut self,
        name: &'static str,
        help: &'static str,
        labels: &[(&'static str, &str)],
        value: u64,
    ) {
        // Nothing counts up to 2^53 one by one.
        #[allow(clippy::cast_precision_loss)]
        self.add(MetricKind::Counter, name, help, labels, value as f64);
    }

    /// Adds the value of a gauge. Two that have the same name and labels are
    /// added up.
    pub fn gauge(
        &mut self,
        name: &'static str,
        help: &'static str,
        labels: &[(&'static str, &str)],
        value: f64,
    ) {
        self.add(MetricKind::Gauge, name, help, labels, value);
    }

    fn add(
        &mut self,
        kind: MetricKind,
        name: &'static str,
        help: &'static str,
        labels: &[(&'static str, &str)],
        value: f64,
    ) {
        let labels = self.labels(labels);
        let index = *self.places.entry(name).or_insert_with(|| {
            self.metrics.push(Metric {
                name,
                help,
                kind,
                series: Vec::new(),
            });
            self.metrics.len() - 1
        });
        let metric = &mut self.metrics[index];
        if metric.kind != kind {
            self.left_out += 1;
            return;
        }
        let place = (index, hash(&labels));
        let series = match self.series_places.get(&place) {
            None => None,
            Some(at) if metric.series[*at].labels == labels => Some(*at),
            Some(_) => metric.series.iter().position(|it| it.labels == labels),
        };
        match series {
            Some(at) => metric.series[at].value += value,
            None if self.series < MAX_SERIES => {
                self.series += 1;
                let at = metric.series.len();
                self.series_places.entry(place).or_insert(at);
                metric.series.push(Series { labels, value });
            }
            None => self.left_out += 1,
        }
    }

    /// The labels, with the mount they were given in and the instance that gave
    /// them.
    fn labels(&self, labels: &[(&'static str, &str)]) -> Vec<Label> {
        let mount = self.mount.iter().map(|mount| ("mount", mount.as_str()));
        let instance = self
            .instance
            .iter()
            .map(|number| ("instance", number.as_str()));
        mount
            .chain(instance)
            .chain(labels.iter().copied())
            .map(|(name, value)| (name, Cow::Owned(value.chars().take(MAX_LABEL).collect())))
            .collect()
    }

    /// All metrics, in the order they were first given.
    pub fn metrics(&self) -> &[Metric] {
        &self.metrics
    }

    /// How many values were left out: beyond 10,000 series, or of a name that is
    /// a metric of another kind.
    pub fn left_out(&self) -> u64 {
        self.left_out
    }

    /// The value of the series that has exactly these labels.
    pub fn value(&self, name: &str, labels: &[(&str, &str)]) -> Option<f64> {
        let metric = &self.metrics[*self.places.get(name)?];
        let wanted = |have: &&Series| {
            let pairs = have.labels.iter().map(|(name, value)| (*name, &**value));
            pairs.eq(labels.iter().copied())
        };
        metric.series.iter().find(wanted).map(|series| series.value)
    }

    /// Adds what is counted behind a mount: its series have the label `mount`.
    pub(crate) fn behind(&mut self, prefix: Option<&str>, add: impl FnOnce(&mut Self)) {
        let outer = self.mount.clone();
        if let Some(prefix) = prefix {
            let mount = self.mount.get_or_insert_default();
            if !mount.is_empty() {
                mount.push('_');
            }
            mount.push_str(prefix);
        }
        add(self);
        self.mount = outer;
    }

    /// The prefixes of the mounts that lead here.
    pub(crate) fn mount(&self) -> &str {
        self.mount.as_deref().unwrap_or_default()
    }

    /// Adds what one of several of a type has counted. The first of them has no
    /// label, so that its series stay what they are when another one is added.
    pub(crate) fn of_instance(&mut self, number: usize, add: impl FnOnce(&mut Self)) {
        self.instance = (number > 1).then(|| number.to_string());
        add(self);
        self.instance = None;
    }
}

/// The same for the same labels in every process, so that equal samples are equal.
fn hash(labels: &[Label]) -> u64 {
    let mut hasher = DefaultHasher::new();
    labels.hash(&mut hasher);
    hasher.finish()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn equal_series_are_added_up_and_mounts_are_told_apart() {
        let mut samples = Samples::new();
        let count = |samples: &mut Samples, n| samples.counter("a_total", "As.", &[("k", "v")], n);
        count(&mut samples, 1);
        count(&mut samples, 2);
        samples.behind(Some("outer"), |samples| {
            samples.behind(Some("inner"), |samples| count(samples, 4));
            samples.behind(None, |samples| count(samples, 8));
        });
        assert_eq!(samples.value("a_total", &[("k", "v")]), Some(3.0));
        let inner = [("mount", "outer_inner"), ("k", "v")];
        assert_eq!(samples.value("a_total", &inner), Some(4.0));
        let outer = [("mount", "outer"), ("k", "v")];
        assert_eq!(samples.value("a_total", &outer), Some(8.0));
        assert_eq!(samples.metrics().len(), 1);
    }

    #[test]
    fn what_does_not_fit_is_counted() {
        let mut samples = Samples::new();
        for index in 0..MAX_SERIES + 3 {
            samples.gauge("g", "Gs.", &[("i", &index.to_string())], 1.0);
        }
        samples.counter("g", "Gs.", &[], 1);
        assert_eq!(samples.left_out(), 4);
        assert_eq!(samples.metrics()[0].series.len(), MAX_SERIES);
    }

    #[test]
    fn series_are_found_again_among_many() {
        let mut samples = Samples::new();
        for round in 1..=2 {
            for index in 0..3_000 {
                let value = f64::from(round * index);
                samples.gauge("g", "Gs.", &[("i", &index.to_string())], value);
            }
        }
        assert_eq!(samples.metrics()[0].series.len(), 3_000);
        assert_eq!(samples.value("g", &[("i", "2999")]), Some(3.0 * 2_999.0));
        assert_eq!(samples.clone(), samples);
    }

    #[test]
    fn a_long_label_is_cut() {
        let mut samples = Samples::new();
        samples.gauge("g", "Gs.", &[("i", &"x".repeat(1000))], 1.0);
        assert_eq!(samples.metrics()[0].series[0].labels[0].1.len(), MAX_LABEL);
    }
}
