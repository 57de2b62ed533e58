//! How often: `10/minute`, or `2.5` for a second.

use std::{fmt, str::FromStr, time::Duration};

/// How often something may happen: a count per length of time.
///
/// ```
/// use std::time::Duration;
/// use purlin_core::Rate;
///
/// let rate: Rate = "10/minute".parse()?;
/// assert_eq!(rate, Rate::new(10, Duration::from_secs(60)));
/// assert_eq!("5/s".parse::<Rate>()?.to_string(), "5 per second");
/// // A bare number is for a second, and may be a fraction.
/// assert_eq!("10.0".parse::<Rate>()?, Rate::new(10, Duration::from_secs(1)));
/// assert_eq!("0.5".parse::<Rate>()?, Rate::new(1, Duration::from_secs(2)));
/// assert!("often".parse::<Rate>().is_err());
/// # Ok::<(), purlin_core::InvalidRate>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rate {
    count: u32,
    period: Duration,
}

/// The units, by every name they have; the first is what they are called here.
const UNITS: [(&[&str], u64); 4] = [
    (&["second", "sec", "s"], 1),
    (&["minute", "min", "m"], 60),
    (&["hour", "h"], 60 * 60),
    (&["day", "d"], 24 * 60 * 60),
];

impl Rate {
    /// `count` times in `period`.
    ///
    /// # Panics
    /// When either is zero.
    pub const fn new(count: u32, period: Duration) -> Self {
        assert!(count > 0, "a rate of nothing refuses everything");
        assert!(!period.is_zero(), "a rate is a count per length of time");
        Self { count, period }
    }

    /// How many there may be in one period.
    pub fn count(&self) -> u32 {
        self.count
    }

    /// The length of time the count is for.
    pub fn period(&self) -> Duration {
        self.period
    }

    /// The time from one to the next when they are spread evenly.
    pub(crate) fn interval(&self) -> Duration {
        self.period / self.count
    }
}

impl fmt::Display for Rate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let unit = UNITS
            .iter()
            .find(|(_, seconds)| self.period == Duration::from_secs(*seconds));
        match unit {
            Some((names, _)) => write!(f, "{} per {}", self.count, names[0]),
            None => write!(f, "{} per {:?}", self.count, self.period),
        }
    }
}

/// A text that is not a rate.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct InvalidRate;

impl fmt::Display for InvalidRate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(
            "a rate is a count and a unit, such as `10/minute`, `5/s`, `100/hour`, or a count for \
             each second, such as `10.0`",
        )
    }
}

impl std::error::Error for InvalidRate {}

/// Of how many periods a rate may be told, so that its count is a whole number: enough for
/// tenths, quarters and eighths.
const MOST_PERIODS: u32 = 40;

impl FromStr for Rate {
    type Err = InvalidRate;

    fn from_str(text: &str) -> Result<Self, InvalidRate> {
        let (count, unit) = text.split_once('/').unwrap_or((text, "s"));
        let unit = unit.trim();
        let seconds = UNITS
            .iter()
            .find(|(names, _)| names.contains(&unit))
            .map(|(_, seconds)| *seconds)
            .ok_or(InvalidRate)?;
        let count = count.trim();
        // What `f64` takes beside digits (`inf`, `1e9`, `-1`) is no count.
        let digits = |byte: u8| byte.is_ascii_digit() || byte == b'.';
        if !count.bytes().all(digits) {
            return Err(InvalidRate);
        }
        let count: f64 = count.parse().map_err(|_| InvalidRate)?;
        (1..=MOST_PERIODS)
            .find_map(|periods| whole(count * f64::from(periods)).map(|count| (count, periods)))
            .map(|(count, periods)| Self::new(count, Duration::from_secs(seconds) * periods))
            .ok_or(InvalidRate)
    }
}

/// A count that is a whole number above zero.
fn whole(count: f64) -> Option<u32> {
    let rounded = count.round();
    let is_whole = (count - rounded).abs() < 1e-9 && (1.0..=f64::from(u32::MAX)).contains(&rounded);
    #[allow(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "it was compared with both ends"
    )]
    is_whole.then_some(rounded as u32)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bare_number_is_for_a_second() {
        let second = Duration::from_secs(1);
        for (text, expected) in [
            ("10.0", Rate::new(10, second)),
            ("100", Rate::new(100, second)),
            ("2.5", Rate::new(5, 2 * second)),
            ("0.1", Rate::new(1, 10 * second)),
            ("10.0/minute", Rate::new(10, 60 * second)),
            (" 7 / h ", Rate::new(7, 3_600 * second)),
        ] {
            assert_eq!(text.parse(), Ok(expected), "{text}");
        }
    }

    #[test]
    fn what_is_no_rate_is_refused() {
        for text in [
            "",
            "/",
            "s",
            "0",
            "0.0",
            "-1",
            "inf",
            "NaN",
            "1e9",
            "10/",
            "10/week",
            "1.2.3",
            ".",
            "0.001",
            "4294967296",
        ] {
            assert_eq!(text.parse::<Rate>(), Err(InvalidRate), "{text}");
        }
    }
}
