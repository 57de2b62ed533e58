//! What the client is told.

use purlin_core::{Error, ErrorKind};
use serde_json::{Map, Value, json};

use super::CorrelationId;

/// The error as the client gets it: with a text that hides what is to be hidden,
/// and the data that programs read.
pub(super) fn explained(error: Error, id: &CorrelationId, masked: bool) -> Error {
    let hides = error.public_text(true) != error.public_text(false) || is_bare(&error);
    let code = code(&error);
    let steps = steps(&error);
    let mut data = match error.data() {
        Some(Value::Object(members)) => members.clone(),
        Some(other) => Map::from_iter([("details".to_owned(), other.clone())]),
        None => Map::new(),
    };
    data.insert("code".to_owned(), code.into());
    data.insert(Error::CORRELATION_ID.to_owned(), id.as_str().into());
    if !steps.is_empty() {
        data.insert("recoverySteps".to_owned(), json!(steps));
    }
    let text = match (hides, masked) {
        (true, true) => Some(format!("internal error (correlation id {id})")),
        (true, false) => Some(format!(
            "{} (correlation id {id})",
            error.public_text(false)
        )),
        (false, _) => None,
    };
    let error = error.with_data(Value::Object(data));
    match text {
        Some(text) => error.with_public_text(text),
        None => error,
    }
}

/// Whether it is ours alone and has no cause to hide.
fn is_bare(error: &Error) -> bool {
    error.kind().is_internal() && error.public_text(true) == "internal error"
}

/// The author's code, else one of the kind.
fn code(error: &Error) -> String {
    if let Some(code) = error.code() {
        return code.to_owned();
    }
    let code = match error.kind() {
        ErrorKind::Tool => "tool_failed",
        ErrorKind::Resource => "resource_failed",
        ErrorKind::Prompt => "prompt_failed",
        ErrorKind::UnknownTool => "unknown_tool",
        ErrorKind::UnknownPrompt => "unknown_prompt",
        ErrorKind::UnknownResource => "unknown_resource",
        ErrorKind::UnknownMethod => "unknown_method",
        ErrorKind::InvalidParams => "invalid_params",
        ErrorKind::InvalidArguments => "invalid_arguments",
        ErrorKind::MissingCapability => "missing_capability",
        ErrorKind::Unauthenticated => "unauthenticated",
        ErrorKind::Forbidden => "forbidden",
        ErrorKind::RateLimited => "rate_limited",
        ErrorKind::Timeout => "timeout",
        ErrorKind::Cancelled => "cancelled",
        ErrorKind::Busy => "busy",
        ErrorKind::Unavailable => "unavailable",
        ErrorKind::Protocol => "protocol",
        ErrorKind::Remote => "remote",
        _ => "internal_error",
    };
    code.to_owned()
}

/// The author's steps, else those of the kind.
fn steps(error: &Error) -> Vec<String> {
    let own: Vec<String> = error.recovery().map(str::to_owned).collect();
    if !own.is_empty() {
        return own;
    }
    let steps: &[&str] = match error.kind() {
        ErrorKind::UnknownTool => &["List the tools and call one of those."],
        ErrorKind::UnknownPrompt => &["List the prompts and get one of those."],
        ErrorKind::UnknownResource => &["List the resources and read one of those."],
        ErrorKind::InvalidArguments | ErrorKind::InvalidParams => &[
            "Correct the arguments by the schema in the list.",
            "Call again.",
        ],
        ErrorKind::Timeout => &["Ask for less at once.", "Call again later."],
        ErrorKind::RateLimited | ErrorKind::Busy | ErrorKind::Unavailable => {
            &["Wait for `retryAfterMs`, or a few seconds.", "Call again."]
        }
        ErrorKind::Unauthenticated => &["Log in, and call again."],
        ErrorKind::Forbidden => &["Ask for the missing scopes, or do without this call."],
        ErrorKind::Tool | ErrorKind::Resource | ErrorKind::Prompt
            if error.public_text(true) == error.public_text(false) =>
        {
            // The author's own words say what is to be done.
            &[]
        }
        _ => &[
            "Call again once.",
            "If it fails again, report the correlation id to who runs the server.",
        ],
    };
    steps.iter().map(|step| (*step).to_owned()).collect()
}
