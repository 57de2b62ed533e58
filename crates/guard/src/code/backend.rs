//! What can run code: a process in a box, or a machine inside of this process.
//!
//! An executor has one backend for each language. Everything that is the same for all of them is
//! outside: queues, tenants, what is kept of the output, errors, events.

use std::fmt;

use bytes::Bytes;

use super::{Limits, OutputFile, Piece, Tier, Unavailable, Usage};
use crate::BoxFuture;

/// Runs code in one language.
pub(super) trait Backend: fmt::Debug + Send + Sync {
    /// How far code is kept from everything else.
    fn tier(&self) -> Tier;

    /// The name that the source has in the work directory, and no other file may have.
    fn source_name(&self) -> &str;

    /// Starts a run, which ends when the session is dropped.
    ///
    /// # Cancellation
    /// Dropping the future ends what was started.
    fn start(&self, job: Job) -> BoxFuture<'_, Result<Box<dyn Session>, Unavailable>>;
}

/// A run that has started. Dropping it ends the run, and nothing of it is left.
pub(super) trait Session: Send {
    /// What is printed next; nothing, once the run has ended. It ends by itself when its time is
    /// over. All that is printed has to be taken: it waits for that.
    ///
    /// # Cancellation
    /// Dropping the future loses nothing.
    fn next(&mut self) -> BoxFuture<'_, Option<Piece>>;

    /// How it ended; called once, when nothing is printed any more.
    fn end(&mut self) -> Result<End, Unavailable>;
}

/// What to run, checked.
pub(super) struct Job {
    pub(super) source: Bytes,
    pub(super) arguments: Vec<String>,
    pub(super) input: Bytes,
    pub(super) files: Vec<(String, Bytes)>,
    pub(super) limits: Limits,
}

/// The end of a run.
#[derive(Debug)]
pub(super) struct End {
    pub(super) how: How,
    pub(super) usage: Usage,
    pub(super) files: Vec<OutputFile>,
    pub(super) files_left_out: usize,
}

/// How a run ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum How {
    /// By itself, with this code.
    Exited(i32),
    /// By a signal.
    Killed(i32),
    /// Its time was over.
    Timeout,
    /// Its time of processors was used up.
    Cpu,
    /// Its memory was used up.
    Memory,
    /// Its work directory was full, where the system cannot refuse the write.
    Disk,
}
