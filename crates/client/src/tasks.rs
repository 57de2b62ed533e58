//! The background work of one connection, owned by it.

use std::future::Future;
use std::sync::{Mutex, PoisonError};

use tokio::runtime::Handle;
use tokio::task::JoinSet;

/// Tasks that end with the connection they serve: none of them outlives [`abort`](Self::abort).
pub(crate) struct Tasks {
    running: Mutex<JoinSet<()>>,
    // Kept so that work can be started from a destructor that runs outside the runtime.
    runtime: Handle,
}

impl Tasks {
    /// # Panics
    /// Outside a tokio runtime.
    pub(crate) fn new() -> Self {
        Self {
            running: Mutex::default(),
            runtime: Handle::current(),
        }
    }

    pub(crate) fn spawn(&self, work: impl Future<Output = ()> + Send + 'static) {
        let mut running = self.running.lock().unwrap_or_else(PoisonError::into_inner);
        while running.try_join_next().is_some() {}
        running.spawn_on(work, &self.runtime);
    }

    /// Ends everything at its next suspension point.
    pub(crate) fn abort(&self) {
        self.running
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .abort_all();
    }
}
