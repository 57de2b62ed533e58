//! Time, as far as fetching needs it.

use std::fmt::Debug;
use std::future::Future;
use std::time::Duration;

use tokio::time::Instant;

use super::{BoxFuture, FetchError, Phase};

/// A clock that never goes back.
pub trait Clock: Debug + Send + Sync + 'static {
    /// How much time went by since some moment that never changes.
    fn now(&self) -> Duration;

    /// Ends after some time.
    fn sleep(&self, time: Duration) -> BoxFuture<'static, ()>;
}

/// The clock of this machine.
#[derive(Clone, Debug)]
pub struct SystemClock(Instant);

impl Default for SystemClock {
    fn default() -> Self {
        Self(Instant::now())
    }
}

impl Clock for SystemClock {
    fn now(&self) -> Duration {
        self.0.elapsed()
    }

    fn sleep(&self, time: Duration) -> BoxFuture<'static, ()> {
        Box::pin(tokio::time::sleep(time))
    }
}

/// What a future gives, if it does in time.
///
/// # Errors
/// `timeout`, and those of the future.
pub(super) async fn within<T>(
    clock: &dyn Clock,
    time: Duration,
    phase: Phase,
    future: impl Future<Output = Result<T, FetchError>>,
) -> Result<T, FetchError> {
    let late = clock.sleep(time);
    tokio::select! {
        biased;
        result = future => result,
        () = late => Err(FetchError::Timeout(phase)),
    }
}
