use std::time::Duration;

use purlin_core::ToolResult;
use serde_json::json;

use super::DetailedTiming;
use crate::fixture::{Wire, Written, server, tool};

#[tokio::test(start_paused = true)]
async fn percentiles_are_those_of_the_calls() {
    let timing = DetailedTiming::new();
    let server = server().middleware(timing.clone());
    let sleep = tool("sleep", |_, arguments| async move {
        let millis = arguments["ms"].as_u64().unwrap();
        tokio::time::sleep(Duration::from_millis(millis)).await;
        Ok(ToolResult::new())
    });
    server.add_tool(sleep).unwrap();
    let wire = Wire::to(&server).await;
    for ms in 1..=100 {
        wire.call("sleep", json!({ "ms": ms })).await;
    }
    wire.call("fail", json!({})).await;
    let statistics = timing.statistics();
    let sleep = statistics.iter().find(|one| one.name == "sleep").unwrap();
    assert_eq!(
        (sleep.operation, sleep.count, sleep.failures),
        ("Tool", 100, 0)
    );
    let near = |time: Duration, ms: f64| {
        let off = (time.as_secs_f64() * 1_000.0 - ms).abs();
        assert!(off <= ms * 0.02 + 0.1, "{time:?} is not about {ms} ms");
    };
    near(sleep.mean, 50.5);
    near(sleep.p50, 50.0);
    near(sleep.p95, 95.0);
    near(sleep.p99, 99.0);
    assert_eq!(sleep.max, Duration::from_millis(100));
    let fail = statistics.iter().find(|one| one.name == "fail").unwrap();
    assert_eq!((fail.count, fail.failures), (1, 1));
}

#[tokio::test]
async fn names_that_clients_make_up_are_not_kept() {
    let timing = DetailedTiming::new();
    let wire = Wire::to(&server().middleware(timing.clone())).await;
    for n in 0..1_000 {
        wire.call(&format!("made_up_{n}"), json!({})).await;
    }
    let statistics = timing.statistics();
    assert_eq!(statistics.len(), 1, "{statistics:?}");
    assert_eq!(
        (statistics[0].name.as_str(), statistics[0].count),
        ("(others)", 1_000)
    );
}

#[tokio::test]
async fn the_number_of_names_is_bounded() {
    let timing = DetailedTiming::new().max_names(1);
    let wire = Wire::to(&server().middleware(timing.clone())).await;
    for name in ["echo", "fail", "echo"] {
        wire.call(name, json!({})).await;
    }
    let counted: Vec<_> = timing
        .statistics()
        .into_iter()
        .map(|one| (one.name, one.count))
        .collect();
    assert_eq!(
        counted,
        [("(others)".to_owned(), 1), ("echo".to_owned(), 2)]
    );
}

#[tokio::test(start_paused = true)]
async fn each_operation_is_one_line_with_its_name() {
    let written = Written::default();
    let sink = written.clone();
    let timing = DetailedTiming::new().to(move |line| sink.push(line));
    let wire = Wire::to(&server().middleware(timing)).await;
    wire.call("echo", json!({})).await;
    wire.call("fail", json!({})).await;
    wire.ask("tools/list", json!({})).await;
    assert_eq!(
        written.take(),
        [
            "Tool 'echo' completed in 0.00ms",
            "Tool 'fail' failed after 0.00ms",
            "List 'tools/list' completed in 0.00ms",
        ]
    );
}
