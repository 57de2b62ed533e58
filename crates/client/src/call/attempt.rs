//! A request that the server turned away without looking at it is sent again.

use purlin_core::protocol::{ErrorCode, RawJson, method};

use crate::changes::Change;
use crate::client::{Client, Inner};
use crate::envelope::Params;
use crate::error::ClientError;
use crate::inbox::Observers;
use crate::{ErrorKind, Result};

/// One round of a request.
///
/// Sent again, with a new id and once for each reason, when the server does not know the session
/// any more, and when it misses headers that the latest list of tools would tell of (SEP-2243).
///
/// # Errors
/// As [`Inner::exchange`](crate::client::Inner::exchange).
pub(super) async fn send(
    client: &Client,
    method: &str,
    params: Params,
    name: Option<&str>,
    observers: &Observers,
) -> Result<RawJson> {
    let inner = &client.0;
    let (mut renewed, mut listed) = (false, false);
    loop {
        let session = inner.link.session_number();
        let round = params.clone();
        let failure = match inner.exchange(method, round, name, observers).await {
            Ok(result) => return Ok(result),
            Err(failure) => failure,
        };
        // Boxed, as they are rare: no call should be as large as what it hardly ever does.
        if failure.kind() == ErrorKind::SessionLost && !renewed {
            renewed = true;
            Box::pin(inner.renew(session)).await?;
        } else if method == method::TOOLS_CALL && misses_headers(inner, &failure) && !listed {
            listed = true;
            inner.kept.changed(&Change::Tools);
            Box::pin(client.list_tools()).await?;
        } else {
            return Err(failure);
        }
    }
}

fn misses_headers(inner: &Inner, failure: &ClientError) -> bool {
    inner.mirrors() && failure.code() == Some(ErrorCode::HEADER_MISMATCH)
}
