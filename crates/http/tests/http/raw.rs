//! A client that sends exactly the bytes it is told to.

use std::{collections::VecDeque, net::SocketAddr};

use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
};

/// One raw connection.
pub(crate) struct Raw {
    stream: TcpStream,
    buffer: Vec<u8>,
}

/// The head of an answer.
#[derive(Debug)]
pub(crate) struct Head {
    pub(crate) status: u16,
    pub(crate) fields: Vec<(String, String)>,
}

impl Head {
    pub(crate) fn field(&self, name: &str) -> Option<&str> {
        let field = self
            .fields
            .iter()
            .find(|(found, _)| found.eq_ignore_ascii_case(name));
        field.map(|(_, value)| value.as_str())
    }
}

/// One server-sent event.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub(crate) struct Event {
    pub(crate) id: Option<String>,
    pub(crate) kind: String,
    pub(crate) retry: Option<String>,
    pub(crate) data: String,
}

impl Raw {
    pub(crate) async fn connect(address: SocketAddr) -> Self {
        let stream = TcpStream::connect(address).await.unwrap();
        Self {
            stream,
            buffer: Vec::new(),
        }
    }

    pub(crate) async fn send(&mut self, bytes: impl AsRef<[u8]>) {
        self.stream.write_all(bytes.as_ref()).await.unwrap();
    }

    /// Sends bytes to a peer that may close at any time; the status of its
    /// answer, if there is one.
    pub(crate) async fn attempt(address: SocketAddr, bytes: &str) -> Option<u16> {
        let mut raw = Self::connect(address).await;
        raw.stream.write_all(bytes.as_bytes()).await.ok()?;
        Some(raw.head().await?.status)
    }

    /// Reads more; false at the end of the connection.
    async fn fill(&mut self) -> bool {
        self.stream
            .read_buf(&mut self.buffer)
            .await
            .is_ok_and(|count| count > 0)
    }

    /// Waits until the server closes the connection.
    pub(crate) async fn closed(&mut self) {
        while self.fill().await {}
    }

    async fn line(&mut self) -> Option<String> {
        loop {
            if let Some(end) = self.buffer.windows(2).position(|pair| pair == b"\r\n") {
                let line = String::from_utf8(self.buffer.drain(..end).collect()).unwrap();
                self.buffer.drain(..2);
                return Some(line);
            }
            if !self.fill().await {
                return None;
            }
        }
    }

    async fn exactly(&mut self, count: usize) -> Option<Vec<u8>> {
        while self.buffer.len() < count {
            if !self.fill().await {
                return None;
            }
        }
        Some(self.buffer.drain(..count).collect())
    }

    /// Reads the head of an answer; `None` if the connection ends before one.
    pub(crate) async fn head(&mut self) -> Option<Head> {
        let first = self.line().await?;
        let status = first.split(' ').nth(1).unwrap().parse().unwrap();
        let mut fields = Vec::new();
        loop {
            let line = self.line().await?;
            let Some((name, value)) = line.split_once(':') else {
                return Some(Head { status, fields });
            };
            fields.push((name.to_owned(), value.trim().to_owned()));
        }
    }

    async fn chunk(&mut self) -> Option<Vec<u8>> {
        let size = usize::from_str_radix(&self.line().await?, 16).unwrap();
        let chunk = self.exactly(size).await?;
        self.exactly(2).await?;
        (size > 0).then_some(chunk)
    }

    /// Reads one chunk of a body as text.
    pub(crate) async fn text_chunk(&mut self) -> String {
        String::from_utf8(self.chunk().await.expect("a chunk")).unwrap()
    }

    /// Reads a whole answer.
    pub(crate) async fn answer(&mut self) -> (Head, String) {
        let head = self.head().await.expect("an answer");
        let mut body = Vec::new();
        if let Some(length) = head.field("content-length") {
            body = self.exactly(length.parse().unwrap()).await.unwrap();
        } else if head.field("transfer-encoding") == Some("chunked") {
            while let Some(chunk) = self.chunk().await {
                body.extend(chunk);
            }
        }
        (head, String::from_utf8(body).unwrap())
    }
}

/// The events of a chunked answer, as they arrive.
pub(crate) struct Events {
    raw: Raw,
    text: String,
    ready: VecDeque<Event>,
}

impl Events {
    /// The events of the answer whose head was just read.
    pub(crate) fn of(raw: Raw) -> Self {
        Self {
            raw,
            text: String::new(),
            ready: VecDeque::new(),
        }
    }

    /// The next event; `None` at the end of the stream.
    pub(crate) async fn next(&mut self) -> Option<Event> {
        loop {
            if let Some(event) = self.ready.pop_front() {
                return Some(event);
            }
            let chunk = self.raw.chunk().await?;
            self.text.push_str(std::str::from_utf8(&chunk).unwrap());
            while let Some(end) = self.text.find("\n\n") {
                let block: String = self.text.drain(..end + 2).collect();
                self.ready.extend(parse(&block));
            }
        }
    }
}

impl Events {
    /// All events to the end of the stream.
    pub(crate) async fn rest(mut self) -> Vec<Event> {
        let mut events = Vec::new();
        while let Some(event) = self.next().await {
            events.push(event);
        }
        events
    }
}

/// All events of a text.
pub(crate) fn events(text: &str) -> Vec<Event> {
    text.split_inclusive("\n\n").filter_map(parse).collect()
}

fn parse(block: &str) -> Option<Event> {
    let mut event = Event {
        kind: "message".into(),
        ..Event::default()
    };
    let mut any = false;
    for line in block.lines() {
        let Some((name, value)) = line.split_once(':').filter(|(name, _)| !name.is_empty()) else {
            continue;
        };
        any = true;
        let value = value.strip_prefix(' ').unwrap_or(value);
        match name {
            "id" => event.id = Some(value.into()),
            "event" => event.kind = value.into(),
            "retry" => event.retry = Some(value.into()),
            "data" => event.data.push_str(value),
            _ => {}
        }
    }
    any.then_some(event)
}

/// The text of a POST to the endpoint with these extra header lines.
pub(crate) fn post(headers: &[(&str, &str)], body: &str) -> String {
    let mut text = String::from("POST /mcp HTTP/1.1\r\n");
    let defaults = [
        ("Host", "localhost"),
        ("Content-Type", "application/json"),
        ("Accept", "application/json, text/event-stream"),
    ];
    let given = |name: &str| {
        headers
            .iter()
            .any(|(found, _)| found.eq_ignore_ascii_case(name))
    };
    for (name, value) in defaults
        .iter()
        .filter(|(name, _)| !given(name))
        .chain(headers)
    {
        // An empty value leaves a default header out.
        if !value.is_empty() {
            text.push_str(&format!("{name}: {value}\r\n"));
        }
    }
    text.push_str(&format!("Content-Length: {}\r\n\r\n{body}", body.len()));
    text
}
