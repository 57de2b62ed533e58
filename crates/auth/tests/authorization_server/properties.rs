//! Whatever is sent to an endpoint, it answers, and no failure of its own.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};

use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpSocket;

use crate::scene::{CALLBACK, FORM, Scene, VERIFIER};

const NAMES: [&str; 20] = [
    "response_type",
    "response_mode",
    "client_id",
    "redirect_uri",
    "state",
    "scope",
    "resource",
    "code_challenge",
    "code_challenge_method",
    "code_verifier",
    "grant_type",
    "code",
    "refresh_token",
    "token",
    "client_secret",
    "decision",
    "remember",
    "username",
    "password",
    "iss",
];

const ENDPOINTS: [(&str, &str); 8] = [
    ("GET", "/authorize"),
    ("POST", "/consent"),
    ("GET", "/login"),
    ("POST", "/login"),
    ("GET", "/callback"),
    ("POST", "/token"),
    ("POST", "/revoke"),
    ("POST", "/register"),
];

/// Pairs of which many are what an endpoint expects, or text that is no form at all.
fn forms(client: &str) -> impl Strategy<Value = String> {
    let name = prop_oneof![
        9 => prop::sample::select(NAMES.to_vec()).prop_map(str::to_owned),
        1 => "\\PC{0,12}",
    ];
    let expected = [
        "code",
        "S256",
        "plain",
        "authorization_code",
        "refresh_token",
        "allow",
        "yes",
        VERIFIER,
        CALLBACK,
        "https://mcp.test/mcp",
        "orders:read",
        "http://[::1",
        "https://\u{fe00}/",
        client,
    ];
    let expected = expected.map(str::to_owned).to_vec();
    let value = prop_oneof![3 => prop::sample::select(expected), 2 => "\\PC{0,60}"];
    let pairs = prop::collection::vec((name, value), 0..14).prop_map(|pairs| {
        let mut form = form_urlencoded::Serializer::new(String::new());
        form.extend_pairs(pairs);
        form.finish()
    });
    prop_oneof![4 => pairs, 1 => "[ -~]{0,200}".prop_map(|text| text.replace([' ', '#'], "%"))]
}

/// Sends it from an address of its own, so that no limit per address answers in its place.
async fn status(to: SocketAddr, from: u16, endpoint: (&str, &str), kind: &str, body: &str) -> u16 {
    let [high, low] = from.to_be_bytes();
    let socket = TcpSocket::new_v4().unwrap();
    let own = IpAddr::from(Ipv4Addr::new(127, 77, high, low));
    socket.bind(SocketAddr::new(own, 0)).unwrap();
    let mut stream = socket.connect(to).await.unwrap();
    let (target, body) = match endpoint.0 {
        "GET" => (format!("{}?{body}", endpoint.1), ""),
        _ => (endpoint.1.to_owned(), body),
    };
    let request = format!(
        "{} {target} HTTP/1.1\r\nhost: mcp.test\r\norigin: https://mcp.test\r\nconnection: close\r\n\
         content-type: {kind}\r\ncontent-length: {}\r\n\r\n{body}",
        endpoint.0,
        body.len()
    );
    stream.write_all(request.as_bytes()).await.unwrap();
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).await.unwrap();
    let answer = String::from_utf8_lossy(&answer);
    let status = answer.split(' ').nth(1).map(str::parse);
    status.and_then(Result::ok).unwrap_or_default()
}

#[test]
fn no_query_and_no_form_makes_an_endpoint_fail() {
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let (address, client) = runtime.block_on(async {
        let scene = Scene::production().await;
        let client = scene.register("App", CALLBACK).await;
        (scene.browser.address(&scene.issuer), client)
    });
    let kinds = prop::sample::select(vec![FORM, "application/json", "text/plain"]);
    let cases = (forms(&client), kinds, any::<u16>());
    let mut runner = TestRunner::new(Config {
        cases: 128,
        failure_persistence: None,
        ..Config::default()
    });
    let outcome = runner.run(&cases, |(form, kind, from)| {
        for endpoint in ENDPOINTS {
            let answered = status(address, from, endpoint, kind, &form);
            let answered = runtime.block_on(answered);
            prop_assert!(
                (200..500).contains(&answered),
                "{endpoint:?} {form}: {answered}"
            );
        }
        Ok(())
    });
    outcome.unwrap();
}
