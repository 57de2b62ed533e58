//! Why a server could not be hosted.

use std::{fmt, io, net::SocketAddr};

use crate::config::ConfigError;

/// Why a server could not be hosted.
#[derive(Debug)]
#[non_exhaustive]
pub enum ServeError {
    /// A setting makes no sense.
    Config(ConfigError),
    /// The address can be reached from other machines and the protections that
    /// this needs are missing.
    Exposed {
        /// The address that was asked for.
        address: SocketAddr,
        /// The calls that are missing on the builder.
        missing: &'static str,
    },
    /// What the server needs could not be opened.
    Start(purlin_core::Error),
    /// The address could not be bound, or the signals of the process could not
    /// be listened to.
    Io(io::Error),
}

impl fmt::Display for ServeError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Config(error) => write!(f, "the HTTP settings make no sense: {error}"),
            Self::Exposed { address, missing } => write!(
                f,
                "`{address}` can be reached from other machines: bind 127.0.0.1, or {missing}"
            ),
            Self::Start(error) => write!(f, "the server cannot start: {error}"),
            Self::Io(error) => write!(f, "the address cannot be served: {error}"),
        }
    }
}

impl std::error::Error for ServeError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::Config(error) => Some(error),
            Self::Exposed { .. } => None,
            Self::Start(error) => Some(error),
            Self::Io(error) => Some(error),
        }
    }
}

impl From<io::Error> for ServeError {
    fn from(error: io::Error) -> Self {
        Self::Io(error)
    }
}

impl From<ConfigError> for ServeError {
    fn from(error: ConfigError) -> Self {
        Self::Config(error)
    }
}
