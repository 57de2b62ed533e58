//! Hosts by name, and how often they are asked.

use std::time::Duration;

use purlin_guard::fetch::{FetchError, HostPattern, Limits, UrlRules};

use crate::net::{Net, Reply};

fn verdict(rules: &UrlRules, host: &str) -> &'static str {
    match rules.check(&format!("http://{host}/")) {
        Ok(_) => "ok",
        Err(error) => error.name(),
    }
}

#[tokio::test]
async fn reserved_names_are_refused_before_they_are_looked_up() {
    let net = Net::default();
    for host in [
        "printer",
        "localhost",
        "LOCALHOST.",
        "a.localhost",
        "localdomain",
        "a.localdomain",
        "a.local",
        "a.b.local",
        "metadata.google.internal",
        "a.internal",
        "router.home.arpa",
        "a.onion",
        "a.invalid",
        "db.prod.svc",
        "db.prod.svc.cluster.local",
        "a.cluster.local",
    ] {
        let error = net.get(&format!("http://{host}/")).await.unwrap_err();
        assert_eq!(error.name(), "blocked_host", "{host}");
    }
    assert!(net.lookups().is_empty() && net.dialled().is_empty());
    for host in [
        "notlocalhost.com",
        "internal.example",
        "local.example",
        "arpa.example",
        "x.svcs",
    ] {
        assert_eq!(verdict(&UrlRules::web(), host), "ok", "{host}");
    }
}

#[test]
fn only_allowed_hosts_are_asked_once_there_are_any() {
    let hosts = [
        "a.example",
        "*.b.example",
        "db.internal",
        "1.1.1.1",
        "printer",
    ];
    let rules = UrlRules::web().allow_hosts(hosts).unwrap();
    for (host, expected) in [
        ("a.example", "ok"),
        ("A.Example.", "ok"),
        ("x.a.example", "blocked_host"),
        ("b.example", "blocked_host"),
        ("x.b.example", "ok"),
        ("x.y.b.example", "ok"),
        ("xb.example", "blocked_host"),
        ("x.b.example.evil.example", "blocked_host"),
        ("db.internal", "ok"),
        ("other.internal", "blocked_host"),
        ("printer", "ok"),
        ("1.1.1.1", "ok"),
        ("1.0.0.1", "blocked_host"),
    ] {
        assert_eq!(verdict(&rules, host), expected, "{host}");
    }
    let nobody = UrlRules::web().allow_hosts([]).unwrap();
    assert_eq!(verdict(&nobody, "a.example"), "blocked_host");
}

#[test]
fn a_denied_name_covers_what_is_below_it() {
    let hosts = ["a.example", "*.b.example", "1.1.1.1"];
    let rules = UrlRules::web().deny_hosts(hosts).unwrap();
    for (host, expected) in [
        ("a.example", "blocked_host"),
        ("x.y.a.example", "blocked_host"),
        ("xa.example", "ok"),
        ("b.example", "ok"),
        ("x.b.example", "blocked_host"),
        ("1.1.1.1", "blocked_host"),
        ("1.0.0.1", "ok"),
    ] {
        assert_eq!(verdict(&rules, host), expected, "{host}");
    }
    let both = UrlRules::web().allow_hosts(["*.b.example"]).unwrap();
    let both = both.deny_hosts(["x.b.example"]).unwrap();
    assert_eq!(verdict(&both, "y.b.example"), "ok");
    assert_eq!(verdict(&both, "x.b.example"), "blocked_host");
}

#[test]
fn patterns_are_whole_labels() {
    for text in [
        "*",
        "*.",
        "a*.example",
        "*.*.example",
        "",
        "*.1.1.1.1",
        "a b",
        "a/b",
    ] {
        let error = text.parse::<HostPattern>().unwrap_err();
        assert!(
            error.to_string().contains("`example.com`") || text.ends_with('1'),
            "{error}"
        );
    }
}

#[tokio::test]
async fn an_allowed_name_does_not_open_its_address() {
    let net = Net::default().name("db.internal", [&["10.0.0.1"], &["10.0.0.1"]]);
    let rules = UrlRules::web().allow_hosts(["db.internal"]).unwrap();
    let error = net
        .with(rules.clone())
        .build()
        .fetch("http://db.internal/")
        .await;
    assert_eq!(error.unwrap_err().name(), "blocked_address");
    let rules = rules.allow_ranges(["10.0.0.0/8"]).unwrap();
    net.with(rules)
        .build()
        .fetch("http://db.internal/")
        .await
        .unwrap();
}

#[tokio::test(start_paused = true)]
async fn a_host_is_asked_as_often_as_its_rate_allows() {
    let net = Net::default();
    let mut limits = Limits::default();
    (limits.rate, limits.burst) = (2, 3);
    let fetcher = net.web().limits(limits).build();
    for _ in 0..3 {
        fetcher.fetch("http://a.example/").await.unwrap();
    }
    let error = fetcher.fetch("http://A.example./other").await.unwrap_err();
    let FetchError::RateLimited(after) = error else {
        panic!("{error}");
    };
    // Other hosts are not held up.
    fetcher.fetch("http://b.example/").await.unwrap();
    tokio::time::sleep(after).await;
    fetcher.fetch("http://a.example/").await.unwrap();
    let error = fetcher.fetch("http://a.example/").await.unwrap_err();
    assert_eq!(error.name(), "rate_limited");
}

#[tokio::test(start_paused = true)]
async fn redirects_count_for_the_host_they_lead_to() {
    let net = Net::default().redirect(302, "http://b.example/");
    let mut limits = Limits::default();
    (limits.rate, limits.burst) = (1, 1);
    let fetcher = net.web().limits(limits).build();
    fetcher.fetch("http://a.example/").await.unwrap();
    let error = fetcher.fetch("http://b.example/").await.unwrap_err();
    assert_eq!(error.name(), "rate_limited");
}

#[tokio::test(start_paused = true)]
async fn four_exchanges_with_a_host_run_at_once() {
    let mut net = Net::default();
    for _ in 0..4 {
        net = net.reply(Reply::Stall(Vec::new()));
    }
    let fetcher = net.web().build();
    let stalled: Vec<_> = (0..4)
        .map(|_| {
            tokio::spawn({
                let fetcher = fetcher.clone();
                async move { fetcher.fetch("http://a.example/").await }
            })
        })
        .collect();
    while net.requests().len() < 4 {
        tokio::task::yield_now().await;
    }
    // The fifth waits, and another host has turns of its own.
    let fifth = tokio::spawn({
        let fetcher = fetcher.clone();
        async move { fetcher.fetch("http://a.example/").await }
    });
    fetcher.fetch("http://b.example/").await.unwrap();
    assert_eq!(net.requests().len(), 5);
    stalled[0].abort();
    fifth.await.unwrap().unwrap();
    for task in stalled {
        task.abort();
    }
}

#[tokio::test(start_paused = true)]
async fn those_who_wait_for_a_host_are_bounded() {
    let mut limits = Limits::default();
    (limits.rate, limits.burst, limits.concurrency) = (1000, 1000, 1);
    let net = Net::default().reply(Reply::Stall(Vec::new()));
    let fetcher = net.web().limits(limits).build();
    let mut waiting = Vec::new();
    for _ in 0..17 {
        let fetcher = fetcher.clone();
        waiting.push(tokio::spawn(async move {
            fetcher.fetch("http://a.example/").await
        }));
    }
    while net.requests().is_empty() {
        tokio::task::yield_now().await;
    }
    let error = fetcher.fetch("http://a.example/").await.unwrap_err();
    assert_eq!(error.name(), "rate_limited");
    for task in waiting {
        task.abort();
    }
}

#[tokio::test(start_paused = true)]
async fn the_hosts_that_are_counted_are_bounded() {
    let net = Net::default();
    let mut limits = Limits::default();
    limits.hosts = 2;
    let fetcher = net.web().limits(limits).build();
    fetcher.fetch("http://a.example/").await.unwrap();
    fetcher.fetch("http://b.example/").await.unwrap();
    let error = fetcher.fetch("http://c.example/").await.unwrap_err();
    assert_eq!(error.name(), "rate_limited");
    tokio::time::sleep(Duration::from_secs(1)).await;
    fetcher.fetch("http://c.example/").await.unwrap();
}
