use std::{collections::VecDeque, time::Duration};

use proptest::prelude::*;
use purlin_core::{Origin, Principal, Rate, TransportKind};
use serde_json::json;
use tokio::time::{Instant, advance};

use super::{SlidingWindow, slots::Windows};
use crate::{
    fixture::{Wire, caller, server},
    rate_limit::OperationClass,
};

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
    assert_eq!(statistics.passed, 5);
    assert_eq!(statistics.refused, [("caller".to_owned(), 2)]);
}

/// How many of four calls pass for each of these.
async fn passing(windows: SlidingWindow, people: &[(&str, &str, &str)]) -> Vec<usize> {
    let server = server().middleware(windows);
    let mut passing = Vec::new();
    for (subject, client, tenant) in people {
        let person = Principal::new(*subject)
            .with_client(*client)
            .with_tenant(*tenant);
        let wire = Wire::from(&server, caller(person)).await;
        let mut passed = 0;
        for _ in 0..4 {
            let answer = wire.call("echo", json!({})).await;
            passed += usize::from(answer["result"].is_object());
        }
        passing.push(passed);
    }
    passing
}

#[tokio::test(start_paused = true)]
async fn clients_tenants_and_all_are_counted_over_their_principals() {
    let rate = |text: &str| text.parse::<Rate>().unwrap();
    let people = [
        ("a", "web", "acme"),
        ("b", "web", "acme"),
        ("c", "cli", "acme"),
        ("a", "web", "zoo"),
    ];
    let none = SlidingWindow::none;
    for (windows, expected) in [
        (none().principal(rate("3/hour")), [3, 3, 3, 3]),
        (none().client(rate("2/hour")), [2, 0, 2, 2]),
        (none().tenant(rate("3/hour")), [3, 0, 0, 3]),
        (none().everyone(rate("5/hour")), [4, 1, 0, 0]),
        (
            none().tenant(rate("3/hour")).client(rate("2/hour")),
            [2, 0, 1, 2],
        ),
        (none().tool("echo", rate("1/hour")), [1, 1, 1, 1]),
        (none().tool("fail", rate("1/hour")), [4, 4, 4, 4]),
        (
            none().class(OperationClass::List, rate("1/hour")),
            [4, 4, 4, 4],
        ),
    ] {
        let named = format!("{windows:?}");
        assert_eq!(passing(windows, &people).await, expected, "{named}");
    }
}

#[tokio::test(start_paused = true)]
async fn strangers_are_counted_by_address_and_together() {
    let windows = SlidingWindow::none()
        .unauthenticated("2/hour".parse().unwrap())
        .strangers("3/hour".parse().unwrap());
    let server = server().middleware(windows);
    let mut passed = Vec::new();
    for address in ["192.0.2.1", "192.0.2.1", "192.0.2.2"] {
        let origin = Origin::new(TransportKind::Http).with_peer(address.parse().unwrap());
        let wire = Wire::from(&server, origin).await;
        for _ in 0..2 {
            let answer = wire.call("echo", json!({})).await;
            passed.push(answer["result"].is_object());
        }
    }
    assert_eq!(passed, [true, true, false, false, true, false]);
}

#[tokio::test(start_paused = true)]
async fn tools_that_are_not_named_are_not_counted() {
    let window = SlidingWindow::none().tools(["fail"], "1/hour".parse().unwrap());
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
