//! `#[purlin::test]` runs what it says: once, or once in each era.

#![cfg(feature = "testing")]

use std::sync::atomic::{AtomicUsize, Ordering};

use purlin::prelude::*;
use purlin::testing::{Era, connect};

#[mcp_server]
mod arithmetic {
    /// Adds two numbers.
    #[mcp_tool]
    fn add(a: i64, b: i64) -> i64 {
        a + b
    }
}

#[purlin::test]
async fn runs_once() {
    static RUNS: AtomicUsize = AtomicUsize::new(0);
    assert_eq!(RUNS.fetch_add(1, Ordering::Relaxed), 0);
    let client = connect(arithmetic::Server).await;
    let sum: i64 = client
        .call("add", serde_json::json!({"a": 1, "b": 2}))
        .await
        .expect("the call succeeds");
    assert_eq!(sum, 3);
}

#[purlin::test(eras)]
async fn runs_in_the_session_era_then_in_the_stateless_one(era: Era) {
    static RUNS: AtomicUsize = AtomicUsize::new(0);
    let expected = [Era::Session, Era::Stateless];
    assert_eq!(era, expected[RUNS.fetch_add(1, Ordering::Relaxed)]);
}

#[purlin::test(eras)]
async fn may_return_a_result() -> Result<()> {
    connect(arithmetic::Server).await;
    Ok(())
}

#[purlin::test]
#[should_panic(expected = "on purpose")]
async fn keeps_the_attributes_of_a_test() {
    panic!("on purpose");
}
