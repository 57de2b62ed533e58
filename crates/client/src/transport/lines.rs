//! One message per line, the framing of standard streams, over any pair of byte streams.

use std::fmt;

use tokio::io::{AsyncBufReadExt, AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt, BufReader};
use tokio::sync::{Mutex, mpsc};
use tokio::task::JoinSet;

use super::Transport;
use super::queue::{Queue, Queued, queue};
use crate::error::ClientError;
use crate::{BoxFuture, Result};

/// The longest line that is accepted, if nobody says otherwise.
pub(super) const MAX_MESSAGE: usize = 16 << 20;

/// A connection that carries one message per line.
///
/// ```
/// # async fn example() -> Result<(), purlin_client::ClientError> {
/// use purlin_client::transport::Lines;
/// use purlin_client::{Client, Connection};
///
/// let (ours, _theirs) = tokio::io::duplex(1024);
/// let (reader, writer) = tokio::io::split(ours);
/// let client = Client::connect(Connection::new(Lines::new(reader, writer))).await?;
/// # Ok(()) }
/// ```
pub struct Lines {
    outgoing: Queue,
    incoming: Mutex<mpsc::Receiver<Result<Vec<u8>>>>,
    _pumps: JoinSet<()>,
}

impl Lines {
    /// Reads from one stream and writes to the other.
    ///
    /// # Panics
    /// Outside a tokio runtime.
    pub fn new(
        reader: impl AsyncRead + Send + Unpin + 'static,
        writer: impl AsyncWrite + Send + Unpin + 'static,
    ) -> Self {
        let (outgoing, to_write) = queue();
        let (deliver, incoming) = mpsc::channel(64);
        let mut pumps = JoinSet::new();
        pumps.spawn(read(reader, deliver, MAX_MESSAGE));
        pumps.spawn(write(writer, to_write.messages));
        Self {
            outgoing,
            incoming: Mutex::new(incoming),
            _pumps: pumps,
        }
    }
}

impl Transport for Lines {
    fn send(&self, message: Vec<u8>) {
        self.outgoing.push(message);
    }

    fn enqueue(&self, message: Vec<u8>) -> BoxFuture<'_, ()> {
        self.outgoing.enqueue(message)
    }

    fn recv(&self) -> BoxFuture<'_, Result<Option<Vec<u8>>>> {
        Box::pin(async { self.incoming.lock().await.recv().await.transpose() })
    }

    fn close(&self) -> BoxFuture<'_, ()> {
        self.outgoing.close();
        Box::pin(async {})
    }
}

impl fmt::Debug for Lines {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Lines").finish_non_exhaustive()
    }
}

/// Delivers line by line, to the very end of the stream.
pub(super) async fn read(
    reader: impl AsyncRead + Unpin,
    deliver: mpsc::Sender<Result<Vec<u8>>>,
    limit: usize,
) {
    let mut lines = BufReader::with_capacity(64 << 10, reader);
    loop {
        let mut line = Vec::new();
        let most = u64::try_from(limit).unwrap_or(u64::MAX).saturating_add(1);
        match (&mut lines).take(most).read_until(b'\n', &mut line).await {
            Ok(0) => return,
            Ok(_) if line.len() > limit => {
                let error = ClientError::protocol(format!("a line longer than {limit} bytes"));
                return drop(deliver.send(Err(error)).await);
            }
            Ok(_) => {}
            Err(error) => {
                let error = ClientError::transport("reading from the server", error);
                return drop(deliver.send(Err(error)).await);
            }
        }
        line.truncate(line.trim_ascii_end().len());
        if !line.is_empty() && deliver.send(Ok(line)).await.is_err() {
            return;
        }
    }
}

/// Joins messages into as few writes as possible.
pub(super) fn join(batch: &[Queued]) -> Vec<u8> {
    let length = batch.iter().map(|queued| queued.message.len() + 1).sum();
    let mut bytes = Vec::with_capacity(length);
    for queued in batch {
        bytes.extend_from_slice(&queued.message);
        bytes.push(b'\n');
    }
    bytes
}

async fn write(mut writer: impl AsyncWrite + Unpin, mut to_write: mpsc::UnboundedReceiver<Queued>) {
    let mut batch = Vec::new();
    while to_write.recv_many(&mut batch, 64).await > 0 {
        let bytes = join(&batch);
        // A peer that does not listen shows as the end of what it says.
        if writer.write_all(&bytes).await.is_err() || writer.flush().await.is_err() {
            return;
        }
        batch.clear();
    }
    let _ = writer.shutdown().await;
}
