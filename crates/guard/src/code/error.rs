//! Why code did not run, or not to its end.

use std::error::Error;
use std::fmt;

use super::{Outcome, Unavailable};

/// Why code did not run, or not to its end, or ended with a failure.
///
/// The text (`Display`) is for whoever asked, which may be a model: it holds no path and nothing of
/// this machine. What operators want to know is in [`name`](Self::name), in
/// [`source`](Error::source) and in the log.
///
/// What came of a run that did start is in [`outcome`](Self::outcome).
#[derive(Debug)]
#[non_exhaustive]
pub enum CodeError {
    /// Code cannot be run, and what is missing.
    Unavailable(Unavailable),
    /// As many run and wait as may.
    Busy,
    /// It took too long.
    Timeout(Box<Outcome>),
    /// It took too much time of processors.
    CpuLimit(Box<Outcome>),
    /// It took too much memory.
    MemoryLimit(Box<Outcome>),
    /// It printed far more than is kept (see [`Limits::printed`](super::Limits::printed)), or, in
    /// the tier `confined`, wrote more files than may be. In `strict` it cannot write them.
    OutputLimit(Box<Outcome>),
    /// A signal ended it.
    Killed {
        /// Which one.
        signal: i32,
        /// What came of it until then.
        outcome: Box<Outcome>,
    },
    /// It ended by itself, with a code that is not zero.
    Exit {
        /// The code.
        code: i32,
        /// What came of it.
        outcome: Box<Outcome>,
    },
    /// No language has this name.
    Language,
    /// A file cannot be put beside the code; why.
    InvalidFile(&'static str),
    /// An argument cannot be passed; why.
    InvalidArgument(&'static str),
    /// The code, its input and its files are larger than the work directory together, or one is
    /// larger than a file may be.
    TooLarge,
}

impl CodeError {
    /// The name of this kind of error, for logs and metrics.
    ///
    /// ```
    /// use purlin_guard::code::CodeError;
    ///
    /// assert_eq!(CodeError::Busy.name(), "busy");
    /// ```
    #[must_use]
    pub fn name(&self) -> &'static str {
        match self {
            Self::Unavailable(_) => "unavailable",
            Self::Busy => "busy",
            Self::Timeout(_) => "timeout",
            Self::CpuLimit(_) => "cpu_limit",
            Self::MemoryLimit(_) => "memory_limit",
            Self::OutputLimit(_) => "output_limit",
            Self::Killed { .. } => "killed",
            Self::Exit { .. } => "exit",
            Self::Language => "language",
            Self::InvalidFile(_) => "invalid_file",
            Self::InvalidArgument(_) => "invalid_argument",
            Self::TooLarge => "too_large",
        }
    }

    /// What came of the run until it ended, if it started.
    #[must_use]
    pub fn outcome(&self) -> Option<&Outcome> {
        match self {
            Self::Timeout(outcome)
            | Self::CpuLimit(outcome)
            | Self::MemoryLimit(outcome)
            | Self::OutputLimit(outcome)
            | Self::Killed { outcome, .. }
            | Self::Exit { outcome, .. } => Some(outcome),
            _ => None,
        }
    }

    /// As [`outcome`](Self::outcome), taken out of the error.
    #[must_use]
    pub fn into_outcome(self) -> Option<Outcome> {
        match self {
            Self::Timeout(outcome)
            | Self::CpuLimit(outcome)
            | Self::MemoryLimit(outcome)
            | Self::OutputLimit(outcome)
            | Self::Killed { outcome, .. }
            | Self::Exit { outcome, .. } => Some(*outcome),
            _ => None,
        }
    }
}

impl fmt::Display for CodeError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unavailable(_) => f.write_str("code cannot be run at the moment"),
            Self::Busy => f.write_str("too much code is running: try again in a while"),
            Self::Timeout(_) => f.write_str("the code took too long and was stopped"),
            Self::CpuLimit(_) => {
                f.write_str("the code took too much processor time and was stopped")
            }
            Self::MemoryLimit(_) => f.write_str("the code took too much memory and was stopped"),
            Self::OutputLimit(_) => {
                f.write_str("the code printed or wrote too much and was stopped")
            }
            Self::Killed { signal, .. } => write!(f, "the code was stopped by signal {signal}"),
            Self::Exit { code, .. } => write!(f, "the code ended with exit code {code}"),
            Self::Language => f.write_str("code in this language is not run"),
            Self::InvalidFile(why) => write!(f, "a file cannot be put beside the code: {why}"),
            Self::InvalidArgument(why) => write!(f, "an argument cannot be passed: {why}"),
            Self::TooLarge => f.write_str("the code, its input and its files are too large"),
        }
    }
}

impl Error for CodeError {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        match self {
            Self::Unavailable(unavailable) => Some(unavailable),
            _ => None,
        }
    }
}

impl From<Unavailable> for CodeError {
    fn from(unavailable: Unavailable) -> Self {
        Self::Unavailable(unavailable)
    }
}
