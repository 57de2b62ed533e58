//! What the server held, second by second, and whether that is flat.
//!
//! Flat means that the median of the last quarter is no more than that of the
//! second quarter and 5 %, where 5 % are at least 2 MiB of memory and 16
//! descriptors: the first quarter is for pools and caches to fill. A run of an
//! hour and more has to keep its slope below 0.5 MiB an hour as well, by least
//! squares over its last three quarters; over shorter runs a slope says more about
//! the allocator than about the server.

use crate::{
    process::{Holdings, mib},
    report::Report,
};

const HOUR: usize = 3_600;
const SLACK_KIB: u64 = 2 * 1024;
const SLACK_DESCRIPTORS: u64 = 16;
const SLOPE_KIB: f64 = 512.0;

/// One a second.
#[derive(Debug, Default)]
pub(crate) struct Samples(Vec<Holdings>);

impl Samples {
    pub(crate) fn push(&mut self, holdings: Holdings) {
        self.0.push(holdings);
    }

    pub(crate) fn report(&self, report: &mut Report) {
        let rss: Vec<_> = self.0.iter().map(|sample| sample.rss).collect();
        let open: Vec<_> = self.0.iter().map(|one| one.descriptors as u64).collect();
        let test = "growth";
        let (from, to) = quarters(&rss);
        let bound = from + (from / 20).max(SLACK_KIB);
        let limit = format!("memory ≤ {}", mib(bound));
        let measured = format!("{} → {}", mib(from), mib(to));
        report.hard(test, limit, measured, to <= bound);
        let (from, to) = quarters(&open);
        let bound = from + (from / 20).max(SLACK_DESCRIPTORS);
        let limit = format!("descriptors ≤ {bound}");
        report.hard(test, limit, format!("{from} → {to}"), to <= bound);
        let slope = slope(rss.get(rss.len() / 4..).unwrap_or_default());
        let measured = format!("{:.2} MiB/h", slope / 1024.0);
        if rss.len() >= HOUR {
            let held = slope <= SLOPE_KIB;
            report.hard(test, "slope ≤ 0.5 MiB/h", measured, held);
        } else {
            let limit = "slope, which counts from an hour on";
            report.speed(test, limit, measured, true);
        }
    }
}

/// The medians of the second and the last quarter.
fn quarters(values: &[u64]) -> (u64, u64) {
    let quarter = values.len() / 4;
    let second = values.get(quarter..2 * quarter).unwrap_or_default();
    let last = values.get(values.len() - quarter..).unwrap_or_default();
    (median(second), median(last))
}

fn median(values: &[u64]) -> u64 {
    let mut values = values.to_vec();
    values.sort_unstable();
    values.get(values.len() / 2).copied().unwrap_or_default()
}

/// The slope of values taken each second, per hour, by least squares.
#[allow(clippy::cast_precision_loss)] // far below 2^52
fn slope(values: &[u64]) -> f64 {
    let count = values.len() as f64;
    let mean_x = (count - 1.0) / 2.0;
    let mean_y = values.iter().sum::<u64>() as f64 / count;
    let (mut over, mut under) = (0.0, 0.0);
    for (x, y) in values.iter().enumerate() {
        let x = x as f64 - mean_x;
        over += x * (*y as f64 - mean_y);
        under += x * x;
    }
    if under == 0.0 {
        return 0.0;
    }
    over / under * HOUR as f64
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_slope_is_that_of_the_line_through_the_values() {
        let rising: Vec<_> = (0..100).map(|second| 1_000 + 2 * second).collect();
        assert!((slope(&rising) - 7_200.0).abs() < 0.001);
        assert!(slope(&[5, 5, 5]).abs() < 0.001);
        assert!(slope(&[5]).abs() < 0.001);
    }

    #[test]
    fn the_second_quarter_is_compared_with_the_last() {
        let values = [9, 9, 9, 9, 1, 2, 3, 4, 0, 0, 0, 0, 5, 6, 7, 8];
        assert_eq!(quarters(&values), (3, 7));
        assert_eq!(quarters(&[]), (0, 0));
    }
}
