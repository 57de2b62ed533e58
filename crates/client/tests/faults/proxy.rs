//! A proxy of sockets that spoils the answers to tool calls, and nothing else.

use std::net::SocketAddr;
use std::sync::{Arc, Mutex};

use serde_json::Value;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinSet;

/// What happens to a tool call.
#[derive(Clone, Debug)]
pub(crate) enum Fault {
    /// So many percent of the answer arrive, then the connection is cut.
    Cut(usize),
    /// So many percent of the answer arrive, then nothing does.
    Stall(usize),
    /// This is said instead of the answer.
    Say(String),
    /// The answer says that it is to another request.
    Renumber,
    /// The answer comes in a stream, and a second one behind it.
    Twice,
    /// Requests that say this are cut before their answer.
    CutIfItSays(String),
}

/// A running proxy; its connections are closed when it is dropped.
pub(crate) struct Proxy {
    address: SocketAddr,
    fault: Arc<Mutex<Option<Fault>>>,
    _serving: JoinSet<()>,
}

impl Proxy {
    pub(crate) async fn start(upstream: SocketAddr) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let fault = Arc::new(Mutex::new(None));
        let mut serving = JoinSet::new();
        let faults = Arc::clone(&fault);
        serving.spawn(async move {
            let mut exchanges = JoinSet::new();
            while let Ok((stream, _)) = listener.accept().await {
                exchanges.spawn(relay(stream, upstream, Arc::clone(&faults)));
            }
        });
        Self {
            address,
            fault,
            _serving: serving,
        }
    }

    pub(crate) fn url(&self) -> String {
        format!("http://{}/mcp", self.address)
    }

    pub(crate) fn spoil(&self, fault: Fault) {
        *self.fault.lock().unwrap() = Some(fault);
    }

    pub(crate) fn recover(&self) {
        *self.fault.lock().unwrap() = None;
    }
}

/// One request and its answer. An error of any socket ends both.
async fn relay(mut client: TcpStream, upstream: SocketAddr, faults: Arc<Mutex<Option<Fault>>>) {
    let Some(request) = read_request(&mut client).await else {
        return;
    };
    let fault = faults.lock().unwrap().clone();
    let fault = fault.filter(|_| request.body()["method"] == "tools/call");
    let Some(answer) = ask(upstream, &request.bytes).await else {
        return;
    };
    let (said, stays) = spoilt(fault, &request, answer);
    // A client that has had enough may be gone.
    let _ = client.write_all(&said).await;
    if stays {
        std::future::pending::<()>().await;
    }
}

async fn ask(upstream: SocketAddr, request: &[u8]) -> Option<Vec<u8>> {
    let mut stream = TcpStream::connect(upstream).await.ok()?;
    stream.write_all(request).await.ok()?;
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).await.ok()?;
    (!answer.is_empty()).then_some(answer)
}

/// What is said instead of the answer, and whether the connection stays open then.
fn spoilt(fault: Option<Fault>, request: &Request, mut answer: Vec<u8>) -> (Vec<u8>, bool) {
    match fault {
        Some(Fault::Cut(percent)) => {
            answer.truncate(answer.len() * percent / 100);
            (answer, false)
        }
        Some(Fault::Stall(percent)) => {
            answer.truncate(answer.len() * percent / 100);
            (answer, true)
        }
        Some(Fault::Say(text)) => (text.into_bytes(), false),
        Some(Fault::Renumber) => (renumbered(&answer), false),
        Some(Fault::Twice) => (twice(&answer), false),
        Some(Fault::CutIfItSays(text)) if request.body().to_string().contains(&text) => {
            (Vec::new(), false)
        }
        Some(Fault::CutIfItSays(_)) | None => (answer, false),
    }
}

/// The message in an answer.
fn message(answer: &[u8]) -> Value {
    let text = String::from_utf8(answer.to_vec()).unwrap();
    serde_json::from_str(text.split_once("\r\n\r\n").unwrap().1).unwrap()
}

fn renumbered(answer: &[u8]) -> Vec<u8> {
    let mut message = message(answer);
    message["id"] = (message["id"].as_i64().unwrap() + 1000).into();
    let body = message.to_string();
    let head = "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length:";
    format!("{head} {}\r\n\r\n{body}", body.len()).into_bytes()
}

fn twice(answer: &[u8]) -> Vec<u8> {
    let first = message(answer);
    let mut second = first.clone();
    second["result"]["content"][0]["text"] = "an impostor".into();
    let mut other = second.clone();
    other["id"] = (first["id"].as_i64().unwrap() + 1).into();
    let head = "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n\r\n";
    format!("{head}data: {other}\n\ndata: {first}\n\ndata: {second}\n\n").into_bytes()
}

/// A request, whole.
pub(crate) struct Request {
    pub(crate) bytes: Vec<u8>,
    head: usize,
}

impl Request {
    /// The message in it; null if there is none.
    pub(crate) fn body(&self) -> Value {
        serde_json::from_slice(&self.bytes[self.head..]).unwrap_or_default()
    }
}

/// Reads a request; none if the client hangs up first.
pub(crate) async fn read_request(stream: &mut TcpStream) -> Option<Request> {
    let mut bytes = Vec::new();
    loop {
        if let Some(head) = end_of_head(&bytes)
            && bytes.len() >= head + length(&bytes[..head])
        {
            return Some(Request { bytes, head });
        }
        if stream.read_buf(&mut bytes).await.ok()? == 0 {
            return None;
        }
    }
}

fn end_of_head(bytes: &[u8]) -> Option<usize> {
    let end = bytes.windows(4).position(|window| window == b"\r\n\r\n")?;
    Some(end + 4)
}

fn length(head: &[u8]) -> usize {
    let head = std::str::from_utf8(head).unwrap().to_ascii_lowercase();
    let line = head
        .lines()
        .find_map(|line| line.strip_prefix("content-length:"));
    line.map_or(0, |value| value.trim().parse().unwrap())
}
