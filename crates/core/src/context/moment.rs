//! The time, read once where it need not be exact.
//!
//! Several middlewares want to know the time before a handler runs. Reading a clock costs about as
//! much as a lock, so the first one reads it, and the others take what it has read as long as the
//! request is in the same turn of its task.

use std::{
    sync::{
        OnceLock,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use tokio::time::Instant;

use super::Context;

/// When the clock was last read, in nanoseconds from [`start`] and one more; 0 when it is to be read
/// again.
#[derive(Debug, Default)]
pub(crate) struct Moment(AtomicU64);

/// A point in time before any that is remembered.
fn start() -> Instant {
    static START: OnceLock<Instant> = OnceLock::new();
    *START.get_or_init(Instant::now)
}

impl Moment {
    /// A new turn has begun: some time may have passed.
    pub(crate) fn forget(&self) {
        self.0.store(0, Ordering::Relaxed);
    }

    fn known(&self) -> Option<Instant> {
        let nanos = self.0.load(Ordering::Relaxed).checked_sub(1)?;
        Some(start() + Duration::from_nanos(nanos))
    }

    fn read(&self) -> Instant {
        // Before the clock is read, for `start` may read it first.
        let start = start();
        let now = Instant::now();
        let since = now.checked_duration_since(start);
        let nanos = since.and_then(|since| u64::try_from(since.as_nanos()).ok());
        let nanos = nanos.map_or(0, |nanos| nanos.saturating_add(1));
        self.0.store(nanos, Ordering::Relaxed);
        now
    }
}

impl Context {
    /// The time.
    pub fn now(&self) -> Instant {
        self.request().moment.read()
    }

    /// About the time: what [`now`](Self::now) or this method last gave, unless the request has
    /// waited for something since. For limits and counts, which need no better time; what is
    /// measured needs `now`.
    pub fn moment(&self) -> Instant {
        let moment = &self.request().moment;
        moment.known().unwrap_or_else(|| moment.read())
    }
}

#[cfg(test)]
mod tests {
    use tokio::time::advance;

    use super::*;

    #[tokio::test(start_paused = true)]
    async fn a_moment_lasts_until_the_next_turn() {
        let cx = Context::for_tests();
        let first = cx.moment();
        assert_eq!(first, Instant::now());
        advance(Duration::from_millis(5)).await;
        assert_eq!(cx.moment(), first);
        assert_eq!(cx.now(), first + Duration::from_millis(5));
        assert_eq!(cx.moment(), first + Duration::from_millis(5));
        advance(Duration::from_millis(5)).await;
        cx.request().moment.forget();
        assert_eq!(cx.moment(), first + Duration::from_millis(10));
    }
}
