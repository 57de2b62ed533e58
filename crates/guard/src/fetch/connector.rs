//! Connections to addresses.

use std::fmt::Debug;
use std::io;
use std::net::SocketAddr;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::TcpStream;

use super::BoxFuture;

/// Whoever makes connections. It is given addresses alone, so it has nothing to look up.
pub trait Connector: Debug + Send + Sync + 'static {
    /// A connection to an address.
    ///
    /// # Errors
    /// When nobody takes it.
    ///
    /// # Cancellation
    /// Dropping the future gives up.
    fn connect(&self, to: SocketAddr) -> BoxFuture<'_, io::Result<BoxStream>>;
}

/// A connection.
pub type BoxStream = Box<dyn Stream>;

/// Bytes in both directions.
pub trait Stream: Send + Unpin + 'static {
    /// Reads what there is; 0 bytes are the end.
    ///
    /// # Errors
    /// When the connection broke.
    fn poll_read(&mut self, task: &mut Context<'_>, into: &mut [u8]) -> Poll<io::Result<usize>>;

    /// Writes as much as there is room for.
    ///
    /// # Errors
    /// When the connection broke.
    fn poll_write(&mut self, task: &mut Context<'_>, from: &[u8]) -> Poll<io::Result<usize>>;

    /// Sends what was written.
    ///
    /// # Errors
    /// When the connection broke.
    fn poll_flush(&mut self, task: &mut Context<'_>) -> Poll<io::Result<()>>;

    /// Ends what is sent.
    ///
    /// # Errors
    /// When the connection broke.
    fn poll_close(&mut self, task: &mut Context<'_>) -> Poll<io::Result<()>>;
}

/// TCP of this machine.
#[derive(Clone, Copy, Debug, Default)]
pub struct SystemConnector;

impl Connector for SystemConnector {
    fn connect(&self, to: SocketAddr) -> BoxFuture<'_, io::Result<BoxStream>> {
        Box::pin(async move {
            let stream = TcpStream::connect(to).await?;
            stream.set_nodelay(true)?;
            Ok(Box::new(stream) as BoxStream)
        })
    }
}

impl Stream for TcpStream {
    fn poll_read(&mut self, task: &mut Context<'_>, into: &mut [u8]) -> Poll<io::Result<usize>> {
        let mut buffer = ReadBuf::new(into);
        ready!(AsyncRead::poll_read(Pin::new(self), task, &mut buffer))?;
        Poll::Ready(Ok(buffer.filled().len()))
    }

    fn poll_write(&mut self, task: &mut Context<'_>, from: &[u8]) -> Poll<io::Result<usize>> {
        AsyncWrite::poll_write(Pin::new(self), task, from)
    }

    fn poll_flush(&mut self, task: &mut Context<'_>) -> Poll<io::Result<()>> {
        AsyncWrite::poll_flush(Pin::new(self), task)
    }

    fn poll_close(&mut self, task: &mut Context<'_>) -> Poll<io::Result<()>> {
        AsyncWrite::poll_shutdown(Pin::new(self), task)
    }
}

/// A connection, for those who speak tokio.
pub(super) struct Io(pub(super) BoxStream);

impl AsyncRead for Io {
    fn poll_read(
        mut self: Pin<&mut Self>,
        task: &mut Context<'_>,
        into: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let read = ready!(self.0.poll_read(task, into.initialize_unfilled()))?;
        if read > into.remaining() {
            return Poll::Ready(Err(io::Error::other(
                "more was read than there is room for",
            )));
        }
        into.advance(read);
        Poll::Ready(Ok(()))
    }
}

impl AsyncWrite for Io {
    fn poll_write(
        mut self: Pin<&mut Self>,
        task: &mut Context<'_>,
        from: &[u8],
    ) -> Poll<io::Result<usize>> {
        self.0.poll_write(task, from)
    }

    fn poll_flush(mut self: Pin<&mut Self>, task: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.0.poll_flush(task)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, task: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.0.poll_close(task)
    }
}
