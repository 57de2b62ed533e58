//! What is wrong with a configuration: all of it, each mistake with its place.

use std::{error, fmt};

use purlin_core::{Error, ErrorKind};

use super::Origin;

/// One mistake in a configuration.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    pub(crate) key: String,
    pub(crate) origin: Option<Origin>,
    pub(crate) text: String,
}

impl Problem {
    pub(crate) fn new(
        key: impl Into<String>,
        origin: Option<Origin>,
        text: impl Into<String>,
    ) -> Self {
        Self {
            key: key.into(),
            origin,
            text: text.into(),
        }
    }

    /// The setting, such as `database.pool_size`; empty where the mistake is not
    /// about one, as in a file that cannot be read.
    pub fn key(&self) -> &str {
        &self.key
    }

    /// Where the value was written; `None` where there is none.
    pub fn origin(&self) -> Option<&Origin> {
        self.origin.as_ref()
    }

    /// What is wrong, and what to do.
    pub fn text(&self) -> &str {
        &self.text
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (self.key.as_str(), &self.origin) {
            ("", None) => f.write_str(&self.text),
            ("", Some(origin)) => write!(f, "{origin}: {}", self.text),
            (key, None) => write!(f, "`{key}`: {}", self.text),
            (key, Some(origin)) => write!(f, "`{key}`, from {origin}: {}", self.text),
        }
    }
}

/// A configuration that cannot be used: every mistake in it at once.
///
/// As the error of a main function it ends the process with code 78
/// (`EX_CONFIG`). It never holds the value of a secret.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ConfigError {
    problems: Vec<Problem>,
}

impl ConfigError {
    pub(crate) fn new(problems: Vec<Problem>) -> Self {
        Self { problems }
    }

    pub(crate) fn one(problem: Problem) -> Self {
        Self::new(vec![problem])
    }

    /// The mistakes, in the order of the settings.
    pub fn problems(&self) -> &[Problem] {
        &self.problems
    }
}

impl fmt::Display for ConfigError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.problems.as_slice() {
            [one] => write!(f, "the configuration has a mistake: {one}"),
            all => {
                write!(f, "the configuration has {} mistakes:", all.len())?;
                all.iter().try_for_each(|one| write!(f, "\n- {one}"))
            }
        }
    }
}

impl error::Error for ConfigError {}

impl From<ConfigError> for Error {
    fn from(error: ConfigError) -> Self {
        Self::new(ErrorKind::Configuration, error.to_string()).with_source(error)
    }
}

/// What a `validate` function finds wrong: a sentence, or several with the
/// settings they are about.
///
/// ```
/// use purlin_telemetry::config::Invalid;
///
/// fn even(port: &u16) -> Result<(), &'static str> {
///     if port % 2 == 0 { Ok(()) } else { Err("it must be even") }
/// }
///
/// let invalid = Invalid::of("auth.secret", "it is needed when `auth.enabled` is set");
/// # let _ = (even, invalid);
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Invalid(pub(crate) Vec<(String, String)>);

impl Invalid {
    /// What is wrong with the setting `key`, from the type whose function this
    /// is.
    pub fn of(key: impl Into<String>, text: impl Into<String>) -> Self {
        Self(vec![(key.into(), text.into())])
    }

    /// And what else is.
    #[must_use]
    pub fn and(mut self, more: Self) -> Self {
        self.0.extend(more.0);
        self
    }
}

impl From<String> for Invalid {
    fn from(text: String) -> Self {
        Self::of("", text)
    }
}

impl From<&str> for Invalid {
    fn from(text: &str) -> Self {
        Self::of("", text)
    }
}

impl FromIterator<Invalid> for Invalid {
    fn from_iter<I: IntoIterator<Item = Invalid>>(all: I) -> Self {
        Self(all.into_iter().flat_map(|one| one.0).collect())
    }
}
