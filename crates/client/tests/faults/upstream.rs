//! A server that does everything right: it echoes, over HTTP, in both eras.

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use serde_json::{Value, json};
use tokio::io::AsyncWriteExt;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::mpsc;
use tokio::task::JoinSet;

use crate::proxy::read_request;

/// A running server; it dies when it is dropped, in the middle of whatever it does.
pub(crate) struct Upstream {
    address: SocketAddr,
    requests: Arc<AtomicUsize>,
    held: mpsc::UnboundedReceiver<()>,
    _serving: JoinSet<()>,
}

impl Upstream {
    pub(crate) async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let requests = Arc::new(AtomicUsize::new(0));
        let (hold, held) = mpsc::unbounded_channel();
        let mut serving = JoinSet::new();
        let count = Arc::clone(&requests);
        serving.spawn(async move {
            let mut exchanges = JoinSet::new();
            while let Ok((stream, _)) = listener.accept().await {
                count.fetch_add(1, Ordering::SeqCst);
                exchanges.spawn(exchange(stream, hold.clone()));
            }
        });
        Self {
            address,
            requests,
            held,
            _serving: serving,
        }
    }

    pub(crate) fn address(&self) -> SocketAddr {
        self.address
    }

    /// How many requests there were.
    pub(crate) fn requests(&self) -> usize {
        self.requests.load(Ordering::SeqCst)
    }

    /// Waits for a call of the tool `hold`, which is never answered.
    pub(crate) async fn held(&mut self) {
        self.held.recv().await.unwrap();
    }
}

async fn exchange(mut stream: TcpStream, hold: mpsc::UnboundedSender<()>) {
    let Some(request) = read_request(&mut stream).await else {
        return;
    };
    let request = request.body();
    if request["params"]["name"] == "hold" {
        hold.send(()).unwrap();
        return std::future::pending().await;
    }
    let answer = match result(&request) {
        Some(result) => {
            let answer = json!({"jsonrpc": "2.0", "id": request["id"], "result": result});
            let answer = answer.to_string();
            let head = "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length:";
            format!("{head} {}\r\n\r\n{answer}", answer.len())
        }
        None if request.is_null() => "HTTP/1.1 405 X\r\nContent-Length: 0\r\n\r\n".to_owned(),
        None => "HTTP/1.1 202 X\r\nContent-Length: 0\r\n\r\n".to_owned(),
    };
    // Whoever asked may be gone.
    let _ = stream.write_all(answer.as_bytes()).await;
}

fn result(request: &Value) -> Option<Value> {
    match request["method"].as_str()? {
        "server/discover" => {
            Some(json!({"supportedVersions": ["2026-07-28"], "capabilities": {"tools": {}}}))
        }
        "initialize" => Some(json!({
            "protocolVersion": request["params"]["protocolVersion"],
            "capabilities": {"tools": {}},
            "serverInfo": {"name": "upstream", "version": "1"},
        })),
        "tools/call" => {
            let text = &request["params"]["arguments"]["text"];
            Some(json!({"content": [{"type": "text", "text": text}]}))
        }
        _ => None,
    }
}
