//! Traces and metrics as a collector gets them. A test binary of its own, because
//! a process has one subscriber.

#![allow(clippy::unwrap_used)]

mod collector;

use std::collections::HashMap;

use collector::{Told, collector};
use opentelemetry_proto::tonic::{
    common::v1::{KeyValue, any_value::Value},
    metrics::v1::{Metric, metric::Data},
    trace::v1::{Span, span::SpanKind, status::StatusCode},
};
use purlin_client::Client;
use purlin_core::{
    BoxFuture, Context, DynamicTool, Result, Server,
    middleware::{Hooks, Middleware, Next, ToolCall},
    protocol::Tool,
    tool::ToolResult,
};
use purlin_http::HttpServer;
use purlin_telemetry::{
    Telemetry,
    log::{Log, Output},
    otel::OpenTelemetry,
};
use serde_json::json;
use tokio::sync::mpsc;
use tracing::Instrument;

struct Audit;

impl Middleware for Audit {
    fn hooks(&self) -> Hooks {
        Hooks::TOOL_CALL
    }

    fn on_call_tool<'a>(
        &'a self,
        call: ToolCall<'a>,
        next: Next<'a>,
    ) -> BoxFuture<'a, Result<ToolResult>> {
        Box::pin(next.run(call))
    }
}

fn tool<F: Future<Output = ToolResult> + Send + 'static>(
    name: &'static str,
    call: impl Fn(Context) -> F + Send + Sync + 'static,
) -> DynamicTool {
    let tool = Tool::new(name, json!({ "type": "object" }).into());
    DynamicTool::new(tool, move |cx: Context, _| {
        let answer = call(cx);
        async move { Ok(answer.await) }
    })
}

/// A server with a mounted one, as a program puts them together.
fn platform() -> Server {
    let weather = Server::builder("weather", "1.0.0");
    let current = tool("current", |_| {
        async { ToolResult::text("sunny") }.instrument(tracing::info_span!("own work"))
    });
    weather.add_tool(current).unwrap();
    let platform = Server::builder("platform", "3.0.0").middleware(Audit);
    let fail = tool("fail", |_| async { ToolResult::error("no") });
    platform.add_tool(fail).unwrap();
    platform.mount("weather", &weather).unwrap();
    platform
}

fn text(attributes: &[KeyValue], key: &str) -> Option<String> {
    let found = attributes.iter().find(|pair| pair.key == key)?;
    match found.value.as_ref()?.value.as_ref()? {
        Value::StringValue(text) => Some(text.clone()),
        Value::IntValue(number) => Some(number.to_string()),
        other => panic!("{key} is {other:?}"),
    }
}

/// Everything that was told, once nothing more comes.
async fn everything(mut told: mpsc::UnboundedReceiver<Told>) -> (Vec<Span>, Vec<Metric>) {
    let (mut spans, mut metrics) = (Vec::new(), Vec::new());
    while let Ok(one) = told.try_recv() {
        match one {
            Told::Traces(request) => {
                for resource in request.resource_spans {
                    let attributes = resource.resource.unwrap().attributes;
                    assert_eq!(text(&attributes, "service.name").unwrap(), "platform");
                    assert_eq!(text(&attributes, "service.version").unwrap(), "3.0.0");
                    spans.extend(
                        resource
                            .scope_spans
                            .into_iter()
                            .flat_map(|scope| scope.spans),
                    );
                }
            }
            Told::Metrics(request) => {
                let resources = request.resource_metrics.into_iter();
                let scopes = resources.flat_map(|resource| resource.scope_metrics);
                metrics.extend(scopes.flat_map(|scope| scope.metrics));
            }
        }
    }
    (spans, metrics)
}

/// The names on the way from a span to its root.
fn ancestry(spans: &[Span], span: &Span) -> Vec<String> {
    let by_id: HashMap<_, _> = spans.iter().map(|span| (&span.span_id, span)).collect();
    let mut names = Vec::new();
    let mut next = Some(span);
    while let Some(span) = next {
        names.push(format!("{:?} {}", span.kind(), span.name));
        next = by_id.get(&span.parent_span_id).copied();
    }
    names
}

fn one<'a>(spans: &'a [Span], kind: SpanKind, name: &str) -> &'a Span {
    let mut found = spans
        .iter()
        .filter(|span| span.kind() == kind && span.name == name);
    let span = found
        .next()
        .unwrap_or_else(|| panic!("no span {kind:?} {name}"));
    assert!(found.next().is_none(), "two spans {kind:?} {name}");
    span
}

/// A program has one subscriber and one propagation, so all that they do is one
/// test.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_call_is_one_trace_from_the_client_into_the_mounted_server() {
    let (address, told) = collector().await;
    let otel = OpenTelemetry::to(format!("http://{address}/")).service("platform", "3.0.0");
    let log = Log::new(Output::Stderr).level("off");
    let telemetry = Telemetry::new().log(log).otel(otel).start().unwrap();
    let server = telemetry.around(platform());
    let http = HttpServer::builder(server.clone())
        .bind("127.0.0.1:0")
        .signals(false);
    let http = http.listen().await.unwrap();
    let url = http.url();
    let serving = tokio::spawn(http.serve());

    let user = tracing::info_span!("user");
    async {
        let client = Client::connect(url.as_str()).await.unwrap();
        client
            .call::<String>("weather_current", json!({}))
            .await
            .unwrap();
        client.call::<String>("fail", json!({})).await.unwrap_err();
        client
            .call::<String>("nowhere", json!({}))
            .await
            .unwrap_err();
        client.close().await;
        let old = Client::builder()
            .era(purlin_client::Era::Session)
            .connect(url.as_str())
            .await
            .unwrap();
        old.ping().await.unwrap();
        old.close().await;
    }
    .instrument(user)
    .await;
    server.shutdown();
    serving.await.unwrap().unwrap();
    drop(server);
    telemetry.finish().await;
    let (spans, metrics) = everything(told).await;

    let own = one(&spans, SpanKind::Internal, "own work");
    let expected = [
        "Internal own work",
        "Internal delegate weather_current",
        "Internal middleware Audit",
        "Server tools/call weather_current",
        "Client tools/call weather_current",
        "Internal user",
    ];
    assert_eq!(ancestry(&spans, own), expected);
    let others = spans.iter().filter(|span| span.trace_id != own.trace_id);
    let others: Vec<_> = others.map(|span| ancestry(&spans, span)).collect();
    assert!(others.is_empty(), "of another trace: {others:?}");
    attributes(&spans);
    durations(&metrics);
}

fn attributes(spans: &[Span]) {
    let call = one(spans, SpanKind::Server, "tools/call weather_current");
    let attribute = |key| text(&call.attributes, key);
    for (key, value) in [
        ("mcp.method.name", "tools/call"),
        ("mcp.protocol.version", "2026-07-28"),
        ("gen_ai.tool.name", "weather_current"),
        ("network.transport", "tcp"),
    ] {
        assert_eq!(attribute(key).as_deref(), Some(value), "{key}");
    }
    assert!(attribute("jsonrpc.request.id").is_some());
    assert_eq!(attribute("error.type"), None);
    let failed = one(spans, SpanKind::Server, "tools/call fail");
    assert_eq!(
        text(&failed.attributes, "error.type").unwrap(),
        "tool_error"
    );
    assert_eq!(failed.status.as_ref().unwrap().code(), StatusCode::Error);
    // What nobody offers names no span.
    let unknown = one(spans, SpanKind::Server, "tools/call");
    assert_eq!(
        text(&unknown.attributes, "error.type").unwrap(),
        "unknown_tool"
    );
    let delegate = one(spans, SpanKind::Internal, "delegate weather_current");
    assert_eq!(
        text(&delegate.attributes, "purlin.server.name").unwrap(),
        "weather"
    );
    let ping = one(spans, SpanKind::Server, "ping");
    assert!(text(&ping.attributes, "mcp.session.id").is_some());
}

fn durations(metrics: &[Metric]) {
    let counts = |name: &str| -> Vec<(Vec<KeyValue>, u64)> {
        let metric = metrics.iter().find(|metric| metric.name == name);
        let metric = metric.unwrap_or_else(|| panic!("no metric {name}"));
        assert_eq!(metric.unit, "s");
        let Some(Data::Histogram(histogram)) = &metric.data else {
            panic!("{name} is no histogram");
        };
        let points = histogram.data_points.iter();
        points
            .map(|point| (point.attributes.clone(), point.count))
            .collect()
    };
    let operations = counts("mcp.server.operation.duration");
    let call = operations.iter().find(|(attributes, _)| {
        text(attributes, "gen_ai.tool.name").as_deref() == Some("weather_current")
    });
    assert_eq!(call.unwrap().1, 1);
    let unknown = operations
        .iter()
        .find(|(attributes, _)| text(attributes, "error.type").as_deref() == Some("unknown_tool"));
    assert_eq!(text(&unknown.unwrap().0, "gen_ai.tool.name"), None);
    let sessions = counts("mcp.server.session.duration");
    assert_eq!(sessions.iter().map(|(_, count)| count).sum::<u64>(), 1);
}
