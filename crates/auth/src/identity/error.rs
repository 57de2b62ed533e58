//! Why nobody was logged in.

use std::{borrow::Cow, error::Error as StdError, fmt, time::Duration};

/// What kind of failure a [`LoginError`] is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum LoginErrorKind {
    /// The user refused, or the provider refused the user: wrong password, wrong domain.
    Denied,
    /// What the provider sent cannot be trusted: a foreign issuer, a bad signature, no code.
    Untrusted,
    /// The provider does not answer, or says that it cannot now.
    Unavailable,
    /// This server is not set up as the provider wants it.
    Configuration,
}

/// Why nobody was logged in: opaque, told apart by [`LoginError::kind`].
///
/// Its text goes to logs and names no secret; what caused it is its source. A browser is told the
/// kind alone.
///
/// ```
/// use purlin_auth::identity::{LoginError, LoginErrorKind};
///
/// let error = LoginError::new(LoginErrorKind::Denied, "not a member of the organisation");
/// assert_eq!(error.kind(), LoginErrorKind::Denied);
/// ```
#[derive(Debug)]
pub struct LoginError {
    kind: LoginErrorKind,
    message: Cow<'static, str>,
    retry_after: Option<Duration>,
    source: Option<Box<dyn StdError + Send + Sync>>,
}

impl LoginError {
    /// An error of a kind, with a sentence for the log.
    pub fn new(kind: LoginErrorKind, message: impl Into<Cow<'static, str>>) -> Self {
        Self {
            kind,
            message: message.into(),
            retry_after: None,
            source: None,
        }
    }

    /// Says when it is worth another try.
    #[must_use]
    pub fn with_retry_after(mut self, after: Duration) -> Self {
        self.retry_after = Some(after);
        self
    }

    /// Adds what caused it, for the log.
    #[must_use]
    pub fn with_source(mut self, source: impl Into<Box<dyn StdError + Send + Sync>>) -> Self {
        self.source = Some(source.into());
        self
    }

    /// What kind of failure it is.
    pub fn kind(&self) -> LoginErrorKind {
        self.kind
    }

    /// When it is worth another try, if the provider said so.
    pub fn retry_after(&self) -> Option<Duration> {
        self.retry_after
    }
}

impl fmt::Display for LoginError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl StdError for LoginError {
    fn source(&self) -> Option<&(dyn StdError + 'static)> {
        let source = self.source.as_ref()?;
        Some(&**source)
    }
}
