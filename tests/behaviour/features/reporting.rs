use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use purlin::prelude::*;
use purlin::testing::{Era, protocol::LogLevel};
use serde_json::json;

use crate::features::{client, connect};

#[mcp_server]
mod worker {
    use super::*;

    /// Works in steps.
    #[mcp_tool]
    async fn work(n: u32, cx: &Context) -> u32 {
        for step in 1..=n {
            cx.progress(step, n);
            cx.info(format!("step {step}"));
            cx.debug("detail");
            tokio::task::yield_now().await;
        }
        n
    }
}

#[purlin::test(eras)]
async fn progress_and_logs_arrive_before_the_result() {
    let client = connect(worker::Server).await;
    let done: u32 = client.call("work", json!({"n": 3})).await.unwrap();
    assert_eq!(done, 3);
    let steps: Vec<_> = client
        .progress()
        .iter()
        .map(|step| (step.progress, step.total))
        .collect();
    assert_eq!(
        steps,
        [(1.0, Some(3.0)), (2.0, Some(3.0)), (3.0, Some(3.0))]
    );
    let lines: Vec<_> = client
        .logs()
        .into_iter()
        .filter(|line| line.level == LogLevel::Info)
        .collect();
    assert_eq!(lines.len(), 3);
    assert_eq!(lines[0].data, json!("step 1"));
}

#[purlin::test(eras)]
async fn logs_below_the_level_are_not_sent() {
    let client = client(worker::Server)
        .log_level(LogLevel::Info)
        .connect()
        .await;
    client.call::<u32>("work", json!({"n": 2})).await.unwrap();
    assert!(
        client
            .logs()
            .iter()
            .all(|line| line.level == LogLevel::Info)
    );
    assert_eq!(client.logs().len(), 2);
}

#[purlin::test]
async fn a_stateless_request_that_asks_for_no_logs_gets_none() {
    let client = client(worker::Server)
        .era(Era::Stateless)
        .log_level(None)
        .connect()
        .await;
    client.call::<u32>("work", json!({"n": 2})).await.unwrap();
    assert_eq!(client.logs(), []);
}

#[purlin::test(eras)]
async fn concurrent_calls_report_to_their_own_callers() {
    let client = connect(worker::Server).await;
    let steps = |n: u32| {
        let seen = Arc::new(AtomicU32::new(0));
        let counter = Arc::clone(&seen);
        let call = client
            .call::<u32>("work", json!({"n": n}))
            .on_progress(move |_| _ = counter.fetch_add(1, Ordering::Relaxed));
        async move {
            assert_eq!(call.await.unwrap(), n);
            seen.load(Ordering::Relaxed)
        }
    };
    let (one, two, three) = tokio::join!(steps(1), steps(2), steps(3));
    assert_eq!((one, two, three), (1, 2, 3));
}
