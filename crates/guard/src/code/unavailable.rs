//! What is missing where code cannot be run.

use std::error::Error;
use std::fmt;

/// Code cannot be run, and why not: everything that is missing, and what to do about each.
///
/// Its text is for operators: it names programs, paths and features of the system.
#[derive(Debug)]
pub struct Unavailable {
    missing: Vec<Missing>,
}

/// Something that is missing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Missing {
    name: String,
    advice: String,
}

impl Unavailable {
    pub(super) fn new(missing: Vec<Missing>) -> Self {
        Self { missing }
    }

    /// What is missing; at least one thing.
    #[must_use]
    pub fn missing(&self) -> &[Missing] {
        &self.missing
    }
}

impl Missing {
    pub(super) fn new(name: impl Into<String>, advice: impl Into<String>) -> Self {
        Self {
            name: name.into(),
            advice: advice.into(),
        }
    }

    /// Its name.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// What to do about it: a sentence.
    #[must_use]
    pub fn advice(&self) -> &str {
        &self.advice
    }
}

impl From<Missing> for Unavailable {
    fn from(missing: Missing) -> Self {
        Self::new(vec![missing])
    }
}

impl fmt::Display for Missing {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.name, self.advice)
    }
}

impl fmt::Display for Unavailable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("code cannot be run safely here; missing:")?;
        let mut missing = self.missing.iter();
        missing.try_for_each(|it| write!(f, "\n- {it}"))
    }
}

impl Error for Unavailable {}
