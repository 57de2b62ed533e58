//! What a task reports when it cannot go on: what happened, and what to do.

use std::fmt;

/// The result of a step of a task.
pub(crate) type Result<T> = std::result::Result<T, Failure>;

/// A failed step, in words for the person at the terminal.
#[derive(Debug)]
pub(crate) struct Failure {
    what: String,
    next: Option<String>,
}

impl Failure {
    /// A failure that says what happened.
    pub(crate) fn new(what: impl Into<String>) -> Self {
        Self {
            what: what.into(),
            next: None,
        }
    }

    /// A failure whose words the terminal already has.
    pub(crate) fn counted() -> Self {
        Self::new(String::new())
    }

    /// Whether there is nothing left to say.
    pub(crate) fn is_counted(&self) -> bool {
        self.what.is_empty()
    }

    /// Adds what to do next.
    pub(crate) fn next(mut self, next: impl Into<String>) -> Self {
        self.next = Some(next.into());
        self
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "error: {}", self.what)?;
        match &self.next {
            Some(next) => write!(f, "\n next: {next}"),
            None => Ok(()),
        }
    }
}

/// Puts words around a lower-level error.
pub(crate) trait Context<T> {
    /// Says what was being done when the error happened.
    fn context(self, what: impl fmt::Display) -> Result<T>;
}

impl<T, E: fmt::Display> Context<T> for std::result::Result<T, E> {
    fn context(self, what: impl fmt::Display) -> Result<T> {
        self.map_err(|error| Failure::new(format!("{what}: {error}")))
    }
}
