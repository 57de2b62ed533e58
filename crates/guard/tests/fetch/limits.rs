//! Limits of time and of heads.

use std::time::Duration;

use purlin_guard::fetch::{BoxFuture, Clock, FetchError, Phase, Resolver, SystemClock};
use std::net::IpAddr;
use tokio::time::Instant;

use crate::net::{Net, PUBLIC, Reply, answer, plain};

const TEXT: &str = "200 OK\r\ncontent-type: text/plain";

/// What took too long, and how much time went by on a clock that only tests move.
async fn late(net: &Net) -> (Phase, u64) {
    let before = Instant::now();
    match net.get("http://a.example/").await {
        Err(FetchError::Timeout(phase)) => (phase, before.elapsed().as_secs()),
        other => panic!("{other:?}"),
    }
}

#[tokio::test(start_paused = true)]
async fn connecting_takes_5_seconds_at_most() {
    assert_eq!(
        late(&Net::default().reply(Reply::Hang)).await,
        (Phase::Connect, 5)
    );
    let net = Net::default()
        .name("a.example", [&["1.1.1.1", "1.0.0.1"]])
        .reply_at("1.1.1.1", Reply::Refuse)
        .reply_at("1.0.0.1", Reply::Hang);
    assert_eq!(late(&net).await, (Phase::Connect, 5));
}

/// Never answers.
#[derive(Debug)]
struct Silence;

impl Resolver for Silence {
    fn resolve<'a>(&'a self, _: &'a str) -> BoxFuture<'a, std::io::Result<Vec<IpAddr>>> {
        Box::pin(std::future::pending())
    }
}

#[tokio::test(start_paused = true)]
async fn looking_up_is_part_of_connecting() {
    let fetcher = Net::default().web().resolver(Silence).build();
    let error = fetcher.fetch("http://a.example/").await.unwrap_err();
    assert!(
        matches!(error, FetchError::Timeout(Phase::Connect)),
        "{error}"
    );
}

#[tokio::test(start_paused = true)]
async fn a_handshake_is_part_of_connecting() {
    let net = Net::default().reply(Reply::Stall(Vec::new()));
    let error = net.get("https://a.example/").await.unwrap_err();
    assert!(
        matches!(error, FetchError::Timeout(Phase::Connect)),
        "{error}"
    );
}

#[tokio::test(start_paused = true)]
async fn the_first_byte_takes_10_seconds_at_most() {
    for said in ["", "HTTP/1.1 200 OK\r\n", "HTTP/1.1 100 Continue\r\n\r\n"] {
        let net = Net::default().reply(Reply::Stall(said.into()));
        assert_eq!(late(&net).await, (Phase::FirstByte, 10), "{said}");
    }
}

#[tokio::test(start_paused = true)]
async fn everything_takes_30_seconds_at_most() {
    let head = format!("{TEXT}\r\ncontent-length: 10");
    let net = Net::default().reply(Reply::Stall(plain(&head, "short")));
    assert_eq!(late(&net).await, (Phase::Total, 30));
    // Redirects do not give more of it.
    let net = Net::default()
        .redirect(302, "/a")
        .redirect(302, "/b")
        .reply(Reply::Stall(plain(&head, "short")));
    assert_eq!(late(&net).await, (Phase::Total, 30));
}

/// A clock whose time is always up.
#[derive(Debug)]
struct Late;

impl Clock for Late {
    fn now(&self) -> Duration {
        Duration::ZERO
    }

    fn sleep(&self, _: Duration) -> BoxFuture<'static, ()> {
        Box::pin(async {})
    }
}

#[tokio::test]
async fn time_is_what_the_clock_says() {
    let fetcher = Net::default().web().clock(Late).build();
    let error = fetcher.fetch("http://a.example/").await.unwrap_err();
    assert_eq!(error.name(), "timeout");
    let clock = SystemClock::default();
    clock.sleep(Duration::from_millis(1)).await;
    assert!(clock.now() >= Duration::from_millis(1));
}

#[tokio::test]
async fn a_head_of_64_kib_is_read_and_no_larger_one() {
    let of = |size: usize| format!("{TEXT}\r\nx-a: {}", "x".repeat(size));
    let net = Net::default().answer(&of(60 << 10), "ok");
    assert_eq!(net.get("http://a.example/").await.unwrap(), "ok");
    for size in [(64 << 10) + 1, 200 << 10, 2 << 20] {
        let net = Net::default().answer(&of(size), "ok");
        let error = net.get("http://a.example/").await.unwrap_err();
        assert_eq!(error.name(), "too_large", "{size}");
    }
    // One that never ends.
    let endless = format!("HTTP/1.1 200 OK\r\nx-a: {}", "x".repeat(1 << 20));
    let net = Net::default().reply(Reply::Stall(endless.into_bytes()));
    assert_eq!(
        net.get("http://a.example/").await.unwrap_err().name(),
        "too_large"
    );
}

#[tokio::test]
async fn a_head_of_100_fields_is_read_and_no_longer_one() {
    for (fields, expected) in [(100, Ok(())), (101, Err("too_large"))] {
        // The content type and the length are among them.
        let more = "\r\nx: 1".repeat(fields - 2);
        let net = Net::default().answer(&format!("{TEXT}{more}"), "ok");
        let result = net
            .get("http://a.example/")
            .await
            .map_err(|error| error.name());
        assert_eq!(result.map(|_| ()), expected, "{fields}");
    }
}

#[tokio::test]
async fn eight_interim_answers_are_borne_and_no_more() {
    for (interim, expected) in [(8, Ok(())), (9, Err("protocol")), (1000, Err("protocol"))] {
        let head = "HTTP/1.1 103 Early Hints\r\nlink: </a>\r\n\r\n".repeat(interim);
        let whole = [head.into_bytes(), answer(TEXT, "ok")].concat();
        let net = Net::default().reply(Reply::Bytes(whole));
        let result = net
            .get("http://a.example/")
            .await
            .map_err(|error| error.name());
        assert_eq!(result.map(|_| ()), expected, "{interim}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_fetch_that_is_dropped_leaves_nothing_behind() {
    let net = Net::default()
        .reply(Reply::Stall(Vec::new()))
        .reply(Reply::Hang);
    let fetcher = net.web().build();
    for _ in 0..2 {
        let fetch = fetcher.fetch("http://a.example/");
        let dropped = tokio::time::timeout(Duration::from_secs(1), fetch).await;
        assert!(dropped.is_err());
    }
    // All four turns are there again.
    let all: Vec<_> = (0..4).map(|_| fetcher.fetch("http://a.example/")).collect();
    for fetch in all {
        fetch.await.unwrap();
    }
    assert!(net.dialled().iter().all(|place| place.starts_with(PUBLIC)));
}
