//! A proxy without a memory: each request goes to the next process that takes a
//! connection, on a connection of its own.

use std::{
    net::SocketAddr,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
};

use tokio::{
    io::{AsyncReadExt, AsyncWriteExt, copy},
    net::{TcpListener, TcpStream},
    task::JoinHandle,
};

#[derive(Debug)]
pub(crate) struct Proxy {
    address: SocketAddr,
    task: JoinHandle<()>,
}

impl Drop for Proxy {
    fn drop(&mut self) {
        self.task.abort();
    }
}

impl Proxy {
    pub(crate) async fn start(targets: Vec<SocketAddr>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let (targets, turn) = (Arc::new(targets), Arc::new(AtomicUsize::new(0)));
        let task = tokio::spawn(async move {
            loop {
                let (client, _) = listener.accept().await.unwrap();
                let (targets, turn) = (Arc::clone(&targets), Arc::clone(&turn));
                tokio::spawn(async move { pass(client, &targets, &turn).await });
            }
        });
        Self { address, task }
    }

    pub(crate) fn url(&self) -> String {
        format!("http://{}/mcp", self.address)
    }
}

/// What proxies say in the place of a process that has died before it answered.
const BAD_GATEWAY: &[u8] =
    b"HTTP/1.1 502 Bad Gateway\r\nContent-Length: 0\r\nConnection: close\r\n\r\n";

/// Passes one request on, and its answer back. If either side goes away, so does
/// the other; a request that was sent is never sent again.
async fn pass(mut client: TcpStream, targets: &[SocketAddr], turn: &AtomicUsize) -> Option<()> {
    let request = read_request(&mut client).await?;
    let mut server = connect(targets, turn).await?;
    server.write_all(&request).await.ok()?;
    let (mut from_client, mut to_client) = client.split();
    let (mut from_server, _to_server) = server.split();
    let mut gone = [0; 1];
    let mut answer = Vec::new();
    tokio::select! {
        _ = from_server.read_buf(&mut answer) => {}
        _ = from_client.read(&mut gone) => return None,
    }
    if answer.is_empty() {
        return to_client.write_all(BAD_GATEWAY).await.ok();
    }
    to_client.write_all(&answer).await.ok()?;
    tokio::select! {
        _ = copy(&mut from_server, &mut to_client) => {}
        _ = from_client.read(&mut gone) => {}
    }
    Some(())
}

async fn connect(targets: &[SocketAddr], turn: &AtomicUsize) -> Option<TcpStream> {
    for _ in targets {
        let next = turn.fetch_add(1, Ordering::Relaxed) % targets.len();
        if let Ok(server) = TcpStream::connect(targets[next]).await {
            return Some(server);
        }
    }
    None
}

/// Reads one request and asks for the connection to be closed after it.
async fn read_request(client: &mut TcpStream) -> Option<Vec<u8>> {
    let mut read = Vec::new();
    let end = loop {
        if let Some(end) = read.windows(4).position(|bytes| bytes == b"\r\n\r\n") {
            break end + 4;
        }
        (client.read_buf(&mut read).await.ok()? > 0).then_some(())?;
    };
    let head = String::from_utf8(read[..end].to_vec()).ok()?;
    let mut lines = head.split("\r\n").filter(|line| !line.is_empty());
    let mut request = format!("{}\r\nConnection: close\r\n", lines.next()?);
    let mut length = 0;
    for line in lines {
        let (name, value) = line.split_once(':')?;
        match name.to_ascii_lowercase().as_str() {
            "connection" => continue,
            "content-length" => length = value.trim().parse().ok()?,
            "transfer-encoding" => panic!("the clients of these tests say how long a body is"),
            _ => {}
        }
        request.push_str(line);
        request.push_str("\r\n");
    }
    request.push_str("\r\n");
    while read.len() < end + length {
        (client.read_buf(&mut read).await.ok()? > 0).then_some(())?;
    }
    let mut request = request.into_bytes();
    request.extend_from_slice(&read[end..]);
    Some(request)
}
