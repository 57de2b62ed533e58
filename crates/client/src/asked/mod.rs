//! What the server may ask of its client, and who answers.
//!
//! One set of handlers serves the session era's requests and the questions inside the stateless
//! era's results. What has no handler is not declared, and what is not declared is refused.

mod form;
mod into_answer;

use std::sync::{Mutex, PoisonError};

use purlin_core::protocol::{
    ClientCapabilities, CreateMessageParams, CreateMessageResult, ElicitForm, ElicitRequest,
    ElicitResult, ElicitUrl, ErrorCode, ErrorObject, InputRequest, InputResponse, ListRootsResult,
    Root, decode_params, method,
};
use serde_json::value::RawValue;

pub use form::form_defaults;
pub use into_answer::IntoAnswer;

use crate::BoxFuture;

/// A handler of one kind of question.
pub(crate) type Handler<Q, A> =
    Box<dyn Fn(Q) -> BoxFuture<'static, Result<A, ErrorObject>> + Send + Sync>;

/// The handlers of one client.
#[derive(Default)]
pub(crate) struct Answers {
    pub(crate) form: Option<Handler<ElicitForm, ElicitResult>>,
    pub(crate) url: Option<Handler<ElicitUrl, ElicitResult>>,
    pub(crate) sampling: Option<Handler<CreateMessageParams, CreateMessageResult>>,
    pub(crate) roots: Option<Mutex<Vec<Root>>>,
    /// Whether questions may be answered by whoever made the call.
    pub(crate) relayed: bool,
}

impl Answers {
    /// What a client with these handlers may declare.
    pub(crate) fn capabilities(&self) -> ClientCapabilities {
        let mut capabilities = ClientCapabilities::default();
        if self.relayed || self.form.is_some() {
            capabilities = capabilities.with_elicitation_form();
        }
        if self.relayed || self.url.is_some() {
            capabilities = capabilities.with_elicitation_url();
        }
        if self.relayed || self.sampling.is_some() {
            capabilities = capabilities.with_sampling();
        }
        if self.relayed || self.roots.is_some() {
            capabilities = capabilities.with_roots();
        }
        capabilities
    }

    /// Whether there is anything that a server may ask.
    #[cfg(feature = "http")]
    pub(crate) fn any(&self) -> bool {
        let asks = [
            self.form.is_some(),
            self.url.is_some(),
            self.sampling.is_some(),
        ];
        asks.contains(&true) || self.roots.is_some() || self.relayed
    }

    /// Replaces the roots. False if this client never declared any.
    pub(crate) fn set_roots(&self, roots: Vec<Root>) -> bool {
        let Some(current) = &self.roots else {
            return false;
        };
        *current.lock().unwrap_or_else(PoisonError::into_inner) = roots;
        true
    }

    /// Answers a question.
    ///
    /// # Errors
    /// `-32601` for what was not declared, else what the handler says.
    pub(crate) async fn answer(
        &self,
        question: InputRequest,
    ) -> Result<InputResponse, ErrorObject> {
        match question {
            InputRequest::Elicit(ElicitRequest::Form(form)) => {
                let schema = form.requested_schema.clone();
                let answer = ask(self.form.as_ref(), form).await?;
                form::complete(&schema, answer).map(InputResponse::Elicit)
            }
            InputRequest::Elicit(ElicitRequest::Url(url)) => {
                ask(self.url.as_ref(), url).await.map(InputResponse::Elicit)
            }
            InputRequest::Sample(params) => ask(self.sampling.as_ref(), *params)
                .await
                .map(|message| InputResponse::Sample(Box::new(message))),
            InputRequest::Roots(_) => self.list_roots().map(InputResponse::Roots),
            _ => Err(undeclared()),
        }
    }

    fn list_roots(&self) -> Result<ListRootsResult, ErrorObject> {
        let roots = self.roots.as_ref().ok_or_else(undeclared)?;
        Ok(ListRootsResult::new(
            roots.lock().unwrap_or_else(PoisonError::into_inner).clone(),
        ))
    }
}

/// What a request of the session era asks; nothing if it is a ping.
///
/// # Errors
/// `-32601` for other requests, `-32602` for parameters that are wrong.
pub(crate) fn question(
    method: &str,
    params: Option<&RawValue>,
) -> Result<Option<InputRequest>, ErrorObject> {
    match method {
        method::PING => return Ok(None),
        method::ELICITATION_CREATE => decode_params(params).map(InputRequest::Elicit),
        method::SAMPLING_CREATE_MESSAGE => decode_params(params).map(InputRequest::Sample),
        method::ROOTS_LIST => decode_params(params).map(InputRequest::Roots),
        _ => return Err(undeclared()),
    }
    .map(Some)
    .map_err(|error| ErrorObject::new(ErrorCode::INVALID_PARAMS, error.to_string()))
}

async fn ask<Q, A>(handler: Option<&Handler<Q, A>>, question: Q) -> Result<A, ErrorObject> {
    handler.ok_or_else(undeclared)?(question).await
}

fn undeclared() -> ErrorObject {
    ErrorObject::new(
        ErrorCode::METHOD_NOT_FOUND,
        "this client did not declare that it answers such requests",
    )
}
