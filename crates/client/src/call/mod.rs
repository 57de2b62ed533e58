//! One request as a value: configured, then awaited.

mod attempt;
mod decode;
mod rounds;
mod visiting;

use std::borrow::Cow;
use std::fmt;
use std::future::IntoFuture;
use std::marker::PhantomData;
use std::sync::Arc;
use std::time::Duration;

use purlin_core::protocol::{CallToolResult, ErrorCode, LogMessageParams, ProgressParams, RawJson};
use serde::de::DeserializeOwned;

use self::rounds::Answer;
use crate::cache::Place;
use crate::client::Client;
use crate::envelope::Params;
use crate::error::ClientError;
use crate::inbox::{Observers, Relay};
use crate::output;
use crate::{BoxFuture, Result};

/// A request that is sent when it is awaited.
///
/// Dropping the future before it is ready cancels the request at the server.
///
/// ```no_run
/// # async fn example(client: purlin_client::Client) -> Result<(), purlin_client::ClientError> {
/// use serde_json::json;
/// use std::time::Duration;
///
/// let result = client
///     .call_tool("slow", json!({"n": 3}))
///     .on_progress(|step| println!("{}", step.progress))
///     .timeout(Duration::from_secs(5))
///     .await?;
/// # Ok(()) }
/// ```
#[must_use = "a request is sent when it is awaited"]
pub struct Request<R> {
    client: Client,
    method: Cow<'static, str>,
    name: Option<String>,
    params: Params,
    observers: Observers,
    timeout: Option<Duration>,
    fresh: bool,
    checked: bool,
    repeats: u32,
    problem: Option<ClientError>,
    decode: fn(&RawJson) -> Result<R>,
}

impl<R: DeserializeOwned> Request<R> {
    pub(crate) fn new(client: &Client, method: impl Into<Cow<'static, str>>) -> Self {
        Self {
            client: client.clone(),
            method: method.into(),
            name: None,
            params: Params::default(),
            observers: Observers::default(),
            timeout: client.0.options.timeout,
            fresh: false,
            checked: false,
            repeats: 0,
            problem: None,
            decode: decode::result,
        }
    }
}

impl<R> Request<R> {
    /// Sets a parameter. A value that does not serialise is reported when the request is awaited.
    pub(crate) fn param(
        self,
        name: &'static str,
        value: &(impl serde::Serialize + ?Sized),
    ) -> Self {
        self.encoded(name, RawJson::encode(value))
    }

    /// Sets a parameter that is encoded already.
    pub(crate) fn encoded(
        mut self,
        name: &'static str,
        value: serde_json::Result<RawJson>,
    ) -> Self {
        match value {
            Ok(json) => self.params.set(name, json),
            Err(error) => {
                self.problem = Some(ClientError::decode(format!("parameter `{name}`"), error));
            }
        }
        self
    }

    pub(crate) fn params(mut self, params: Params) -> Self {
        self.params = params;
        self
    }

    /// What the request is about, as a header of HTTP says it.
    pub(crate) fn about(mut self, name: impl Into<String>) -> Self {
        self.name = Some(name.into());
        self
    }

    /// Is told of the request's progress. Must not block.
    pub fn on_progress(
        mut self,
        observer: impl Fn(&ProgressParams) + Send + Sync + 'static,
    ) -> Self {
        self.observers.progress = Some(Arc::new(observer));
        self
    }

    /// Is told of the log messages of the request. Must not block.
    ///
    /// Where the connection does not say which request a message belongs to (everywhere but
    /// HTTP), it is told of the messages that come while the request is in flight.
    pub fn on_log(mut self, observer: impl Fn(&LogMessageParams) + Send + Sync + 'static) -> Self {
        self.observers.log = Some(Arc::new(observer));
        self
    }

    /// Has the one who holds the other end answer what the server asks because of the request.
    pub(crate) fn relay(mut self, questions: Relay) -> Self {
        self.observers.questions = Some(questions);
        self
    }

    /// How long the request may take, instead of the client's default; `None` for ever.
    pub fn timeout(mut self, timeout: impl Into<Option<Duration>>) -> Self {
        self.timeout = timeout.into();
        self
    }

    /// Sends the request again, with a new id and up to this often, when the connection broke
    /// before its answer came. For what may be done twice: the server may have done it. Only the
    /// stateless era needs this; in a session, streams that break off are resumed.
    pub fn repeat(mut self, times: u32) -> Self {
        self.repeats = times;
        self
    }

    /// Asks the server even if its last answer might be used again. The new one may be.
    pub fn fresh(mut self) -> Self {
        self.fresh = true;
        self
    }

    /// Adds a member to the request's `_meta`.
    pub fn meta(mut self, key: impl Into<String>, value: impl Into<serde_json::Value>) -> Self {
        self.params.meta.insert(key, value);
        self
    }

    async fn run(self) -> Result<R> {
        if let Some(problem) = self.problem {
            return Err(problem);
        }
        let inner = &self.client.0;
        let place = inner.place(&self.method, &self.params);
        if let Some(kept) = place.as_ref().filter(|_| !self.fresh).and_then(Place::find) {
            return (self.decode)(&kept);
        }
        let call = attempt::Call {
            client: &self.client,
            method: &self.method,
            name: self.name.as_deref(),
            observers: &self.observers,
            repeats: self.repeats,
        };
        let work = rounds::run(&call, self.params);
        let outcome = match self.timeout {
            Some(limit) => inner.link.within(limit, work).await?,
            None => work.await,
        };
        settle(place, &outcome);
        let result = outcome?.result;
        if self.checked {
            output::check(
                &self.client,
                self.name.as_deref().unwrap_or_default(),
                &result,
            )
            .await?;
        }
        (self.decode)(&result)
    }
}

impl Request<CallToolResult> {
    /// Holds what the tool answers against the output schema that it declared, which is asked for
    /// if no list was fetched yet. What does not fit is an error of kind
    /// [`Protocol`](crate::ErrorKind::Protocol).
    pub fn checked(mut self) -> Self {
        self.checked = true;
        self
    }
}

/// Keeps an answer where it may be kept; forgets a list whose cursors are not valid any more.
fn settle(place: Option<Place>, outcome: &Result<Answer>) {
    match (place, outcome) {
        (Some(place), Ok(answer)) if answer.at_once => place.keep(&answer.result),
        (Some(place), Err(failure)) if failure.code() == Some(ErrorCode::INVALID_PARAMS) => {
            place.discard_list();
        }
        _ => {}
    }
}

impl<R: 'static> IntoFuture for Request<R> {
    type Output = Result<R>;
    type IntoFuture = BoxFuture<'static, Result<R>>;

    fn into_future(self) -> Self::IntoFuture {
        Box::pin(self.run())
    }
}

impl<R> fmt::Debug for Request<R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Request")
            .field("method", &self.method)
            .field("name", &self.name)
            .finish_non_exhaustive()
    }
}

/// A tool call whose result is decoded into a type, made by [`Client::call`].
#[must_use = "a call is made when it is awaited"]
pub struct Call<T> {
    request: Request<CallToolResult>,
    result: PhantomData<fn() -> T>,
}

impl<T> Call<T> {
    pub(crate) fn new(request: Request<CallToolResult>) -> Self {
        Self {
            request,
            result: PhantomData,
        }
    }

    /// The same call, giving everything the tool answered, failures included.
    pub fn raw(self) -> Request<CallToolResult> {
        self.request
    }

    /// Is told of the call's progress; see [`Request::on_progress`].
    pub fn on_progress(
        mut self,
        observer: impl Fn(&ProgressParams) + Send + Sync + 'static,
    ) -> Self {
        self.request = self.request.on_progress(observer);
        self
    }

    /// Is told of the log messages of the call; see [`Request::on_log`].
    pub fn on_log(mut self, observer: impl Fn(&LogMessageParams) + Send + Sync + 'static) -> Self {
        self.request = self.request.on_log(observer);
        self
    }

    /// Holds the answer against the tool's output schema; see [`Request::checked`].
    pub fn checked(mut self) -> Self {
        self.request = self.request.checked();
        self
    }

    /// Makes the call again when the connection broke; see [`Request::repeat`].
    pub fn repeat(mut self, times: u32) -> Self {
        self.request = self.request.repeat(times);
        self
    }

    /// How long the call may take; see [`Request::timeout`].
    pub fn timeout(mut self, timeout: impl Into<Option<Duration>>) -> Self {
        self.request = self.request.timeout(timeout);
        self
    }

    /// Adds a member to the call's `_meta`.
    pub fn meta(mut self, key: impl Into<String>, value: impl Into<serde_json::Value>) -> Self {
        self.request = self.request.meta(key, value);
        self
    }
}

impl<T: DeserializeOwned + 'static> IntoFuture for Call<T> {
    type Output = Result<T>;
    type IntoFuture = BoxFuture<'static, Result<T>>;

    fn into_future(self) -> Self::IntoFuture {
        Box::pin(async { decode::tool_result(self.request.await?) })
    }
}

impl<T> fmt::Debug for Call<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.request.fmt(f)
    }
}
