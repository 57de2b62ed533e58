//! HTTP/1.1 as bytes on a socket, from an address of choice: a server allows each
//! address so many connections, and the loopback has plenty.

use std::{
    net::{Ipv4Addr, SocketAddr},
    time::Duration,
};

use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpSocket, TcpStream},
    time::timeout,
};

use crate::Result;

/// An answer that takes longer is a hang.
pub(crate) const HANG: Duration = Duration::from_secs(30);

/// How many connections come from one address.
const EACH: usize = 500;

/// The address of the client with this number.
pub(crate) fn source(number: usize) -> Ipv4Addr {
    let last = u8::try_from(2 + number / EACH % 250).unwrap_or(2);
    Ipv4Addr::new(127, 0, 0, last)
}

/// A connection kept alive.
#[derive(Debug)]
pub(crate) struct Connection {
    stream: TcpStream,
    buffer: Vec<u8>,
}

/// A response, whole.
#[derive(Debug)]
pub(crate) struct Response {
    pub(crate) status: u16,
    pub(crate) head: String,
    pub(crate) body: String,
}

impl Connection {
    pub(crate) async fn open(to: SocketAddr, from: Ipv4Addr) -> Result<Self> {
        Self::open_with(TcpSocket::new_v4()?, to, from).await
    }

    /// With a socket that has been prepared.
    pub(crate) async fn open_with(
        socket: TcpSocket,
        to: SocketAddr,
        from: Ipv4Addr,
    ) -> Result<Self> {
        socket.bind(SocketAddr::from((from, 0)))?;
        let stream = timeout(HANG, socket.connect(to)).await??;
        stream.set_nodelay(true)?;
        Ok(Self {
            stream,
            buffer: Vec::new(),
        })
    }

    /// Writes bytes, whatever they are.
    pub(crate) async fn send(&mut self, bytes: &[u8]) -> Result<()> {
        timeout(HANG, self.stream.write_all(bytes)).await??;
        Ok(())
    }

    /// Writes a request and reads its response.
    pub(crate) async fn exchange(&mut self, request: &[u8]) -> Result<Response> {
        self.send(request).await?;
        self.buffer.clear();
        loop {
            if let Some(response) = complete(&self.buffer) {
                return Ok(response);
            }
            self.read(HANG).await?;
        }
    }

    /// Reads on until `word` comes by, and forgets everything before it.
    pub(crate) async fn until(&mut self, word: &str, limit: Duration) -> Result<()> {
        let found = async {
            loop {
                let at = find(&self.buffer, word.as_bytes());
                if let Some(at) = at {
                    self.buffer.drain(..at + word.len());
                    return Ok(());
                }
                self.read(limit).await?;
            }
        };
        timeout(limit, found).await?
    }

    async fn read(&mut self, limit: Duration) -> Result<()> {
        let read = timeout(limit, self.stream.read_buf(&mut self.buffer)).await??;
        if read == 0 {
            return Err("the server closed the connection".into());
        }
        Ok(())
    }
}

impl Response {
    pub(crate) fn field(&self, name: &str) -> Option<&str> {
        field(&self.head, name)
    }
}

fn complete(bytes: &[u8]) -> Option<Response> {
    let end = find(bytes, b"\r\n\r\n")? + 4;
    let head = std::str::from_utf8(bytes.get(..end)?).ok()?;
    let body = bytes.get(end..)?;
    let is_whole = match field(head, "content-length") {
        Some(length) => body.len() >= length.parse().ok()?,
        None if field(head, "transfer-encoding").is_some() => body.ends_with(b"0\r\n\r\n"),
        None => true,
    };
    is_whole.then(|| Response {
        status: head
            .get(9..12)
            .and_then(|code| code.parse().ok())
            .unwrap_or(0),
        head: head.to_owned(),
        body: String::from_utf8_lossy(body).into_owned(),
    })
}

fn field<'a>(head: &'a str, name: &str) -> Option<&'a str> {
    head.lines().skip(1).find_map(|line| {
        let (found, value) = line.split_once(':')?;
        found.eq_ignore_ascii_case(name).then(|| value.trim())
    })
}

fn find(bytes: &[u8], word: &[u8]) -> Option<usize> {
    bytes.windows(word.len()).position(|window| window == word)
}
