//! Tests in memory have to stay so cheap that nobody thinks twice about one more.

use std::time::{Duration, Instant};

use purlin::prelude::*;
use serde_json::json;

/// Far more than it takes, and far less than anyone would put up with.
const LIMIT: Duration = Duration::from_secs(5);

#[mcp_server]
mod sums {
    /// Adds.
    #[mcp_tool]
    fn add(a: i64, b: i64) -> i64 {
        a + b
    }
}

#[purlin::test(eras)]
async fn a_thousand_calls_take_no_time() {
    let client = purlin::testing::connect(sums::Server).await;
    let start = Instant::now();
    for n in 0..1_000 {
        assert_eq!(
            client
                .call::<i64>("add", json!({"a": n, "b": 1}))
                .await
                .unwrap(),
            n + 1
        );
    }
    assert!(start.elapsed() < LIMIT, "{:?}", start.elapsed());
}

#[purlin::test(eras)]
async fn three_hundred_connections_take_no_time() {
    let start = Instant::now();
    for n in 0..300 {
        let client = purlin::testing::connect(sums::Server).await;
        assert_eq!(
            client
                .call::<i64>("add", json!({"a": n, "b": 1}))
                .await
                .unwrap(),
            n + 1
        );
    }
    assert!(start.elapsed() < LIMIT, "{:?}", start.elapsed());
}
