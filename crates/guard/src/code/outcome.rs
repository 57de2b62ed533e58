//! What came of a run.

use std::borrow::Cow;
use std::fmt;
use std::time::Duration;

use bytes::Bytes;

use super::Tier;

/// What came of a run. Everything in it is the word of the code that ran.
#[derive(Clone, Debug)]
pub struct Outcome {
    pub(super) stdout: Output,
    pub(super) stderr: Output,
    pub(super) files: Vec<OutputFile>,
    pub(super) files_left_out: usize,
    pub(super) tier: Tier,
    pub(super) usage: Usage,
}

/// What was printed to a stream.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Output {
    pub(super) bytes: Bytes,
    pub(super) cut: bool,
}

/// A file that the code left in its work directory.
#[derive(Clone, PartialEq, Eq)]
pub struct OutputFile {
    pub(super) name: String,
    pub(super) bytes: Bytes,
}

/// What a run took.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Usage {
    /// How long it took, from its start.
    pub wall: Duration,
    /// How much time of processors it took.
    pub cpu: Duration,
    /// The most memory one of its processes had, in bytes, as far as is known.
    pub peak_memory: u64,
}

impl Outcome {
    /// What was printed to standard output.
    #[must_use]
    pub fn stdout(&self) -> &Output {
        &self.stdout
    }

    /// What was printed to standard error.
    #[must_use]
    pub fn stderr(&self) -> &Output {
        &self.stderr
    }

    /// The files that are in the work directory at the end: those that the code made, and those
    /// that it was given and changed.
    #[must_use]
    pub fn files(&self) -> &[OutputFile] {
        &self.files
    }

    /// As [`files`](Self::files), by name.
    #[must_use]
    pub fn file(&self, name: &str) -> Option<&OutputFile> {
        self.files.iter().find(|file| file.name == name)
    }

    /// How many files were not returned because there were too many, or too large ones.
    #[must_use]
    pub fn files_left_out(&self) -> usize {
        self.files_left_out
    }

    /// How far the code was kept from everything else.
    #[must_use]
    pub fn tier(&self) -> Tier {
        self.tier
    }

    /// What it took.
    #[must_use]
    pub fn usage(&self) -> Usage {
        self.usage
    }
}

impl Output {
    /// The bytes that were kept.
    #[must_use]
    pub fn bytes(&self) -> &Bytes {
        &self.bytes
    }

    /// The bytes as text: UTF-8, with `U+FFFD` for what is none.
    #[must_use]
    pub fn text(&self) -> Cow<'_, str> {
        String::from_utf8_lossy(&self.bytes)
    }

    /// Whether more was printed than is kept.
    #[must_use]
    pub fn is_cut(&self) -> bool {
        self.cut
    }
}

impl OutputFile {
    /// Its path in the work directory, with `/` between its parts.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// What is in it.
    #[must_use]
    pub fn bytes(&self) -> &Bytes {
        &self.bytes
    }
}

/// What was printed may be secret; how much it is says enough.
impl fmt::Debug for Output {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Output")
            .field("bytes", &self.bytes.len())
            .field("cut", &self.cut)
            .finish()
    }
}

impl fmt::Debug for OutputFile {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("OutputFile")
            .field("bytes", &self.bytes.len())
            .finish_non_exhaustive()
    }
}
