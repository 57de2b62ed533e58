//! What can go wrong in a store.

use std::{error::Error as StdError, fmt, time::Duration};

use super::OverQuota;
use crate::{Error, ErrorKind};

/// What the operations of a store return.
pub type StoreResult<T> = Result<T, StoreError>;

/// How long a peer is told to wait when a store is not there.
const COME_BACK: Duration = Duration::from_secs(5);

/// What kind of error a [`StoreError`] is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum StoreErrorKind {
    /// The store cannot be reached, or says that it cannot serve now. Nothing is known about
    /// whether a write has happened.
    Unavailable,
    /// The store did not answer in time. Nothing is known about whether a write has happened.
    Timeout,
    /// There is no room: the disk, the memory or the quota is full. Reads still work.
    Quota,
    /// A key, a value or a list of keys is larger than it may be. Nothing was written.
    TooLarge,
    /// The store may only be read.
    ReadOnly,
    /// What is stored is not what was written, or not what the reader expects.
    Corrupt,
    /// Others changed the value at every attempt.
    Conflict,
    /// The operation does not fit what is there or what was asked: a counter that is not a number
    /// or would overflow, a cost that can never be paid. Trying again is of no use.
    Invalid,
}

/// An error of a store: opaque, told apart by [`StoreError::kind`].
///
/// Its text names no key, no value and no address. What the driver said is its
/// [`source`](StdError::source), for the log.
#[derive(Debug)]
pub struct StoreError(Box<Inner>);

#[derive(Debug)]
struct Inner {
    kind: StoreErrorKind,
    text: &'static str,
    source: Option<Box<dyn StdError + Send + Sync>>,
}

impl StoreError {
    /// An error of a kind, with a sentence about it.
    ///
    /// ```
    /// use purlin_core::store::{StoreError, StoreErrorKind};
    ///
    /// let error = StoreError::new(StoreErrorKind::Timeout, "the store did not answer within 2 s");
    /// assert_eq!(error.kind(), StoreErrorKind::Timeout);
    /// ```
    pub fn new(kind: StoreErrorKind, text: &'static str) -> Self {
        Self(Box::new(Inner {
            kind,
            text,
            source: None,
        }))
    }

    /// Adds what caused it, for the log.
    #[must_use]
    pub fn with_source(mut self, source: impl Into<Box<dyn StdError + Send + Sync>>) -> Self {
        self.0.source = Some(source.into());
        self
    }

    /// What kind of error it is.
    pub fn kind(&self) -> StoreErrorKind {
        self.0.kind
    }

    /// Whether the store itself is down, so that another one may stand in for it
    /// ([`Unavailable`](StoreErrorKind::Unavailable), [`Timeout`](StoreErrorKind::Timeout)).
    pub fn is_outage(&self) -> bool {
        matches!(
            self.kind(),
            StoreErrorKind::Unavailable | StoreErrorKind::Timeout
        )
    }
}

impl fmt::Display for StoreError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0.text)
    }
}

impl StdError for StoreError {
    fn source(&self) -> Option<&(dyn StdError + 'static)> {
        self.0
            .source
            .as_ref()
            .map(|source| &**source as &(dyn StdError + 'static))
    }
}

/// A store that is away, slow or full is [`ErrorKind::Unavailable`], which over HTTP is 503 with
/// the time to come back; a
/// [`Quota`](super::Quota) that is used up is an error that says so; the rest is an internal error.
/// A peer reads nothing of the store in it.
impl From<StoreError> for Error {
    fn from(error: StoreError) -> Self {
        // Of the caller's own making, and the caller can mend it.
        let over = error.source().and_then(|it| it.downcast_ref::<OverQuota>());
        if let Some(over) = over {
            return Self::new(ErrorKind::Tool, over.to_string());
        }
        match error.kind() {
            StoreErrorKind::Unavailable
            | StoreErrorKind::Timeout
            | StoreErrorKind::Quota
            | StoreErrorKind::Conflict => {
                let text = "a service this server needs is not available: try again later";
                Self::new(ErrorKind::Unavailable, text)
                    .with_retry_after(COME_BACK)
                    .with_source(error)
            }
            _ => Self::internal(error),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_outage_is_told_without_details_and_a_mistake_is_masked() {
        let outage = StoreError::new(StoreErrorKind::Timeout, "no answer").with_source("10.0.0.7");
        assert!(outage.is_outage());
        let outage = Error::from(outage);
        assert_eq!(outage.kind(), ErrorKind::Unavailable);
        assert!(!outage.public_text(false).contains("10.0.0.7"));
        assert_eq!(outage.data().unwrap()["retryAfterMs"], 5_000);
        let mistake = Error::from(StoreError::new(StoreErrorKind::Invalid, "not a counter"));
        assert_eq!(mistake.public_text(true), "internal error");
    }
}
