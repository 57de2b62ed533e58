//! The end of a server.

use std::sync::atomic::{AtomicBool, Ordering};

use tokio::sync::Notify;

use super::Server;

/// Whether the server is ending.
#[derive(Debug, Default)]
pub(crate) struct Shutdown {
    draining: AtomicBool,
    notify: Notify,
}

impl Server {
    /// Begins the end: subscriptions are completed, transports take no new
    /// work. Calls in flight go on until their transport's grace period ends.
    pub fn shutdown(&self) {
        if !self.0.shutdown.draining.swap(true, Ordering::AcqRel) {
            self.0.shutdown.notify.notify_waiters();
        }
    }

    /// Whether the end has begun.
    pub fn is_draining(&self) -> bool {
        self.0.shutdown.draining.load(Ordering::Acquire)
    }

    /// Waits for the end to begin.
    pub async fn draining(&self) {
        let notified = self.0.shutdown.notify.notified();
        tokio::pin!(notified);
        notified.as_mut().enable();
        if !self.is_draining() {
            notified.await;
        }
    }
}
