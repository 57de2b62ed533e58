//! What a test client has seen so far.

use std::sync::{Mutex, MutexGuard, PoisonError};

use purlin_client::protocol::{LogMessageParams, ProgressParams};
use purlin_client::{Change, Direction};
use tokio::sync::Notify;

use crate::frame::{Frame, Reader};

/// A judgement of a frame; the text says what is wrong with it.
pub(crate) type Check = Box<dyn Fn(&Frame) -> Result<(), String> + Send + Sync>;

#[derive(Default)]
pub(crate) struct Record {
    seen: Mutex<Seen>,
    pub(crate) changed: Notify,
    checks: Vec<Check>,
}

#[derive(Default)]
pub(crate) struct Seen {
    pub(crate) logs: Vec<LogMessageParams>,
    pub(crate) progress: Vec<ProgressParams>,
    pub(crate) changes: Vec<Change>,
    /// How many of the changes were waited for already.
    pub(crate) awaited: usize,
    pub(crate) frames: Vec<Frame>,
    pub(crate) problems: Vec<String>,
    reader: Reader,
}

impl Record {
    pub(crate) fn new(checks: Vec<Check>) -> Self {
        Self {
            checks,
            ..Self::default()
        }
    }

    pub(crate) fn seen(&self) -> MutexGuard<'_, Seen> {
        self.seen.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn frame(&self, direction: Direction, bytes: &[u8]) {
        let frame = self.seen().reader.read(direction, bytes);
        // Checks are the test's own code: they run outside the lock.
        let problems = self.checks.iter().filter_map(|check| check(&frame).err());
        let problems: Vec<_> = problems
            .map(|problem| format!("{problem}\n  in {frame}"))
            .collect();
        let mut seen = self.seen();
        seen.problems.extend(problems);
        seen.frames.push(frame);
    }

    pub(crate) fn change(&self, change: &Change) {
        self.seen().changes.push(change.clone());
        self.changed.notify_one();
    }
}
