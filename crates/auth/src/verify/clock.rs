//! What time it is.

use std::fmt::Debug;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

/// The wall clock: for the times that claims hold, and nothing else.
///
/// How long something is kept is measured by the monotonic clock instead.
///
/// ```
/// use std::time::{Duration, SystemTime, UNIX_EPOCH};
/// use purlin_auth::verify::Clock;
///
/// /// For tests: it is always noon on the first day.
/// #[derive(Debug)]
/// struct Noon;
///
/// impl Clock for Noon {
///     fn now(&self) -> SystemTime {
///         UNIX_EPOCH + Duration::from_secs(12 * 3_600)
///     }
/// }
/// ```
pub trait Clock: Debug + Send + Sync + 'static {
    /// The time.
    fn now(&self) -> SystemTime;

    /// The time in seconds since 1970; 0 before that.
    fn seconds(&self) -> u64 {
        let since = self.now().duration_since(UNIX_EPOCH);
        since.unwrap_or(Duration::ZERO).as_secs()
    }
}

/// The clock of the machine.
#[derive(Clone, Copy, Debug, Default)]
pub struct SystemClock;

impl Clock for SystemClock {
    fn now(&self) -> SystemTime {
        SystemTime::now()
    }
}
