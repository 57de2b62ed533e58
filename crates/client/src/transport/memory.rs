//! A server value in this process, without bytes on a wire in between.

use std::fmt;

use purlin_core::transport::memory::{self, MemoryLink};
use purlin_core::{Origin, Server, TransportKind};

use super::Transport;
use crate::error::ClientError;
use crate::{BoxFuture, Result};

/// A connection to a [`Server`] in this process. Every message still goes through the server's
/// real parser, dispatch and encoder.
pub struct Memory(MemoryLink);

impl Memory {
    /// Connects to the server, starting it if nobody has.
    ///
    /// # Errors
    /// When the server cannot be started.
    pub async fn connect(server: &Server) -> Result<Self> {
        Self::connect_from(server, Origin::new(TransportKind::Memory)).await
    }

    /// The same for messages that come from elsewhere: from a known caller,
    /// through a transport of another kind.
    ///
    /// # Errors
    /// As [`connect`](Self::connect).
    pub async fn connect_from(server: &Server, origin: Origin) -> Result<Self> {
        memory::connect_from(server, origin)
            .await
            .map(Self)
            .map_err(|error| ClientError::transport("starting the server", error))
    }
}

impl Transport for Memory {
    fn send(&self, message: Vec<u8>) {
        self.0.send(message);
    }

    fn recv(&self) -> BoxFuture<'_, Result<Option<Vec<u8>>>> {
        Box::pin(async { Ok(self.0.recv().await) })
    }
}

impl fmt::Debug for Memory {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Memory").finish_non_exhaustive()
    }
}
