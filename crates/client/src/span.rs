//! What is told of a request to whoever listens to traces, and what the server
//! is told of the trace it belongs to (SEP-414).
//!
//! Spans have the target `purlin::client` at level debug and the names and
//! attributes of the OpenTelemetry conventions for MCP. As long as nobody listens
//! they are not made.

use purlin_core::protocol::{Meta, method};
use purlin_core::trace;
use tracing::{Level, Span, field::Empty};

/// The span of one request.
pub(crate) fn span(method: &str, name: Option<&str>, id: i64) -> Span {
    if !tracing::enabled!(target: "purlin::client", Level::DEBUG) {
        return Span::none();
    }
    let title = match name {
        Some(name) if method != method::RESOURCES_READ => format!("{method} {name}"),
        _ => method.to_owned(),
    };
    let of = |wanted: &str| name.filter(|_| method == wanted);
    tracing::debug_span!(
        target: "purlin::client",
        "client",
        otel.name = title,
        otel.kind = "client",
        otel.status_code = Empty,
        error.type = Empty,
        mcp.method.name = method,
        mcp.resource.uri = of(method::RESOURCES_READ),
        gen_ai.tool.name = of(method::TOOLS_CALL),
        gen_ai.prompt.name = of(method::PROMPTS_GET),
        jsonrpc.request.id = id,
    )
}

/// Says in the span that the request failed.
pub(crate) fn failed(span: &Span, kind: crate::ErrorKind) {
    if !span.is_disabled() {
        span.record("otel.status_code", "error");
        span.record("error.type", tracing::field::debug(kind));
    }
}

/// Tells the server which trace the request belongs to, unless the caller has
/// done so.
pub(crate) fn carry(meta: &mut Meta) {
    if meta.get(Meta::TRACEPARENT).is_some() {
        return;
    }
    trace::inject(|member, value| {
        meta.insert(member, value);
    });
}
