use std::{
    io,
    sync::{Arc, Mutex},
};

use purlin_core::{Error, ErrorKind, Server, ToolError};
use serde_json::json;
use tracing::Instrument as _;
use tracing_subscriber::fmt::MakeWriter;

use super::ErrorHandling;
use crate::fixture::{Wire, Written, server, text, tool};

/// A server with a tool that hides its cause and one whose author says what to do.
fn failing(errors: ErrorHandling) -> Server {
    let server = server().middleware(errors);
    let hidden = tool("hidden", |_, _| async {
        Err(ToolError::internal("the password is hunter2").into())
    });
    let told = tool("told", |_, _| async {
        let error = ToolError::new("sold out").with_code("sold_out");
        Err(error.with_recovery("Wait a day.").into())
    });
    server.add_tool(hidden).unwrap();
    server.add_tool(told).unwrap();
    server
}

/// What a subscriber writes.
#[derive(Clone, Default)]
struct Log(Arc<Mutex<Vec<u8>>>);

impl io::Write for Log {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl<'a> MakeWriter<'a> for Log {
    type Writer = Self;

    fn make_writer(&'a self) -> Self {
        self.clone()
    }
}

#[tokio::test]
async fn one_id_is_in_the_log_the_span_and_the_reply() {
    let log = Log::default();
    let subscriber = tracing_subscriber::fmt()
        .with_writer(log.clone())
        .with_ansi(false)
        .finish();
    let guard = tracing::subscriber::set_default(subscriber);
    let span = tracing::info_span!("serving", correlation_id = tracing::field::Empty);
    let wire = Wire::to(&failing(ErrorHandling::new().mask(true))).await;
    let answer = wire.call("hidden", json!({})).instrument(span).await;
    drop(guard);
    let told = &answer["result"]["_meta"]["purlin/error"];
    let id = told["correlationId"].as_str().unwrap();
    assert_eq!(
        text(&answer),
        format!("internal error (correlation id {id})")
    );
    assert_eq!(told["code"], "tool_failed");
    assert!(
        told["recoverySteps"]
            .as_array()
            .is_some_and(|steps| !steps.is_empty())
    );
    let log = String::from_utf8(log.0.lock().unwrap().clone()).unwrap();
    let line = log
        .lines()
        .find(|line| line.contains("purlin::errors"))
        .unwrap();
    assert!(
        line.contains(&format!("serving{{correlation_id=\"{id}\"}}")),
        "{log}"
    );
    assert_eq!(line.matches(id).count(), 2, "{log}");
    assert!(line.contains("hunter2"), "{log}");
    assert_eq!(log.matches("a request failed").count(), 1, "{log}");
}

#[tokio::test]
async fn what_the_author_wrote_is_shown_with_code_and_steps() {
    let wire = Wire::to(&failing(ErrorHandling::new().mask(true))).await;
    let answer = wire.call("told", json!({})).await;
    assert_eq!(text(&answer), "sold out\nCode: sold_out\n- Wait a day.");
    let told = &answer["result"]["_meta"]["purlin/error"];
    assert_eq!(told["code"], "sold_out");
    assert_eq!(told["recoverySteps"], json!(["Wait a day."]));
}

#[tokio::test]
async fn protocol_errors_carry_the_same_as_data() {
    let wire = Wire::to(&failing(ErrorHandling::new())).await;
    let answer = wire.call("nope", json!({})).await;
    let error = &answer["error"];
    assert_eq!(error["code"], -32602);
    assert_eq!(error["data"]["code"], "unknown_tool");
    assert!(error["data"]["correlationId"].is_string());
}

#[tokio::test]
async fn causes_are_masked_over_http_and_shown_in_memory() {
    let server = failing(ErrorHandling::new());
    let open = Wire::to(&server).await.call("hidden", json!({})).await;
    assert!(text(&open).contains("hunter2"));
    let masked = Wire::over_http(&server)
        .await
        .call("hidden", json!({}))
        .await;
    assert!(!masked.to_string().contains("hunter2"), "{masked}");
}

#[tokio::test]
async fn failures_are_counted_and_told() {
    let written = Written::default();
    let told = written.clone();
    let errors = ErrorHandling::new().on_failure(move |failed| {
        told.push(format!("{} {:?}", failed.method, failed.target));
    });
    let wire = Wire::to(&failing(errors.clone())).await;
    wire.call("told", json!({})).await;
    wire.call("nope", json!({})).await;
    wire.call("echo", json!({})).await;
    let counted: Vec<_> = errors.statistics().into_iter().collect();
    assert_eq!(
        counted,
        [
            ("Tool:tools/call".to_owned(), 1),
            ("UnknownTool:tools/call".to_owned(), 1)
        ]
    );
    assert_eq!(
        written.take(),
        ["tools/call Some(\"told\")", "tools/call Some(\"nope\")"]
    );
}

#[tokio::test]
async fn errors_can_be_transformed() {
    let errors = ErrorHandling::new()
        .transform(|_| Error::new(ErrorKind::Busy, "closed for lunch").with_code("lunch"));
    let wire = Wire::to(&failing(errors)).await;
    let answer = wire.call("hidden", json!({})).await;
    assert_eq!(text(&answer), "closed for lunch\nCode: lunch");
}

#[tokio::test]
async fn an_id_from_within_is_kept() {
    let child = failing(ErrorHandling::new().mask(true));
    let outer = ErrorHandling::new();
    let parent = Server::builder("parent", "1.0.0").middleware(outer.clone());
    parent.mount("child", &child).unwrap();
    let wire = Wire::to(&parent).await;
    let answer = wire.call("child_hidden", json!({})).await;
    let id = answer["result"]["_meta"]["purlin/error"]["correlationId"].clone();
    assert!(text(&answer).contains(id.as_str().unwrap()), "{answer}");
    assert_eq!(text(&answer).matches("correlation id").count(), 1);
    assert_eq!(outer.statistics()["Tool:tools/call"], 1);
}

#[tokio::test]
async fn made_up_methods_do_not_grow_the_counters() {
    let errors = ErrorHandling::new();
    for n in 0..10_000 {
        errors
            .counters
            .count(ErrorKind::UnknownMethod, &format!("made/up/{n}"));
    }
    let counted = errors.statistics();
    assert_eq!(counted.len(), 256);
    assert_eq!(counted.values().sum::<u64>(), 10_000);
}
