//! Walks the probe's steps over a real link.

use std::time::Duration;

use purlin_core::protocol::{InitializeParams, RawJson, method};
use purlin_core::wire::Revision;
use serde::de::DeserializeOwned;

use super::probe::{Probe, Seen, Step};
use super::{Agreement, Era};
use crate::Result;
use crate::client::Inner;
use crate::envelope::{self, Params};
use crate::error::{ClientError, ErrorKind};
use crate::link::Outgoing;

/// How long a server may take to answer the very first question before it is taken for one that
/// does not know it. Servers of the session era may stay silent before `initialize`.
const DISCOVERY_PATIENCE: Duration = Duration::from_secs(5);

/// Agrees on a revision with the server.
///
/// # Errors
/// When the network fails, the server refuses, or no revision is common to both.
pub(crate) async fn negotiate(inner: &Inner, era: Era) -> Result<Agreement> {
    let era = if inner.link.is_old_only() {
        fall_back(inner).await?;
        era.without_discovery()
    } else {
        era
    };
    let (mut probe, mut step) = Probe::new(era, inner.kept.had_sessions());
    loop {
        let seen = match step {
            Step::Discover(revision) => discover(inner, revision, era).await?,
            Step::Initialize(revision) => initialize(inner, revision).await?,
            Step::FallBack => match fall_back(inner).await {
                Ok(()) => Seen::FellBack,
                Err(error) => Seen::Nothing(error),
            },
            Step::Agreed(agreement) => {
                if !agreement.revision.is_modern() {
                    finish_handshake(inner, agreement.revision).await?;
                }
                inner.kept.remember_era(agreement.revision);
                return Ok(*agreement);
            }
            Step::Failed(error) => return Err(error),
        };
        step = probe.next(seen);
    }
}

async fn discover(inner: &Inner, revision: Revision, era: Era) -> Result<Seen> {
    let id = inner.next_id();
    let mut params = Params::default();
    params.prefix = Some(inner.stateless_meta(revision).into());
    let body = envelope::request(id, method::SERVER_DISCOVER, &params);
    let request = Outgoing::plain(id, method::SERVER_DISCOVER, body, Some(revision));
    let patience = match era {
        Era::Auto => DISCOVERY_PATIENCE.min(inner.options.connect_timeout),
        _ => inner.options.connect_timeout,
    };
    see(inner, request, patience, Seen::Discovered).await
}

async fn initialize(inner: &Inner, revision: Revision) -> Result<Seen> {
    let id = inner.next_id();
    let hello = InitializeParams::new(
        revision.as_str(),
        inner.options.capabilities.clone(),
        inner.options.info.clone(),
    );
    let hello = serde_json::to_value(hello)
        .map_err(|error| ClientError::decode("the client's introduction", error))?;
    let body = envelope::request(id, method::INITIALIZE, &hello.into());
    let request = Outgoing::plain(id, method::INITIALIZE, body, None);
    see(
        inner,
        request,
        inner.options.connect_timeout,
        Seen::Initialized,
    )
    .await
}

async fn fall_back(inner: &Inner) -> Result<()> {
    let open = inner.link.fall_back(&inner.inbox, &inner.tasks);
    inner
        .link
        .within(inner.options.connect_timeout, open)
        .await?
}

async fn finish_handshake(inner: &Inner, revision: Revision) -> Result<()> {
    let initialized = envelope::notification(method::NOTIFICATIONS_INITIALIZED, &Params::default());
    inner.link.notify(initialized, Some(revision)).await?;
    inner.link.session_opened(revision).await;
    Ok(())
}

async fn see<T: DeserializeOwned>(
    inner: &Inner,
    request: Outgoing<'_>,
    patience: Duration,
    seen: fn(T) -> Seen,
) -> Result<Seen> {
    let method = request.method;
    let answer = match inner
        .link
        .within(patience, inner.link.exchange(request))
        .await
    {
        Ok(answer) => answer,
        Err(timeout) => return Ok(Seen::Nothing(timeout)),
    };
    match answer {
        Ok(Ok(result)) => Ok(read(method, &result).map_or_else(Seen::Nothing, seen)),
        Ok(Err(error)) => Ok(Seen::Refused(error)),
        // An HTTP status without a protocol message in it is an answer of somebody who does not
        // speak this era. A broken network is not.
        Err(error) if matches!(error.kind(), ErrorKind::HttpStatus | ErrorKind::Protocol) => {
            Ok(Seen::Nothing(error))
        }
        Err(error) => Err(error),
    }
}

fn read<T: DeserializeOwned>(method: &str, result: &RawJson) -> Result<T> {
    result
        .decode()
        .map_err(|error| ClientError::decode(format!("the answer to `{method}`"), error))
}
