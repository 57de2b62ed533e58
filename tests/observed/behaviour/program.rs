//! The program, and requests to it that are written by hand.

use std::{net::SocketAddr, process::Stdio, sync::Arc};

use rustix::process::{Pid, Signal, kill_process};
use serde_json::{Value, json};
use tokio::{
    io::{AsyncBufReadExt, AsyncRead, AsyncReadExt, AsyncWriteExt, BufReader},
    net::TcpStream,
    process::{Child, Command},
    sync::{Mutex, oneshot},
    task::JoinHandle,
};

/// The program, without the environment of this test.
pub(crate) fn command(variables: &[(&str, &str)]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_observed"));
    command
        .env_clear()
        .envs(variables.iter().copied())
        .args(["--http", "127.0.0.1:0"])
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .kill_on_drop(true);
    command
}

pub(crate) struct Program {
    child: Child,
    pub(crate) endpoint: SocketAddr,
    pub(crate) page: SocketAddr,
    said: Vec<JoinHandle<()>>,
    lines: Arc<Mutex<String>>,
}

impl Program {
    pub(crate) async fn start(variables: &[(&str, &str)]) -> Self {
        let mut child = command(variables).spawn().unwrap();
        let lines = Arc::default();
        let (page, is_page) = oneshot::channel();
        let (endpoint, is_endpoint) = oneshot::channel();
        let mut wanted = vec![("page ", page), ("endpoint http://", endpoint)];
        let stderr = listen(child.stderr.take().unwrap(), &lines, move |line| {
            let found = wanted.iter().position(|(start, _)| line.starts_with(start));
            if let Some(at) = found {
                let (start, tell) = wanted.swap_remove(at);
                let address = line[start.len()..].trim_end_matches("/mcp").to_owned();
                // Whoever asked may have failed.
                let _ = tell.send(address);
            }
        });
        let stdout = listen(child.stdout.take().unwrap(), &lines, |_| {});
        Self {
            child,
            page: is_page.await.unwrap().parse().unwrap(),
            endpoint: is_endpoint.await.unwrap().parse().unwrap(),
            said: vec![stderr, stdout],
            lines,
        }
    }

    /// Tells it to end, and waits until it has. All that it has written.
    pub(crate) async fn end(mut self) -> String {
        let pid = i32::try_from(self.child.id().unwrap()).unwrap();
        kill_process(Pid::from_raw(pid).unwrap(), Signal::TERM).unwrap();
        let status = self.child.wait().await.unwrap();
        for said in self.said {
            said.await.unwrap();
        }
        let lines = self.lines.lock().await.clone();
        assert_eq!(status.code(), Some(0), "{lines}");
        lines
    }

    /// The answer to a request of the stateless era.
    pub(crate) async fn ask(&self, request: Request<'_>) -> Value {
        let (head, body) = self.exchange(&request.text()).await;
        let event = body.lines().find_map(|line| line.strip_prefix("data:"));
        let json = event.map_or(body.as_str(), str::trim);
        serde_json::from_str(json).unwrap_or_else(|error| panic!("{error}: {head}\n{body}"))
    }

    pub(crate) async fn exchange(&self, request: &str) -> (String, String) {
        exchange(self.endpoint, request).await
    }

    /// What the page for Prometheus says.
    pub(crate) async fn metrics(&self) -> String {
        let scrape = "GET /metrics HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n";
        exchange(self.page, scrape).await.1
    }
}

fn listen(
    pipe: impl AsyncRead + Unpin + Send + 'static,
    lines: &Arc<Mutex<String>>,
    mut hear: impl FnMut(&str) + Send + 'static,
) -> JoinHandle<()> {
    let all = Arc::clone(lines);
    tokio::spawn(async move {
        let mut lines = BufReader::new(pipe).lines();
        while let Some(line) = lines.next_line().await.unwrap() {
            hear(&line);
            let mut all = all.lock().await;
            all.push_str(&line);
            all.push('\n');
        }
    })
}

/// Sends text and reads until the other end closes.
async fn exchange(address: SocketAddr, request: &str) -> (String, String) {
    let mut stream = TcpStream::connect(address).await.unwrap();
    stream.write_all(request.as_bytes()).await.unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await.unwrap();
    let (head, body) = answer.split_once("\r\n\r\n").unwrap();
    (head.to_owned(), body.to_owned())
}

/// One request of the stateless era.
pub(crate) struct Request<'a> {
    pub(crate) path: &'a str,
    pub(crate) method: &'a str,
    pub(crate) params: Value,
    pub(crate) meta: Value,
    pub(crate) headers: String,
}

impl Request<'_> {
    pub(crate) fn call(tool: &str, arguments: &Value) -> Self {
        Self::new(
            "tools/call",
            json!({ "name": tool, "arguments": arguments }),
        )
    }
}

impl<'a> Request<'a> {
    pub(crate) fn new(method: &'a str, params: Value) -> Self {
        Self {
            path: "/mcp",
            method,
            params,
            meta: json!({}),
            headers: String::new(),
        }
    }

    pub(crate) fn header(mut self, name: &str, value: &str) -> Self {
        self.headers.push_str(&format!("{name}: {value}\r\n"));
        self
    }

    pub(crate) fn meta(mut self, name: &str, value: &str) -> Self {
        self.meta[name] = value.into();
        self
    }

    pub(crate) fn text(mut self) -> String {
        self.meta["io.modelcontextprotocol/protocolVersion"] = "2026-07-28".into();
        self.meta["io.modelcontextprotocol/clientCapabilities"] = json!({});
        let name = ["name", "uri"].map(|member| self.params[member].as_str().map(str::to_owned));
        if let Some(name) = name.into_iter().flatten().next() {
            self = self.header("Mcp-Name", &name);
        }
        self.params["_meta"] = self.meta;
        let (path, method, headers) = (self.path, self.method, self.headers);
        let body = json!({
            "jsonrpc": "2.0", "id": 1, "method": method, "params": self.params,
        });
        let headers =
            format!("{headers}MCP-Protocol-Version: 2026-07-28\r\nMcp-Method: {method}\r\n");
        post(path, &headers, &body)
    }
}

/// A POST to the endpoint.
pub(crate) fn post(path: &str, headers: &str, body: &Value) -> String {
    let body = body.to_string();
    format!(
        "POST {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\
         Content-Type: application/json\r\nAccept: application/json, text/event-stream\r\n\
         {headers}Content-Length: {}\r\n\r\n{body}",
        body.len()
    )
}
