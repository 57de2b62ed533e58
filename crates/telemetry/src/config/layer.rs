//! The layers, and which covers which.

/// Where values come from. What is later in the order covers what is earlier;
/// defaults lie below all of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Layer {
    /// Environment variables, and the `.env` file below them.
    Environment,
    /// Configuration files.
    Files,
    /// Flags.
    CommandLine,
}

impl Layer {
    /// Defaults, environment, files, command line: what stands in a file of the
    /// deployment is what holds, and takes from the environment what it names
    /// with `${NAME}`.
    pub const FILES_OVER_ENVIRONMENT: [Self; 3] =
        [Self::Environment, Self::Files, Self::CommandLine];

    /// Defaults, files, environment, command line: a file says what is usual, and
    /// the environment of one process what is different there.
    pub const ENVIRONMENT_OVER_FILES: [Self; 3] =
        [Self::Files, Self::Environment, Self::CommandLine];
}
