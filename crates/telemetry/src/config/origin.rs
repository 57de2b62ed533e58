//! Where a value was written.

use std::{fmt, sync::Arc};

/// Where the value of a setting was written.
///
/// Prints as in `the variable PORT`, `config.toml:3`, `the flag --port`.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Origin {
    /// Nowhere: the default of the setting's type.
    Default,
    /// In the program, which knows better than the type.
    Program,
    /// In an environment variable.
    Variable {
        /// The name of the variable.
        name: String,
        /// The `.env` file it is from; the process has others.
        file: Option<Place>,
    },
    /// In a configuration file.
    File(Place),
    /// On the command line.
    Flag(
        /// The flag, with its dashes.
        String,
    ),
}

/// A place in a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Place {
    file: Arc<str>,
    line: Option<usize>,
}

impl Place {
    #[cfg(feature = "config")]
    pub(crate) fn new(file: &Arc<str>, line: Option<usize>) -> Self {
        Self {
            file: Arc::clone(file),
            line,
        }
    }

    /// The file, as it was named or found.
    pub fn file(&self) -> &str {
        &self.file
    }

    /// The line, the first one being 1, where it is known.
    pub fn line(&self) -> Option<usize> {
        self.line
    }
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.file)?;
        self.line.map_or(Ok(()), |line| write!(f, ":{line}"))
    }
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Default => f.write_str("the default"),
            Self::Program => f.write_str("the program"),
            Self::Variable { name, file: None } => write!(f, "the variable {name}"),
            Self::Variable {
                name,
                file: Some(place),
            } => write!(f, "the variable {name} in {place}"),
            Self::File(place) => place.fmt(f),
            Self::Flag(flag) => write!(f, "the flag {flag}"),
        }
    }
}
