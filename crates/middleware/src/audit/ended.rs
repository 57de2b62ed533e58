//! Whether a thread has ended.

use std::{
    sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

/// Whether the thread that has the [`End`] is gone, by itself or by a panic.
#[derive(Debug, Default)]
pub(super) struct Ended {
    is_now: Mutex<bool>,
    told: Condvar,
}

/// Kept by the thread, last of all.
pub(super) struct End(Arc<Ended>);

impl Ended {
    pub(super) fn new() -> (Arc<Self>, End) {
        let ended = Arc::new(Self::default());
        (Arc::clone(&ended), End(ended))
    }

    pub(super) fn is_now(&self) -> bool {
        *self.lock()
    }

    /// Blocks until it is so, at most for this long.
    pub(super) fn wait(&self, at_most: Duration) -> bool {
        let waited = self
            .told
            .wait_timeout_while(self.lock(), at_most, |is_now| !*is_now);
        *waited.unwrap_or_else(PoisonError::into_inner).0
    }

    fn lock(&self) -> MutexGuard<'_, bool> {
        self.is_now.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for End {
    fn drop(&mut self) {
        if std::thread::panicking() {
            tracing::error!(target: "purlin::audit", "the sink of the audit log panicked: nothing more is written");
        }
        *self.0.lock() = true;
        self.0.told.notify_all();
    }
}
