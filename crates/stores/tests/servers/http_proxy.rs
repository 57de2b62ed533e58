//! A proxy before a service over HTTP that swallows answers, or gives some of its own.

use std::{
    collections::VecDeque,
    net::SocketAddr,
    sync::{Arc, Mutex},
};

use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
    task::JoinHandle,
};

/// What becomes of a request.
#[derive(Debug, Clone)]
pub(crate) enum Fate {
    /// It arrives, and the connection breaks when the answer comes.
    AnswerLost,
    /// It does not arrive; this is the answer.
    Answered(String),
}

/// The proxy, until it is dropped.
pub(crate) struct HttpProxy {
    address: SocketAddr,
    fates: Fates,
    task: JoinHandle<()>,
}

/// What becomes of the next requests; after them all goes well.
type Fates = Arc<Mutex<VecDeque<Fate>>>;

impl HttpProxy {
    pub(crate) async fn before(server: SocketAddr) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let fates = Fates::default();
        let next = Arc::clone(&fates);
        let task = tokio::spawn(async move {
            while let Ok((client, _)) = listener.accept().await {
                tokio::spawn(exchange(client, server, Arc::clone(&next)));
            }
        });
        Self {
            address,
            fates,
            task,
        }
    }

    pub(crate) fn address(&self) -> SocketAddr {
        self.address
    }

    pub(crate) fn next(&self, fates: impl IntoIterator<Item = Fate>) {
        self.fates.lock().unwrap().extend(fates);
    }

    /// How many fates still wait for a request.
    pub(crate) fn waiting(&self) -> usize {
        self.fates.lock().unwrap().len()
    }
}

impl Drop for HttpProxy {
    fn drop(&mut self) {
        self.task.abort();
    }
}

/// One request and its answer; the connection ends with them.
async fn exchange(mut client: TcpStream, server: SocketAddr, fates: Fates) -> Option<()> {
    let request = message(&mut client).await?;
    let fate = fates.lock().unwrap().pop_front();
    let answer = match &fate {
        Some(Fate::Answered(answer)) => answer.clone().into_bytes(),
        Some(Fate::AnswerLost) | None => {
            let mut server = TcpStream::connect(server).await.ok()?;
            server.write_all(&request).await.ok()?;
            message(&mut server).await?
        }
    };
    if !matches!(fate, Some(Fate::AnswerLost)) {
        client.write_all(&answer).await.ok()?;
    }
    Some(())
}

/// A message with its body, whose length its head tells.
async fn message(stream: &mut TcpStream) -> Option<Vec<u8>> {
    let mut message = Vec::new();
    loop {
        if let Some(length) = full_length(&message)
            && message.len() >= length
        {
            return Some(message);
        }
        if stream.read_buf(&mut message).await.ok()? == 0 {
            return None;
        }
    }
}

fn full_length(message: &[u8]) -> Option<usize> {
    let head = message.windows(4).position(|end| end == b"\r\n\r\n")? + 4;
    let text = std::str::from_utf8(&message[..head]).ok()?;
    let length = text.lines().find_map(|line| {
        let (name, value) = line.split_once(':')?;
        name.eq_ignore_ascii_case("content-length")
            .then(|| value.trim().parse::<usize>().ok())?
    });
    Some(head + length.unwrap_or(0))
}
