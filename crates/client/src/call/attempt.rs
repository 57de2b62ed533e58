//! A request is sent again where that is right: the server turned it away without looking at it, or
//! the caller allowed that it is done twice.

use std::time::Duration;

use purlin_core::protocol::{ErrorCode, RawJson, method};

use super::visiting::Visited;
use crate::changes::Change;
use crate::client::{Client, Inner};
use crate::envelope::Params;
use crate::error::ClientError;
use crate::inbox::Observers;
use crate::{ErrorKind, Result};

/// The longest wait between two attempts.
const LONGEST_WAIT: Duration = Duration::from_secs(5);

/// What is the same in every round and every attempt of a request.
pub(super) struct Call<'a> {
    pub(super) client: &'a Client,
    pub(super) method: &'a str,
    pub(super) name: Option<&'a str>,
    pub(super) observers: &'a Observers,
    /// How often it may be sent again although the server may have seen it.
    pub(super) repeats: u32,
}

/// What was done about failures so far.
#[derive(Default)]
struct Tried {
    renewed: bool,
    listed: bool,
    repeated: u32,
    visited: Visited,
}

impl Call<'_> {
    /// One round of the request, each attempt of it with a new id.
    ///
    /// # Errors
    /// As [`Inner::exchange`], when there is no remedy.
    pub(super) async fn send(&self, params: Params) -> Result<RawJson> {
        let inner = &self.client.0;
        let mut tried = Tried::default();
        loop {
            let session = inner.link.session_number();
            let attempt = inner.exchange(self.method, params.clone(), self.name, self.observers);
            match attempt.await {
                Ok(result) => return Ok(result),
                // Boxed, as it is rare: no call should be as large as what it hardly ever does.
                Err(failure) => Box::pin(self.remedy(failure, session, &mut tried)).await?,
            }
        }
    }

    /// Does something about a failure, each thing once but repeating and visits.
    ///
    /// # Errors
    /// The failure, if there is nothing to be done.
    async fn remedy(&self, failure: ClientError, session: u64, tried: &mut Tried) -> Result<()> {
        let inner = &self.client.0;
        if failure.kind() == ErrorKind::SessionLost && !tried.renewed {
            tried.renewed = true;
            inner.renew(session).await
        } else if self.misses_headers(inner, &failure) && !tried.listed {
            tried.listed = true;
            inner.kept.changed(&Change::Tools);
            self.client.list_tools().await.map(drop)
        } else if failure.kind() == ErrorKind::Transport
            && inner.is_stateless()
            && tried.repeated < self.repeats
        {
            back_off(tried.repeated).await;
            tried.repeated += 1;
            Ok(())
        } else if self.visit(&failure, &mut tried.visited).await {
            Ok(())
        } else {
            Err(failure)
        }
    }

    /// Whether the latest list of tools would tell of headers that the server wants (SEP-2243).
    fn misses_headers(&self, inner: &Inner, failure: &ClientError) -> bool {
        self.method == method::TOOLS_CALL
            && inner.mirrors()
            && failure.code() == Some(ErrorCode::HEADER_MISMATCH)
    }
}

/// The first time at once, then ever longer.
async fn back_off(repeated: u32) {
    if let Some(exponent) = repeated.checked_sub(1) {
        let wait = Duration::from_millis(100).saturating_mul(1 << exponent.min(16));
        tokio::time::sleep(wait.min(LONGEST_WAIT)).await;
    }
}
