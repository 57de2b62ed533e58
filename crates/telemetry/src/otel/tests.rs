use std::sync::Arc;

use opentelemetry::trace::{Span, Tracer, TracerProvider};
use opentelemetry_otlp::{SpanExporter, WithExportConfig, WithHttpConfig};
use opentelemetry_sdk::trace::SdkTracerProvider;
use tokio::net::TcpListener;

use super::{
    OpenTelemetry,
    client::Worker,
    queue::{Fates, Gate},
};

#[tokio::test]
async fn a_collector_that_does_not_answer_holds_nobody_up_and_what_is_lost_is_counted() {
    // It accepts and says nothing.
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let endpoint = format!("http://{}", listener.local_addr().unwrap());
    let worker = Worker::start().unwrap();
    let fates = Arc::new(Fates::default());
    let exporter = {
        let client = worker.client().unwrap();
        let exporter = SpanExporter::builder().with_http().with_http_client(client);
        exporter.with_endpoint(endpoint).build().unwrap()
    };
    let provider = SdkTracerProvider::builder()
        .with_span_processor(Gate::new(exporter, &fates))
        .build();
    let tracer = provider.tracer("test");
    for _ in 0..10_000 {
        tracer.start("lost").end();
    }
    let dropped = fates.dropped();
    assert_eq!(dropped, 10_000 - 2_048, "all that did not fit");
}

#[test]
fn only_a_collector_that_is_named_is_sent_to() {
    // The variables of this process belong to whoever runs the tests: none names
    // a collector there.
    if std::env::var_os("OTEL_EXPORTER_OTLP_ENDPOINT").is_none() {
        assert!(OpenTelemetry::from_env().is_none());
    }
}
