use std::{collections::VecDeque, time::Duration};

use proptest::prelude::*;
use purlin_core::{Principal, Rate};
use serde_json::json;
use tokio::time::{Instant, advance};

use super::{SlidingWindow, slots::Windows};
use crate::fixture::{Wire, caller, server};

#[tokio::test(start_paused = true)]
async fn no_hour_sees_more_than_the_count() {
    let window = SlidingWindow::new("3/hour".parse().unwrap());
    let server = server().middleware(window.clone());
    let alice = Wire::from(&server, caller(Principal::new("alice"))).await;
    let bob = Wire::from(&server, caller(Principal::new("bob"))).await;
    for _ in 0..3 {
        assert!(alice.call("echo", json!({})).await["result"].is_object());
    }
    let refusal = alice.call("echo", json!({})).await;
    assert_eq!(refusal["error"]["code"], 429);
    let wait = refusal["error"]["data"]["retryAfterMs"].as_u64().unwrap();
    assert!(bob.call("echo", json!({})).await["result"].is_object());
    assert!((3_600_000..=3_600_000 * 17 / 16).contains(&wait), "{wait}");
    advance(Duration::from_millis(wait - 1)).await;
    assert!(alice.call("echo", json!({})).await["error"].is_object());
    advance(Duration::from_millis(1)).await;
    assert!(alice.call("echo", json!({})).await["result"].is_object());
    let statistics = window.statistics();
    assert_eq!((statistics.passed, statistics.refused), (5, 2));
}

#[tokio::test(start_paused = true)]
async fn tools_that_are_not_named_are_not_counted() {
    let window = SlidingWindow::new("1/hour".parse().unwrap()).tools(["fail"]);
    let wire = Wire::to(&server().middleware(window)).await;
    for _ in 0..5 {
        assert!(wire.call("echo", json!({})).await["result"].is_object());
    }
    assert!(wire.call("fail", json!({})).await["result"].is_object());
    assert_eq!(wire.call("fail", json!({})).await["error"]["code"], 429);
}

#[tokio::test(start_paused = true)]
async fn what_is_remembered_is_bounded_and_who_sent_most_is_not_forgotten() {
    let mut windows = Windows::new("2/hour".parse().unwrap(), 100);
    let now = Instant::now();
    for _ in 0..2 {
        windows.admit(0_u32, now).unwrap();
    }
    for key in 1..1_000 {
        windows.admit(key, now).unwrap();
        assert!(windows.len() <= 100);
    }
    windows.admit(0, now).unwrap_err();
}

proptest! {
    /// Against exact times: never more than the count in any window, and nobody
    /// is refused for what is older than a window and a sixteenth.
    #[test]
    fn it_keeps_its_promise(
        count in 1_u32..8,
        steps in prop::collection::vec(0_u64..400, 1..200),
    ) {
        let period = Duration::from_millis(1_000);
        let mut windows = Windows::new(Rate::new(count, period), 10);
        let mut now = Instant::now();
        let mut admitted: VecDeque<Instant> = VecDeque::new();
        for step in steps {
            now += Duration::from_millis(step);
            let within = |length: Duration| {
                admitted.iter().filter(|at| now - **at < length).count()
            };
            match windows.admit((), now) {
                Ok(()) => {
                    prop_assert!(within(period) < count as usize);
                    admitted.push_back(now);
                }
                Err(wait) => {
                    let longest = period * 17 / 16 + Duration::from_millis(1);
                    prop_assert!(within(longest) >= count as usize);
                    prop_assert!(wait > Duration::ZERO && wait <= longest);
                    prop_assert!(windows.admit((), now + wait).is_ok());
                    now += wait;
                    admitted.push_back(now);
                }
            }
        }
    }
}
