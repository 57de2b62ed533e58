//! Cancellation of one request.

use std::{
    sync::{
        Mutex, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
    task::Waker,
};

use tokio::sync::Notify;

/// Whether a request is still wanted.
///
/// The task that drives the exchange is woken to drop the handler; whoever the
/// handler spawned waits on the notification.
#[derive(Debug, Default)]
pub(crate) struct CancelFlag {
    set: AtomicBool,
    driver: Mutex<Option<Waker>>,
    notify: Notify,
}

impl CancelFlag {
    pub(crate) fn is_set(&self) -> bool {
        self.set.load(Ordering::Acquire)
    }

    /// Cancels; the first call alone has an effect.
    pub(crate) fn set(&self) {
        if self.set.swap(true, Ordering::AcqRel) {
            return;
        }
        self.notify.notify_waiters();
        self.wake_driver();
    }

    /// Has the exchange polled again.
    pub(crate) fn wake_driver(&self) {
        let driver = self
            .driver
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .take();
        if let Some(waker) = driver {
            waker.wake();
        }
    }

    /// Notes who has to be woken.
    pub(crate) fn register(&self, waker: &Waker) {
        let mut driver = self.driver.lock().unwrap_or_else(PoisonError::into_inner);
        if !driver.as_ref().is_some_and(|known| known.will_wake(waker)) {
            *driver = Some(waker.clone());
        }
    }

    /// Waits until it is set.
    pub(crate) async fn wait(&self) {
        let notified = self.notify.notified();
        tokio::pin!(notified);
        // Listening starts before the flag is read, so that no call is missed.
        notified.as_mut().enable();
        if !self.is_set() {
            notified.await;
        }
    }
}
