//! Where blocking work is done: on so many threads, for so long.

use std::future::Future;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use tokio::runtime::Handle;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::time::timeout;

use super::{FileError, Limits};

/// How many times as many operations run below all scopes as below one of them.
const SCOPES: usize = 4;

/// The turns of a root.
#[derive(Debug)]
pub(super) struct Pool {
    /// One for each operation that runs or waits.
    places: Semaphore,
    /// One for each that runs.
    turns: Arc<Semaphore>,
    /// One for each that runs here or in another scope of the same root.
    shared: Arc<Semaphore>,
    time: Duration,
}

/// Says whether anybody still waits for a result.
#[derive(Clone, Debug, Default)]
pub(super) struct Stop(Arc<AtomicBool>);

impl Stop {
    /// Fails if nobody waits any more: what has not happened yet must not happen.
    pub(super) fn check(&self) -> Result<(), FileError> {
        match self.0.load(Ordering::Acquire) {
            true => Err(FileError::Timeout),
            false => Ok(()),
        }
    }
}

/// Stops the work when the future that waits for it is dropped.
struct Waiting(Stop);

impl Drop for Waiting {
    fn drop(&mut self) {
        self.0.0.store(true, Ordering::Release);
    }
}

impl Pool {
    pub(super) fn new(limits: &Limits) -> Self {
        let shared = limits.parallel.saturating_mul(SCOPES);
        Self::sharing(limits, Arc::new(semaphore(shared)))
    }

    /// Turns of its own, and a share of those that all scopes have together.
    pub(super) fn scope(&self, limits: &Limits) -> Self {
        Self::sharing(limits, Arc::clone(&self.shared))
    }

    fn sharing(limits: &Limits, shared: Arc<Semaphore>) -> Self {
        Self {
            places: semaphore(limits.parallel.saturating_add(limits.waiting)),
            turns: Arc::new(semaphore(limits.parallel)),
            shared,
            time: limits.time,
        }
    }

    /// Does blocking work. If nobody waits for it any more it goes on to the next point where it
    /// asks `Stop`, and keeps its turn until then.
    pub(super) async fn run<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Stop) -> Result<T, FileError> + Send + 'static,
    ) -> Result<T, FileError> {
        let runtime = Handle::try_current().map_err(|error| FileError::Io(error.into()))?;
        let _place = self.places.try_acquire().map_err(|_| FileError::Busy)?;
        let running = async {
            let turn = self.turn().await?;
            let stop = Stop::default();
            let _waiting = Waiting(stop.clone());
            let task = runtime.spawn_blocking(move || {
                let _turn = turn;
                stop.check()?;
                work(&stop)
            });
            task.await
                .unwrap_or_else(|error| Err(FileError::Io(error.into())))
        };
        self.in_time(running).await
    }

    /// Waits for something, no longer than an operation may take.
    pub(super) async fn in_time<T>(
        &self,
        work: impl Future<Output = Result<T, FileError>>,
    ) -> Result<T, FileError> {
        Handle::try_current().map_err(|error| FileError::Io(error.into()))?;
        timeout(self.time, work)
            .await
            .unwrap_or(Err(FileError::Timeout))
    }

    async fn turn(&self) -> Result<[OwnedSemaphorePermit; 2], FileError> {
        let own = Arc::clone(&self.turns).acquire_owned().await;
        let shared = Arc::clone(&self.shared).acquire_owned().await;
        match (own, shared) {
            (Ok(own), Ok(shared)) => Ok([own, shared]),
            _ => Err(FileError::Busy),
        }
    }
}

fn semaphore(permits: usize) -> Semaphore {
    Semaphore::new(permits.clamp(1, Semaphore::MAX_PERMITS))
}

#[cfg(test)]
mod tests {
    use std::sync::mpsc;

    use tokio::sync::oneshot;

    use super::*;

    fn pool() -> Arc<Pool> {
        Arc::new(Pool::new(&Limits {
            parallel: 1,
            ..Limits::default()
        }))
    }

    #[tokio::test(start_paused = true)]
    async fn an_operation_takes_10_seconds_at_most_and_keeps_its_turn_until_it_ends() {
        let pool = pool();
        let (started, has_started) = oneshot::channel();
        let (release, released) = mpsc::channel::<()>();
        let (tell, told) = oneshot::channel();
        let slow = Arc::clone(&pool);
        let slow = tokio::spawn(async move {
            let work = move |stop: &Stop| {
                started.send(()).unwrap();
                released.recv().unwrap();
                tell.send(stop.check().is_err()).unwrap();
                Ok(())
            };
            slow.run(work).await
        });
        has_started.await.unwrap();
        tokio::time::advance(Duration::from_millis(9_999)).await;
        assert!(!slow.is_finished());
        tokio::time::advance(Duration::from_millis(1)).await;
        assert_eq!(slow.await.unwrap().unwrap_err().name(), "timeout");

        let waits = Arc::clone(&pool);
        let waits = tokio::spawn(async move { waits.run(|_| Ok(())).await });
        tokio::task::yield_now().await;
        tokio::time::advance(Duration::from_secs(10)).await;
        let late = waits.await.unwrap().unwrap_err();
        assert_eq!(late.name(), "timeout", "waiting counts");

        release.send(()).unwrap();
        assert!(told.await.unwrap(), "it hears that nobody waits any more");
        pool.run(|_| Ok(())).await.unwrap();
    }

    #[tokio::test]
    async fn what_is_too_much_at_once_is_busy() {
        let pool = Arc::new(Pool::new(&Limits {
            parallel: 1,
            waiting: 1,
            ..Limits::default()
        }));
        let (release, released) = mpsc::channel::<()>();
        let running = Arc::clone(&pool);
        let work = move |_: &Stop| released.recv().map_err(|_| FileError::Timeout);
        let running = tokio::spawn(async move { running.run(work).await });
        let waiting = Arc::clone(&pool);
        let waiting = tokio::spawn(async move { waiting.run(|_| Ok(())).await });
        tokio::task::yield_now().await;
        assert_eq!(pool.run(|_| Ok(())).await.unwrap_err().name(), "busy");
        release.send(()).unwrap();
        running.await.unwrap().unwrap();
        waiting.await.unwrap().unwrap();
        pool.run(|_| Ok(())).await.unwrap();
    }

    #[tokio::test]
    async fn work_that_panics_is_an_error_and_gives_its_turn_back() {
        let pool = pool();
        let panicked = pool.run::<()>(|_| panic!("on purpose")).await;
        assert_eq!(panicked.unwrap_err().name(), "io");
        pool.run(|_| Ok(())).await.unwrap();
    }
}
