//! An HTTP server that does what the test says, request by request.

use std::net::SocketAddr;

use serde_json::Value;
use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::net::{TcpListener, TcpStream};

/// A listener on loopback.
pub(crate) struct HttpPeer(TcpListener);

/// One request, and the connection to answer it on. Dropping it closes the connection.
pub(crate) struct Exchange {
    pub(crate) method: String,
    pub(crate) path: String,
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) body: Value,
    stream: BufReader<TcpStream>,
}

impl HttpPeer {
    pub(crate) async fn start() -> Self {
        Self(
            TcpListener::bind((std::net::Ipv4Addr::LOCALHOST, 0))
                .await
                .unwrap(),
        )
    }

    pub(crate) fn address(&self) -> SocketAddr {
        self.0.local_addr().unwrap()
    }

    pub(crate) fn url(&self) -> String {
        format!("http://{}/mcp", self.address())
    }

    /// The next request, each on a connection of its own, as every answer closes its connection.
    pub(crate) async fn next(&self) -> Exchange {
        let (stream, _) = self.0.accept().await.unwrap();
        Exchange::read(BufReader::new(stream)).await
    }

    pub(crate) async fn expect(&self, method: &str) -> Exchange {
        let exchange = self.next().await;
        assert_eq!(exchange.body["method"], method, "{}", exchange.body);
        exchange
    }
}

impl Exchange {
    async fn read(mut stream: BufReader<TcpStream>) -> Self {
        let mut line = String::new();
        stream.read_line(&mut line).await.unwrap();
        let mut parts = line.split(' ').map(str::to_owned);
        let (method, path) = (parts.next().unwrap(), parts.next().unwrap_or_default());
        let mut headers = Vec::new();
        loop {
            line.clear();
            stream.read_line(&mut line).await.unwrap();
            let Some((name, value)) = line.trim_end().split_once(':') else {
                break;
            };
            headers.push((name.to_ascii_lowercase(), value.trim().to_owned()));
        }
        let mut exchange = Self {
            method,
            path,
            headers,
            body: Value::Null,
            stream,
        };
        let length = exchange
            .header("content-length")
            .map_or(0, |text| text.parse().unwrap());
        let mut body = vec![0; length];
        exchange.stream.read_exact(&mut body).await.unwrap();
        exchange.body = serde_json::from_slice(&body).unwrap_or_default();
        exchange
    }

    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers
            .iter()
            .find(|(known, _)| known == name)
            .map(|(_, value)| value.as_str())
    }

    async fn write(&mut self, bytes: &str) {
        self.stream.write_all(bytes.as_bytes()).await.unwrap();
        self.stream.flush().await.unwrap();
    }

    pub(crate) async fn status(mut self, status: u16, headers: &str, body: &str) {
        let length = body.len();
        let head =
            format!("HTTP/1.1 {status} X\r\nConnection: close\r\nContent-Length: {length}\r\n");
        self.write(&format!("{head}{headers}\r\n{body}")).await;
    }

    /// Answers with one JSON message.
    pub(crate) async fn json(self, headers: &str, message: &Value) {
        let headers = format!("Content-Type: application/json\r\n{headers}");
        self.status(200, &headers, &message.to_string()).await;
    }

    pub(crate) async fn result(self, headers: &str, result: &Value) {
        let message =
            serde_json::json!({"jsonrpc": "2.0", "id": self.body["id"], "result": result});
        self.json(headers, &message).await;
    }

    /// Starts a stream of events.
    pub(crate) async fn events(&mut self) {
        self.write(
            "HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Type: text/event-stream\r\n\r\n",
        )
        .await;
    }

    pub(crate) async fn event(&mut self, prefix: &str, message: &Value) {
        self.write(&format!("{prefix}data: {message}\n\n")).await;
    }

    pub(crate) async fn raw(&mut self, text: &str) {
        self.write(text).await;
    }

    /// Waits until the client has closed the connection.
    pub(crate) async fn closed(mut self) {
        let mut rest = Vec::new();
        // Reset or closed: gone either way.
        let _ = self.stream.read_to_end(&mut rest).await;
    }
}
