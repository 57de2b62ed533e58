//! Asking the client: its user (elicitation), its model (sampling), its roots.
//!
//! One straight line of code serves both eras. In a session the question is a
//! request to the client and the handler waits. In the stateless era the
//! question ends this run of the handler and travels in its result; when the
//! answer comes, the handler runs from the top with the answer at hand.

use std::{
    borrow::Cow,
    future::{Future, IntoFuture, pending, poll_fn},
    marker::PhantomData,
    panic::Location,
    pin::Pin,
    task::Poll,
};

use serde::{Serialize, de::DeserializeOwned};
use serde_json::{Value, json};

use super::{Context, Era, Rounds};
use crate::{
    BoxFuture, Error, ErrorKind, IntoToolError, Result, ToolArg,
    protocol::{
        ClientCapabilities, CreateMessageParams, CreateMessageResult, ElicitAction, ElicitRequest,
        ElicitResult, InputRequest, ListRootsParams, ListRootsResult, RawJson, Root, Schema,
        method,
    },
    wire::Revision,
};

/// What a user did with a question.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Answer<T> {
    /// They answered.
    Accepted(T),
    /// They said no.
    Declined,
    /// They closed the question without a decision.
    Cancelled,
}

impl<T> Answer<T> {
    /// The answer, if there is one.
    pub fn accepted(self) -> Option<T> {
        match self {
            Self::Accepted(value) => Some(value),
            Self::Declined | Self::Cancelled => None,
        }
    }
}

/// A kind of question to the client.
pub trait Question: Send + 'static {
    /// What comes back.
    type Answer: Send;

    /// The word that names this kind in derived keys.
    #[doc(hidden)]
    const WORD: &'static str;

    /// The request as the protocol carries it.
    #[doc(hidden)]
    fn request(&self, revision: Revision) -> Result<InputRequest>;

    /// Fails when the client cannot be asked this.
    #[doc(hidden)]
    fn check(&self, client: &ClientCapabilities, revision: Revision) -> Result<()>;

    /// Reads the answer.
    #[doc(hidden)]
    fn decode(&self, answer: &RawJson) -> Result<Self::Answer>;
}

/// A question to the client that is asked when it is awaited.
///
/// Every question has a key that ties an answer to it over several rounds. It
/// is derived from the place of the question in the source; give one with
/// [`key`](Self::key) where clients or tests have to know it.
#[must_use = "a question is asked when it is awaited"]
#[derive(Debug)]
pub struct Ask<Q> {
    cx: Context,
    key: Option<Cow<'static, str>>,
    place: &'static Location<'static>,
    question: Q,
}

impl<Q> Ask<Q> {
    /// Gives the question a key of its own. Keys of one call must differ.
    pub fn key(mut self, key: impl Into<Cow<'static, str>>) -> Self {
        self.key = Some(key.into());
        self
    }
}

impl<Q: Question> IntoFuture for Ask<Q> {
    type Output = Result<Q::Answer>;
    type IntoFuture = BoxFuture<'static, Self::Output>;

    fn into_future(self) -> Self::IntoFuture {
        Box::pin(self.ask())
    }
}

impl<Q: Question> Ask<Q> {
    async fn ask(self) -> Result<Q::Answer> {
        let Self {
            cx,
            key,
            place,
            question,
        } = self;
        let revision = cx.revision();
        match &cx.request.era {
            Era::Session(session) => {
                question.check(cx.client_capabilities(), revision)?;
                let request = question.request(revision)?;
                let answer = session.ask(&cx, &request).await?;
                question.decode(&answer)
            }
            Era::Modern { .. } => {
                if !cx.may_ask() {
                    return Err(Error::internal(format!(
                        "`{}` cannot ask the client: only calls of tools, reads of resources and prompts can",
                        cx.method()
                    )));
                }
                let rounds = cx.rounds()?;
                let key = match key {
                    Some(key) => {
                        rounds.claim(&key)?;
                        key.into_owned()
                    }
                    None => {
                        rounds.unique(format!("{}-{}-{}", Q::WORD, place.line(), place.column()))
                    }
                };
                if let Some(answer) = rounds.answer(&key) {
                    return question.decode(&answer);
                }
                question.check(cx.client_capabilities(), revision)?;
                rounds.ask(key, question.request(revision)?);
                // A task the handler spawned may be the one that asks.
                cx.request.cancel.wake_driver();
                // The dispatcher sees the question after this poll and ends the run.
                pending().await
            }
        }
    }
}

impl Context {
    /// Asks the user to fill in a form for `T`, a struct of plain fields
    /// (texts, numbers, booleans, enums without data, optional ones).
    ///
    /// ```
    /// use purlin_core::{Answer, Context, Result};
    ///
    /// #[derive(serde::Deserialize, schemars::JsonSchema)]
    /// struct Confirm {
    ///     /// Type the name of the table to delete it.
    ///     name: String,
    /// }
    ///
    /// async fn delete(cx: &Context) -> Result<&'static str> {
    ///     match cx.elicit::<Confirm>("Really delete the table?").await? {
    ///         Answer::Accepted(confirm) if confirm.name == "orders" => Ok("deleted"),
    ///         _ => Ok("kept"),
    ///     }
    /// }
    /// ```
    ///
    /// # Errors
    /// [`ErrorKind::MissingCapability`] when the client cannot show forms,
    /// [`ErrorKind::InvalidParams`] when the answer does not fit `T`.
    #[track_caller]
    pub fn elicit<T: ToolArg + 'static>(&self, message: impl Into<String>) -> Ask<Elicit<T>> {
        self.ask(Elicit {
            message: message.into(),
            schema: None,
            answer: PhantomData,
        })
    }

    /// Asks the user to fill in a form given by its schema: an object of plain
    /// fields (specification, "Elicitation", "Requested schema").
    ///
    /// # Errors
    /// [`ErrorKind::MissingCapability`] when the client cannot show forms.
    #[track_caller]
    pub fn elicit_form(
        &self,
        message: impl Into<String>,
        schema: impl Into<Schema>,
    ) -> Ask<Elicit<Value>> {
        self.ask(Elicit {
            message: message.into(),
            schema: Some(schema.into()),
            answer: PhantomData,
        })
    }

    /// Asks the user to visit a URL (for what must not pass through the
    /// client, for example credentials of a third party).
    ///
    /// # Errors
    /// [`ErrorKind::MissingCapability`] when the client cannot open URLs.
    #[track_caller]
    pub fn elicit_url(&self, message: impl Into<String>, url: impl Into<String>) -> Ask<ElicitUrl> {
        self.ask(ElicitUrl {
            message: message.into(),
            url: url.into(),
        })
    }

    /// Asks the client's model.
    ///
    /// # Errors
    /// [`ErrorKind::MissingCapability`] when the client does not offer its model.
    #[track_caller]
    pub fn sample(&self, params: CreateMessageParams) -> Ask<Sample> {
        self.ask(Sample { params })
    }

    /// Asks for the directories the client works in.
    ///
    /// # Errors
    /// [`ErrorKind::MissingCapability`] when the client has no roots.
    #[track_caller]
    pub fn roots(&self) -> Ask<Roots> {
        self.ask(Roots(()))
    }

    /// Asks several questions in one round, of any mix of kinds.
    ///
    /// ```
    /// use purlin_core::{Context, Result, protocol::CreateMessageParams};
    ///
    /// async fn plan(cx: &Context) -> Result<usize> {
    ///     let question = CreateMessageParams::new(100).user("Where to?");
    ///     let (city, roots) = cx.all((cx.sample(question), cx.roots())).await?;
    ///     # let _ = city;
    ///     Ok(roots.len())
    /// }
    /// ```
    ///
    /// # Errors
    /// The first error of any of them.
    pub async fn all<Q: Questions>(&self, questions: Q) -> Result<Q::Answers> {
        questions.ask_all().await
    }

    /// Runs a side effect once, however often the handler is run again for
    /// rounds of input; later runs get the recorded result.
    ///
    /// The result travels sealed with the client, so keep it small. `name` is
    /// unique within the handler.
    ///
    /// A client that sends the same round again, be it because the answer was
    /// lost or on purpose, runs nothing twice either: the first step of a round
    /// that is not recorded yet claims the round in the server's store
    /// ([`Server::with_store`](crate::Server::with_store)). The same round with
    /// the same answers is then answered as before, with others it is refused.
    /// The first round of a call has nothing to be known by: sent again, it is
    /// another call.
    ///
    /// # Errors
    /// The effect's own error (then it is not recorded and runs again), when the
    /// round was redeemed before, when the store is not there, or when the
    /// result does not survive serialisation.
    pub async fn step<T, E, F>(&self, name: &str, effect: F) -> Result<T>
    where
        T: Serialize + DeserializeOwned,
        E: IntoToolError,
        F: Future<Output = Result<T, E>>,
    {
        if self.session_state().is_some() {
            return effect.await.map_err(IntoToolError::into_tool_error);
        }
        let rounds = self.rounds()?;
        if let Some(value) = rounds.step(name) {
            return Ok(value.decode()?);
        }
        rounds.begin_effect(self).await?;
        let value = effect.await.map_err(|error| {
            rounds.redemption().failed();
            IntoToolError::into_tool_error(error)
        })?;
        rounds.record_step(name, &serde_json::to_value(&value)?);
        Ok(value)
    }

    #[track_caller]
    fn ask<Q>(&self, question: Q) -> Ask<Q> {
        Ask {
            cx: self.clone(),
            key: None,
            place: Location::caller(),
            question,
        }
    }

    /// Whether the protocol lets the answer to this request be a question
    /// (specification 2026-07-28, "Multi round-trip requests").
    fn may_ask(&self) -> bool {
        matches!(
            self.method(),
            method::TOOLS_CALL | method::PROMPTS_GET | method::RESOURCES_READ
        )
    }

    /// The rounds of this call, read from the request when first asked for.
    pub(crate) fn rounds(&self) -> Result<&Rounds> {
        if let Some(rounds) = self.request.rounds.get() {
            return Ok(rounds);
        }
        let rounds = Rounds::read(&self.request)?;
        Ok(self.request.rounds.get_or_init(|| rounds))
    }
}

/// A form for the user; see [`Context::elicit`].
#[derive(Debug)]
pub struct Elicit<T> {
    message: String,
    schema: Option<Schema>,
    answer: PhantomData<fn() -> T>,
}

impl<T: ToolArg + 'static> Question for Elicit<T> {
    type Answer = Answer<T>;
    const WORD: &'static str = "elicit";

    fn request(&self, _: Revision) -> Result<InputRequest> {
        let schema = match &self.schema {
            Some(schema) => schema.clone(),
            None => crate::schema::form(T::__schema, std::any::type_name::<T>())?,
        };
        Ok(InputRequest::Elicit(ElicitRequest::form(
            self.message.clone(),
            schema,
        )))
    }

    fn check(&self, client: &ClientCapabilities, revision: Revision) -> Result<()> {
        if revision.has_elicitation() && client.elicitation_form() {
            return Ok(());
        }
        Err(Context::missing_capability(
            "elicitation by form",
            &json!({ "elicitation": { "form": {} } }),
        ))
    }

    fn decode(&self, answer: &RawJson) -> Result<Answer<T>> {
        let result = elicited(answer)?;
        Ok(match result.action {
            ElicitAction::Decline => Answer::Declined,
            ElicitAction::Cancel => Answer::Cancelled,
            ElicitAction::Accept => {
                let content = serde_json::to_string(&result.content.unwrap_or_default())?;
                Answer::Accepted(T::__decode(&content).map_err(|error| malformed(&error))?)
            }
        })
    }
}

/// A URL for the user to visit; see [`Context::elicit_url`].
#[derive(Debug)]
pub struct ElicitUrl {
    message: String,
    url: String,
}

impl Question for ElicitUrl {
    type Answer = Answer<()>;
    const WORD: &'static str = "visit";

    fn request(&self, revision: Revision) -> Result<InputRequest> {
        let mut request = ElicitRequest::url(self.message.clone(), self.url.clone());
        if let ElicitRequest::Url(url) = &mut request
            && !revision.is_modern()
        {
            url.elicitation_id = Some(crate::server::random_id());
        }
        Ok(InputRequest::Elicit(request))
    }

    fn check(&self, client: &ClientCapabilities, revision: Revision) -> Result<()> {
        if revision.has_icons() && client.elicitation_url() {
            return Ok(());
        }
        Err(Context::missing_capability(
            "elicitation by URL",
            &json!({ "elicitation": { "url": {} } }),
        ))
    }

    fn decode(&self, answer: &RawJson) -> Result<Answer<()>> {
        Ok(match elicited(answer)?.action {
            ElicitAction::Accept => Answer::Accepted(()),
            ElicitAction::Decline => Answer::Declined,
            ElicitAction::Cancel => Answer::Cancelled,
        })
    }
}

/// A question to the client's model; see [`Context::sample`].
#[derive(Debug)]
pub struct Sample {
    params: CreateMessageParams,
}

impl Question for Sample {
    type Answer = CreateMessageResult;
    const WORD: &'static str = "sample";

    fn request(&self, _: Revision) -> Result<InputRequest> {
        Ok(InputRequest::Sample(Box::new(self.params.clone())))
    }

    fn check(&self, client: &ClientCapabilities, _: Revision) -> Result<()> {
        if !client.sampling() {
            return Err(Context::missing_capability(
                "sampling",
                &json!({ "sampling": {} }),
            ));
        }
        if self.params.tools.is_some() && !client.sampling_tools() {
            return Err(Context::missing_capability(
                "sampling with tools",
                &json!({ "sampling": { "tools": {} } }),
            ));
        }
        Ok(())
    }

    fn decode(&self, answer: &RawJson) -> Result<CreateMessageResult> {
        answer.decode().map_err(|error| malformed(&error))
    }
}

/// A question for the client's roots; see [`Context::roots`].
#[derive(Debug)]
pub struct Roots(());

impl Question for Roots {
    type Answer = Vec<Root>;
    const WORD: &'static str = "roots";

    fn request(&self, _: Revision) -> Result<InputRequest> {
        Ok(InputRequest::Roots(ListRootsParams::default()))
    }

    fn check(&self, client: &ClientCapabilities, _: Revision) -> Result<()> {
        if client.roots() {
            return Ok(());
        }
        Err(Context::missing_capability(
            "roots",
            &json!({ "roots": {} }),
        ))
    }

    fn decode(&self, answer: &RawJson) -> Result<Vec<Root>> {
        let result: ListRootsResult = answer.decode().map_err(|error| malformed(&error))?;
        Ok(result.roots)
    }
}

fn elicited(answer: &RawJson) -> Result<ElicitResult> {
    answer.decode().map_err(|error| malformed(&error))
}

fn malformed(error: &serde_json::Error) -> Error {
    Error::new(
        ErrorKind::InvalidParams,
        format!("an answer of the client does not fit its question: {error}"),
    )
}

/// Several questions asked together; see [`Context::all`].
pub trait Questions {
    /// The answers, in the order of the questions.
    type Answers;

    /// Asks them all in one round.
    #[doc(hidden)]
    fn ask_all(self) -> BoxFuture<'static, Result<Self::Answers>>;
}

macro_rules! questions {
    ($($q:ident $ask:ident $answer:ident),+) => {
        impl<$($q: Question),+> Questions for ($(Ask<$q>,)+) {
            type Answers = ($($q::Answer,)+);

            fn ask_all(self) -> BoxFuture<'static, Result<Self::Answers>> {
                let ($($ask,)+) = self;
                $(let mut $ask = Asked::Waiting($ask.into_future());)+
                Box::pin(poll_fn(move |cx| {
                    let mut ready = true;
                    $(ready &= $ask.poll(cx)?;)+
                    if !ready {
                        return Poll::Pending;
                    }
                    let ($(Some($answer),)+) = ($($ask.take(),)+) else { return Poll::Pending };
                    Poll::Ready(Ok(($($answer,)+)))
                }))
            }
        }
    };
}

questions!(A a aa);
questions!(A a aa, B b bb);
questions!(A a aa, B b bb, C c cc);
questions!(A a aa, B b bb, C c cc, D d dd);

/// One of several questions that are waited for together.
enum Asked<T> {
    Waiting(BoxFuture<'static, Result<T>>),
    Answered(Option<T>),
}

impl<T> Asked<T> {
    fn poll(&mut self, cx: &mut std::task::Context<'_>) -> Result<bool> {
        let Self::Waiting(future) = self else {
            return Ok(true);
        };
        match Pin::new(future).poll(cx) {
            Poll::Pending => Ok(false),
            Poll::Ready(answer) => {
                *self = Self::Answered(Some(answer?));
                Ok(true)
            }
        }
    }

    fn take(&mut self) -> Option<T> {
        match self {
            Self::Answered(answer) => answer.take(),
            Self::Waiting(_) => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    // Handlers are boxed as `dyn Future + Send` for any lifetime of their context.
    #[test]
    fn a_handler_may_ask_several_questions_at_once() {
        fn handler<'a>(cx: &'a Context) -> BoxFuture<'a, Result<usize>> {
            Box::pin(async move {
                let question = CreateMessageParams::new(1).user("?");
                let (_, _, roots) = cx
                    .all((
                        cx.sample(question),
                        cx.elicit_url("visit", "https://example.com"),
                        cx.roots(),
                    ))
                    .await?;
                Ok(roots.len())
            })
        }
        drop(handler(&Context::for_tests()));
    }
}
