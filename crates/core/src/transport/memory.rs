//! A client inside this process: messages in, messages out, nothing between.

use std::sync::Arc;

use tokio::{runtime::Handle, sync::mpsc};

use super::{Driver, Sink};
use crate::{
    BoxFuture, Result, Server,
    context::{Origin, TransportKind},
};

/// One end of a connection to a server in this process.
///
/// Messages are JSON-RPC texts, as on every transport. Dropping it ends the
/// connection.
pub struct MemoryLink {
    driver: Driver<Outgoing>,
    incoming: tokio::sync::Mutex<mpsc::UnboundedReceiver<Vec<u8>>>,
    outgoing: Arc<Outgoing>,
    server: Server,
    runtime: Handle,
}

impl std::fmt::Debug for MemoryLink {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("MemoryLink")
            .field("server", &self.server)
            .finish_non_exhaustive()
    }
}

struct Outgoing(mpsc::UnboundedSender<Vec<u8>>);

impl Sink for Outgoing {
    fn send(&self, message: Vec<u8>) {
        // A client that has gone needs no message.
        let _ = self.0.send(message);
    }

    fn room(&self) -> BoxFuture<'_, ()> {
        Box::pin(std::future::ready(()))
    }
}

/// Connects to a server in this process, starting it if nobody has.
///
/// # Errors
/// When the server cannot be started; see [`Server::start`].
///
/// # Panics
/// Outside of a tokio runtime.
pub async fn connect(server: &Server) -> Result<MemoryLink> {
    connect_from(server, Origin::new(TransportKind::Memory)).await
}

/// The same for messages that come from elsewhere: from a known caller, through
/// a transport of another kind.
///
/// ```
/// use purlin_core::{Origin, Principal, Server, TransportKind, transport::memory};
///
/// # async fn example(server: &Server) -> purlin_core::Result<()> {
/// let alice = Principal::new("alice").with_scopes(["orders:read"]);
/// let origin = Origin::new(TransportKind::Http).with_principal(alice);
/// let link = memory::connect_from(server, origin).await?;
/// # Ok(())
/// # }
/// ```
///
/// # Errors
/// As [`connect`].
///
/// # Panics
/// Outside of a tokio runtime.
pub async fn connect_from(server: &Server, origin: Origin) -> Result<MemoryLink> {
    server.start().await?;
    let (sender, receiver) = mpsc::unbounded_channel();
    let outgoing = Arc::new(Outgoing(sender));
    let runtime = Handle::current();
    let driver = Driver::new(
        server.clone(),
        origin,
        Arc::clone(&outgoing),
        runtime.clone(),
    );
    Ok(MemoryLink {
        driver,
        incoming: tokio::sync::Mutex::new(receiver),
        outgoing,
        server: server.clone(),
        runtime,
    })
}

impl MemoryLink {
    /// Sends one message. A request that needs no waiting is served before this
    /// returns; its answer is then what [`recv`](Self::recv) gives.
    pub fn send(&self, message: Vec<u8>) {
        self.driver
            .handle(message, &mut |answer| self.outgoing.send(answer));
    }

    /// The next message from the server; `None` when the connection has ended.
    pub async fn recv(&self) -> Option<Vec<u8>> {
        self.incoming.lock().await.recv().await
    }
}

impl Drop for MemoryLink {
    fn drop(&mut self) {
        self.driver.close();
        let server = self.server.clone();
        self.runtime.spawn(async move { server.stop().await });
    }
}
