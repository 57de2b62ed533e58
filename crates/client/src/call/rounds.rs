//! The rounds of one request in the stateless era: question in a result, answer in the retry
//! (SEP-2322).

use std::time::Duration;

use purlin_core::protocol::{InputRequiredResult, InputResponses, RawJson, method};
use serde::Deserialize;
use std::borrow::Cow;

use super::attempt::Call;
use crate::Result;
use crate::envelope::Params;
use crate::error::ClientError;

/// A server that asks more often than this asks for ever.
const MOST_ROUNDS: u32 = 10;

/// What a server answered in the end.
pub(super) struct Answer {
    pub(super) result: RawJson,
    /// Whether it asked for nothing before.
    pub(super) at_once: bool,
}

/// Sends a request and answers what the server asks, until it gives a result.
///
/// # Errors
/// What the server or a handler says; `Protocol` for a server that asks too often, asks where it
/// may not, or gives a result of a kind nobody knows.
pub(super) async fn run(call: &Call<'_>, params: Params) -> Result<Answer> {
    let (inner, method) = (&call.client.0, call.method);
    let mut round = params.clone();
    for number in 0..=MOST_ROUNDS {
        let result = call.send(round).await?;
        if !inner.is_stateless() || !asks(method, &result)? {
            let at_once = number == 0;
            return Ok(Answer { result, at_once });
        }
        round = answered(call, &params, &result, number).await?;
    }
    Err(ClientError::protocol(format!(
        "`{method}` asked for input more than {MOST_ROUNDS} times"
    )))
}

/// Whether the result is a question. Absent means complete; unknown kinds are invalid.
fn asks(method: &str, result: &RawJson) -> Result<bool> {
    #[derive(Deserialize)]
    #[serde(rename_all = "camelCase")]
    struct Kind<'a> {
        #[serde(default, borrow)]
        result_type: Option<Cow<'a, str>>,
    }

    let kind: Kind<'_> = serde_json::from_str(result.get())
        .map_err(|error| ClientError::decode(format!("the result of `{method}`"), error))?;
    match kind.result_type.as_deref() {
        None | Some("complete") => Ok(false),
        Some("input_required") if may_ask(method) => Ok(true),
        Some(kind) => Err(ClientError::protocol(format!(
            "`{method}` gave a result of type `{kind}`"
        ))),
    }
}

fn may_ask(method: &str) -> bool {
    matches!(
        method,
        method::TOOLS_CALL | method::PROMPTS_GET | method::RESOURCES_READ
    )
}

/// The parameters of the next round: those of the first, the answers to the latest questions, and
/// the state exactly as it came.
async fn answered(
    call: &Call<'_>,
    params: &Params,
    result: &RawJson,
    number: u32,
) -> Result<Params> {
    let asked: InputRequiredResult = result
        .decode()
        .map_err(|error| ClientError::decode("a request for input", error))?;
    if asked.input_requests.is_empty() {
        if asked.request_state.is_none() {
            return Err(ClientError::protocol(
                "a request for input that asks for nothing",
            ));
        }
        back_off(number).await;
    }
    let mut responses = InputResponses::new();
    for (key, question) in asked.input_requests {
        let relay = call.observers.questions.as_ref();
        let answer = call.client.0.inbox.answer(question, relay).await?;
        responses
            .insert(key, &answer)
            .map_err(|error| ClientError::decode("the answer of a handler", error))?;
    }
    let mut round = params.clone();
    if !responses.is_empty() {
        let responses = RawJson::encode(&responses)
            .map_err(|error| ClientError::decode("the answers of the handlers", error))?;
        round.set("inputResponses", responses);
    }
    match asked.request_state {
        Some(state) => round.set("requestState", serde_json::Value::String(state)),
        None => round.unset("requestState"),
    }
    Ok(round)
}

/// A server that only says "ask me again" is busy: the first retry goes out at once, later ones
/// leave it some time.
async fn back_off(number: u32) {
    if let Some(exponent) = number.checked_sub(1) {
        let wait = Duration::from_millis(50 << exponent.min(3)).min(Duration::from_millis(250));
        tokio::time::sleep(wait).await;
    }
}
