//! Connections that are used again.

use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::task::{Context, Poll};
use std::time::Duration;

use purlin_guard::fetch::{
    BoxFuture, BoxStream, Connector, EgressProxy, FetchRequest, Limits, Stream, UrlRules,
};
use purlin_guard::{Tenant, UrlFetcher};

use crate::net::{Act, Net, PUBLIC, Reply, answer, plain};

const TEXT: &str = "200 OK\r\ncontent-type: text/plain";
const URL: &str = "http://a.example/";

fn ok() -> Act {
    Act::Answer(answer(TEXT, "ok"))
}

fn stay(acts: impl IntoIterator<Item = Act>) -> Net {
    Net::default().reply(Reply::Stay(acts.into_iter().collect()))
}

async fn get(fetcher: &UrlFetcher, url: &str) -> Result<String, &'static str> {
    let fetched = fetcher.fetch(url).await;
    fetched.map(|it| it.text()).map_err(|error| error.name())
}

/// Fetches twice and gives how many connections that took.
async fn connections_of_two(net: &Net) -> usize {
    let fetcher = net.web().build();
    for _ in 0..2 {
        assert_eq!(get(&fetcher, URL).await.unwrap(), "ok");
    }
    net.dialled().len()
}

#[tokio::test]
async fn a_connection_is_used_again_for_the_same_origin() {
    let net = Net::default().stays(5);
    let fetcher = net.web().build();
    for path in ["", "a", "b?c", "d"] {
        get(&fetcher, &format!("{URL}{path}")).await.unwrap();
    }
    let posted = fetcher.fetch(FetchRequest::post(URL, "body")).await;
    assert_eq!(posted.unwrap().text(), "ok");
    assert_eq!(net.dialled().len(), 1);
    assert_eq!(net.requests().len(), 5);
    assert!(net.requests()[4].ends_with("\r\n\r\nbody"));
}

#[tokio::test]
async fn a_host_has_to_prove_itself_once_for_each_connection() {
    let (acceptor, pem) = crate::tls::host("a.example", rustls::ALL_VERSIONS);
    let acts = (0..3).map(|_| ok()).collect();
    let net = Net::default().reply(Reply::StaySecure(acceptor, acts));
    let fetcher = net.web().trust(&pem).unwrap().build();
    for _ in 0..3 {
        get(&fetcher, "https://a.example/").await.unwrap();
    }
    assert_eq!((net.dialled().len(), net.requests().len()), (1, 3));
}

#[tokio::test]
async fn names_are_looked_up_for_each_hop_all_the_same() {
    let net = stay([ok(), ok()]).name("a.example", [&[PUBLIC], &[PUBLIC], &["10.0.0.1"], &[]]);
    let fetcher = net.web().build();
    assert_eq!(get(&fetcher, URL).await.as_deref(), Ok("ok"));
    assert_eq!(get(&fetcher, URL).await.as_deref(), Ok("ok"));
    // What the answer says now decides, whatever is open.
    assert_eq!(get(&fetcher, URL).await, Err("blocked_address"));
    assert_eq!(get(&fetcher, URL).await, Err("dns"));
    assert_eq!(net.lookups().len(), 4);
    assert_eq!((net.dialled().len(), net.requests().len()), (1, 2));
}

#[tokio::test]
async fn a_name_that_now_leads_elsewhere_does_not_use_the_old_connection() {
    let net = stay([ok(), ok()]).name(
        "a.example",
        [&[PUBLIC], &["1.1.1.1"], &["1.0.0.1", PUBLIC], &["1.0.0.1"]],
    );
    let fetcher = net.web().build();
    for _ in 0..4 {
        assert_eq!(get(&fetcher, URL).await.as_deref(), Ok("ok"));
    }
    let places = [PUBLIC, "1.1.1.1", "1.0.0.1"].map(|address| format!("{address}:80"));
    // The third answer names the first address again.
    assert_eq!(net.dialled(), places);
}

#[tokio::test]
async fn a_policy_is_asked_whatever_is_open() {
    use purlin_guard::fetch::{Policy, Target};

    #[derive(Debug)]
    struct Once(AtomicUsize);

    impl Policy for Once {
        fn admits<'a>(&'a self, _: &'a Target) -> BoxFuture<'a, bool> {
            Box::pin(async { self.0.fetch_add(1, Ordering::Relaxed) == 0 })
        }
    }

    let net = Net::default().stays(2);
    let fetcher = net.web().policy(Once(AtomicUsize::new(0))).build();
    assert_eq!(get(&fetcher, URL).await.as_deref(), Ok("ok"));
    assert_eq!(get(&fetcher, URL).await, Err("blocked_host"));
    assert_eq!(net.requests().len(), 1);
}

#[tokio::test]
async fn another_origin_has_a_connection_of_its_own() {
    let (acceptor, pem) = crate::tls::host("a.example", rustls::ALL_VERSIONS);
    let net = Net::default()
        .stays(9)
        .stays(9)
        .stays(9)
        .reply(Reply::StaySecure(acceptor, vec![ok(), ok()]));
    let rules = UrlRules::web().open_ports([8080]);
    let fetcher = net.with(rules).trust(&pem).unwrap().build();
    let origins = [
        "http://a.example/",
        // All of them are at one address.
        "http://b.example/",
        "http://a.example:8080/",
        "https://a.example/",
    ];
    for url in origins.into_iter().chain(origins) {
        assert_eq!(get(&fetcher, url).await.as_deref(), Ok("ok"), "{url}");
    }
    assert_eq!(net.dialled().len(), 4);
    // A name and its address are two hosts.
    get(&fetcher, &format!("http://{PUBLIC}/")).await.unwrap();
    assert_eq!(net.dialled().len(), 5);
}

#[tokio::test]
async fn redirects_use_connections_again_too() {
    let moved = || Act::Answer(answer("302 Found\r\nlocation: /b", ""));
    let net = stay([moved(), ok()]);
    assert_eq!(net.get(URL).await.unwrap(), "ok");
    assert_eq!((net.dialled().len(), net.lookups().len()), (1, 2));
    // The body of a redirect is not read, so nobody knows where the next answer would begin.
    let long = answer("302 Found\r\nlocation: /b", "x".repeat(1 << 20));
    let net = stay([Act::Answer(long), ok()]);
    assert_eq!(net.get(URL).await.unwrap(), "ok");
    assert_eq!(net.dialled().len(), 2);
}

#[tokio::test]
async fn fetchers_share_nothing() {
    let net = Net::default().stays(9).stays(9);
    let (one, other) = (net.web().build(), net.web().build());
    for fetcher in [&one, &other, &one.clone(), &other.clone()] {
        get(fetcher, URL).await.unwrap();
    }
    assert_eq!(net.dialled().len(), 2);
}

#[tokio::test]
async fn tenants_share_no_connection() {
    let mut net = Net::default();
    for _ in 0..9 {
        net = net.stays(9);
    }
    let fetcher = net.web().build();
    let acme = Tenant::new("acme");
    let all = [
        fetcher.clone(),
        fetcher.scoped(&acme),
        fetcher.scoped(&Tenant::new("other")),
        fetcher.scoped(&Tenant::none()),
    ];
    for _ in 0..2 {
        for fetcher in &all {
            get(fetcher, URL).await.unwrap();
        }
    }
    get(&all[2].scoped(&acme), URL).await.unwrap();
    assert_eq!(net.dialled().len(), 4);
    // Each has few of them.
    for host in ["b", "c", "d", "e", "f"] {
        let url = format!("http://{host}.example/");
        get(&all[1], &url).await.unwrap();
    }
    net.open(3 + 4).await;
}

#[tokio::test]
async fn nothing_of_one_request_is_in_the_next() {
    let net = Net::default().stays(2);
    let fetcher = net.web().build();
    let secret = FetchRequest::post(URL, "canary")
        .header("authorization", "Bearer canary")
        .header("x-api-key", "canary");
    fetcher.fetch(secret).await.unwrap();
    get(&fetcher, URL).await.unwrap();
    let [first, second] = &net.requests()[..] else {
        panic!("two requests");
    };
    assert!(first.contains("canary") && !second.contains("canary"));
    assert_eq!(net.dialled().len(), 1);
}

#[tokio::test]
async fn credentials_that_stick_to_a_connection_end_with_it() {
    for (credentials, connections) in [
        ("Basic YTpi", 1),
        ("bearer token", 1),
        ("DPoP token", 1),
        ("NTLM TlRMTVNTUAAB", 2),
        ("Negotiate YII=", 2),
        ("Unheard of", 2),
    ] {
        let net = Net::default().stays(2).stays(2);
        let fetcher = net.web().build();
        let request = FetchRequest::get(URL).header("authorization", credentials);
        fetcher.fetch(request).await.unwrap();
        get(&fetcher, URL).await.unwrap();
        assert_eq!(net.dialled().len(), connections, "{credentials}");
        let said = net.requests()[0].contains("\r\nconnection: close\r\n");
        assert_eq!(said, connections == 2, "{credentials}");
    }
}

#[tokio::test]
async fn a_connection_that_was_closed_meanwhile_is_not_used() {
    let net = stay([ok(), Act::Close]);
    assert_eq!(connections_of_two(&net).await, 2);
    assert_eq!(net.requests().len(), 2);
}

#[tokio::test]
async fn a_connection_on_which_somebody_spoke_unasked_is_not_used() {
    let forged = answer(TEXT, "forged");
    // With the answer, and after it.
    let together = [answer(TEXT, "ok"), forged.clone()].concat();
    let net = stay([Act::Answer(together), ok()]);
    assert_eq!(connections_of_two(&net).await, 2);
    let net = stay([ok(), Act::Say(forged), ok()]);
    assert_eq!(connections_of_two(&net).await, 2);
    let net = stay([ok(), Act::Say(b"\r\n".to_vec()), ok()]);
    assert_eq!(connections_of_two(&net).await, 2);
}

#[tokio::test]
async fn an_answer_that_says_so_is_the_last_of_its_connection() {
    for head in [
        "HTTP/1.1 200 OK\r\ncontent-type: text/plain\r\nconnection: close\r\ncontent-length: 2\r\n\r\nok",
        "HTTP/1.0 200 OK\r\ncontent-type: text/plain\r\ncontent-length: 2\r\n\r\nok",
    ] {
        let net = stay([Act::Answer(head.into()), ok()]);
        assert_eq!(connections_of_two(&net).await, 2, "{head}");
    }
    // One that ends with its connection.
    let net = Net::default().reply(Reply::Bytes(plain(TEXT, "ok")));
    assert_eq!(connections_of_two(&net).await, 2);
}

#[tokio::test]
async fn an_answer_that_is_not_taken_is_the_last_of_its_connection() {
    for (answer, expected) in [
        (
            answer("200 OK\r\ncontent-type: image/png", "png"),
            "content_type",
        ),
        (answer("404 No\r\ncontent-type: text/plain", "no"), "status"),
        (
            answer(&format!("{TEXT}\r\ncontent-encoding: gzip"), "no gzip"),
            "decode",
        ),
        (answer(TEXT, "x".repeat(11 << 20)), "too_large"),
    ] {
        let net = stay([Act::Answer(answer), ok()]);
        let fetcher = net.web().build();
        assert_eq!(get(&fetcher, URL).await, Err(expected));
        assert_eq!(get(&fetcher, URL).await.as_deref(), Ok("ok"));
        assert_eq!(net.dialled().len(), 2, "{expected}");
        net.open(0).await;
    }
}

#[tokio::test]
async fn a_request_on_a_used_connection_that_breaks_is_repeated_once_if_it_may_be() {
    for (request, said, expected, connections) in [
        (FetchRequest::get(URL), "", Ok("ok"), 2),
        (FetchRequest::head(URL), "", Ok(""), 2),
        // Who knows what the host has done already.
        (FetchRequest::post(URL, ""), "", Err("protocol"), 1),
        // Somebody has begun to answer.
        (FetchRequest::get(URL), "H", Err("protocol"), 1),
        (
            FetchRequest::get(URL),
            "HTTP/1.1 100 Continue\r\n\r\n",
            Err("protocol"),
            1,
        ),
    ] {
        let net = stay([ok(), Act::Fail(said)]);
        let fetcher = net.web().build();
        get(&fetcher, URL).await.unwrap();
        let fetched = fetcher.fetch(request).await;
        let fetched = fetched.map(|it| it.text()).map_err(|error| error.name());
        assert_eq!(fetched.as_deref().map_err(|name| *name), expected, "{said}");
        assert_eq!(net.dialled().len(), connections, "{said}");
        // The answer of the name serves both.
        assert_eq!(net.lookups().len(), 2);
    }
}

#[tokio::test]
async fn nothing_is_repeated_twice_or_on_a_new_connection() {
    let net = stay([ok(), Act::Fail("")]).reply(Reply::Stay(vec![Act::Fail("")]));
    let fetcher = net.web().build();
    get(&fetcher, URL).await.unwrap();
    assert_eq!(get(&fetcher, URL).await, Err("protocol"));
    assert_eq!(net.dialled().len(), 2);
    let net = stay([Act::Fail("")]);
    assert_eq!(get(&net.web().build(), URL).await, Err("protocol"));
    assert_eq!(net.dialled().len(), 1);
}

#[tokio::test(start_paused = true)]
async fn a_host_that_is_silent_on_a_used_connection_is_not_asked_again() {
    let net = Net::default().stays(1);
    let fetcher = net.web().build();
    get(&fetcher, URL).await.unwrap();
    assert_eq!(get(&fetcher, URL).await, Err("timeout"));
    assert_eq!(net.dialled().len(), 1);
}

/// The connections of a world, the first of which closes in the very moment in which it is used
/// again: what looks at it before still finds it open.
#[derive(Clone, Debug)]
struct LateNews {
    net: Net,
    /// How often it is still found open; `usize::MAX` is always.
    open: Arc<AtomicUsize>,
}

struct Closing {
    stream: BoxStream,
    open: Arc<AtomicUsize>,
}

impl Connector for LateNews {
    fn connect(&self, to: SocketAddr) -> BoxFuture<'_, io::Result<BoxStream>> {
        Box::pin(async move {
            let stream = self.net.connect(to).await?;
            let first = self.net.dialled().len() == 1;
            let open = match first {
                true => Arc::clone(&self.open),
                false => Arc::new(AtomicUsize::new(usize::MAX)),
            };
            Ok(Box::new(Closing { stream, open }) as BoxStream)
        })
    }
}

impl Stream for Closing {
    fn poll_read(&mut self, task: &mut Context<'_>, into: &mut [u8]) -> Poll<io::Result<usize>> {
        match self.open.load(Ordering::SeqCst) {
            usize::MAX => self.stream.poll_read(task, into),
            0 => Poll::Ready(Ok(0)),
            left => {
                self.open.store(left - 1, Ordering::SeqCst);
                Poll::Pending
            }
        }
    }

    fn poll_write(&mut self, task: &mut Context<'_>, from: &[u8]) -> Poll<io::Result<usize>> {
        self.stream.poll_write(task, from)
    }

    fn poll_flush(&mut self, task: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.stream.poll_flush(task)
    }

    fn poll_close(&mut self, task: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.stream.poll_close(task)
    }
}

#[tokio::test]
async fn a_request_of_which_nothing_was_sent_is_repeated_whatever_it_is() {
    let net = Net::default().stays(1);
    let open = Arc::new(AtomicUsize::new(usize::MAX));
    let news = LateNews {
        net: net.clone(),
        open: Arc::clone(&open),
    };
    let fetcher = net.web().connector(news).build();
    get(&fetcher, URL).await.unwrap();
    // Whoever watches the connection has looked at it.
    for _ in 0..8 {
        tokio::task::yield_now().await;
    }
    open.store(1, Ordering::SeqCst);
    let posted = fetcher.fetch(FetchRequest::post(URL, "once")).await;
    assert_eq!(posted.unwrap().text(), "ok");
    assert_eq!(net.dialled().len(), 2);
    let sent = net
        .requests()
        .iter()
        .filter(|it| it.ends_with("once"))
        .count();
    assert_eq!(sent, 1);
}

#[tokio::test(start_paused = true)]
async fn connections_are_kept_for_30_seconds() {
    let net = Net::default().stays(9);
    let fetcher = net.web().build();
    for _ in 0..3 {
        get(&fetcher, URL).await.unwrap();
        tokio::time::sleep(Duration::from_secs(29)).await;
    }
    assert_eq!(net.dialled().len(), 1);
    let before = tokio::time::Instant::now();
    net.open(0).await;
    assert_eq!(before.elapsed().as_secs(), 1);
    get(&fetcher, URL).await.unwrap();
    assert_eq!(net.dialled().len(), 2);
}

#[tokio::test]
async fn what_is_kept_is_bounded() {
    // In all:
    let mut limits = Limits::default();
    limits.idle = 3;
    let mut net = Net::default();
    for _ in 0..9 {
        net = net.stays(1);
    }
    let fetcher = net.web().limits(limits).build();
    for host in 0..9 {
        get(&fetcher, &format!("http://h{host}.example/"))
            .await
            .unwrap();
    }
    net.open(3).await;
    // With one host, together with what is in use:
    let mut limits = Limits::default();
    limits.concurrency = 2;
    let mut net = Net::default();
    for _ in 0..16 {
        net = net.stays(9);
    }
    let rules = UrlRules::web().any_port();
    let fetcher = net.with(rules).limits(limits).build();
    let urls: Vec<String> = (0..16)
        .map(|at| format!("http://a.example:{}/", 8000 + at))
        .collect();
    for pair in urls.chunks(2) {
        let (one, other) = tokio::join!(get(&fetcher, &pair[0]), get(&fetcher, &pair[1]));
        assert!(one.is_ok() && other.is_ok());
    }
    net.open(2).await;
    assert_eq!(net.most_open(), 2);
}

#[tokio::test]
async fn nothing_is_kept_if_nobody_wants_it() {
    for change in [
        (|limits: &mut Limits| limits.idle = 0) as fn(&mut Limits),
        |limits| limits.idle_time = Duration::ZERO,
    ] {
        let mut limits = Limits::default();
        change(&mut limits);
        let net = Net::default().stays(1);
        let fetcher = net.web().limits(limits).build();
        get(&fetcher, URL).await.unwrap();
        assert!(net.requests()[0].contains("\r\nconnection: close\r\n"));
        net.open(0).await;
    }
}

#[tokio::test]
async fn nothing_is_kept_behind_a_proxy() {
    let proxy = EgressProxy::new("10.0.0.7:3128".parse().unwrap(), ["a.example"]).unwrap();
    let net = Net::default();
    let fetcher = net.web().through(proxy).build();
    for _ in 0..2 {
        fetcher.fetch(URL).await.unwrap();
    }
    assert_eq!(net.dialled().len(), 2);
    assert!(net.requests()[0].contains("\r\nconnection: close\r\n"));
}

#[tokio::test(start_paused = true)]
async fn a_fetch_that_is_dropped_closes_its_connection() {
    let net = Net::default().stays(1);
    let fetcher = net.web().build();
    get(&fetcher, URL).await.unwrap();
    let fetch = fetcher.fetch(URL);
    let dropped = tokio::time::timeout(Duration::from_secs(1), fetch).await;
    assert!(dropped.is_err());
    net.open(0).await;
    get(&fetcher, URL).await.unwrap();
    assert_eq!(net.dialled().len(), 2);
}

#[tokio::test]
async fn a_fetcher_that_is_dropped_closes_what_it_kept() {
    let net = Net::default().stays(1);
    let fetcher = net.web().build();
    get(&fetcher, URL).await.unwrap();
    drop(fetcher);
    net.open(0).await;
}

/// A runtime that nobody runs tells nothing of what comes over its connections.
#[test]
fn connections_stay_in_the_runtime_they_were_made_in() {
    let runtime = || {
        tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .unwrap()
    };
    let net = Net::default().stays(9).stays(9).stays(9);
    let fetcher = net.web().build();
    let (one, other) = (runtime(), runtime());
    for runtime in [&one, &other, &one, &other] {
        runtime.block_on(get(&fetcher, URL)).unwrap();
    }
    assert_eq!(net.dialled().len(), 2);
    drop((one, other));
    runtime().block_on(get(&fetcher, URL)).unwrap();
    assert_eq!(net.dialled().len(), 3);
}
