//! The weather team's warnings, their own and those of a service: a real one, on a
//! socket of this machine.

use std::{
    net::SocketAddr,
    sync::{
        Arc, Mutex,
        atomic::{AtomicUsize, Ordering},
    },
};

use platform::{
    Platform, Settings,
    weather::{Warning, Weather},
};
use purlin::{config::Loader, testing::connect};
use serde_json::json;
use tokio::{
    io::{AsyncBufReadExt, AsyncWriteExt, BufReader},
    net::{TcpListener, TcpStream},
    task::JoinSet,
};

/// A service that gives one answer to all requests, and remembers them.
struct Service {
    address: SocketAddr,
    connections: Arc<AtomicUsize>,
    requests: Arc<Mutex<Vec<String>>>,
    _running: JoinSet<()>,
}

impl Service {
    async fn answering(status: &'static str, body: impl Into<String>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let (connections, requests) = <(Arc<AtomicUsize>, Arc<Mutex<Vec<String>>>)>::default();
        let (body, counted, seen) = (body.into(), connections.clone(), requests.clone());
        let mut running = JoinSet::new();
        running.spawn(async move {
            let answer = format!(
                "HTTP/1.1 {status}\r\ncontent-length: {}\r\n\r\n{body}",
                body.len()
            );
            let mut clients = JoinSet::new();
            while let Ok((stream, _)) = listener.accept().await {
                counted.fetch_add(1, Ordering::SeqCst);
                clients.spawn(serve(stream, answer.clone(), seen.clone()));
            }
        });
        Self {
            address,
            connections,
            requests,
            _running: running,
        }
    }

    /// The platform, configured to use it.
    async fn platform(&self) -> Platform {
        let endpoint = format!("http://{}/v1", self.address);
        let settings = Loader::new().variables([("API_ENDPOINT", endpoint.as_str())]);
        let settings = settings.load::<Settings>().unwrap();
        Platform::open(&settings).await.unwrap()
    }
}

/// One connection, request after request; none of them has a body.
async fn serve(stream: TcpStream, answer: String, requests: Arc<Mutex<Vec<String>>>) {
    let mut stream = BufReader::new(stream);
    loop {
        let mut head = Vec::new();
        while !head.ends_with(b"\r\n\r\n") {
            match stream.read_until(b'\n', &mut head).await {
                Ok(1..) => {}
                Ok(0) | Err(_) => return,
            }
        }
        let head = String::from_utf8(head).unwrap();
        let line = head.lines().next().unwrap_or_default();
        requests.lock().unwrap().push(line.to_owned());
        if stream.write_all(answer.as_bytes()).await.is_err() {
            return;
        }
    }
}

#[purlin::test(eras)]
async fn without_a_service_the_warnings_are_our_own() {
    let client = connect(Weather::default()).await;
    let norway = json!({ "country": "norway" });
    let warnings: Vec<Warning> = client.call("warnings", &norway).await.unwrap();
    let again: Vec<Warning> = client.call("warnings", &norway).await.unwrap();
    assert_eq!(warnings, again);
    for warning in warnings {
        assert!(["Oslo", "Tromso"].contains(&warning.city.as_str()));
    }
}

#[purlin::test]
async fn a_service_is_asked_over_a_connection_that_stays_open() {
    let ice = Warning {
        city: "Oslo".to_owned(),
        text: "black ice".to_owned(),
    };
    let service = Service::answering("200 OK", json!([ice]).to_string()).await;
    let client = connect(service.platform().await).await;
    for _ in 0..3 {
        let warnings: Vec<Warning> = client
            .call("weather_warnings", json!({ "country": "NORWAY" }))
            .await
            .unwrap();
        assert_eq!(warnings, std::slice::from_ref(&ice));
    }
    let requests = service.requests.lock().unwrap().clone();
    assert_eq!(requests, ["GET /v1/warnings/Norway HTTP/1.1"; 3]);
    assert_eq!(service.connections.load(Ordering::SeqCst), 1);
}

#[purlin::test]
async fn what_a_service_answers_wrongly_is_not_shown() {
    for (status, body) in [
        ("500 Internal Server Error", "[]".to_owned()),
        ("200 OK", "s3cret".to_owned()),
        ("200 OK", format!("[{}]", " ".repeat(65 * 1024))),
    ] {
        let service = Service::answering(status, body).await;
        let client = connect(service.platform().await).await;
        let result = client
            .call_tool("weather_warnings", json!({ "country": "Norway" }))
            .await
            .unwrap();
        let said = result.text();
        assert!(result.is_error, "{said}");
        assert!(said.contains("gives no answer"), "{said}");
        assert!(!said.contains("s3cret"), "{said}");
    }
}

#[purlin::test]
async fn the_platform_starts_while_the_service_is_away() {
    let nobody = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let endpoint = format!("http://{}", nobody.local_addr().unwrap());
    drop(nobody);
    let client = connect(Weather::warned_by(endpoint.parse().unwrap())).await;
    let norway = json!({ "country": "Norway" });
    let result = client.call_tool("warnings", norway).await.unwrap();
    assert!(
        result.text().contains("gives no answer"),
        "{}",
        result.text()
    );
    let oslo = json!({ "city": "Oslo" });
    assert!(!client.call_tool("current", oslo).await.unwrap().is_error);
}

#[purlin::test]
async fn an_unknown_country_comes_with_a_way_out() {
    let client = connect(Weather::default()).await;
    let nowhere = json!({ "country": "Atlantis/../x" });
    let result = client.call_tool("warnings", nowhere).await.unwrap();
    assert!(result.is_error);
    assert!(result.text().contains("Portugal"), "{}", result.text());
}
