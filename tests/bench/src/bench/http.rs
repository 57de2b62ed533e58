//! The load over HTTP: keep-alive connections, each a request after the other.

use std::net::SocketAddr;
use std::time::Instant;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::task::JoinSet;

use crate::Error;
use crate::request::{self, Era, Operation, Template};

/// When a load ends.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Until {
    /// At this moment.
    Time(Instant),
    /// After so many calls on each connection.
    Calls(usize),
}

impl Until {
    pub(crate) fn is_over(self, calls: usize) -> bool {
        match self {
            Self::Time(end) => Instant::now() >= end,
            Self::Calls(limit) => calls >= limit,
        }
    }
}

/// How many connections share a session, as a client with a pool has it.
const CONNECTIONS_OF_SESSION: usize = 8;

/// Connections ready to be loaded, sessions opened.
#[derive(Debug)]
pub(crate) struct Load {
    runtime: tokio::runtime::Runtime,
    connections: Vec<Connection>,
}

#[derive(Debug)]
struct Connection {
    stream: TcpStream,
    template: Template,
    buffer: Vec<u8>,
}

impl Load {
    /// Opens `connections` to `address`. The first call of each is checked.
    pub(crate) fn open(
        address: SocketAddr,
        era: Era,
        operation: Operation,
        connections: usize,
    ) -> Result<Self, Error> {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()?;
        let connections = runtime.block_on(async {
            let mut opened = Vec::new();
            let mut session = None;
            for number in 0..connections {
                let mut connection = Connection::connect(address).await?;
                if era == Era::Session && number % CONNECTIONS_OF_SESSION == 0 {
                    session = connection.initialize().await?;
                }
                let template = request::post(operation, era, address, session.as_deref())?;
                connection.template = template.apart(number);
                connection.check(operation).await?;
                opened.push(connection);
            }
            Ok::<_, Error>(opened)
        })?;
        Ok(Self {
            runtime,
            connections,
        })
    }

    /// Calls on all connections at once; the number of answered calls.
    pub(crate) fn run(&mut self, until: Until) -> Result<usize, Error> {
        let connections = std::mem::take(&mut self.connections);
        let (connections, calls) = self.runtime.block_on(async {
            let mut tasks = JoinSet::new();
            for connection in connections {
                tasks.spawn(connection.run(until));
            }
            let mut back = Vec::new();
            let mut calls = 0;
            while let Some(joined) = tasks.join_next().await {
                let (connection, answered) = joined??;
                back.push(connection);
                calls += answered;
            }
            Ok::<_, Error>((back, calls))
        })?;
        self.connections = connections;
        Ok(calls)
    }
}

/// The first request of an era on a fresh connection, answered.
pub(crate) fn first_answer(address: SocketAddr) -> Result<(), Error> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?;
    runtime.block_on(async {
        let mut connection = Connection::connect(address).await?;
        let request = request::first_post(Era::Stateless, address);
        connection.exchange(&request).await?.success(&request)
    })
}

impl Connection {
    async fn connect(address: SocketAddr) -> Result<Self, Error> {
        let stream = TcpStream::connect(address).await?;
        stream.set_nodelay(true)?;
        let template = request::post(Operation::Add, Era::Stateless, address, None)?;
        Ok(Self {
            stream,
            template,
            buffer: Vec::with_capacity(64 * 1024),
        })
    }

    /// Opens a session; its id, if the server has such.
    async fn initialize(&mut self) -> Result<Option<String>, Error> {
        let address = self.stream.peer_addr()?;
        let request = request::first_post(Era::Session, address);
        let response = self.exchange(&request).await?;
        response.success(&request)?;
        let session = response.header("mcp-session-id").map(str::to_owned);
        let request = request::initialized_post(address, session.as_deref());
        self.exchange(&request).await?.success(&request)?;
        Ok(session)
    }

    /// Makes one call and looks at the answer.
    async fn check(&mut self, operation: Operation) -> Result<(), Error> {
        let request = self.template.next().to_vec();
        let response = self.exchange(&request).await?;
        response.success(&request)?;
        if !response.body().contains(operation.sign()) {
            return Err(format!("a wrong answer: {}", response.body()).into());
        }
        Ok(())
    }

    async fn run(mut self, until: Until) -> Result<(Self, usize), Error> {
        let mut template = self.template.clone();
        let mut calls = 0;
        while !until.is_over(calls) {
            let response = self.exchange(template.next()).await?;
            if !response.bytes.starts_with(b"HTTP/1.1 200") {
                return Err("an answer without success under load".into());
            }
            calls += 1;
        }
        self.template = template;
        Ok((self, calls))
    }

    /// Writes a request and reads the response to its end.
    async fn exchange(&mut self, request: &[u8]) -> Result<Response<'_>, Error> {
        self.stream.write_all(request).await?;
        self.buffer.clear();
        loop {
            if self.stream.read_buf(&mut self.buffer).await? == 0 {
                return Err("the server closed the connection".into());
            }
            if let Some(head) = complete(&self.buffer) {
                return Ok(Response {
                    bytes: &self.buffer,
                    head,
                });
            }
        }
    }
}

/// The length of the head, once the whole response is there.
fn complete(bytes: &[u8]) -> Option<usize> {
    let head = bytes
        .windows(4)
        .take(8 * 1024)
        .position(|window| window == b"\r\n\r\n")?
        + 4;
    let text = std::str::from_utf8(&bytes[..head]).ok()?;
    let is_whole = match header(text, "content-length") {
        Some(length) => bytes.len() - head >= length.parse::<usize>().ok()?,
        None if header(text, "transfer-encoding").is_some() => bytes.ends_with(b"0\r\n\r\n"),
        None => true,
    };
    is_whole.then_some(head)
}

fn header<'a>(head: &'a str, name: &str) -> Option<&'a str> {
    head.lines().skip(1).find_map(|line| {
        let (found, value) = line.split_once(':')?;
        found.eq_ignore_ascii_case(name).then(|| value.trim())
    })
}

/// A response as it came.
#[derive(Debug)]
struct Response<'a> {
    bytes: &'a [u8],
    head: usize,
}

impl Response<'_> {
    fn header(&self, name: &str) -> Option<&str> {
        header(std::str::from_utf8(&self.bytes[..self.head]).ok()?, name)
    }

    fn body(&self) -> std::borrow::Cow<'_, str> {
        String::from_utf8_lossy(&self.bytes[self.head..])
    }

    fn success(&self, request: &[u8]) -> Result<(), Error> {
        if self.bytes.starts_with(b"HTTP/1.1 2") {
            return Ok(());
        }
        let request = String::from_utf8_lossy(&request[..request.len().min(1_000)]).into_owned();
        let response = String::from_utf8_lossy(self.bytes);
        Err(format!("no success:\n{response}\nto\n{request}").into())
    }
}
