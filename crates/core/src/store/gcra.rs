//! The generic cell rate algorithm (ITU-T I.371) over a store.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use bytes::Bytes;

use super::{Key, KeyValue, StoreError, StoreErrorKind, StoreResult, retry::Attempts};
use crate::Rate;

/// How far apart the clocks of machines may be that count in one store.
const CLOCKS_DIFFER: Duration = Duration::from_secs(60);

/// A limit, and what one call costs.
///
/// A cell is one number: how much time is owed for what was used. Each unit of cost adds one
/// interval of the rate, time pays it back, and no more than a burst of intervals may be owed. So
/// a burst may come at once, and then it goes on evenly.
///
/// ```
/// use std::time::Duration;
/// use purlin_core::{Rate, store::{Admission, Gcra}};
///
/// let limit = Gcra::new("10/minute".parse::<Rate>()?);
/// assert_eq!(limit.decide(Duration::ZERO)?, Admission::Granted {
///     remaining: 9,
///     owed: Duration::from_secs(6),
/// });
/// assert_eq!(limit.decide(Duration::from_secs(60))?, Admission::Refused {
///     retry_after: Duration::from_secs(6),
/// });
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Gcra {
    rate: Rate,
    burst: u32,
    cost: u32,
}

/// What a limit says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[must_use]
pub enum Admission {
    /// It may happen, and was counted.
    Granted {
        /// How many units are left at this moment.
        remaining: u32,
        /// How long until everything is paid back.
        owed: Duration,
    },
    /// It comes too early. Nothing was counted.
    Refused {
        /// How long to wait until the same call would be granted.
        retry_after: Duration,
    },
}

impl Admission {
    /// Whether it may happen.
    pub fn is_granted(&self) -> bool {
        matches!(self, Self::Granted { .. })
    }
}

impl Gcra {
    /// This rate, with all of one period at once as the burst, for a call that costs one unit.
    pub fn new(rate: Rate) -> Self {
        Self {
            rate,
            burst: rate.count(),
            cost: 1,
        }
    }

    /// How many units may come at once; at least one.
    #[must_use]
    pub fn burst(mut self, units: u32) -> Self {
        self.burst = units.max(1);
        self
    }

    /// How many units the call costs. None only asks whether one unit of debt is left.
    #[must_use]
    pub fn cost(mut self, units: u32) -> Self {
        self.cost = units;
        self
    }

    /// The part of each of `replicas` that do not see each other's calls: a share of the rate and of
    /// the burst, at least one unit of it. A cost above that share counts as all of it.
    #[must_use]
    pub fn shared_among(self, replicas: u32) -> Self {
        let replicas = replicas.max(1);
        let burst = (self.burst / replicas).max(1);
        Self {
            rate: Rate::new(
                self.rate.count(),
                self.rate.period().saturating_mul(replicas),
            ),
            burst,
            cost: self.cost.min(burst),
        }
    }

    /// The time that one unit takes to be paid back. At least a microsecond, which is the precision
    /// of remote stores.
    pub fn interval(&self) -> Duration {
        self.rate.interval().max(Duration::from_micros(1))
    }

    /// The most that may be owed.
    pub fn tolerance(&self) -> Duration {
        self.interval().saturating_mul(self.burst)
    }

    /// The time that the call costs.
    ///
    /// # Errors
    /// [`StoreErrorKind::Invalid`] when it is above the burst, so that it can never be granted.
    pub fn price(&self) -> StoreResult<Duration> {
        if self.cost > self.burst {
            let text = "the cost is above the burst of its limit: it can never be granted";
            return Err(StoreError::new(StoreErrorKind::Invalid, text));
        }
        Ok(self.interval().saturating_mul(self.cost))
    }

    /// What the limit says to a caller who owes `owed`. For those who implement stores.
    ///
    /// More than may be owed counts as that, for clocks that differ. More than a minute above it
    /// was written before a clock was set back, and counts as nothing: or else whoever was counted
    /// before that would be locked out until the clock is there again.
    ///
    /// # Errors
    /// As [`price`](Self::price).
    pub fn decide(&self, owed: Duration) -> StoreResult<Admission> {
        self.price()?;
        let is_possible = owed <= self.tolerance().saturating_add(CLOCKS_DIFFER);
        let owed = if is_possible { owed } else { Duration::ZERO };
        Ok(match self.spend(owed) {
            Err(retry_after) => Admission::Refused { retry_after },
            Ok(used) => {
                let units = (self.tolerance() - used).as_nanos() / self.interval().as_nanos();
                Admission::Granted {
                    remaining: u32::try_from(units).unwrap_or(u32::MAX),
                    owed: used,
                }
            }
        })
    }

    /// The algorithm itself: what is owed after the price was added, or how much too early the
    /// call is.
    pub(crate) fn spend(&self, owed: Duration) -> Result<Duration, Duration> {
        let interval = self.interval();
        let price = interval.saturating_mul(self.cost);
        let tolerance = interval.saturating_mul(self.burst);
        let used = owed.min(tolerance).saturating_add(price);
        match used.checked_sub(tolerance) {
            Some(early) if !early.is_zero() => Err(early),
            _ => Ok(used),
        }
    }

    /// The same limit with a burst of at least this.
    pub(crate) fn at_least(self, units: u32) -> Self {
        self.burst(self.burst.max(units))
    }

    /// The rate in the long run.
    pub fn rate(&self) -> Rate {
        self.rate
    }
}

/// Admission at a store that has only `get` and `compare_and_set`. The cell is the moment when all
/// is paid back, in microseconds of this machine's clock.
pub(super) async fn admit<S: KeyValue + ?Sized>(
    store: &S,
    at: Key<'_>,
    limit: Gcra,
) -> StoreResult<Admission> {
    let mut attempts = Attempts::default();
    loop {
        let found = store.get(at).await?.map(|stored| stored.value);
        let now = now();
        let admission = limit.decide(owed(found.as_deref(), now)?)?;
        let Admission::Granted { owed, .. } = admission else {
            return Ok(admission);
        };
        let paid_back = (now + owed).as_micros().to_string();
        // A cell in the past says as much as no cell; a second more covers clocks that differ.
        let ttl = owed + Duration::from_secs(1);
        if store
            .compare_and_set(at, found, Some(Bytes::from(paid_back)), Some(ttl))
            .await?
        {
            return Ok(admission);
        }
        attempts.failed().await?;
    }
}

/// Reads a cell.
pub(super) fn owed(cell: Option<&[u8]>, now: Duration) -> StoreResult<Duration> {
    let Some(cell) = cell else {
        return Ok(Duration::ZERO);
    };
    let micros = std::str::from_utf8(cell)
        .ok()
        .and_then(|text| text.parse().ok());
    let paid_back = micros.map(Duration::from_micros).ok_or_else(|| {
        let text = "what is stored there is not the cell of a limiter";
        StoreError::new(StoreErrorKind::Invalid, text)
    })?;
    Ok(paid_back.saturating_sub(now))
}

fn now() -> Duration {
    SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    const TODAY: Duration = Duration::from_secs(1_780_000_000);
    const HOUR: Duration = Duration::from_secs(3_600);
    const DECADE: Duration = Duration::from_secs(10 * 365 * 86_400);

    /// What a caller hears at `now` whose whole burst was used at [`TODAY`].
    fn exhausted(now: Duration) -> Admission {
        let limit = Gcra::new(Rate::new(10, Duration::from_secs(60)));
        let cell = (TODAY + limit.tolerance()).as_micros().to_string();
        let owed = owed(Some(cell.as_bytes()), now).unwrap();
        limit.decide(owed).unwrap()
    }

    #[test]
    fn a_clock_that_jumps_locks_nobody_out() {
        assert!(!exhausted(TODAY).is_granted());
        for jump in [HOUR, DECADE] {
            assert!(exhausted(TODAY - jump).is_granted());
            assert!(exhausted(TODAY + jump).is_granted());
        }
    }

    #[test]
    fn clocks_that_differ_a_little_count_together() {
        for seconds in 1..=60 {
            let behind = TODAY - Duration::from_secs(seconds);
            assert!(!exhausted(behind).is_granted(), "{seconds} s behind");
        }
    }
}
