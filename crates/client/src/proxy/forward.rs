//! One request, passed on: what is reported, logged and asked on the way comes back here.

use std::future::IntoFuture;
use std::sync::Arc;

use purlin_core::completion::CompletionInput;
use purlin_core::protocol::{
    CallToolResult, CompleteParams, Completion, ElicitRequest, ElicitResult, ErrorCode,
    InputRequest, InputResponse, ListRootsResult, Meta, RawJson, Reference,
};
use purlin_core::resource::ResourceInput;
use purlin_core::{
    Answer, BoxFuture, CompletionHandler, Context, Error, ErrorKind, PromptHandler, PromptResult,
    ResourceHandler, ResourceResult, Result, ToolHandler, ToolResult, Watching,
};
use serde_json::{Map, Value};
use tokio::sync::mpsc;

use super::turns::{self, Caller, Turn};
use super::watched::Watched;
use crate::ClientError;
use crate::call::Request;
use crate::client::Client;
use crate::inbox::{Asked, Relay};

/// A tool of the remote server.
pub(super) struct RemoteTool {
    client: Client,
    name: String,
}

impl RemoteTool {
    pub(super) fn new(client: &Client, name: &str) -> Self {
        Self {
            client: client.clone(),
            name: name.to_owned(),
        }
    }
}

impl ToolHandler for RemoteTool {
    fn call<'a>(
        &'a self,
        cx: &'a Context,
        arguments: Option<&'a str>,
    ) -> BoxFuture<'a, Result<ToolResult>> {
        Box::pin(async move {
            let request = self.client.call_tool(&self.name, raw(arguments)?);
            tool_result(forward(cx, &self.client, request).await?)
        })
    }
}

/// A prompt of the remote server.
pub(super) struct Messages {
    client: Client,
    name: String,
}

impl Messages {
    pub(super) fn new(client: &Client, name: &str) -> Self {
        Self {
            client: client.clone(),
            name: name.to_owned(),
        }
    }
}

impl PromptHandler for Messages {
    fn get<'a>(
        &'a self,
        cx: &'a Context,
        arguments: Option<&'a str>,
    ) -> BoxFuture<'a, Result<PromptResult>> {
        Box::pin(async move {
            let request = self.client.get_prompt(&self.name, raw(arguments)?);
            let result = forward(cx, &self.client, request).await?;
            let mut prompt = PromptResult::new(result.messages);
            prompt.description = result.description;
            Ok(match own(result.meta) {
                Some(meta) => prompt.with_meta(meta),
                None => prompt,
            })
        })
    }
}

/// The resources of the remote server.
pub(super) struct Contents {
    client: Client,
    watched: Arc<Watched>,
}

impl Contents {
    pub(super) fn new(client: &Client, watched: &Arc<Watched>) -> Self {
        Self {
            client: client.clone(),
            watched: Arc::clone(watched),
        }
    }
}

impl ResourceHandler for Contents {
    fn read<'a>(&'a self, input: ResourceInput<'a>) -> BoxFuture<'a, Result<ResourceResult>> {
        Box::pin(async move {
            let cx = input.context();
            let request = self.client.read_resource(&inner_uri(cx, input.uri()));
            let result = forward(cx, &self.client, request).await?;
            let mut contents = result.contents;
            for part in &mut contents {
                // Whoever reads through a mount knows it by the name that it has there.
                part.uri = cx.outer_uri(&part.uri).into_owned();
            }
            let resource = ResourceResult::new(contents);
            Ok(match own(result.meta) {
                Some(meta) => resource.with_meta(meta),
                None => resource,
            })
        })
    }

    fn watch<'a>(&'a self, cx: &'a Context, uri: &'a str) -> BoxFuture<'a, Result<Watching>> {
        Box::pin(async move {
            let watch = self.watched.watch(&inner_uri(cx, uri)).await?;
            Ok(Watching::new(watch))
        })
    }
}

/// An argument that the remote server completes.
pub(super) struct Argument {
    client: Client,
    reference: Reference,
    name: String,
}

impl Argument {
    pub(super) fn new(client: &Client, reference: &Reference, name: &str) -> Self {
        Self {
            client: client.clone(),
            reference: reference.clone(),
            name: name.to_owned(),
        }
    }
}

impl CompletionHandler for Argument {
    fn complete<'a>(&'a self, input: CompletionInput<'a>) -> BoxFuture<'a, Result<Completion>> {
        Box::pin(async move {
            if self.client.server_capabilities().completions.is_none() {
                return Ok(Completion::default());
            }
            let reference = self.reference.clone();
            let mut params = CompleteParams::new(reference, &self.name, input.value());
            for (name, value) in input.known().iter() {
                params = params.with_known(name, value);
            }
            let completed = self.client.complete(params).await;
            completed.map_err(|failure| refusal(&self.client, failure))
        })
    }
}

/// What the remote server calls a resource: without the prefixes of the mounts on this side.
fn inner_uri(cx: &Context, uri: &str) -> String {
    let scheme = match (uri.find("://"), uri.find(':')) {
        (Some(at), _) => &uri[..at + 3],
        (None, Some(at)) => &uri[..=at],
        (None, None) => "",
    };
    match uri.strip_prefix(&*cx.outer_uri(scheme)) {
        Some(rest) => format!("{scheme}{rest}"),
        None => uri.to_owned(),
    }
}

/// The arguments as they came.
fn raw(arguments: Option<&str>) -> Result<Option<RawJson>> {
    let arguments = arguments.map(str::parse::<RawJson>).transpose();
    arguments.map_err(|error| Error::new(ErrorKind::InvalidParams, error.to_string()))
}

/// Passes a request on, and everything it causes back.
async fn forward<R: 'static>(cx: &Context, client: &Client, request: Request<R>) -> Result<R> {
    let caller = Caller::of(cx);
    let turn = turns::take(client, caller).await;
    let (ask, mut questions) = mpsc::channel(1);
    let relayed = Relay { caller, ask };
    let mut answer = observed(cx, request).relay(relayed).into_future();
    let mut asked = 0;
    loop {
        tokio::select! {
            outcome = &mut answer => {
                let answered = outcome.as_ref().err().is_none_or(|failure| failure.rpc().is_some());
                if answered && let Some(turn) = turn {
                    turn.done();
                }
                return outcome.map_err(|failure| refusal(client, failure));
            }
            Some(question) = questions.recv() => {
                asked += 1;
                let _asking = turn.as_ref().map(Turn::asking);
                relay(cx, question, format!("remote-{asked}")).await?;
            }
        }
    }
}

/// Lets whoever made the request hear of its progress and its logs.
fn observed<R>(cx: &Context, mut request: Request<R>) -> Request<R> {
    if cx.wants_progress() {
        let here = cx.clone();
        request = request.on_progress(move |step| match (step.total, &step.message) {
            (Some(total), Some(message)) => here.progress_with(step.progress, total, message),
            (Some(total), None) => here.progress(step.progress, total),
            (None, message) => here.progress_open(step.progress, message.as_deref()),
        });
    }
    let here = cx.clone();
    request.on_log(move |entry| here.log_as(entry.level, entry.logger.as_deref(), &entry.data))
}

/// Asks the client of this request what the remote server asks.
async fn relay(cx: &Context, asked: Asked, key: String) -> Result<()> {
    let answer = match asked.question {
        InputRequest::Elicit(ElicitRequest::Form(form)) => {
            let question = cx.elicit_form(form.message, form.requested_schema);
            InputResponse::Elicit(filled(question.key(key).await?))
        }
        InputRequest::Elicit(ElicitRequest::Url(url)) => {
            let question = cx.elicit_url(url.message, url.url).key(key);
            InputResponse::Elicit(visited(&question.await?))
        }
        InputRequest::Sample(params) => {
            InputResponse::Sample(Box::new(cx.sample(*params).key(key).await?))
        }
        InputRequest::Roots(_) => {
            InputResponse::Roots(ListRootsResult::new(cx.roots().key(key).await?))
        }
        _ => {
            return Err(Error::new(
                ErrorKind::Remote,
                "a question of an unknown kind",
            ));
        }
    };
    // The call may have ended meanwhile.
    let _ = asked.reply.send(answer);
    Ok(())
}

fn filled(answer: Answer<Value>) -> ElicitResult {
    match answer {
        Answer::Accepted(Value::Object(fields)) => ElicitResult::accept(fields),
        Answer::Accepted(_) => ElicitResult::accept(Map::new()),
        Answer::Declined => ElicitResult::decline(),
        Answer::Cancelled => ElicitResult::cancel(),
    }
}

fn visited(answer: &Answer<()>) -> ElicitResult {
    match answer {
        Answer::Accepted(()) => ElicitResult::accept_url(),
        Answer::Declined => ElicitResult::decline(),
        Answer::Cancelled => ElicitResult::cancel(),
    }
}

fn tool_result(result: CallToolResult) -> Result<ToolResult> {
    let content = result.content.into_iter();
    let mut here = content.fold(ToolResult::new(), ToolResult::with_content);
    if let Some(structured) = &result.structured_content {
        here.set_structured(Some(structured))?;
    }
    here.set_error(result.is_error);
    Ok(match own(result.meta) {
        Some(meta) => here.with_meta(meta),
        None => here,
    })
}

/// What is left of `_meta` without what only concerns the connection to the remote server.
fn own(meta: Option<Meta>) -> Option<Meta> {
    let mut meta = meta?;
    meta.remove(Meta::SERVER_INFO);
    (!meta.is_empty()).then_some(meta)
}

/// The remote server as texts call it.
pub(super) fn named(client: &Client) -> String {
    match client.server_info() {
        Some(server) => format!("`{}`", server.name),
        None => "the remote server".to_owned(),
    }
}

/// The remote server's refusal in its words; that it cannot be reached in ours.
pub(super) fn refusal(client: &Client, failure: ClientError) -> Error {
    let Some(error) = failure.rpc() else {
        let (kind, what) = match failure.kind() {
            crate::ErrorKind::Timeout => (ErrorKind::Timeout, "did not answer in time"),
            crate::ErrorKind::Unauthorized => (ErrorKind::Remote, "does not let this proxy in"),
            crate::ErrorKind::Protocol | crate::ErrorKind::Decode => {
                (ErrorKind::Remote, "answers what cannot be understood")
            }
            _ => (ErrorKind::Remote, "cannot be reached"),
        };
        return Error::new(kind, format!("{} {what}", named(client))).with_source(failure);
    };
    let kind = match error.code {
        ErrorCode::INVALID_PARAMS => ErrorKind::InvalidParams,
        ErrorCode::METHOD_NOT_FOUND => ErrorKind::UnknownMethod,
        _ => ErrorKind::Remote,
    };
    let refused = Error::new(kind, error.message.clone());
    match &error.data {
        Some(data) => refused.with_data(data.clone()),
        None => refused,
    }
}
