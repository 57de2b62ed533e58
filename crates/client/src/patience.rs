//! Deadlines that stand still while credentials are obtained.

use std::future::Future;
use std::time::Duration;

use tokio::sync::watch;
use tokio::time::Instant;

use crate::Result;
use crate::error::ClientError;

/// Measures how long one connection may keep its callers waiting.
pub(crate) struct Patience(watch::Sender<Pauses>);

/// When the clock stood still.
#[derive(Clone, Copy, Default)]
struct Pauses {
    /// How many wait for credentials just now, and since when anyone does.
    open: usize,
    since: Option<Instant>,
    /// All pauses that are over.
    past: Duration,
}

impl Default for Patience {
    fn default() -> Self {
        Self(watch::Sender::new(Pauses::default()))
    }
}

impl Patience {
    /// Stops the clock of every caller until the guard is dropped.
    pub(crate) fn pause(&self) -> Pause<'_> {
        self.0.send_modify(|pauses| {
            pauses.open += 1;
            pauses.since.get_or_insert_with(Instant::now);
        });
        Pause(self)
    }

    /// Does the work, for at most `limit` besides the pauses.
    ///
    /// # Errors
    /// `Timeout` when it takes longer.
    pub(crate) async fn within<F: Future>(&self, limit: Duration, work: F) -> Result<F::Output> {
        tokio::select! {
            biased;
            output = work => Ok(output),
            () = self.used_up(limit) => Err(ClientError::timeout(limit)),
        }
    }

    /// Looks at the pauses only when the time is up, as it hardly ever is.
    async fn used_up(&self, limit: Duration) {
        let begun = Instant::now();
        let before = self.0.borrow().total();
        let mut left = limit;
        loop {
            tokio::time::sleep(left).await;
            let paused = self.over().await.saturating_sub(before);
            left = limit.saturating_add(paused).saturating_sub(begun.elapsed());
            if left.is_zero() {
                return;
            }
        }
    }

    /// All pauses, once none is open.
    async fn over(&self) -> Duration {
        if self.0.borrow().open > 0 {
            let mut pauses = self.0.subscribe();
            // The sender is borrowed, so it is there.
            let _ = pauses.wait_for(|pauses| pauses.open == 0).await;
        }
        self.0.borrow().total()
    }
}

impl Pauses {
    fn total(&self) -> Duration {
        self.past + self.since.map_or(Duration::ZERO, |since| since.elapsed())
    }
}

/// Lets the clock run again when it is dropped.
pub(crate) struct Pause<'a>(&'a Patience);

impl Drop for Pause<'_> {
    fn drop(&mut self) {
        self.0.0.send_modify(|pauses| {
            pauses.open -= 1;
            if pauses.open == 0 {
                pauses.past = pauses.total();
                pauses.since = None;
            }
        });
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ErrorKind;

    const LIMIT: Duration = Duration::from_secs(10);

    async fn time_out(patience: &Patience) -> Duration {
        let begun = Instant::now();
        let outcome = patience.within(LIMIT, std::future::pending::<()>()).await;
        assert_eq!(outcome.unwrap_err().kind(), ErrorKind::Timeout);
        begun.elapsed()
    }

    #[tokio::test(start_paused = true)]
    async fn work_that_takes_too_long_is_a_timeout() {
        assert_eq!(time_out(&Patience::default()).await, LIMIT);
    }

    #[tokio::test(start_paused = true)]
    async fn pauses_do_not_count() {
        let patience = Patience::default();
        let pauses = async {
            tokio::time::sleep(Duration::from_secs(4)).await;
            let long = patience.pause();
            let short = patience.pause();
            tokio::time::sleep(Duration::from_secs(60)).await;
            drop(short);
            tokio::time::sleep(Duration::from_secs(40)).await;
            drop(long);
        };
        let (waited, ()) = tokio::join!(time_out(&patience), pauses);
        assert_eq!(waited, LIMIT + Duration::from_secs(100));
    }

    #[tokio::test(start_paused = true)]
    async fn what_was_paused_before_does_not_count_either() {
        let patience = Patience::default();
        let pause = patience.pause();
        tokio::time::sleep(LIMIT).await;
        drop(pause);
        assert_eq!(time_out(&patience).await, LIMIT);
    }
}
