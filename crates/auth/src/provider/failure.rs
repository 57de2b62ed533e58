//! Why the engine did not get to know who somebody is.

use std::error::Error as StdError;
use std::time::Duration;

use super::admission::Turned;
use super::claims::Malformed;
use crate::identity::{LoginError, LoginErrorKind};
use crate::verify::VerifyError;

/// How long to wait before a provider is asked again that did not answer.
const RETRY_AFTER: Duration = Duration::from_secs(5);

/// A failure, in a sentence of ours: nothing of what a provider said is in it.
#[derive(Debug)]
pub(super) struct Failure {
    kind: LoginErrorKind,
    pub(super) why: &'static str,
    retry_after: Option<Duration>,
    source: Option<Box<dyn StdError + Send + Sync>>,
}

impl Failure {
    fn new(kind: LoginErrorKind, why: &'static str) -> Self {
        Self {
            kind,
            why,
            retry_after: None,
            source: None,
        }
    }

    pub(super) fn denied(why: &'static str) -> Self {
        Self::new(LoginErrorKind::Denied, why)
    }

    pub(super) fn untrusted(why: &'static str) -> Self {
        Self::new(LoginErrorKind::Untrusted, why)
    }

    pub(super) fn misconfigured(why: &'static str) -> Self {
        Self::new(LoginErrorKind::Configuration, why)
    }

    pub(super) fn unavailable(why: &'static str) -> Self {
        Self {
            retry_after: Some(RETRY_AFTER),
            ..Self::new(LoginErrorKind::Unavailable, why)
        }
    }

    pub(super) fn because(mut self, source: impl Into<Box<dyn StdError + Send + Sync>>) -> Self {
        self.source = Some(source.into());
        self
    }

    pub(super) fn is_unavailable(&self) -> bool {
        self.kind == LoginErrorKind::Unavailable
    }
}

impl std::fmt::Display for Failure {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.why)
    }
}

impl StdError for Failure {
    fn source(&self) -> Option<&(dyn StdError + 'static)> {
        let source = self.source.as_ref()?;
        Some(&**source)
    }
}

impl From<Malformed> for Failure {
    fn from(malformed: Malformed) -> Self {
        Self::untrusted(malformed.0)
    }
}

impl From<Turned> for Failure {
    fn from(turned: Turned) -> Self {
        Self::denied(turned.as_str())
    }
}

impl From<VerifyError> for Failure {
    fn from(error: VerifyError) -> Self {
        match error {
            VerifyError::Invalid(why) => Self::untrusted(why),
            VerifyError::Unavailable { retry_after } => Self {
                retry_after: Some(retry_after),
                ..Self::unavailable("the provider's keys cannot be had")
            },
            _ => Self::untrusted("what the provider sent is nothing that it signs"),
        }
    }
}

impl From<Failure> for LoginError {
    fn from(failure: Failure) -> Self {
        let mut error = Self::new(failure.kind, failure.why);
        if let Some(after) = failure.retry_after {
            error = error.with_retry_after(after);
        }
        match failure.source {
            Some(source) => error.with_source(source),
            None => error,
        }
    }
}

impl From<Failure> for VerifyError {
    /// A provider that is set up wrongly cannot say that a token is bad.
    fn from(failure: Failure) -> Self {
        match failure.kind {
            LoginErrorKind::Unavailable | LoginErrorKind::Configuration => {
                let source = failure.source;
                tracing::warn!(why = failure.why, source, "tokens cannot be verified");
                Self::Unavailable {
                    retry_after: failure.retry_after.unwrap_or(RETRY_AFTER),
                }
            }
            _ => Self::Invalid(failure.why),
        }
    }
}
