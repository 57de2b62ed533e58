//! One call of the service: its deadline, when it is sent again, and what its errors mean.

use std::{future::Future, time::Duration};

use aws_sdk_dynamodb::error::{ProvideErrorMetadata, SdkError};
use backon::{ExponentialBuilder, Retryable};
use purlin_core::store::{StoreError, StoreErrorKind, StoreResult};
use tokio::time::timeout;

use super::DynamoDb;

/// The code of a conditional write whose condition did not hold.
const CONDITION: &str = "ConditionalCheckFailedException";

/// The codes with which the service says that it has not even begun.
const NOT_NOW: [&str; 4] = [
    "ProvisionedThroughputExceededException",
    "RequestLimitExceeded",
    "ThrottlingException",
    "TransactionConflictException",
];

/// The pause before a call is sent again: 25 ms, and twice that each time, of random length.
const PAUSE: Duration = Duration::from_millis(25);
/// How often a call is sent again.
const REPEATS: usize = 4;

/// When a call that failed may be sent again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Repeat {
    /// Whenever it did not come to an answer: it changes nothing.
    Read,
    /// Only when the service said that it did nothing. A write whose answer was lost may have been
    /// made: sent again, it would count twice, or take its own first attempt for somebody else's.
    Write,
}

impl Repeat {
    fn allows<E, R>(self, error: &SdkError<E, R>) -> bool
    where
        E: ProvideErrorMetadata,
    {
        match error.as_service_error().map(ProvideErrorMetadata::code) {
            Some(Some(code)) if NOT_NOW.contains(&code) => true,
            Some(code) => self == Self::Read && code == Some("InternalServerError"),
            // A request that could not be made will not be the next time either.
            None => self == Self::Read && !matches!(error, SdkError::ConstructionFailure(_)),
        }
    }
}

impl DynamoDb {
    /// Makes a call within its deadline. `None` when a condition did not hold.
    pub(super) async fn call<T, E, R, F>(
        &self,
        repeat: Repeat,
        send: impl Fn() -> F,
    ) -> StoreResult<Option<T>>
    where
        E: ProvideErrorMetadata,
        F: Future<Output = Result<T, SdkError<E, R>>>,
    {
        let pauses = ExponentialBuilder::default()
            .with_min_delay(PAUSE)
            .with_max_times(REPEATS)
            .with_jitter();
        let call = send.retry(pauses).when(|error| repeat.allows(error));
        let Ok(ended) = timeout(self.timeout, call).await else {
            let text = "DynamoDB did not answer in time";
            return Err(StoreError::new(StoreErrorKind::Timeout, text));
        };
        match ended {
            Ok(answer) => Ok(Some(answer)),
            Err(error) => match error.as_service_error().map(ProvideErrorMetadata::code) {
                Some(Some(CONDITION)) => Ok(None),
                Some(code) => Err(refused(code.unwrap_or("unknown"))),
                None => Err(unreachable(&error)),
            },
        }
    }
}

/// The service said no. Its code goes into the log, its text may quote what was sent.
fn refused(code: &str) -> StoreError {
    let (kind, text) = match code {
        "ResourceNotFoundException" => (
            StoreErrorKind::Unavailable,
            "the table is not there: create it",
        ),
        "ItemCollectionSizeLimitExceededException" => {
            (StoreErrorKind::Quota, "the collection is full")
        }
        code if NOT_NOW.contains(&code) => (
            StoreErrorKind::Unavailable,
            "DynamoDB takes no more calls at the moment: raise the capacity of the table",
        ),
        _ => (StoreErrorKind::Unavailable, "DynamoDB refused the call"),
    };
    StoreError::new(kind, text).with_source(code.to_owned())
}

fn unreachable<E, R>(error: &SdkError<E, R>) -> StoreError {
    let (kind, text) = match error {
        SdkError::TimeoutError(_) => (StoreErrorKind::Timeout, "DynamoDB did not answer in time"),
        SdkError::ConstructionFailure(_) => (
            StoreErrorKind::Unavailable,
            "the client of DynamoDB lacks a setting: region, credentials or HTTP client",
        ),
        _ => (StoreErrorKind::Unavailable, "DynamoDB cannot be reached"),
    };
    StoreError::new(kind, text)
}
