//! What the driver's errors mean.

use purlin_core::store::{StoreError, StoreErrorKind};
use redis::{ErrorKind, RedisError, ServerErrorKind};

/// The error for the caller, and whether the connection is of no use any more.
pub(super) fn judge(error: RedisError) -> (StoreError, bool) {
    if error.code() == Some("OOM") {
        let text = "Redis has no memory left";
        return (StoreError::new(StoreErrorKind::Quota, text), false);
    }
    let (text, gives_up) = match error.kind() {
        // A cluster's connections say `Client` of a write that may have been done.
        ErrorKind::Io | ErrorKind::Client => ("the connection to Redis broke", true),
        // Another node may have taken over, and the name leads there now.
        ErrorKind::Server(ServerErrorKind::ReadOnly | ServerErrorKind::MasterDown) => {
            ("this Redis server does not take writes now", true)
        }
        ErrorKind::Server(
            ServerErrorKind::BusyLoading | ServerErrorKind::ClusterDown | ServerErrorKind::TryAgain,
        ) => ("Redis is not ready", false),
        ErrorKind::Server(ServerErrorKind::NoPerm) | ErrorKind::AuthenticationFailed => (
            "Redis does not let this server in: check user and rules",
            false,
        ),
        // Requests and answers have one shape each. If one does not fit, nothing that comes over
        // this connection can be believed.
        _ => ("Redis gave an answer that makes no sense", true),
    };
    let failure = StoreError::new(StoreErrorKind::Unavailable, text);
    let failure = match error.kind() {
        // These quote the answer, which may be a value.
        ErrorKind::Parse | ErrorKind::UnexpectedReturnType => failure,
        _ => failure.with_source(error),
    };
    (failure, gives_up)
}
