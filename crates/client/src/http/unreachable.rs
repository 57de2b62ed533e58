//! Why nobody answered, in words.

use std::error::Error;
use std::fmt;

use hyper_util::client::legacy;

use crate::error::ClientError;

/// The error of a request that got no answer. `place` is what may be shown of its URL.
pub(super) fn unreachable(place: impl fmt::Display, error: legacy::Error) -> ClientError {
    ClientError::transport(format!("request to {place}"), Unanswered(error))
}

/// Says the causes: the error itself says no more than that there are some.
#[derive(Debug)]
struct Unanswered(legacy::Error);

impl fmt::Display for Unanswered {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Some(mut cause) = self.0.source() else {
            return fmt::Display::fmt(&self.0, f);
        };
        write!(f, "{cause}")?;
        while let Some(deeper) = cause.source() {
            write!(f, ": {deeper}")?;
            cause = deeper;
        }
        Ok(())
    }
}

impl Error for Unanswered {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        self.0.source()
    }
}
