use std::{sync::Arc, time::Duration};

use purlin_core::{
    Origin, Principal, Rate, Server, TransportKind,
    access::SharedLimits,
    store::{MemoryStore, Quota},
};
use purlin_stores::Counted;
use serde_json::{Value, json};
use tokio::time::advance;

use super::{OperationClass, RateLimit};
use crate::fixture::{Wire, caller, server};

fn rate(text: &str) -> Rate {
    text.parse().unwrap()
}

/// How many of `tries` calls pass, and what the last refusal says.
async fn passed(wire: &Wire, tool: &str, tries: u32) -> (u32, Option<Value>) {
    let (mut passed, mut refusal) = (0, None);
    for _ in 0..tries {
        let mut answer = wire.call(tool, json!({})).await;
        match answer.get_mut("error") {
            None => passed += 1,
            Some(error) => refusal = Some(error.take()),
        }
    }
    (passed, refusal)
}

async fn wire(server: &Server, subject: &str) -> Wire {
    Wire::from(server, caller(Principal::new(subject))).await
}

#[tokio::test(start_paused = true)]
async fn a_principal_has_a_burst_and_then_its_rate() {
    let server = server().middleware(RateLimit::new());
    let (alice, bob) = (wire(&server, "alice").await, wire(&server, "bob").await);
    let (granted, refusal) = passed(&alice, "echo", 120).await;
    assert_eq!(granted, 100);
    let refusal = refusal.unwrap();
    assert_eq!(refusal["code"], 429);
    assert_eq!(refusal["data"]["retryAfterMs"], 20);
    assert_eq!(passed(&bob, "echo", 1).await.0, 1);
    advance(Duration::from_secs(1)).await;
    assert_eq!(passed(&alice, "echo", 120).await.0, 50);
}

#[tokio::test(start_paused = true)]
async fn a_refusal_costs_no_handler() {
    let limits = RateLimit::none().everyone(rate("1/hour"), 1);
    let server = server().middleware(limits.clone());
    let wire = Wire::to(&server).await;
    assert!(wire.call("echo", json!({})).await["result"].is_object());
    assert_eq!(wire.call("fail", json!({})).await["error"]["code"], 429);
    let statistics = limits.statistics();
    assert_eq!(statistics.passed, 1);
    assert_eq!(statistics.refused, [("everyone".to_owned(), 1)]);
    let samples = server.samples();
    let refused = samples.value("mcp_limiter_refused_total", &[("rule", "everyone")]);
    assert_eq!(refused, Some(1.0));
}

#[tokio::test(start_paused = true)]
async fn tools_and_classes_have_limits_of_their_own() {
    let limits = RateLimit::none().tool("echo", rate("2/minute"), 2).class(
        OperationClass::List,
        rate("1/minute"),
        1,
    );
    let server = server().middleware(limits);
    let wire = Wire::to(&server).await;
    assert_eq!(passed(&wire, "echo", 5).await.0, 2);
    assert_eq!(passed(&wire, "fail", 5).await.0, 5);
    assert!(wire.ask("tools/list", json!({})).await["result"].is_object());
    assert_eq!(
        wire.ask("tools/list", json!({})).await["error"]["code"],
        429
    );
}

#[tokio::test(start_paused = true)]
async fn tenants_and_clients_are_counted_over_their_principals() {
    let limits = RateLimit::none()
        .tenant(rate("3/hour"), 3)
        .client(rate("2/hour"), 2);
    let server = server().middleware(limits);
    let person = |subject: &str, client: &str, tenant: &str| {
        caller(
            Principal::new(subject)
                .with_client(client)
                .with_tenant(tenant),
        )
    };
    let mut granted = Vec::new();
    for (subject, client, tenant) in [
        ("a", "web", "acme"),
        ("b", "web", "acme"),
        ("c", "cli", "acme"),
        ("a", "web", "zoo"),
    ] {
        let wire = Wire::from(&server, person(subject, client, tenant)).await;
        granted.push(passed(&wire, "echo", 4).await.0);
    }
    assert_eq!(granted, [2, 0, 1, 2]);
}

#[tokio::test(start_paused = true)]
async fn strangers_are_counted_by_address_and_together() {
    let limits = RateLimit::none()
        .unauthenticated(rate("2/hour"), 2)
        .strangers(rate("5/hour"), 5)
        .principal(rate("1/hour"), 1);
    let server = server().middleware(limits);
    let mut granted = Vec::new();
    for address in [
        "192.0.2.1",
        "192.0.2.1",
        "192.0.2.2",
        "192.0.2.3",
        "192.0.2.4",
    ] {
        let origin = Origin::new(TransportKind::Http).with_peer(address.parse().unwrap());
        let wire = Wire::from(&server, origin).await;
        granted.push(passed(&wire, "echo", 4).await.0);
    }
    assert_eq!(granted, [2, 0, 2, 1, 0]);
    let alice = wire(&server, "alice").await;
    assert_eq!(passed(&alice, "echo", 2).await.0, 1);
}

#[tokio::test(start_paused = true)]
async fn what_is_remembered_is_bounded() {
    let limits = RateLimit::none().capacity(50).principal(rate("5/hour"), 5);
    let server = server().middleware(limits.clone());
    for number in 0..500 {
        let wire = wire(&server, &format!("user {number}")).await;
        wire.call("echo", json!({})).await;
        assert!(limits.statistics().keys <= 50);
    }
}

#[tokio::test(start_paused = true)]
async fn processes_that_share_a_store_count_together() {
    let store = Arc::new(MemoryStore::default());
    let mut granted = 0;
    for _ in 0..3 {
        let shared = SharedLimits::new(store.clone()).replicas(3);
        let limits = RateLimit::none()
            .principal(rate("10/hour"), 10)
            .shared(shared);
        let alice = wire(&server().middleware(limits), "alice").await;
        granted += passed(&alice, "echo", 7).await.0;
    }
    assert_eq!(granted, 10);
}

#[tokio::test(start_paused = true)]
async fn a_request_asks_a_shared_store_once_for_all_rules() {
    let store = Arc::new(Counted::new(MemoryStore::new(), "limits"));
    let limits = RateLimit::none()
        .principal(rate("10/hour"), 10)
        .tenant(rate("2/hour"), 2)
        .tool("echo", rate("9/hour"), 9)
        .everyone(rate("20/hour"), 20)
        .shared(SharedLimits::new(store.clone()));
    let server = server().middleware(limits.clone());
    let alice = caller(Principal::new("alice").with_tenant("acme"));
    let wire = Wire::from(&server, alice).await;
    assert_eq!(passed(&wire, "echo", 3).await.0, 2);
    assert_eq!(store.statistics().operations, 3);
    let refused = limits.statistics().refused;
    let by_tenant = refused.iter().find(|(rule, _)| rule == "tenant");
    assert_eq!(by_tenant, Some(&("tenant".to_owned(), 1)));
    // Who is known to this process alone is counted here, at what counts each caller.
    let here = Wire::to(&server).await;
    assert_eq!(passed(&here, "echo", 1).await.0, 1);
    assert_eq!(store.statistics().operations, 4);
}

#[tokio::test(start_paused = true)]
async fn a_store_with_a_quota_is_asked_once_for_all_rules_too() {
    let store = Arc::new(Counted::new(MemoryStore::new(), "limits"));
    let quota = Quota::new(store.clone(), "acme", 1 << 20);
    let limits = RateLimit::none()
        .principal(rate("10/hour"), 10)
        .everyone(rate("20/hour"), 20)
        .shared(SharedLimits::new(Arc::new(quota)));
    let alice = wire(&server().middleware(limits), "alice").await;
    assert_eq!(passed(&alice, "echo", 1).await.0, 1);
    assert_eq!(store.statistics().operations, 1);
}

/// One client at a hundred times its rate; the other 99 keep at least 95 % of
/// their allowance (they keep all of it).
#[tokio::test(start_paused = true)]
async fn the_greedy_take_nothing_from_others() {
    const OTHERS: usize = 99;
    const RATE: u32 = 10;
    let limits = RateLimit::none()
        .principal(rate("10/s"), 10)
        .everyone(rate("1000/s"), 1_000);
    let server = server().middleware(limits);
    let greedy = wire(&server, "greedy").await;
    let mut others = Vec::new();
    for number in 0..OTHERS {
        others.push(wire(&server, &format!("user {number}")).await);
    }
    let (mut kept, mut taken) = (0, 0);
    let ticks = 3 * RATE;
    for _ in 0..ticks {
        advance(Duration::from_secs(1) / RATE).await;
        taken += passed(&greedy, "echo", 100).await.0;
        for other in &others {
            kept += passed(other, "echo", 1).await.0;
        }
    }
    let allowance = ticks * u32::try_from(OTHERS).unwrap();
    assert!(kept * 100 >= allowance * 95, "{kept} of {allowance}");
    assert!(taken <= ticks + RATE, "{taken}");
}
