//! One thing that was done, or was not.

use std::time::Duration;

use crate::Tenant;
#[cfg(feature = "files")]
use crate::files::is_invisible;

/// The longest text of somebody else in an event, in characters; what is longer is cut.
#[cfg(feature = "files")]
const MAX_TEXT: usize = 200;

/// One thing that was done, or was not.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct GuardEvent {
    /// For whom, where it was for one tenant.
    pub tenant: Option<Tenant>,
    /// What was asked for.
    pub operation: Operation,
    /// What became of it.
    pub outcome: Outcome,
    /// How long it took, waiting included.
    pub took: Duration,
}

/// What was asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Operation {
    /// A URL, to be fetched.
    #[non_exhaustive]
    Fetch {
        /// The host that was named; nothing if the text was no URL.
        host: Option<String>,
        /// The host that the last redirect led to, if there was one.
        redirected_to: Option<String>,
        /// The status of the answer.
        status: Option<u16>,
        /// The size of the answer in bytes, decompressed.
        bytes: u64,
    },
    /// Something in a root.
    #[non_exhaustive]
    File {
        /// Which operation, for example `read`; one of those that this crate has.
        operation: &'static str,
        /// The path, relative to the root: without control characters and such as cannot be
        /// seen, and cut at 200.
        path: String,
        /// The other path, of operations that have two.
        destination: Option<String>,
        /// How many bytes were read or written.
        bytes: u64,
    },
    /// A program, to be run.
    #[non_exhaustive]
    Run {
        /// The language, if it is one of those configured.
        language: Option<String>,
        /// What stood around it, for example `strict`; nothing if it never started.
        tier: Option<&'static str>,
        /// The time of the processor that it used.
        cpu: Option<Duration>,
        /// The most memory that it used, in bytes.
        memory: Option<u64>,
    },
}

/// What became of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Outcome {
    /// As asked for.
    Done,
    /// A rule forbids it, or a limit; which one, by the name of the error.
    Refused(&'static str),
    /// It did not work; why, by the name of the error.
    Failed(&'static str),
    /// Nobody waited for the end.
    Cancelled,
}

impl GuardEvent {
    /// The name of what was asked for, out of a fixed set: `fetch`, `run`, and for files those
    /// of operations, such as `read`.
    #[must_use]
    pub fn name(&self) -> &'static str {
        match &self.operation {
            Operation::Fetch { .. } => "fetch",
            Operation::File { operation, .. } => operation,
            Operation::Run { .. } => "run",
        }
    }
}

impl Operation {
    /// A fetch of which nothing is known yet.
    #[cfg(feature = "fetch")]
    pub(crate) fn fetch() -> Self {
        Self::Fetch {
            host: None,
            redirected_to: None,
            status: None,
            bytes: 0,
        }
    }

    /// How many bytes were read or written.
    #[cfg(feature = "files")]
    pub(crate) fn moved(&mut self, size: u64) {
        if let Self::File { bytes, .. } = self {
            *bytes = size;
        }
    }

    /// An operation on what is at a path, whatever text that is.
    #[cfg(feature = "files")]
    pub(crate) fn file(operation: &'static str, path: &str, destination: Option<&str>) -> Self {
        Self::File {
            operation,
            path: printable(path),
            destination: destination.map(printable),
            bytes: 0,
        }
    }

    /// A run of a program in a language; nothing, if it is none that is configured.
    #[cfg(feature = "code")]
    pub(crate) fn run(language: Option<&str>) -> Self {
        Self::Run {
            language: language.map(Into::into),
            tier: None,
            cpu: None,
            memory: None,
        }
    }
}

impl Outcome {
    /// The name of the outcome as logs have it: `done`, `refused`, `failed` or `cancelled`.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Done => "done",
            Self::Refused(_) => "refused",
            Self::Failed(_) => "failed",
            Self::Cancelled => "cancelled",
        }
    }

    /// The name of the error, if there was one.
    #[must_use]
    pub fn reason(self) -> Option<&'static str> {
        match self {
            Self::Refused(reason) | Self::Failed(reason) => Some(reason),
            Self::Done | Self::Cancelled => None,
        }
    }
}

/// A text of somebody else as a log may hold it: one line, which reads as it is written, and short.
#[cfg(feature = "files")]
fn printable(text: &str) -> String {
    let is_line = |c| matches!(c, '\u{2028}' | '\u{2029}');
    let visible = |c: &char| !c.is_control() && !is_invisible(*c) && !is_line(*c);
    text.chars().filter(visible).take(MAX_TEXT).collect()
}

#[cfg(all(test, feature = "files"))]
mod tests {
    use super::*;

    #[test]
    fn paths_are_cut_and_stay_on_one_line() {
        assert_eq!(printable("a\n\u{1b}[31mb"), "a[31mb");
        assert_eq!(
            printable("a\u{202e}b\u{2066}c\u{200b}d\u{2028}e\u{2029}\u{feff}f"),
            "abcdef"
        );
        assert_eq!(printable(&"c".repeat(1_000)).len(), MAX_TEXT);
    }
}
