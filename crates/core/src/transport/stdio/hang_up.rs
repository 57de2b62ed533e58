//! Noticing that the client has closed its end, whatever the reader is doing.
//!
//! The end of input is found by reading, and the reader may be held: by a
//! client that does not read its answers, by as many calls as are allowed, by a
//! handler that blocks its thread. The process must end all the same.

use std::{
    fs::File,
    sync::{Arc, OnceLock},
    time::{Duration, Instant},
};

use rustix::event::{PollFd, PollFlags, poll};
use tokio::sync::Notify;

use super::{output::Output, spawn};
use crate::{Result, transport::Driver};

/// What is kept to say farewell in.
const LEAST: Duration = Duration::from_millis(400);

/// For sockets, the end of the peer's sending; pipes report theirs unasked.
#[cfg(target_os = "linux")]
const CLOSED: PollFlags = PollFlags::RDHUP;
#[cfg(not(target_os = "linux"))]
const CLOSED: PollFlags = PollFlags::empty();

/// Whether the client has closed its end.
#[derive(Debug, Default)]
pub(super) struct HangUp {
    at: OnceLock<Instant>,
    noticed: Notify,
}

impl HangUp {
    /// Watches from a thread of its own, which wakes once.
    ///
    /// # Errors
    /// When the operating system gives no thread or descriptor.
    pub(super) fn watch(input: &File, driver: Arc<Driver<Output>>) -> Result<Arc<Self>> {
        let this = Arc::new(Self::default());
        let (watching, input) = (Arc::clone(&this), input.try_clone()?);
        spawn("purlin-hangup", move || {
            while let Err(rustix::io::Errno::INTR) = poll(&mut [PollFd::new(&input, CLOSED)], None)
            {
            }
            let _ = watching.at.set(Instant::now());
            driver.hang_up();
            watching.noticed.notify_one();
        })?;
        Ok(this)
    }

    /// Waits until the client has closed its end.
    pub(super) async fn noticed(&self) {
        self.noticed.notified().await;
    }

    /// What is left of a time that began when the client closed its end.
    pub(super) fn left_of(&self, limit: Duration) -> Duration {
        let gone = self.at.get().map_or(Duration::ZERO, Instant::elapsed);
        limit.saturating_sub(gone).max(LEAST)
    }
}
