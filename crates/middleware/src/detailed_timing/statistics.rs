//! Times of one component.

use std::{
    sync::{Mutex, PoisonError},
    time::Duration,
};

use hdrhistogram::Histogram;

/// Longer times are counted as this.
const LONGEST: Duration = Duration::from_secs(3_600);
/// How many digits of a time are told apart.
const DIGITS: u8 = 2;

/// What was measured of one component.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct OperationStatistics {
    /// `Tool`, `Resource`, `Prompt`, `List` or `Completion`.
    pub operation: &'static str,
    /// Its name; of a list the method.
    pub name: String,
    /// How often it ran.
    pub count: u64,
    /// How often it failed.
    pub failures: u64,
    /// The mean time.
    pub mean: Duration,
    /// The time that half of all runs stayed below.
    pub p50: Duration,
    /// The time that 95 % of all runs stayed below.
    pub p95: Duration,
    /// The time that 99 % of all runs stayed below.
    pub p99: Duration,
    /// The longest time.
    pub max: Duration,
}

/// Times of one component.
#[derive(Debug)]
pub(super) struct Times(Mutex<Sums>);

#[derive(Debug)]
struct Sums {
    /// In microseconds. A count that reaches the end of `u32` stays there.
    histogram: Histogram<u32>,
    total: Duration,
    count: u64,
    failures: u64,
    max: Duration,
}

impl Default for Times {
    fn default() -> Self {
        let longest = LONGEST.as_micros() as u64;
        let histogram = Histogram::new_with_bounds(1, longest, DIGITS)
            .expect("the bounds are constants that a histogram can have");
        Self(Mutex::new(Sums {
            histogram,
            total: Duration::ZERO,
            count: 0,
            failures: 0,
            max: Duration::ZERO,
        }))
    }
}

impl Times {
    pub(super) fn add(&self, took: Duration, failed: bool) {
        let micros = took.min(LONGEST).as_micros() as u64;
        let mut sums = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        sums.histogram.saturating_record(micros);
        sums.total = sums.total.saturating_add(took);
        sums.count += 1;
        sums.failures += u64::from(failed);
        sums.max = sums.max.max(took);
    }

    pub(super) fn read(&self, operation: &'static str, name: &str) -> OperationStatistics {
        let sums = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let at = |quantile| Duration::from_micros(sums.histogram.value_at_quantile(quantile));
        OperationStatistics {
            operation,
            name: name.to_owned(),
            count: sums.count,
            failures: sums.failures,
            mean: sums.total.div_f64(sums.count.max(1) as f64),
            p50: at(0.50),
            p95: at(0.95),
            p99: at(0.99),
            max: sums.max,
        }
    }
}
