//! How a server tells its connections to end.

use std::{
    pin::Pin,
    sync::atomic::{AtomicU8, Ordering},
    task::{Context, Poll},
};

use tokio::sync::{Notify, futures::Notified};

/// How far the end has come.
#[derive(Debug, Default)]
pub(crate) struct Ending {
    stage: AtomicU8,
    finish: Notify,
    stop: Notify,
}

impl Ending {
    /// Finish what runs, begin nothing.
    pub(crate) fn finish(&self) {
        self.stage.store(1, Ordering::Release);
        self.finish.notify_waiters();
    }

    /// Give up what runs.
    pub(crate) fn stop(&self) {
        self.stage.store(2, Ordering::Release);
        self.stop.notify_waiters();
    }

    /// Watches both stages for one task.
    pub(crate) fn watch(&self) -> Watch<'_> {
        Watch {
            ending: self,
            finish: Box::pin(self.finish.notified()),
            stop: Box::pin(self.stop.notified()),
            registered: false,
        }
    }
}

/// The ending as one task sees it.
#[derive(Debug)]
pub(crate) struct Watch<'a> {
    ending: &'a Ending,
    finish: Pin<Box<Notified<'a>>>,
    stop: Pin<Box<Notified<'a>>>,
    registered: bool,
}

impl Watch<'_> {
    /// Whether a stage after `seen` has come; wakes the task when one does.
    /// Always call it with the same waker: it registers that once, so that
    /// asking again costs one load.
    pub(crate) fn changed(mut self: Pin<&mut Self>, cx: &mut Context<'_>, seen: &mut u8) -> bool {
        if !self.registered {
            self.registered = true;
            let _: Poll<()> = self.finish.as_mut().poll(cx);
            let _: Poll<()> = self.stop.as_mut().poll(cx);
        }
        let stage = self.ending.stage.load(Ordering::Acquire);
        let changed = stage != *seen;
        *seen = stage;
        changed
    }
}
