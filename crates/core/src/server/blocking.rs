//! Code that blocks, off the asynchronous threads.

use std::sync::atomic::{AtomicUsize, Ordering};

use tokio::sync::Semaphore;

use super::guarded::panicked;
use crate::{BoxFuture, Error, ErrorKind, Result};

/// How many blocking calls run at once in this process.
const MAX_RUNNING: usize = 64;
/// How many more may wait for a thread.
const MAX_WAITING: usize = 256;

static RUNNING: Semaphore = Semaphore::const_new(MAX_RUNNING);
static WAITING: AtomicUsize = AtomicUsize::new(0);

/// Runs blocking code off the asynchronous threads.
///
/// At most 64 run at once; 256 more wait their turn, within the time their
/// calls have. A call that is given up keeps its thread until it returns.
///
/// # Errors
/// [`ErrorKind::Panicked`] when it panics, [`ErrorKind::Busy`] when too many
/// wait already.
#[doc(hidden)]
pub fn run_blocking<T: Send + 'static>(
    work: impl FnOnce() -> T + Send + 'static,
) -> BoxFuture<'static, Result<T>> {
    Box::pin(async move {
        let permit = match RUNNING.try_acquire() {
            Ok(permit) => permit,
            Err(_) => {
                let _place = Place::take()?;
                // The semaphore is never closed.
                RUNNING.acquire().await.map_err(|_| ending())?
            }
        };
        let joined = tokio::task::spawn_blocking(move || {
            let result = work();
            drop(permit);
            result
        });
        joined.await.map_err(|error| match error.try_into_panic() {
            Ok(panic) => panicked(&*panic),
            Err(_) => ending(),
        })
    })
}

fn ending() -> Error {
    Error::new(ErrorKind::Cancelled, "the server is ending")
}

/// A place among those who wait; dropping it gives it back.
struct Place;

impl Place {
    fn take() -> Result<Self> {
        // From here on it is given back, also where there was none.
        let place = Self;
        if WAITING.fetch_add(1, Ordering::AcqRel) >= MAX_WAITING {
            return Err(Error::new(
                ErrorKind::Busy,
                "too many blocking calls are waiting: try again later",
            ));
        }
        Ok(place)
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        WAITING.fetch_sub(1, Ordering::AcqRel);
    }
}
