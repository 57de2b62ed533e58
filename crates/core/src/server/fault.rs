//! Errors as the wire shows them: the one place where error objects are made.

use serde_json::{Value, json};

use crate::{
    Context, Error, ErrorKind,
    context::TransportKind,
    protocol::{ErrorCode, ErrorObject, Meta, Reference, method},
    tool::ToolResult,
    wire::{Reply, Revision},
};

/// How long a name we repeat from the client may be.
const MAX_ECHO: usize = 100;

/// Whether the causes of failures are kept from this client.
pub(crate) fn masks(cx: &Context) -> bool {
    cx.server()
        .tail()
        .mask_errors
        .unwrap_or(cx.transport() == TransportKind::Http)
}

/// Whether a failed call is answered with a result that says so, for the model
/// to read, rather than with a protocol error.
pub(crate) fn is_for_the_model(error: &Error, revision: Revision) -> bool {
    match error.kind() {
        ErrorKind::UnknownTool
        | ErrorKind::InvalidParams
        | ErrorKind::Protocol
        | ErrorKind::Unauthenticated
        | ErrorKind::Forbidden
        | ErrorKind::RateLimited
        | ErrorKind::InputRequired => false,
        // Who is told when to come back is a program, which can wait.
        ErrorKind::Busy | ErrorKind::Unavailable => error.retry_after().is_none(),
        ErrorKind::MissingCapability => !revision.is_modern(),
        _ => true,
    }
}

/// The result of a tool that failed.
pub(crate) fn failed_result(cx: &Context, error: &Error) -> ToolResult {
    log(cx, error);
    let text = match error.kind() {
        ErrorKind::Timeout => format!("the tool was stopped: {}", error.public_text(masks(cx))),
        _ => error.public_text(masks(cx)).into_owned(),
    };
    let mut result = ToolResult::error(text);
    // A result has no place for the data of an error but its metadata.
    if let Some(data) = error.data() {
        result.meta_mut().insert(Meta::ERROR, data.clone());
    }
    result
}

/// The error answer, with the HTTP status the stateless era gives it.
pub(crate) fn error_reply(cx: &Context, error: &Error) -> Reply {
    log(cx, error);
    let revision = cx.revision();
    let (code, status) = code(error, revision);
    let mut object = ErrorObject::new(code, error.public_text(masks(cx)));
    object.data = error.data().cloned();
    let mut reply = Reply::error(cx.message().id(), &object);
    reply.retry_after = retry_after(error);
    if matches!(status, 401 | 403) {
        reply.scopes = required_scopes(error);
        // Authorization is a matter of HTTP in every revision.
        return reply.with_status(status);
    }
    if revision.is_modern() {
        reply.with_status(status)
    } else {
        reply
    }
}

/// Seconds, rounded up: coming back a moment early would be refused again.
fn retry_after(error: &Error) -> Option<u32> {
    u32::try_from(error.retry_after()?.as_millis().div_ceil(1_000)).ok()
}

/// All scopes of the operation, if the error names them.
fn required_scopes(error: &Error) -> Box<[String]> {
    let listed = error
        .data()
        .and_then(|data| data.get(Error::REQUIRED_SCOPES));
    let listed = listed.and_then(|scopes| scopes.as_array());
    let scopes = listed.into_iter().flatten();
    scopes
        .filter_map(|scope| Some(scope.as_str()?.to_owned()))
        .collect()
}

fn code(error: &Error, revision: Revision) -> (i64, u16) {
    match error.kind() {
        ErrorKind::UnknownMethod => (ErrorCode::METHOD_NOT_FOUND, 404),
        ErrorKind::MissingCapability if revision.is_modern() => {
            (ErrorCode::MISSING_REQUIRED_CLIENT_CAPABILITY, 400)
        }
        ErrorKind::UnknownResource if !revision.is_modern() => (ErrorCode::RESOURCE_NOT_FOUND, 200),
        ErrorKind::UnknownTool
        | ErrorKind::UnknownPrompt
        | ErrorKind::UnknownResource
        | ErrorKind::InvalidParams
        | ErrorKind::InvalidArguments
        | ErrorKind::MissingCapability => (ErrorCode::INVALID_PARAMS, 200),
        ErrorKind::Protocol => (ErrorCode::INVALID_REQUEST, 400),
        ErrorKind::Unauthenticated => (ErrorCode::UNAUTHENTICATED, 401),
        ErrorKind::Forbidden => (ErrorCode::FORBIDDEN, 403),
        ErrorKind::RateLimited => (ErrorCode::RATE_LIMITED, 429),
        ErrorKind::Busy | ErrorKind::Unavailable => (ErrorCode::UNAVAILABLE, 503),
        _ => (ErrorCode::INTERNAL_ERROR, 200),
    }
}

fn log(cx: &Context, error: &Error) {
    // Whoever gave it a correlation id has logged it under that id.
    let is_logged = error
        .data()
        .is_some_and(|data| data.get(Error::CORRELATION_ID).is_some());
    if is_logged {
        return;
    }
    if error.kind().is_internal() || std::error::Error::source(error).is_some() {
        let cause = error.public_text(false);
        tracing::warn!(method = cx.method(), kind = ?error.kind(), error = %cause.escape_debug(), "a request failed");
    }
}

/// The text of a client, cut and without controls, to be repeated to it.
pub(crate) fn echo(text: &str) -> String {
    text.chars()
        .filter(|c| !c.is_control())
        .take(MAX_ECHO)
        .collect()
}

pub(crate) fn unknown_tool(name: &str) -> Error {
    Error::new(
        ErrorKind::UnknownTool,
        format!("Unknown tool: {}", echo(name)),
    )
}

pub(crate) fn unknown_prompt(name: &str) -> Error {
    Error::new(
        ErrorKind::UnknownPrompt,
        format!("Unknown prompt: {}", echo(name)),
    )
}

pub(crate) fn unknown_resource(uri: &str) -> Error {
    Error::new(ErrorKind::UnknownResource, "Resource not found").with_data(which(uri))
}

/// The data that says which resource an error is about. Errors end up in logs
/// along the way, so nothing in it may be a secret: what follows the path goes,
/// and so does who asks (`user:password@`).
pub(crate) fn which(uri: &str) -> Value {
    let path = uri.split(['?', '#']).next().unwrap_or_default();
    let told = match path.split_once("://") {
        Some((scheme, rest)) => {
            let end = rest.find('/').unwrap_or(rest.len());
            let host = rest[..end].rfind('@').map_or(0, |at| at + 1);
            format!("{scheme}://{}", &rest[host..])
        }
        None => path.to_owned(),
    };
    json!({ "uri": told })
}

/// Where the argument to complete belongs to nothing.
pub(crate) fn unknown_reference(reference: &Reference, name: &str) -> Error {
    match reference {
        Reference::Prompt { .. } => unknown_prompt(name),
        Reference::Resource { .. } => invalid_params("there is no such resource template")
            .with_data(json!({ "uri": echo(name) })),
    }
}

pub(crate) fn unknown_method(name: &str) -> Error {
    Error::new(
        ErrorKind::UnknownMethod,
        format!("Method not found: {}", echo(name)),
    )
}

/// The method exists, but not in the era of the request.
pub(crate) fn not_in_this_era(name: &str) -> Error {
    let hint = match name {
        method::INITIALIZE => "a request with its own protocol version needs no `initialize`",
        _ => "it does not exist in this revision of the protocol",
    };
    Error::new(
        ErrorKind::UnknownMethod,
        format!("Method not found: {}: {hint}", echo(name)),
    )
}

pub(crate) fn invalid_params(problem: impl Into<std::borrow::Cow<'static, str>>) -> Error {
    Error::new(ErrorKind::InvalidParams, problem)
}
