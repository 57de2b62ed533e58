//! From a decoded request to its answer.
//!
//! The ordinary way of a tool call: match the method, look the name up, call
//! the handler, write the result. Middleware, rounds of input and scopes of
//! mounted servers are stepped into only where there are any.

use std::{borrow::Cow, future::ready, sync::Arc, time::Duration};

use serde_json::json;

use super::{
    Server, Tail,
    fault::{self, error_reply, invalid_params},
    guarded::{guarded, until_asking},
    introduce, listen, lists,
    modern::misrouted,
};
use crate::{
    Context, Error, ErrorKind, Result,
    access::{Purpose, Verdict},
    completion::CompletionInput,
    context::{Era, conclude},
    middleware::{
        Answer, AnyResponse, Complete, Next, Operation, OperationKind, Other, Pending, PromptGet,
        ResourceRead, ToolCall, of_mount,
    },
    prompt::PromptResult,
    protocol::{Completion, LogLevel, Meta, Reference, method},
    registry::{CompletionEntry, ListKind, PromptEntry, ResourceTarget, ToolEntry, Watching},
    resource::{ResourceInput, ResourceResult},
    tool::ToolResult,
    wire::{Raw, Reply, ResultWriter, server_info, settle, shape, tool_reply, write_json},
};

/// The level of a chain at which nothing has been routed to a mounted server yet.
/// Who may use a component is decided there, once, with all that the way to it
/// demands.
pub(super) const OUTERMOST: usize = 0;

/// How long the URI of a resource may be, in bytes.
const MAX_URI: usize = 8 * 1024;

/// Serves one request.
pub(crate) async fn serve(cx: &Context) -> Reply {
    let started = tracing::enabled!(tracing::Level::DEBUG).then(std::time::Instant::now);
    let reply = match until_asking(cx, route(cx)).await {
        Ok(reply) => reply,
        Err(error) if error.kind() == ErrorKind::InputRequired => {
            ask(cx).unwrap_or_else(|error| error_reply(cx, &error))
        }
        Err(error) => error_reply(cx, &error),
    };
    let reply = conclude(cx, reply).await;
    if let Some(started) = started {
        let micros = started.elapsed().as_micros();
        tracing::debug!(method = %fault::echo(cx.method()), revision = cx.revision().as_str(), micros, "served");
    }
    reply
}

async fn route(cx: &Context) -> Result<Reply> {
    match cx.method() {
        method::TOOLS_CALL => call_tool(cx).await,
        method::RESOURCES_READ => read_resource(cx).await,
        method::PROMPTS_GET => get_prompt(cx).await,
        method::TOOLS_LIST => lists::list(cx, ListKind::Tools).await,
        method::RESOURCES_LIST => lists::list(cx, ListKind::Resources).await,
        method::RESOURCES_TEMPLATES_LIST => lists::list(cx, ListKind::ResourceTemplates).await,
        method::PROMPTS_LIST => lists::list(cx, ListKind::Prompts).await,
        method::COMPLETION_COMPLETE => complete(cx).await,
        method::INITIALIZE if !cx.revision().is_modern() => introduce::initialize(cx).await,
        method::SERVER_DISCOVER if cx.revision().is_modern() => introduce::discover(cx).await,
        _ => {
            let catalogue = cx.server().catalogue();
            match catalogue.chain.steps(OperationKind::Other) {
                [] => serve_other(cx).await,
                steps => serve_other_within(cx, Next::new(steps, OUTERMOST, &catalogue.tail)).await,
            }
        }
    }
}

/// Serves a request of no kind that has a hook of its own, within a chain.
async fn serve_other_within(cx: &Context, next: Next<'_>) -> Result<Reply> {
    // A stream lasts as long as the client wants. What takes times and sets
    // bounds sees it asked for, and does not hold it for a call.
    let is_stream = cx.method() == method::SUBSCRIPTIONS_LISTEN;
    let answer = Answer::default();
    let other = Other {
        cx,
        answer: (!is_stream).then_some(&answer),
    };
    next.step(Operation::Other(other)).await?;
    match answer.take() {
        Some(reply) => Ok(reply),
        None => serve_other(cx).await,
    }
}

async fn serve_other(cx: &Context) -> Result<Reply> {
    let modern = cx.revision().is_modern();
    match cx.method() {
        method::SUBSCRIPTIONS_LISTEN if modern => listen::listen(cx).await,
        method::PING if !modern => Ok(Reply::empty(cx.request_id())),
        method::LOGGING_SET_LEVEL if !modern => set_level(cx).await,
        method::RESOURCES_SUBSCRIBE if !modern => subscribe(cx, true).await,
        method::RESOURCES_UNSUBSCRIBE if !modern => subscribe(cx, false).await,
        other @ (method::INITIALIZE | method::PING) => Err(fault::not_in_this_era(other)),
        other => Err(fault::unknown_method(other)),
    }
}

/// Whether some middleware wants to see notifications.
pub(crate) fn observes_notifications(server: &Server) -> bool {
    !server
        .catalogue()
        .chain
        .steps(OperationKind::Notification)
        .is_empty()
}

/// Shows a notification to the middleware.
pub(crate) async fn observe(cx: &Context) {
    let catalogue = cx.server().catalogue();
    let steps = catalogue.chain.steps(OperationKind::Notification);
    if let Err(error) = Next::new(steps, OUTERMOST, &catalogue.tail)
        .step(Operation::Other(Other { cx, answer: None }))
        .await
    {
        tracing::warn!(method = cx.method(), %error, "a middleware failed on a notification");
    }
}

/// A parameter that must be a text.
fn text_param<'a>(cx: &'a Context, name: &str) -> Result<Cow<'a, str>> {
    let param = cx.message().param(name).and_then(Raw::as_str);
    param.ok_or_else(|| invalid_params(format!("`params.{name}` must be a text")))
}

/// The parameter `arguments`: an object, or nothing.
fn arguments(cx: &Context) -> Result<Option<&str>> {
    match cx.message().param("arguments") {
        None => Ok(None),
        Some(raw) if raw.is_null() => Ok(None),
        Some(raw) if raw.is_object() => Ok(Some(raw.get())),
        Some(_) => Err(invalid_params("`params.arguments` must be an object")),
    }
}

/// Opens the rounds of input a retry brings, so that a bad state is refused
/// even where the handler asks nothing.
fn open_rounds(cx: &Context) -> Result<()> {
    let message = cx.message();
    let retries = cx.revision().is_modern()
        && (message.param("requestState").is_some() || message.param("inputResponses").is_some());
    if retries {
        cx.rounds().map(|_| ())
    } else {
        Ok(())
    }
}

/// The answer that asks the client for input.
fn ask(cx: &Context) -> Result<Reply> {
    let required = cx.rounds()?.finish(cx)?;
    let tail = cx.server().tail();
    let mut writer = ResultWriter::new(cx.request_id(), cx.revision(), &tail, 512);
    let out = writer.members();
    out.extend_from_slice(br#""inputRequests":"#);
    write_json(out, &required.requests);
    out.extend_from_slice(br#","requestState":"#);
    write_json(out, &required.state);
    out.extend_from_slice(br#","_meta":"#);
    write_json(out, &json!({ Meta::SERVER_INFO: tail.info }));
    Ok(writer.finish_input_required())
}

async fn set_level(cx: &Context) -> Result<Reply> {
    let level = cx
        .message()
        .param("level")
        .and_then(|raw| raw.decode::<LogLevel>().ok());
    let level = level.ok_or_else(|| {
        invalid_params("`params.level` must be a log level, for example \"info\"")
    })?;
    if let Era::Session(session) = &cx.request().era {
        session.set_log_level(level).await?;
    }
    Ok(Reply::empty(cx.request_id()))
}

async fn subscribe(cx: &Context, on: bool) -> Result<Reply> {
    let uri = text_param(cx, "uri")?;
    if uri.len() > MAX_URI {
        return Err(invalid_params(format!(
            "`params.uri` is longer than {MAX_URI} bytes"
        )));
    }
    let Era::Session(session) = &cx.request().era else {
        return Err(fault::not_in_this_era(cx.method()));
    };
    let catalogue = cx.server().catalogue();
    if catalogue.resources.is_empty() && catalogue.templates.is_empty() {
        return Err(fault::unknown_method(cx.method()));
    }
    if on {
        match may_watch(cx, &uri).await {
            Verdict::Granted => {
                let watching = watch(cx, &uri).await?;
                session.note_subscriber(cx.origin());
                session.subscribe(cx, &uri, watching).await?;
            }
            // As for a resource that is not there: nothing ever comes.
            Verdict::Hidden => {}
            Verdict::Refused(error) => return Err(error),
        }
    } else {
        session.unsubscribe(cx, &uri).await?;
    }
    Ok(Reply::empty(cx.request_id()))
}

/// Whether the caller may hear of changes of a resource.
pub(super) async fn may_watch(cx: &Context, uri: &str) -> Verdict {
    let catalogue = cx.server().catalogue();
    let Some(target) = catalogue.resource(uri) else {
        return Verdict::Granted;
    };
    let subject = || target.asked_at(uri, Purpose::Watch);
    target.entry.access.requirement.judge(cx, subject).await
}

/// Tells the code of a resource that a client subscribes to it.
pub(super) async fn watch(cx: &Context, uri: &str) -> Result<Watching> {
    let catalogue = cx.server().catalogue();
    let Some(target) = catalogue.resource(uri) else {
        return Ok(Watching::default());
    };
    let entry = target.entry;
    let cx = scoped(cx, &entry.scope);
    let limit = limit(&cx, entry.timeout);
    guarded(&cx, limit, || entry.handler.watch(&cx, uri)).await
}

async fn call_tool(cx: &Context) -> Result<Reply> {
    let name = text_param(cx, "name")?;
    let arguments = arguments(cx)?;
    open_rounds(cx)?;
    let catalogue = cx.server().catalogue();
    let entry = catalogue.tools.get(&name);
    if let Some(entry) = entry.filter(|entry| !entry.headers.is_empty())
        && let Some(reply) = misrouted(cx, entry).await
    {
        return Ok(reply);
    }
    let steps = catalogue.chain.steps(OperationKind::CallTool);
    let result = match entry {
        Some(entry) if steps.is_empty() && entry.levels.is_empty() => {
            let limit = catalogue.tail.limit(entry.timeout);
            match admit_tool(cx, entry, arguments).await {
                Ok(()) => invoke_tool(cx, entry, limit, arguments).await,
                Err(error) => Err(error),
            }
        }
        _ => {
            let call = ToolCall {
                cx,
                name,
                arguments: arguments.map(Cow::Borrowed),
                entry,
                permitted: false,
            };
            let response = Next::new(steps, OUTERMOST, &catalogue.tail)
                .step(Operation::CallTool(call))
                .await;
            response.and_then(tool_response)
        }
    };
    let revision = cx.revision();
    let result = match result {
        Ok(result) => result,
        Err(error) if fault::is_for_the_model(&error, revision) => fault::failed_result(cx, &error),
        Err(error) => return Err(error),
    };
    let (has_schema, wraps) = entry.map_or((false, false), |entry| {
        (entry.tool.output_schema.is_some(), entry.wraps)
    });
    let shape = shape(revision, has_schema, wraps);
    Ok(tool_reply(
        cx.request_id(),
        revision,
        &catalogue.tail,
        shape,
        result,
    ))
}

async fn read_resource(cx: &Context) -> Result<Reply> {
    let uri = text_param(cx, "uri")?;
    open_rounds(cx)?;
    let mut result = run_resource(cx, &uri).await?;
    let (revision, tail) = (cx.revision(), cx.server().tail());
    let has_meta = result.meta().is_some_and(|meta| !meta.is_empty());
    if has_meta {
        server_info(result.meta_mut(), revision, &tail);
    }
    let mut writer = ResultWriter::new(cx.request_id(), revision, &tail, 256);
    result.write(writer.members());
    let catalogue = cx.server().catalogue();
    let mut kinds = [ListKind::Resources, ListKind::ResourceTemplates].into_iter();
    writer.cache_hints(kinds.any(|kind| catalogue.is_guarded(kind)));
    Ok(if has_meta {
        writer.finish_with_meta()
    } else {
        writer.finish()
    })
}

async fn get_prompt(cx: &Context) -> Result<Reply> {
    let name = text_param(cx, "name")?;
    let arguments = arguments(cx)?.map(Cow::Borrowed);
    open_rounds(cx)?;
    let mut result = run_prompt(cx, &name, arguments).await?;
    let (revision, tail) = (cx.revision(), cx.server().tail());
    for message in &mut result.messages {
        settle(&mut message.content, revision);
    }
    let has_meta = result.meta().is_some_and(|meta| !meta.is_empty());
    if has_meta {
        server_info(result.meta_mut(), revision, &tail);
    }
    let mut writer = ResultWriter::new(cx.request_id(), revision, &tail, 256);
    result.write(writer.members());
    Ok(if has_meta {
        writer.finish_with_meta()
    } else {
        writer.finish()
    })
}

async fn complete(cx: &Context) -> Result<Reply> {
    let catalogue = cx.server().catalogue();
    if catalogue.completions.is_empty() {
        return Err(fault::unknown_method(cx.method()));
    }
    let message = cx.message();
    let reference = message
        .param("ref")
        .and_then(|raw| raw.decode::<Reference>().ok());
    let reference = reference
        .ok_or_else(|| invalid_params("`params.ref` must name a prompt or a resource template"))?;
    let argument = message.param("argument");
    let member = |name| {
        argument
            .and_then(|argument| argument.member(name))
            .and_then(Raw::as_str)
    };
    let (Some(name), Some(value)) = (member("name"), member("value")) else {
        return Err(invalid_params(
            "`params.argument` must have a `name` and a `value`, both texts",
        ));
    };
    let known = message
        .param("context")
        .and_then(|context| context.member("arguments"));
    let complete = Complete {
        cx,
        reference: Box::new(reference),
        argument: name,
        value,
        known,
        entry: None,
        permitted: false,
    };
    let steps = catalogue.chain.steps(OperationKind::Complete);
    let response = Next::new(steps, OUTERMOST, &catalogue.tail)
        .step(Operation::Complete(complete))
        .await?;
    let AnyResponse::Completion(completion) = response else {
        return Err(wrong_response());
    };
    let tail = cx.server().tail();
    let mut writer = ResultWriter::new(cx.request_id(), cx.revision(), &tail, 128);
    let out = writer.members();
    out.extend_from_slice(br#""completion":"#);
    write_json(out, &completion);
    Ok(writer.finish())
}

/// Calls a tool of the outermost server through its middleware.
pub(crate) async fn run_tool(cx: &Context, mut call: ToolCall<'_>) -> Result<ToolResult> {
    let catalogue = cx.server().catalogue();
    let name = call.name().to_owned();
    let mut call = ToolCall {
        cx,
        entry: None,
        name: Cow::Borrowed(&name),
        arguments: call.arguments.take(),
        permitted: false,
    };
    call.entry = catalogue.tools.get(&name);
    let steps = catalogue.chain.steps(OperationKind::CallTool);
    tool_response(
        Next::new(steps, OUTERMOST, &catalogue.tail)
            .step(Operation::CallTool(call))
            .await?,
    )
}

/// Reads a resource of the outermost server through its middleware.
pub(crate) async fn run_resource(cx: &Context, uri: &str) -> Result<ResourceResult> {
    if uri.len() > MAX_URI {
        return Err(invalid_params(format!(
            "the URI is longer than {MAX_URI} bytes"
        )));
    }
    let catalogue = cx.server().catalogue();
    let target = catalogue.resource(uri);
    let read = ResourceRead {
        cx,
        uri: Cow::Borrowed(uri),
        asked: uri,
        target,
        permitted: false,
    };
    let steps = catalogue.chain.steps(OperationKind::ReadResource);
    match Next::new(steps, OUTERMOST, &catalogue.tail)
        .step(Operation::ReadResource(read))
        .await?
    {
        AnyResponse::Resource(result) => Ok(result),
        _ => Err(wrong_response()),
    }
}

/// Gets a prompt of the outermost server through its middleware.
pub(crate) async fn run_prompt(
    cx: &Context,
    name: &str,
    arguments: Option<Cow<'_, str>>,
) -> Result<PromptResult> {
    let catalogue = cx.server().catalogue();
    let entry = catalogue.prompts.get(name);
    let get = PromptGet {
        cx,
        name: Cow::Borrowed(name),
        arguments,
        entry,
        permitted: false,
    };
    let steps = catalogue.chain.steps(OperationKind::GetPrompt);
    match Next::new(steps, OUTERMOST, &catalogue.tail)
        .step(Operation::GetPrompt(get))
        .await?
    {
        AnyResponse::Prompt(result) => Ok(result),
        _ => Err(wrong_response()),
    }
}

/// The end of a chain: into the chain of the next mounted server, or to the
/// component itself.
pub(crate) fn finish<'a>(operation: Operation<'a>, level: usize, tail: &'a Tail) -> Pending<'a> {
    match operation {
        Operation::CallTool(call) => {
            let entry = call.entry.map(|entry| (&*entry.levels, &*entry.scope));
            let span = of_mount(entry, level, call.name());
            Pending::Tool(Box::pin(finish_tool(call, level, tail))).within(span)
        }
        Operation::ReadResource(read) => {
            let entry = read.target.as_ref().map(|target| target.entry);
            let entry = entry.map(|entry| (&*entry.levels, &*entry.scope));
            // What follows may be a secret.
            let path = read.uri().split(['?', '#']).next().unwrap_or_default();
            let span = of_mount(entry, level, path);
            Pending::Resource(Box::pin(finish_resource(read, level, tail))).within(span)
        }
        Operation::GetPrompt(get) => {
            let entry = get.entry.map(|entry| (&*entry.levels, &*entry.scope));
            let span = of_mount(entry, level, get.name());
            Pending::Prompt(Box::pin(finish_prompt(get, level, tail))).within(span)
        }
        Operation::ListTools(list) => Pending::Tools(lists::collect(list.cx, list.server)),
        Operation::ListResources(list) => Pending::Resources(lists::collect(list.cx, list.server)),
        Operation::ListResourceTemplates(list) => {
            Pending::ResourceTemplates(lists::collect(list.cx, list.server))
        }
        Operation::ListPrompts(list) => Pending::Prompts(lists::collect(list.cx, list.server)),
        Operation::Complete(complete) => {
            Pending::Completion(Box::pin(finish_completion(complete, level, tail)))
        }
        Operation::Initialize(asked) => {
            let result = asked.cx.server().introduction(asked.cx.revision());
            Pending::Initialize(Box::pin(ready(Ok(result))))
        }
        Operation::Discover(asked) => {
            let server = asked.cx.server();
            let result = server.discovery(&server.catalogue());
            Pending::Discover(Box::pin(ready(Ok(result))))
        }
        Operation::Other(other) => Pending::Any(Box::pin(finish_other(other))),
    }
}

async fn finish_other(other: Other<'_>) -> Result<AnyResponse> {
    if let Some(answer) = other.answer {
        answer.put(serve_other(other.cx).await?);
    }
    Ok(AnyResponse::Done)
}

async fn finish_tool(mut call: ToolCall<'_>, level: usize, tail: &Tail) -> Result<ToolResult> {
    let Some(entry) = call.entry else {
        return Err(fault::unknown_tool(call.name()));
    };
    if level == OUTERMOST {
        call.check().await?;
        entry.access.count(call.cx).await?;
        call.permitted = true;
    }
    let Some(inner) = entry.levels.get(level) else {
        let limit = tail.limit(entry.timeout);
        return invoke_tool(call.cx, entry, limit, call.arguments()).await;
    };
    let cx = scoped(call.cx, &inner.scope);
    let steps = inner.chain.steps(OperationKind::CallTool);
    let call = ToolCall {
        cx: &cx,
        name: Cow::Borrowed(&*inner.local),
        ..call
    };
    tool_response(
        Next::new(steps, level + 1, tail)
            .step(Operation::CallTool(call))
            .await?,
    )
}

async fn finish_resource(
    mut read: ResourceRead<'_>,
    level: usize,
    tail: &Tail,
) -> Result<ResourceResult> {
    let Some(ResourceTarget { entry, variables }) = &read.target else {
        return Err(fault::unknown_resource(read.asked));
    };
    if level == OUTERMOST {
        read.check().await?;
        entry.access.count(read.cx).await?;
        read.permitted = true;
    }
    if let Some(inner) = entry.levels.get(level) {
        let cx = scoped(read.cx, &inner.scope);
        let steps = inner.chain.steps(OperationKind::ReadResource);
        let read = ResourceRead {
            cx: &cx,
            uri: Cow::Borrowed(&*inner.local),
            ..read
        };
        return match Next::new(steps, level + 1, tail)
            .step(Operation::ReadResource(read))
            .await?
        {
            AnyResponse::Resource(result) => Ok(result),
            _ => Err(wrong_response()),
        };
    }
    let cx = scoped(read.cx, &entry.scope);
    let limit = tail.limit(entry.timeout);
    let input = ResourceInput::new(&cx, read.asked, variables, entry.mime_type());
    let mut result = guarded(&cx, limit, || entry.handler.read(input))
        .await
        .map_err(|error| {
            if error.kind() == ErrorKind::UnknownResource && error.data().is_none() {
                return error.with_data(fault::which(read.asked));
            }
            error
        })?;
    result.settle(read.asked, entry.mime_type());
    Ok(result)
}

async fn finish_prompt(mut get: PromptGet<'_>, level: usize, tail: &Tail) -> Result<PromptResult> {
    let Some(entry): Option<&PromptEntry> = get.entry else {
        return Err(fault::unknown_prompt(get.name()));
    };
    if level == OUTERMOST {
        get.check().await?;
        entry.access.count(get.cx).await?;
        get.permitted = true;
    }
    if let Some(inner) = entry.levels.get(level) {
        let cx = scoped(get.cx, &inner.scope);
        let steps = inner.chain.steps(OperationKind::GetPrompt);
        let get = PromptGet {
            cx: &cx,
            name: Cow::Borrowed(&*inner.local),
            ..get
        };
        return match Next::new(steps, level + 1, tail)
            .step(Operation::GetPrompt(get))
            .await?
        {
            AnyResponse::Prompt(result) => Ok(result),
            _ => Err(wrong_response()),
        };
    }
    let cx = scoped(get.cx, &entry.scope);
    guarded(&cx, tail.limit(entry.timeout), || {
        entry.handler.get(&cx, get.arguments())
    })
    .await
}

async fn finish_completion(
    complete: Complete<'_>,
    level: usize,
    tail: &Tail,
) -> Result<Completion> {
    let found = match &complete.entry {
        Some(entry) => Some(Arc::clone(entry)),
        None => find_completion(&complete).await?,
    };
    let Some(entry) = found else {
        return Ok(Completion::default());
    };
    if let Some(inner) = entry.levels.get(level) {
        let cx = scoped(complete.cx, &inner.scope);
        let steps = inner.chain.steps(OperationKind::Complete);
        let complete = Complete {
            cx: &cx,
            reference: Box::new(complete.reference.renamed(&inner.local)),
            entry: Some(Arc::clone(&entry)),
            ..complete
        };
        return match Next::new(steps, level + 1, tail)
            .step(Operation::Complete(complete))
            .await?
        {
            AnyResponse::Completion(completion) => Ok(completion),
            _ => Err(wrong_response()),
        };
    }
    let cx = scoped(complete.cx, &entry.scope);
    let input = CompletionInput::new(&cx, &complete.value, complete.known.map(Raw::get));
    guarded(&cx, tail.limit(None), || entry.handler.complete(input)).await
}

/// What completes the argument; `None` where the caller may use what has the
/// argument, and nothing completes it. What has outlived its prompt or template
/// completes nothing, for nobody guards it any more.
async fn find_completion(complete: &Complete<'_>) -> Result<Option<Arc<CompletionEntry>>> {
    complete.check().await?;
    let catalogue = complete.cx.server().catalogue();
    if !catalogue.has(complete.reference()) {
        return Err(complete.unknown());
    }
    Ok(catalogue.completion(complete.reference(), complete.argument()))
}

async fn admit_tool(cx: &Context, entry: &ToolEntry, arguments: Option<&str>) -> Result<()> {
    let unknown = || fault::unknown_tool(&entry.tool.name);
    let subject = || entry.asked_with(arguments);
    entry.access.admit(cx, subject, unknown).await
}

/// Calls a tool that stands in no catalogue.
pub(super) async fn run_entry(
    cx: &Context,
    entry: &ToolEntry,
    arguments: Option<&str>,
) -> Result<ToolResult> {
    let entry = &cx.server().catalogue().demanding(entry);
    admit_tool(cx, entry, arguments).await?;
    invoke_tool(cx, entry, limit(cx, entry.timeout), arguments).await
}

async fn invoke_tool(
    cx: &Context,
    entry: &ToolEntry,
    limit: Option<Duration>,
    arguments: Option<&str>,
) -> Result<ToolResult> {
    let cx = scoped(cx, &entry.scope);
    let coerced = match (&entry.treatment, arguments) {
        (Some(treatment), Some(arguments)) => Some(treatment.coerce(arguments)),
        _ => None,
    };
    let arguments = coerced.as_deref().or(arguments);
    guarded(&cx, limit, || entry.handler.call(&cx, arguments)).await
}

/// The request as a component of this scope sees it.
fn scoped<'a>(cx: &'a Context, scope: &Arc<super::Scope>) -> Cow<'a, Context> {
    if scope.is_empty() {
        Cow::Borrowed(cx)
    } else {
        Cow::Owned(cx.scoped(scope))
    }
}

fn limit(cx: &Context, own: Option<Duration>) -> Option<Duration> {
    cx.server().tail().limit(own)
}

fn tool_response(response: AnyResponse) -> Result<ToolResult> {
    match response {
        AnyResponse::Tool(result) => Ok(result),
        _ => Err(wrong_response()),
    }
}

pub(super) fn wrong_response() -> Error {
    Error::new(
        ErrorKind::Internal,
        "a middleware answered with the response of another kind of request",
    )
}
