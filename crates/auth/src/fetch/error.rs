//! Why nothing was fetched.

use std::error::Error;
use std::fmt;

/// Why an exchange did not come about. What it was about stays out of the text, but for the
/// scheme and the host.
#[derive(Debug)]
#[non_exhaustive]
pub enum FetchError {
    /// The URL is none to be asked: no `https`, or no absolute URL.
    Url(&'static str),
    /// Nobody answered in time, or the name leads to an address that may not be asked.
    Network(Box<dyn Error + Send + Sync>),
    /// The answer is longer than this many bytes.
    TooLarge(usize),
}

impl FetchError {
    /// An exchange that broke off for this reason.
    pub fn network(cause: impl Into<Box<dyn Error + Send + Sync>>) -> Self {
        Self::Network(cause.into())
    }
}

impl fmt::Display for FetchError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Url(problem) => f.write_str(problem),
            Self::Network(cause) => write!(f, "the exchange failed: {cause}"),
            Self::TooLarge(limit) => write!(f, "the answer is longer than {limit} bytes"),
        }
    }
}

impl Error for FetchError {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        match self {
            Self::Network(cause) => Some(&**cause),
            Self::Url(_) | Self::TooLarge(_) => None,
        }
    }
}
