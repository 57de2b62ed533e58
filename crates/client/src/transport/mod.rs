//! Connections are message pairs: one way to send a message, one way to receive the next.

#[cfg(any(feature = "process", feature = "unix"))]
mod lines;
mod memory;
mod pair;
#[cfg(feature = "process")]
mod process;
pub(crate) mod queue;
#[cfg(all(unix, feature = "unix"))]
mod unix;

#[cfg(any(feature = "process", feature = "unix"))]
pub use lines::Lines;
pub use memory::Memory;
pub use pair::{PairEnd, pair};
#[cfg(feature = "process")]
pub use process::{Child, Command};
#[cfg(all(unix, feature = "unix"))]
pub use unix::UnixSocket;

use crate::{BoxFuture, Result};

/// A connection that carries whole JSON-RPC messages in order.
///
/// Streamable HTTP is no such thing (there each request has a stream of its own) and has its own
/// way in: [`HttpEndpoint`](crate::http::HttpEndpoint).
///
/// Dropping the transport closes the connection.
pub trait Transport: Send + Sync + 'static {
    /// Takes one message (without a line end), in order, and never waits: a transport whose wire
    /// is busy keeps the message. A message that cannot be delivered shows in [`recv`](Self::recv).
    ///
    /// Not waiting is what lets a dropped call still tell the server that it is cancelled. A client
    /// sends only that so, at most once for each request that was taken by
    /// [`enqueue`](Self::enqueue).
    fn send(&self, message: Vec<u8>);

    /// The same for everything else: waits while more than the transport wants to keep is waiting to
    /// be sent. Must be cancel-safe: dropped before it is ready, the message is not sent. Ends
    /// when the connection does.
    ///
    /// The transports of this crate keep 4 MiB, or 4,096 messages; a larger message is kept alone. A
    /// call that waits for room does so within its time. By default, [`send`](Self::send).
    fn enqueue(&self, message: Vec<u8>) -> BoxFuture<'_, ()> {
        self.send(message);
        Box::pin(async {})
    }

    /// The next message; `None` once the peer has closed. Must be cancel-safe. One at a time.
    fn recv(&self) -> BoxFuture<'_, Result<Option<Vec<u8>>>>;

    /// Closes in good order, within a bounded time. Nothing to do by default.
    fn close(&self) -> BoxFuture<'_, ()> {
        Box::pin(async {})
    }
}
