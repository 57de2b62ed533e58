//! Traces as a collector gets them that the environment names.

use opentelemetry_proto::tonic::{
    common::v1::{KeyValue, any_value::Value},
    trace::v1::{Span, span::SpanKind},
};
use serde_json::json;
use tokio::sync::mpsc;

use crate::{
    collector::{Told, collector},
    program::{Program, Request},
};

const BY_HEADER: &str = "0af7651916cd43dd8448eb211c80319c";
const BY_META: &str = "1bf7651916cd43dd8448eb211c80319d";
const CALLER: &str = "b7ad6b7169203331";

fn parent(trace: &str) -> String {
    format!("00-{trace}-{CALLER}-01")
}

fn hex(id: &[u8]) -> String {
    id.iter().map(|byte| format!("{byte:02x}")).collect()
}

fn text<'a>(attributes: &'a [KeyValue], key: &str) -> Option<&'a str> {
    let found = attributes.iter().find(|pair| pair.key == key)?;
    match found.value.as_ref()?.value.as_ref()? {
        Value::StringValue(text) => Some(text),
        other => panic!("{key} is {other:?}"),
    }
}

/// All spans that were sent, once their sender has ended.
fn spans(mut told: mpsc::UnboundedReceiver<Told>) -> Vec<Span> {
    let mut spans = Vec::new();
    while let Ok(one) = told.try_recv() {
        let Told::Traces(request) = one else { continue };
        for resource in request.resource_spans {
            let of = resource.resource.unwrap().attributes;
            assert_eq!(text(&of, "service.name"), Some("observed"));
            assert_eq!(text(&of, "service.version"), Some("4.0.0"));
            let scopes = resource.scope_spans.into_iter();
            spans.extend(scopes.flat_map(|scope| scope.spans));
        }
    }
    spans
}

fn served<'a>(spans: &'a [Span], name: &str) -> &'a Span {
    let mut found = spans
        .iter()
        .filter(|span| span.kind() == SpanKind::Server && span.name == name);
    found.next().unwrap_or_else(|| {
        let names: Vec<_> = spans.iter().map(|span| &span.name).collect();
        panic!("no span {name} in {names:?}")
    })
}

#[tokio::test]
async fn a_served_program_goes_on_with_traces_and_tells_the_collector_of_the_environment() {
    let (address, told) = collector().await;
    let endpoint = format!("http://{address}");
    let program = Program::start(&[("OTEL_EXPORTER_OTLP_ENDPOINT", &endpoint)]).await;

    let url = json!({ "url": format!("http://{}/mcp", program.endpoint) });
    let onward = Request::call("onward", &url)
        .header("traceparent", &parent(BY_HEADER))
        .header("baggage", "region=north");
    let heard = program.ask(onward).await;
    let heard = &heard["result"]["structuredContent"];
    assert_eq!(heard[1], "region=north", "{heard}");
    let carried = heard[0].as_str().unwrap();
    assert!(carried.contains(BY_HEADER), "{heard}");
    assert!(
        !carried.contains(CALLER),
        "the parent is a span of ours: {heard}"
    );

    let heard = Request::call("heard", &json!({}))
        .meta("traceparent", &parent(BY_META))
        .meta("baggage", "region=south");
    let heard = program.ask(heard).await;
    assert_eq!(heard["result"]["structuredContent"][1], "region=south");
    let uri = json!({ "uri": "notes://7?token=4711" });
    program.ask(Request::new("resources/read", uri)).await;
    let prompt = json!({ "name": "greet", "arguments": { "who": "Ann" } });
    program.ask(Request::new("prompts/get", prompt)).await;
    program.end().await;
    let spans = spans(told);

    let onward = served(&spans, "tools/call onward");
    assert_eq!(hex(&onward.trace_id), BY_HEADER);
    assert_eq!(hex(&onward.parent_span_id), CALLER);
    // Called by ourselves, within the same trace, and by the test in another.
    let heard = spans
        .iter()
        .filter(|span| span.kind() == SpanKind::Server && span.name == "tools/call heard");
    let traces: Vec<_> = heard.map(|span| hex(&span.trace_id)).collect();
    assert_eq!(traces, [BY_HEADER, BY_META]);
    let read = served(&spans, "resources/read");
    assert_eq!(
        text(&read.attributes, "mcp.resource.uri"),
        Some("notes://7")
    );
    let prompt = served(&spans, "prompts/get greet");
    assert_eq!(
        text(&prompt.attributes, "gen_ai.prompt.name"),
        Some("greet")
    );
}
