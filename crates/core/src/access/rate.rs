//! How often: `10/minute`.

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
        f.write_str("a rate is a count and a unit, such as `10/minute`, `5/s`, `100/hour`")
    }
}

impl std::error::Error for InvalidRate {}

impl FromStr for Rate {
    type Err = InvalidRate;

    fn from_str(text: &str) -> Result<Self, InvalidRate> {
        let (count, unit) = text.split_once('/').ok_or(InvalidRate)?;
        let unit = unit.trim();
        let seconds = UNITS
            .iter()
            .find(|(names, _)| names.contains(&unit))
            .map(|(_, seconds)| *seconds);
        let count: u32 = count.trim().parse().map_err(|_| InvalidRate)?;
        match (count, seconds) {
            (0, _) | (_, None) => Err(InvalidRate),
            (count, Some(seconds)) => Ok(Self::new(count, Duration::from_secs(seconds))),
        }
    }
}
