//! What may be repeated, when, and after how long.

use std::{error::Error as _, io, time::Duration};

use backon::{BackoffBuilder as _, ExponentialBackoff, ExponentialBuilder};
use purlin_core::{Context, Error, ErrorKind, protocol::Tool};
use tokio::time::Instant;

use super::Retry;

/// How many causes behind an error are looked at.
const MAX_CAUSES: usize = 8;

/// Whether calling a tool twice does what calling it once does.
pub(super) fn is_idempotent(tool: Option<&Tool>) -> bool {
    let hints = tool.and_then(|tool| tool.annotations.as_ref());
    hints.is_some_and(|hints| {
        hints.read_only_hint == Some(true) || hints.idempotent_hint == Some(true)
    })
}

/// Whether the error may be gone the next time.
fn may_pass(error: &Error) -> bool {
    match error.kind() {
        ErrorKind::Busy | ErrorKind::Io | ErrorKind::Timeout => true,
        ErrorKind::RateLimited | ErrorKind::Remote => error.retry_after().is_some(),
        ErrorKind::Tool | ErrorKind::Resource | ErrorKind::Prompt | ErrorKind::Internal => {
            is_of_a_connection(error)
        }
        _ => false,
    }
}

/// Whether a connection failed, somewhere in the causes.
fn is_of_a_connection(error: &Error) -> bool {
    let mut next = error.source();
    for _ in 0..MAX_CAUSES {
        let Some(cause) = next else { return false };
        if let Some(io) = cause.downcast_ref::<io::Error>() {
            return is_transient(io.kind());
        }
        next = cause.source();
    }
    false
}

fn is_transient(kind: io::ErrorKind) -> bool {
    matches!(
        kind,
        io::ErrorKind::ConnectionRefused
            | io::ErrorKind::ConnectionReset
            | io::ErrorKind::ConnectionAborted
            | io::ErrorKind::NotConnected
            | io::ErrorKind::BrokenPipe
            | io::ErrorKind::TimedOut
            | io::ErrorKind::UnexpectedEof
            | io::ErrorKind::HostUnreachable
            | io::ErrorKind::NetworkUnreachable
    )
}

impl Retry {
    /// The waits between attempts, before jitter.
    pub(super) fn waits(&self) -> ExponentialBackoff {
        ExponentialBuilder::default()
            .with_min_delay(self.shortest)
            .with_max_delay(self.longest)
            .with_max_times(self.attempts - 1)
            .build()
    }

    /// How long to wait for the next attempt; `None` where there is to be none.
    pub(super) fn wait_after(
        &self,
        cx: &Context,
        error: &Error,
        ceiling: Duration,
    ) -> Option<Duration> {
        let passes = self
            .when
            .as_ref()
            .map_or_else(|| may_pass(error), |when| when(error));
        if !passes || cx.has_spoken() || cx.is_cancelled() {
            return None;
        }
        // Full jitter: those that failed together do not come back together.
        let wait = ceiling
            .mul_f64(fastrand::f64())
            .max(error.retry_after().unwrap_or_default());
        let in_time = cx
            .deadline()
            .is_none_or(|deadline| Instant::now() + wait < deadline);
        (wait <= self.longest && in_time).then_some(wait)
    }
}
