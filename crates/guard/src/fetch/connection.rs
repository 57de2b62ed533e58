//! A connection that requests are sent over, one after the other.

use std::future::{Future, poll_fn};
use std::io;
use std::net::SocketAddr;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Poll, ready};

use bytes::Bytes;
use http::Method;
use http_body_util::Full;
use hyper::client::conn::http1::{self, SendRequest};
use hyper_util::rt::TokioIo;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

use super::dial::Wire;
use super::exchange::protocol;
use super::{FetchError, Limits};

/// A connection with HTTP/1.1 on it. Nobody but its owner drives it: dropping it closes it.
pub(super) struct Connection {
    pub(super) sender: SendRequest<Full<Bytes>>,
    pub(super) work: Work,
    traffic: Arc<Traffic>,
    to: SocketAddr,
    used: bool,
}

/// What hyper does on a connection, which ends once.
pub(super) struct Work(Option<Pin<Box<dyn Future<Output = hyper::Result<()>> + Send>>>);

/// What went over a connection since the last request was begun.
#[derive(Debug, Default)]
struct Traffic {
    sent: AtomicBool,
    heard: AtomicBool,
}

impl Connection {
    /// Speaks HTTP/1.1 over a connection to an address.
    ///
    /// # Errors
    /// `protocol`.
    pub(super) async fn open(
        wire: Box<dyn Wire>,
        to: SocketAddr,
        limits: &Limits,
    ) -> Result<Self, FetchError> {
        let traffic = Arc::<Traffic>::default();
        let watched = Metered {
            wire,
            traffic: Arc::clone(&traffic),
        };
        let (sender, connection) = http1::Builder::new()
            .max_headers(limits.fields)
            .max_header_size(limits.head)
            .max_buf_size(limits.head.max(8192))
            .handshake(TokioIo::new(watched))
            .await
            .map_err(protocol)?;
        Ok(Self {
            sender,
            work: Work(Some(Box::pin(connection))),
            traffic,
            to,
            used: false,
        })
    }

    /// The address at the other end.
    pub(super) fn to(&self) -> SocketAddr {
        self.to
    }

    /// Takes it for another request.
    pub(super) fn reuse(mut self) -> Self {
        self.used = true;
        self.traffic.sent.store(false, Ordering::Relaxed);
        self.traffic.heard.store(false, Ordering::Relaxed);
        self
    }

    /// Whether a request that failed may be sent again over another connection: this one had
    /// been used before, not a byte of an answer came, and the request may be repeated
    /// (RFC 9110, section 9.2.2) or never left.
    pub(super) fn permits_another_try(&self, method: &Method) -> bool {
        let sent = self.traffic.sent.load(Ordering::Relaxed);
        let heard = self.traffic.heard.load(Ordering::Relaxed);
        self.used && !heard && (method.is_safe() || !sent)
    }

    /// Whether it waits for a request, and nothing else: it is not closed, and nobody said
    /// anything that was not asked for.
    pub(super) fn poll_quiet(&mut self, task: &mut Context<'_>) -> bool {
        let is_open = Pin::new(&mut self.work).poll(task).is_pending();
        is_open && self.sender.is_ready()
    }

    /// The same for now, without a wait.
    pub(super) async fn is_quiet(&mut self) -> bool {
        poll_fn(|task| Poll::Ready(self.poll_quiet(task))).await
    }
}

impl Future for Work {
    type Output = ();

    fn poll(mut self: Pin<&mut Self>, task: &mut Context<'_>) -> Poll<()> {
        if let Some(work) = &mut self.0 {
            // What came of it, whoever waits for an answer is told.
            let _ = ready!(work.as_mut().poll(task));
            self.0 = None;
        }
        Poll::Ready(())
    }
}

impl std::fmt::Debug for Connection {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Connection")
            .field("to", &self.to)
            .finish_non_exhaustive()
    }
}

/// A connection whose traffic is noted.
struct Metered {
    wire: Box<dyn Wire>,
    traffic: Arc<Traffic>,
}

impl AsyncRead for Metered {
    fn poll_read(
        mut self: Pin<&mut Self>,
        task: &mut Context<'_>,
        into: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let before = into.filled().len();
        ready!(Pin::new(&mut self.wire).poll_read(task, into))?;
        if into.filled().len() > before {
            self.traffic.heard.store(true, Ordering::Relaxed);
        }
        Poll::Ready(Ok(()))
    }
}

impl AsyncWrite for Metered {
    fn poll_write(
        mut self: Pin<&mut Self>,
        task: &mut Context<'_>,
        from: &[u8],
    ) -> Poll<io::Result<usize>> {
        // Noted before: what fails may have left all the same.
        self.traffic.sent.store(true, Ordering::Relaxed);
        Pin::new(&mut self.wire).poll_write(task, from)
    }

    fn poll_flush(mut self: Pin<&mut Self>, task: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.wire).poll_flush(task)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, task: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.wire).poll_shutdown(task)
    }
}
