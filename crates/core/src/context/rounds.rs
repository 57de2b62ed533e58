//! Rounds of input in the stateless era.
//!
//! A handler that asks is run up to the question; the client gets the question
//! with a sealed state and retries with the answer. Then the handler runs from
//! the top again, and what was answered before comes from the state: the
//! answers, and the results of steps that must happen once (SEP-2322).

use std::{
    collections::BTreeMap,
    sync::{Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::{
    Context, Principal, RequestState,
    redemption::{Redemption, redeemed},
};
use crate::{
    Error, ErrorKind, Result,
    protocol::{InputRequest, RawJson},
    server::random_id,
};

/// How long a client may take for one round.
pub(super) const TTL: Duration = Duration::from_secs(600);
/// How large the sealed state may grow, in bytes.
const MAX_STATE: usize = 64 * 1024;
/// How often one call may ask.
const MAX_ROUNDS: u32 = 32;

/// What is carried from round to round, sealed.
#[derive(Debug, Default, Serialize, Deserialize)]
struct Carried {
    #[serde(rename = "a", default)]
    answers: BTreeMap<String, RawJson>,
    #[serde(rename = "s", default)]
    steps: BTreeMap<String, RawJson>,
    /// The keys that were asked last: answers under other keys are ignored.
    #[serde(rename = "q", default)]
    asked: Vec<String>,
    #[serde(rename = "n", default)]
    round: u32,
    /// Tells this state from all others, also of the same call.
    #[serde(rename = "i", default)]
    nonce: String,
}

#[derive(Debug, Default)]
struct State {
    carried: Carried,
    questions: BTreeMap<String, InputRequest>,
    /// How many of the questions somebody has ended this run for.
    noticed: usize,
    /// How often each key was used in this run.
    occurrences: BTreeMap<String, u32>,
}

/// The rounds of one call.
#[derive(Debug, Default)]
pub(crate) struct Rounds {
    state: Mutex<State>,
    /// The nonce of the state this run redeems; empty in the first.
    nonce: String,
    redemption: Redemption,
}

/// What the client gets when input is required.
#[derive(Debug)]
pub(crate) struct InputRequired {
    pub(crate) requests: BTreeMap<String, InputRequest>,
    pub(crate) state: String,
}

impl Rounds {
    /// Reads `requestState` and `inputResponses` of a request.
    ///
    /// # Errors
    /// Invalid params when the state was not sealed by us for this very
    /// request, or when an answer is malformed.
    pub(crate) fn read(request: &RequestState) -> Result<Self> {
        let message = &request.message;
        let mut carried = match message.param("requestState") {
            None => Carried::default(),
            Some(state) => open(request, state.as_str().as_deref()).ok_or_else(invalid_state)?,
        };
        if let Some(responses) = message.param("inputResponses") {
            let mut responses: BTreeMap<String, RawJson> = responses.decode().map_err(|_| {
                Error::new(
                    ErrorKind::InvalidParams,
                    "`inputResponses` must be an object of answers",
                )
            })?;
            if message.param("requestState").is_some() {
                responses.retain(|key, _| carried.asked.contains(key));
            }
            carried.answers.append(&mut responses);
        }
        let nonce = std::mem::take(&mut carried.nonce);
        let state = Mutex::new(State {
            carried,
            ..State::default()
        });
        Ok(Self {
            state,
            nonce,
            redemption: Redemption::default(),
        })
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Makes a derived key unique within this run: the same place may ask
    /// several times.
    pub(crate) fn unique(&self, place: String) -> String {
        let mut state = self.lock();
        let count = state.occurrences.entry(place.clone()).or_insert(0);
        *count += 1;
        if *count == 1 {
            place
        } else {
            format!("{place}-{count}")
        }
    }

    /// Takes a key that was given by hand. One key for two questions would
    /// answer the second with what was said to the first.
    pub(crate) fn claim(&self, key: &str) -> Result<()> {
        let taken = self.lock().occurrences.insert(key.to_owned(), 1).is_some();
        if taken {
            let problem = format!("two questions of one call have the key `{key}`");
            return Err(Error::internal(problem));
        }
        Ok(())
    }

    pub(crate) fn answer(&self, key: &str) -> Option<RawJson> {
        self.lock().carried.answers.get(key).cloned()
    }

    pub(crate) fn ask(&self, key: String, question: InputRequest) {
        self.lock().questions.insert(key, question);
    }

    /// Whether there are questions for which nobody has ended this run yet.
    /// Whoever gets `true` has to.
    pub(crate) fn notice(&self) -> bool {
        let mut state = self.lock();
        let asked = state.questions.len();
        std::mem::replace(&mut state.noticed, asked) < asked
    }

    pub(crate) fn step(&self, key: &str) -> Option<RawJson> {
        self.lock().carried.steps.get(key).cloned()
    }

    pub(crate) fn redemption(&self) -> &Redemption {
        &self.redemption
    }

    /// Before an effect: claims the state of this run, once.
    ///
    /// # Errors
    /// When another run has had effects, or nobody can know.
    pub(crate) async fn begin_effect(&self, cx: &Context) -> Result<()> {
        if self.redemption.begin(cx, &self.nonce).await? {
            Ok(())
        } else {
            Err(redeemed())
        }
    }

    pub(crate) fn record_step(&self, key: &str, value: &Value) {
        self.lock()
            .carried
            .steps
            .insert(key.to_owned(), RawJson::from(value));
    }

    /// Ends this run: the questions, and the state that brings the answers
    /// back into the next.
    pub(crate) fn finish(&self, cx: &Context) -> Result<InputRequired> {
        let mut state = self.lock();
        let requests = std::mem::take(&mut state.questions);
        state.carried.asked = requests.keys().cloned().collect();
        state.carried.round += 1;
        state.carried.nonce = random_id();
        if state.carried.round > MAX_ROUNDS {
            return Err(Error::new(
                ErrorKind::InvalidParams,
                "this call has asked for input too often",
            ));
        }
        let plain = serde_json::to_vec(&state.carried)?;
        let sealed = cx.server().keys().seal(&plain, &binding(cx.request()), TTL);
        if sealed.len() > MAX_STATE {
            let problem = format!("the answers and steps of one call exceed {MAX_STATE} bytes");
            return Err(Error::internal(problem));
        }
        Ok(InputRequired {
            requests,
            state: sealed,
        })
    }
}

fn open(request: &RequestState, state: Option<&str>) -> Option<Carried> {
    let state = state.filter(|state| state.len() <= MAX_STATE)?;
    let plain = request.server.keys().open(state, &binding(request))?;
    serde_json::from_slice(&plain).ok()
}

pub(super) fn invalid_state() -> Error {
    Error::new(
        ErrorKind::InvalidParams,
        "`requestState` is not valid for this request, or has expired: send the request again without it",
    )
}

/// What a state is bound to: the caller, the method, the target and the
/// arguments, by value (a client may spell the same arguments another way in its
/// retry).
fn binding(request: &RequestState) -> Vec<u8> {
    let message = &request.message;
    let canonical = |name: &str| {
        message
            .param(name)
            .and_then(|raw| raw.decode::<Value>().ok())
            .unwrap_or_default()
    };
    let identity = request.origin.principal().map(Principal::identity);
    let parts = (
        identity.as_deref(),
        message.method(),
        canonical("name"),
        canonical("uri"),
        canonical("arguments"),
    );
    serde_json::to_vec(&parts).unwrap_or_default()
}
