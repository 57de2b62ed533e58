//! A state that is redeemed for effects is redeemed once.
//!
//! Whoever has a `requestState` may send it again, and each time the handler
//! runs from the top. Runs that only compute may repeat. Before the first effect
//! of a run ([`Context::step`]) its state is claimed in the server's store, by
//! the nonce inside: of all runs of one state, on whatever replica, one gets
//! past that point.
//!
//! A client whose answer was lost on the way does nothing wrong when it sends
//! the same again. So the claim keeps the answer of the run that made it: the
//! same state with the same answers is answered the same, without a run; with
//! other answers it is refused like any bad state. A run of which no answer is
//! known (its replica died, its answer was too large to be kept) is refused too,
//! for its effects may have happened. The claim outlives the state, so there is
//! no moment at which a state is good for a second time.

use std::{
    sync::{
        Arc,
        atomic::{AtomicU32, Ordering},
    },
    time::Duration,
};

use serde::{Deserialize, Serialize};
use serde_json::Value;
use tokio::{
    runtime::Handle,
    sync::OnceCell,
    time::{Instant, timeout_at},
};

use super::{Context, digest, rounds::TTL};
use crate::{
    Error, ErrorKind, Result,
    server::error_reply,
    store::{Key, KeyValue, StoreResult},
    wire::Reply,
};

const COLLECTION: &str = "mcp.redeemed";
/// Longer than a state can live, by whatever clock.
const KEPT: Duration = TTL.saturating_add(Duration::from_secs(120));
/// The longest answer that is kept, in bytes.
const MAX_ANSWER: usize = 256 * 1024;
/// How long a client that sends a state again waits for the first run.
const PATIENCE: Duration = Duration::from_secs(30);

/// The claim of one run on its state.
#[derive(Debug, Default)]
pub(crate) struct Redemption {
    verdict: OnceCell<Verdict>,
    /// Effects that were begun and have not failed.
    effects: AtomicU32,
}

#[derive(Debug)]
enum Verdict {
    /// There is no state to claim: this is the first run of its call.
    Free,
    /// This run may have effects.
    Claimed(Claim),
    /// Another run has had them, and answered this.
    Answered(Answered),
    /// Another run has claimed the state.
    Refused,
}

#[derive(Debug)]
struct Claim {
    nonce: String,
    answers: String,
}

/// What the store knows of a claimed state.
#[derive(Debug, Serialize, Deserialize)]
struct Record {
    /// The hash of the answers it was redeemed with.
    #[serde(rename = "a")]
    answers: String,
    #[serde(rename = "o")]
    outcome: Outcome,
}

#[derive(Debug, Serialize, Deserialize)]
enum Outcome {
    #[serde(rename = "r")]
    Running,
    #[serde(rename = "a")]
    Answered(Answered),
    #[serde(rename = "l")]
    Lost,
}

/// An answer without the id of its request.
#[derive(Debug, Clone, Serialize, Deserialize)]
struct Answered {
    #[serde(rename = "s")]
    status: u16,
    #[serde(rename = "b")]
    rest: String,
}

impl Answered {
    /// The answer to this request, if it is one that can be given again.
    fn of(cx: &Context, reply: &Reply) -> Option<Self> {
        let body = std::str::from_utf8(&reply.body).ok()?;
        let rest = body.strip_prefix(&head(cx))?;
        (rest.len() <= MAX_ANSWER).then(|| Self {
            status: reply.status,
            rest: rest.to_owned(),
        })
    }

    fn reply(&self, cx: &Context) -> Reply {
        let body = head(cx) + &self.rest;
        Reply::ok(body.into_bytes()).with_status(self.status)
    }
}

/// How every answer to this request begins.
fn head(cx: &Context) -> String {
    format!(r#"{{"jsonrpc":"2.0","id":{},"#, cx.request_id())
}

impl Redemption {
    /// Notes that an effect begins. `false`: it must not.
    ///
    /// # Errors
    /// When the store is not there: then nobody knows whether it may.
    pub(super) async fn begin(&self, cx: &Context, nonce: &str) -> Result<bool> {
        let verdict = self
            .verdict
            .get_or_try_init(|| async move {
                if nonce.is_empty() {
                    return Ok(Verdict::Free);
                }
                claim(cx, nonce).await
            })
            .await?;
        let may = matches!(verdict, Verdict::Free | Verdict::Claimed(_));
        if may {
            self.effects.fetch_add(1, Ordering::Relaxed);
        }
        Ok(may)
    }

    /// Notes that an effect has failed, so that nothing of it is there.
    pub(super) fn failed(&self) {
        self.effects.fetch_sub(1, Ordering::Relaxed);
    }

    /// What becomes of the claim, if there is one.
    fn claimed(&self) -> Option<(&Claim, bool)> {
        match self.verdict.get()? {
            Verdict::Claimed(claim) => Some((claim, self.effects.load(Ordering::Relaxed) > 0)),
            _ => None,
        }
    }
}

async fn claim(cx: &Context, nonce: &str) -> Result<Verdict> {
    let store = cx.server().store();
    let claim = Claim {
        nonce: nonce.to_owned(),
        answers: answers(cx),
    };
    let at = Key::new(COLLECTION, nonce);
    let running = claim.record(Outcome::Running)?;
    if store
        .compare_and_set(at, None, Some(running.into()), Some(KEPT))
        .await?
    {
        return Ok(Verdict::Claimed(claim));
    }
    let known = timeout_at(
        Instant::now() + PATIENCE,
        known(&*store, at, &claim.answers),
    )
    .await;
    Ok(match known {
        Ok(answered) => answered?.map_or(Verdict::Refused, Verdict::Answered),
        Err(_) => Verdict::Refused,
    })
}

/// What another run of the same state with the same answers was answered.
async fn known(store: &dyn KeyValue, at: Key<'_>, answers: &str) -> StoreResult<Option<Answered>> {
    let mut found = store.get(at).await?;
    loop {
        let Some(stored) = found else {
            return Ok(None);
        };
        let record = serde_json::from_slice::<Record>(&stored.value).ok();
        match record.filter(|record| record.answers == answers) {
            None => return Ok(None),
            Some(record) => match record.outcome {
                Outcome::Answered(answered) => return Ok(Some(answered)),
                Outcome::Lost => return Ok(None),
                Outcome::Running => {}
            },
        }
        found = store.changed(at, Some(stored.value), PATIENCE).await?;
    }
}

/// The hash of the answers of the client, by value.
fn answers(cx: &Context) -> String {
    let answers = cx.message().param("inputResponses");
    let answers = answers.and_then(|raw| raw.decode::<Value>().ok());
    digest(answers.unwrap_or_default().to_string().as_bytes())
}

impl Claim {
    fn record(&self, outcome: Outcome) -> Result<Vec<u8>> {
        let answers = self.answers.clone();
        Ok(serde_json::to_vec(&Record { answers, outcome })?)
    }
}

/// Ends a run: what it answers, and what is kept of that.
pub(crate) async fn conclude(cx: &Context, reply: Reply) -> Reply {
    let Some(redemption) = cx.request().rounds.get().map(super::Rounds::redemption) else {
        return reply;
    };
    match redemption.verdict.get() {
        Some(Verdict::Answered(answered)) => return answered.reply(cx),
        Some(Verdict::Refused) => return error_reply(cx, &super::rounds::invalid_state()),
        Some(Verdict::Free | Verdict::Claimed(_)) | None => {}
    }
    if let Some((claim, has_effects)) = redemption.claimed() {
        let outcome = match Answered::of(cx, &reply) {
            Some(answered) => Outcome::Answered(answered),
            None => Outcome::Lost,
        };
        let kept = keep(cx.server().store(), &claim.nonce, || {
            has_effects.then(|| claim.record(outcome))
        });
        if let Err(error) = kept.await {
            tracing::warn!(%error, "the answer to a redeemed state could not be kept");
        }
    }
    reply
}

/// A run was cancelled: nobody will know its answer.
pub(crate) fn abandon(cx: &Context) {
    let redemption = cx.request().rounds.get().map(super::Rounds::redemption);
    let Some((claim, has_effects)) = redemption.and_then(Redemption::claimed) else {
        return;
    };
    let (Ok(runtime), store) = (Handle::try_current(), cx.server().store()) else {
        return;
    };
    let (nonce, record) = (claim.nonce.clone(), claim.record(Outcome::Lost));
    // One operation of the store, which has its own limit.
    runtime.spawn(async move { keep(store, &nonce, || has_effects.then_some(record)).await });
}

/// Writes what is known now, or gives the state back if it had no effects.
async fn keep(
    store: Arc<dyn KeyValue>,
    nonce: &str,
    record: impl FnOnce() -> Option<Result<Vec<u8>>>,
) -> Result<()> {
    let at = Key::new(COLLECTION, nonce);
    match record() {
        Some(record) => store.put(at, record?.into(), Some(KEPT)).await?,
        None => {
            store.delete(at).await?;
        }
    }
    Ok(())
}

/// An effect that must not begin.
pub(super) fn redeemed() -> Error {
    Error::new(
        ErrorKind::InvalidParams,
        "this request state has been redeemed before",
    )
}
