//! What has been going on.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use serde::Serialize;

/// How a run stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub(super) enum State {
    /// It goes on.
    Running,
    /// It came to its end.
    Done,
    /// It was given up.
    Abandoned,
}

/// Something that was done.
#[derive(Debug, Clone, Serialize)]
pub(super) struct Run {
    /// What it was.
    pub(super) what: String,
    /// How it stands.
    pub(super) state: State,
}

/// Everything that was done, oldest first. A clone is the same journal.
#[derive(Debug, Clone, Default)]
pub(super) struct Journal(Arc<Mutex<Vec<Run>>>);

impl Journal {
    /// Notes the beginning of something.
    pub(super) fn begin(&self, what: String) -> Running {
        let mut runs = self.lock();
        runs.push(Run {
            what,
            state: State::Running,
        });
        Running {
            journal: self.clone(),
            index: runs.len() - 1,
            end: State::Abandoned,
        }
    }

    pub(super) fn runs(&self) -> Vec<Run> {
        self.lock().clone()
    }

    /// One line for each run.
    pub(super) fn text(&self) -> String {
        let line = |run: &Run| format!("{}: {:?}", run.what, run.state);
        let lines: Vec<_> = self.lock().iter().map(line).collect();
        lines.join("\n")
    }

    fn lock(&self) -> MutexGuard<'_, Vec<Run>> {
        // Every change is one step, so what a panic left behind is whole.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Something that is being done. Dropped before its end, for example because
/// the call was cancelled, it was abandoned.
pub(super) struct Running {
    journal: Journal,
    index: usize,
    end: State,
}

impl Running {
    /// Notes that it came to its end.
    pub(super) fn finish(mut self) {
        self.end = State::Done;
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        if let Some(run) = self.journal.lock().get_mut(self.index) {
            run.state = self.end;
        }
    }
}
