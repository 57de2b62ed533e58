//! The envelope of stateless requests: what `_meta` has to say, and the ladder
//! of checks a request climbs before it is dispatched (specification
//! 2026-07-28, Basic, "Requests" and Streamable HTTP, "Standard headers").

use serde_json::json;

use super::{
    Field, Inbound, Raw, Reply, Revision, RoutingHeaders,
    header::{decode, repeats},
};
use crate::protocol::{ClientCapabilities, ErrorCode, ErrorObject, LogLevel, Meta, method};

/// What a stateless request says about itself and its sender.
#[derive(Debug)]
pub(crate) struct Envelope {
    pub(crate) revision: Revision,
    pub(crate) log_level: Option<LogLevel>,
}

impl Envelope {
    /// Reads `_meta` and climbs the ladder: fields, headers, version.
    ///
    /// The order matters to clients: a header that contradicts the body is
    /// reported before a version that is not supported.
    pub(crate) fn read(
        message: &Inbound,
        headers: Option<&RoutingHeaders<'_>>,
    ) -> Result<Self, Reply> {
        if let Some(headers) = headers
            && [headers.version, headers.method, headers.name].contains(&Field::Many)
        {
            return Err(mismatch(
                message,
                "a routing header is given more than once",
            ));
        }
        let version = required(message, Meta::PROTOCOL_VERSION)?;
        let capabilities = required(message, Meta::CLIENT_CAPABILITIES)?;
        let Some(version) = version.as_str() else {
            return Err(invalid_meta(
                message,
                Meta::PROTOCOL_VERSION,
                "must be a text",
            ));
        };
        if !capabilities.is_object() {
            return Err(invalid_meta(
                message,
                Meta::CLIENT_CAPABILITIES,
                "must be an object",
            ));
        }
        if let Some(headers) = headers {
            check_headers(message, &version, headers)?;
        }
        let revision = match version.parse::<Revision>() {
            Ok(revision) if revision.is_modern() => revision,
            _ => return Err(unsupported(message, &version)),
        };
        let log_level = match message.meta(Meta::LOG_LEVEL) {
            None => None,
            Some(level) => match level.decode() {
                Ok(level) => Some(level),
                Err(_) => {
                    return Err(invalid_meta(
                        message,
                        Meta::LOG_LEVEL,
                        "must be a log level",
                    ));
                }
            },
        };
        Ok(Self {
            revision,
            log_level,
        })
    }
}

/// The capabilities a stateless request declares; empty when they are malformed
/// below the top level.
pub(crate) fn capabilities(message: &Inbound) -> ClientCapabilities {
    message
        .meta(Meta::CLIENT_CAPABILITIES)
        .and_then(|raw| raw.decode().ok())
        .unwrap_or_default()
}

fn required<'a>(message: &'a Inbound, key: &str) -> Result<Raw<'a>, Reply> {
    message
        .meta(key)
        .ok_or_else(|| invalid_meta(message, key, "is required"))
}

fn invalid_meta(message: &Inbound, key: &str, problem: &str) -> Reply {
    let error = ErrorObject::new(
        ErrorCode::INVALID_PARAMS,
        format!("`_meta[\"{key}\"]` {problem}"),
    );
    Reply::error(message.id(), &error).with_status(400)
}

pub(crate) fn mismatch(message: &Inbound, problem: &str) -> Reply {
    let error = ErrorObject::new(ErrorCode::HEADER_MISMATCH, problem);
    Reply::error(message.id(), &error).with_status(400)
}

fn unsupported(message: &Inbound, requested: &str) -> Reply {
    let supported: Vec<_> = Revision::ALL
        .into_iter()
        .rev()
        .map(Revision::as_str)
        .collect();
    let requested: String = requested.chars().take(100).collect();
    let error = ErrorObject::new(
        ErrorCode::UNSUPPORTED_PROTOCOL_VERSION,
        "unsupported protocol version",
    )
    .with_data(json!({ "supported": supported, "requested": requested }));
    Reply::error(message.id(), &error).with_status(400)
}

fn check_headers(
    message: &Inbound,
    version: &str,
    headers: &RoutingHeaders<'_>,
) -> Result<(), Reply> {
    expect(message, "MCP-Protocol-Version", headers.version, version)?;
    expect(message, "Mcp-Method", headers.method, message.method())?;
    let named = match message.method() {
        method::TOOLS_CALL | method::PROMPTS_GET => message.param("name"),
        method::RESOURCES_READ => message.param("uri"),
        method::TASKS_GET | method::TASKS_UPDATE | method::TASKS_CANCEL => message.param("taskId"),
        _ => return Ok(()),
    };
    // A missing name is a fault of the body, reported with the parameters.
    match named.and_then(Raw::as_str) {
        Some(name) => expect(message, "Mcp-Name", headers.name, &name),
        None => Ok(()),
    }
}

fn expect(message: &Inbound, header: &str, field: Field<'_>, body: &str) -> Result<(), Reply> {
    let Field::One(value) = field else {
        return Err(mismatch(
            message,
            &format!("the header `{header}` is missing"),
        ));
    };
    // What is spelled alike needs no decoding, unless it could be wrapped.
    if value == body.as_bytes() && !value.starts_with(b"=?") {
        return Ok(());
    }
    match decode(value) {
        Some(value) if value == body => Ok(()),
        Some(_) => Err(mismatch(
            message,
            &format!("the header `{header}` differs from the body"),
        )),
        None => Err(mismatch(
            message,
            &format!("the header `{header}` is malformed"),
        )),
    }
}

/// One argument that a tool wants repeated in a header (`x-mcp-header`).
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct HeaderParam {
    /// The header name after `Mcp-Param-`, lower case.
    pub(crate) header: String,
    /// The way to the argument through nested objects.
    pub(crate) path: Vec<String>,
}

/// Checks the `Mcp-Param-*` headers of a call against its arguments.
pub(crate) fn check_params(
    message: &Inbound,
    declared: &[HeaderParam],
    headers: &RoutingHeaders<'_>,
) -> Result<(), Reply> {
    for param in declared {
        let argument = param
            .path
            .iter()
            .try_fold(message.param("arguments"), |value, name| {
                Some(value?.member(name))
            })
            .flatten()
            .filter(|value| !value.is_null());
        let mut sent = headers
            .params
            .iter()
            .filter(|(name, _)| *name == param.header);
        let problem = match (argument, sent.next(), sent.next()) {
            (None, None, _) => continue,
            (_, Some(_), Some(_)) => "is given more than once",
            (Some(_), None, _) => "is missing",
            (None, Some(_), None) => "is given, but the argument is not",
            (Some(argument), Some((_, value)), None) => match decode(value) {
                Some(value) if repeats(&value, argument) => continue,
                Some(_) => "differs from the body",
                None => "is malformed",
            },
        };
        return Err(mismatch(
            message,
            &format!("the header `Mcp-Param-{}` {problem}", param.header),
        ));
    }
    Ok(())
}
