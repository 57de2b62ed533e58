//! A span and a measurement for each request, as a middleware.

use std::time::{Duration, Instant};

use opentelemetry::{KeyValue, metrics::Histogram, metrics::Meter};
use purlin_core::{
    BoxFuture, Context, Error, ErrorKind, Result, SessionEnd, TransportKind,
    middleware::{AnyRequest, AnyResponse, Hooks, Middleware, Next},
    protocol::method,
};
use tracing::{Instrument, Span, field::Empty};
use tracing_opentelemetry::OpenTelemetrySpanExt;

use super::propagation;
use crate::durations::BOUNDS;

/// How much of what a client named is told, in characters.
const MAX_NAME: usize = 200;

/// What is measured.
#[derive(Debug, Clone)]
pub(super) struct Durations {
    operations: Histogram<f64>,
    sessions: Histogram<f64>,
}

impl Durations {
    pub(super) fn new(meter: &Meter) -> Self {
        let histogram = |name, description| {
            meter
                .f64_histogram(name)
                .with_description(description)
                .with_unit("s")
                .with_boundaries(BOUNDS.to_vec())
                .build()
        };
        Self {
            operations: histogram(
                "mcp.server.operation.duration",
                "How long it took to answer a request.",
            ),
            sessions: histogram("mcp.server.session.duration", "How long a session lasted."),
        }
    }

    pub(super) fn session_ended(&self, end: &SessionEnd) {
        let revision = KeyValue::new("mcp.protocol.version", end.revision().as_str());
        self.sessions
            .record(end.duration().as_secs_f64(), &[revision]);
    }
}

/// Makes the span of a request and measures it.
#[derive(Debug)]
pub(super) struct Traced(pub(super) Durations);

impl Middleware for Traced {
    fn hooks(&self) -> Hooks {
        Hooks::REQUEST
    }

    /// None: what makes the span of a request is not within it.
    fn name(&self) -> &'static str {
        ""
    }

    fn on_request<'a>(
        &'a self,
        request: AnyRequest<'a>,
        next: Next<'a>,
    ) -> BoxFuture<'a, Result<AnyResponse>> {
        Box::pin(async move {
            let subject = Subject::of(&request);
            let span = subject.span(request.context());
            if let Some(parent) = propagation::of_request(request.context()) {
                // Fails only where nobody traces.
                let _ = span.set_parent(parent);
            }
            let mut told = Told {
                durations: &self.0,
                subject,
                span: span.clone(),
                cx: request.context(),
                error: Some("cancelled".to_owned()),
                started: Instant::now(),
            };
            let running = span.in_scope(|| next.run(request));
            let result = running.instrument(span.clone()).await;
            told.error = failure(&result);
            if let Some(id) = correlation_id(&result) {
                span.record("correlation_id", id);
            }
            result
        })
    }
}

/// What a request is about, in the words of the conventions.
struct Subject {
    method: &'static str,
    /// The tool or prompt, if it is offered.
    name: Option<String>,
    uri: Option<String>,
}

impl Subject {
    fn of(request: &AnyRequest<'_>) -> Self {
        let method = known(request.method());
        let target = request.target().filter(|_| request.is_offered());
        let cut = |text: &str| text.chars().take(MAX_NAME).collect();
        let is_resource = method == method::RESOURCES_READ;
        Self {
            method,
            name: target.filter(|_| !is_resource).map(cut),
            uri: request
                .target()
                .filter(|_| is_resource)
                // What follows may be a secret.
                .and_then(|uri| uri.split(['?', '#']).next())
                .map(cut),
        }
    }

    fn name_of(&self, wanted: &str) -> Option<&str> {
        self.name.as_deref().filter(|_| self.method == wanted)
    }

    fn span(&self, cx: &Context) -> Span {
        let title = match &self.name {
            Some(name) => format!("{} {name}", self.method),
            None => self.method.to_owned(),
        };
        tracing::info_span!(
            target: "purlin::request",
            "request",
            otel.name = title,
            otel.kind = "server",
            otel.status_code = Empty,
            error.type = Empty,
            correlation_id = Empty,
            mcp.method.name = self.method,
            mcp.protocol.version = cx.revision().as_str(),
            mcp.session.id = cx.session_serial().map(|serial| serial.to_string()),
            mcp.resource.uri = self.uri,
            gen_ai.tool.name = self.name_of(method::TOOLS_CALL),
            gen_ai.prompt.name = self.name_of(method::PROMPTS_GET),
            jsonrpc.request.id = cx.request_id().trim_matches('"'),
            network.transport = transport(cx),
        )
    }
}

/// A request that is being served; it is told of when this is dropped, so one
/// that was cancelled is told of too.
struct Told<'a> {
    durations: &'a Durations,
    subject: Subject,
    span: Span,
    cx: &'a Context,
    error: Option<String>,
    started: Instant,
}

impl Drop for Told<'_> {
    fn drop(&mut self) {
        if let Some(error) = &self.error {
            self.span.record("otel.status_code", "error");
            self.span.record("error.type", error.as_str());
        }
        // A stream is shown before it is served and lasts as long as it likes.
        if self.subject.method != method::SUBSCRIPTIONS_LISTEN {
            self.measure(self.started.elapsed());
        }
    }
}

impl Told<'_> {
    fn measure(&self, took: Duration) {
        let subject = &self.subject;
        let mut attributes = vec![
            KeyValue::new("mcp.method.name", subject.method),
            KeyValue::new("mcp.protocol.version", self.cx.revision().as_str()),
        ];
        let mut add = |key: &'static str, value: Option<String>| {
            attributes.extend(value.map(|value| KeyValue::new(key, value)));
        };
        let name = |wanted| subject.name_of(wanted).map(ToOwned::to_owned);
        add("gen_ai.tool.name", name(method::TOOLS_CALL));
        add("gen_ai.prompt.name", name(method::PROMPTS_GET));
        add(
            "network.transport",
            transport(self.cx).map(ToOwned::to_owned),
        );
        add("error.type", self.error.clone());
        self.durations
            .operations
            .record(took.as_secs_f64(), &attributes);
    }
}

/// The kind of failure, in few words.
fn failure(result: &Result<AnyResponse>) -> Option<String> {
    match result {
        Ok(AnyResponse::Tool(result)) => result.is_error().then(|| "tool_error".to_owned()),
        Ok(_) => None,
        // The client goes on with an answer to a question: nothing has failed.
        Err(error) if error.kind() == ErrorKind::InputRequired => None,
        Err(error) if error.kind() == ErrorKind::Tool => Some("tool_error".to_owned()),
        Err(error) => Some(snake(&format!("{:?}", error.kind()))),
    }
}

/// The id under which the failure is in the log.
fn correlation_id(result: &Result<AnyResponse>) -> Option<&str> {
    let data = result.as_ref().err()?.data()?;
    data.get(Error::CORRELATION_ID)?.as_str()
}

/// `UnknownTool` as `unknown_tool`.
fn snake(name: &str) -> String {
    let mut out = String::with_capacity(name.len() + 4);
    for c in name.chars() {
        if c.is_ascii_uppercase() && !out.is_empty() {
            out.push('_');
        }
        out.push(c.to_ascii_lowercase());
    }
    out
}

/// The transport in the words of the conventions, which have none for memory.
fn transport(cx: &Context) -> Option<&'static str> {
    match cx.transport() {
        TransportKind::Stdio => Some("pipe"),
        TransportKind::Http => Some("tcp"),
        _ => None,
    }
}

/// The method, if it is one of the protocol's.
fn known(name: &str) -> &'static str {
    crate::method::known(name).unwrap_or("_other")
}
