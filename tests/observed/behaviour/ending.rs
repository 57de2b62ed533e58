//! How a program ends whose collector does not answer, and how one that does not
//! start.

use serde_json::json;
use tokio::net::TcpListener;

use crate::program::{Program, Request, command};

/// The value of a series.
fn value(page: &str, series: &str) -> u64 {
    let line = page.lines().find_map(|line| line.strip_prefix(series));
    let value = line.unwrap_or_else(|| panic!("no {series} in {page}"));
    value.trim().parse().unwrap()
}

#[tokio::test]
async fn a_collector_that_is_silent_does_not_keep_a_program_and_what_is_lost_is_counted() {
    // It accepts and says nothing; without a bound the program would wait for an
    // hour, and this test with it.
    let silent = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let endpoint = format!("http://{}", silent.local_addr().unwrap());
    let program = Program::start(&[
        ("OTEL_EXPORTER_OTLP_ENDPOINT", &endpoint),
        ("OTEL_EXPORTER_OTLP_TIMEOUT", "3600000"),
        ("OTEL_BSP_MAX_QUEUE_SIZE", "4"),
    ])
    .await;
    let request = || Request::call("pay", &json!({ "card": "1234" }));
    for _ in 0..10 {
        let answer = program.ask(request()).await;
        assert_eq!(answer["result"]["structuredContent"], 4, "{answer}");
    }
    let page = program.metrics().await;
    let dropped = value(&page, "purlin_otel_spans_dropped_total");
    assert!(dropped >= 6, "{dropped}");
    let said = program.end().await;
    let last = said
        .lines()
        .find(|line| line.contains("the last traces and metrics"));
    let last: serde_json::Value = serde_json::from_str(last.expect("a line")).unwrap();
    assert_eq!(last["fields"]["spans"], 4, "{last}");
    assert!(
        last["fields"]["dropped"].as_u64().unwrap() >= dropped,
        "{last}"
    );
}

#[tokio::test]
async fn a_level_of_the_log_that_cannot_be_read_is_refused_with_78() {
    for variable in ["RUST_LOG", "LOG_LEVEL"] {
        let output = command(&[(variable, "laud")]).output().await.unwrap();
        let said = String::from_utf8(output.stderr).unwrap();
        assert_eq!(output.status.code(), Some(78), "{said}");
        assert!(said.contains(variable) && said.contains("`laud`"), "{said}");
        assert!(said.contains("`debug`"), "{said}");
        assert!(output.stdout.is_empty());
    }
}
