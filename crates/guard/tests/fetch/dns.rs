//! Lookups and connections.

use std::collections::HashMap;
use std::io;
use std::net::SocketAddr;

use purlin_guard::UrlFetcher;
use purlin_guard::fetch::{BoxFuture, Policy, SystemConnector, Target, UrlRules};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;

use crate::net::{Net, PUBLIC, Reply};

#[tokio::test]
async fn each_hop_is_looked_up_once_and_connected_to_that_answer() {
    // A second lookup would lead inside: this is DNS rebinding.
    let net = Net::default().name("a.example", [&["1.1.1.1"], &["127.0.0.1"]]);
    assert_eq!(net.get("http://a.example/").await.unwrap(), "ok");
    assert_eq!(net.lookups(), ["a.example"]);
    assert_eq!(net.dialled(), ["1.1.1.1:80"]);
}

#[tokio::test]
async fn an_answer_with_one_refused_address_refuses_the_hop() {
    for bad in [
        "10.0.0.1",
        "127.0.0.1",
        "169.254.169.254",
        "::1",
        "::ffff:1.1.1.1",
        "64:ff9b::1",
    ] {
        let net = Net::default().name("a.example", [&["1.1.1.1", bad, "1.0.0.1"]]);
        let error = net.get("http://a.example/").await.unwrap_err();
        assert_eq!(error.name(), "blocked_address", "{bad}");
        assert!(net.dialled().is_empty());
    }
}

#[tokio::test]
async fn the_connection_falls_back_inside_of_the_answer() {
    let net = Net::default()
        .name("a.example", [&["2606:4700::1111", "1.1.1.1", "1.0.0.1"]])
        .reply_at("2606:4700::1111", Reply::Refuse)
        .reply_at("1.1.1.1", Reply::Refuse);
    assert_eq!(net.get("http://a.example/").await.unwrap(), "ok");
    assert_eq!(
        net.dialled(),
        ["[2606:4700::1111]:80", "1.1.1.1:80", "1.0.0.1:80"]
    );
    assert_eq!(net.lookups().len(), 1);

    let net = Net::default().reply(Reply::Refuse);
    let error = net.get("http://a.example/").await.unwrap_err();
    assert_eq!(error.name(), "connect");
    assert_eq!(net.dialled().len(), 1);
}

#[tokio::test]
async fn a_long_answer_is_not_tried_to_its_end() {
    let many: Vec<String> = (1..=200).map(|last| format!("1.1.1.{last}")).collect();
    let answer: Vec<&str> = many.iter().map(String::as_str).collect();
    let mut net = Net::default().name("a.example", [&answer]);
    for address in &many {
        net = net.reply_at(address, Reply::Refuse);
    }
    assert_eq!(
        net.get("http://a.example/").await.unwrap_err().name(),
        "connect"
    );
    assert_eq!(net.dialled().len(), 8);
}

#[tokio::test]
async fn no_answer_is_an_error_and_never_a_direct_dial() {
    let net = Net::default()
        .name("a.example", [&[]])
        .name("b.example", []);
    for url in ["http://a.example/", "http://b.example/"] {
        assert_eq!(net.get(url).await.unwrap_err().name(), "dns");
    }
    assert!(net.dialled().is_empty());
}

#[tokio::test]
async fn the_host_header_stays_the_name() {
    let net = Net::default();
    net.get("http://A.Example.:80/x?y").await.unwrap();
    let rules = UrlRules::web().open_ports([8080]);
    let fetcher = net.with(rules).build();
    fetcher.fetch("http://a.example:8080/").await.unwrap();
    net.get("http://bücher.example/").await.unwrap();
    let [first, second, third] = &net.requests()[..] else {
        panic!("three requests");
    };
    assert!(first.starts_with("GET /x?y HTTP/1.1\r\n"), "{first}");
    assert!(first.contains("\r\nhost: a.example\r\n"), "{first}");
    assert!(second.contains("\r\nhost: a.example:8080\r\n"), "{second}");
    assert!(
        third.contains("\r\nhost: xn--bcher-kva.example\r\n"),
        "{third}"
    );
}

#[tokio::test]
async fn an_address_in_the_url_is_judged_and_not_looked_up() {
    let net = Net::default();
    assert_eq!(net.get("http://1.1.1.1/").await.unwrap(), "ok");
    assert_eq!(net.get("http://[2606:4700::1111]/").await.unwrap(), "ok");
    for url in [
        "http://127.0.0.1/",
        "http://[::1]/",
        "http://[::ffff:1.1.1.1]/",
        "http://0.0.0.0/",
    ] {
        assert_eq!(
            net.get(url).await.unwrap_err().name(),
            "blocked_address",
            "{url}"
        );
    }
    assert!(net.lookups().is_empty());
    assert_eq!(net.dialled(), ["1.1.1.1:80", "[2606:4700::1111]:80"]);
}

#[tokio::test]
async fn alternative_services_are_ignored() {
    let head = "200 OK\r\ncontent-type: text/plain\r\nalt-svc: h2=\"127.0.0.1:443\"; ma=3600";
    let net = Net::default().answer(head, "one");
    let fetcher = net.web().build();
    fetcher.fetch("http://a.example/").await.unwrap();
    fetcher.fetch("http://a.example/").await.unwrap();
    let place = format!("{PUBLIC}:80");
    assert_eq!(net.dialled(), [place.clone(), place]);
}

/// What the environment says of proxies, in a process of its own.
#[test]
fn proxies_of_the_environment_are_ignored() {
    let name = "dns::a_fetch_beside_proxies";
    let names = [
        "http_proxy",
        "https_proxy",
        "all_proxy",
        "HTTP_PROXY",
        "HTTPS_PROXY",
        "ALL_PROXY",
    ];
    let proxies: HashMap<_, _> = names.map(|name| (name, "http://127.0.0.1:1")).into();
    let run = std::process::Command::new(std::env::current_exe().unwrap())
        .args(["--exact", name])
        .envs(proxies)
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&run.stdout);
    assert!(run.status.success() && said.contains("1 passed"), "{said}");
}

#[tokio::test]
async fn a_fetch_beside_proxies() {
    let net = Net::default();
    assert_eq!(net.get("http://a.example/").await.unwrap(), "ok");
    assert_eq!(net.dialled(), [format!("{PUBLIC}:80")]);
}

/// Refuses one path.
#[derive(Debug)]
struct NoSecrets;

impl Policy for NoSecrets {
    fn admits<'a>(&'a self, target: &'a Target) -> BoxFuture<'a, bool> {
        Box::pin(async move { target.path() != "/secret" })
    }
}

#[tokio::test]
async fn a_policy_is_asked_before_each_hop() {
    let net = Net::default().redirect(302, "/secret");
    let fetcher = net.web().policy(NoSecrets).build();
    let error = fetcher.fetch("http://a.example/secret").await.unwrap_err();
    assert_eq!(error.name(), "blocked_host");
    assert!(net.lookups().is_empty());
    let error = fetcher.fetch("http://a.example/").await.unwrap_err();
    assert_eq!(error.name(), "blocked_host");
    assert_eq!(net.requests().len(), 1);
}

#[tokio::test]
async fn a_policy_cannot_allow_what_the_rules_refuse() {
    let fetcher = Net::default().web().policy(NoSecrets).build();
    let error = fetcher.fetch("http://127.0.0.1/").await.unwrap_err();
    assert_eq!(error.name(), "blocked_address");
}

/// The real resolver and the real connector, as far as that goes without a network.
#[tokio::test]
async fn the_resolver_and_the_connector_of_this_machine_work() -> io::Result<()> {
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    let place: SocketAddr = listener.local_addr()?;
    let url = format!("http://localhost:{}/", place.port());
    let rules = UrlRules::web().any_port().private_networks();
    let fetcher = UrlFetcher::with(rules).connector(SystemConnector).build();
    let server = async {
        let (mut peer, _) = listener.accept().await?;
        let mut request = [0; 1024];
        let _ = peer.read(&mut request).await?;
        let answer = b"HTTP/1.1 200 OK\r\ncontent-type: text/plain\r\ncontent-length: 2\r\n\r\nhi";
        peer.write_all(answer).await
    };
    let (fetched, served) = tokio::join!(fetcher.fetch(url.as_str()), server);
    served?;
    assert_eq!(fetched.unwrap().text(), "hi");
    let refused = UrlFetcher::web().build().fetch(url).await.unwrap_err();
    assert_eq!(refused.name(), "port");
    Ok(())
}
