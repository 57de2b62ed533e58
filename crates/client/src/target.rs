//! What a client can be connected to.

use std::fmt;
use std::future::Future;
use std::sync::Arc;

use purlin_core::{Origin, Server};

use crate::Result;
use crate::transport::{Memory, Transport};

/// Something a [`Client`](crate::Client) can be connected to: a transport, a
/// [`Command`](crate::transport::Command), a URL, a [`Server`] value.
#[diagnostic::on_unimplemented(
    message = "a client cannot be connected to `{Self}`",
    note = "give a URL as `&str`, a `Command`, a `Server`, an `&Entry` of a `Config`, or `Connection::new(transport)`"
)]
pub trait Target: Send {
    /// Opens the connection. Called inside a tokio runtime.
    ///
    /// # Errors
    /// When there is nothing to connect to: the command does not start, the URL is none.
    fn open(self) -> impl Future<Output = Result<Connection>> + Send;
}

/// An open connection, ready for the protocol.
pub struct Connection(pub(crate) Wire);

pub(crate) enum Wire {
    Duplex(Arc<dyn Transport>),
    #[cfg(feature = "http")]
    Http(Box<crate::http::HttpEndpoint>),
}

impl Connection {
    /// A connection over any message pair.
    pub fn new(transport: impl Transport) -> Self {
        Self(Wire::Duplex(Arc::new(transport)))
    }

    /// The address that tells the server from others, if it has one.
    pub(crate) fn address(&self) -> Option<&str> {
        match &self.0 {
            Wire::Duplex(_) => None,
            #[cfg(feature = "http")]
            Wire::Http(endpoint) => Some(endpoint.url()),
        }
    }
}

impl fmt::Debug for Connection {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self.0 {
            Wire::Duplex(_) => "Connection::Duplex",
            #[cfg(feature = "http")]
            Wire::Http(_) => "Connection::Http",
        })
    }
}

impl Target for Connection {
    async fn open(self) -> Result<Connection> {
        Ok(self)
    }
}

impl Target for crate::transport::PairEnd {
    async fn open(self) -> Result<Connection> {
        Ok(Connection::new(self))
    }
}

impl Target for &Server {
    async fn open(self) -> Result<Connection> {
        Ok(Connection::new(Memory::connect(self).await?))
    }
}

impl Target for (Server, Origin) {
    async fn open(self) -> Result<Connection> {
        let (server, origin) = self;
        Ok(Connection::new(
            Memory::connect_from(&server, origin).await?,
        ))
    }
}

impl Target for Server {
    async fn open(self) -> Result<Connection> {
        (&self).open().await
    }
}

#[cfg(feature = "process")]
impl Target for crate::transport::Command {
    async fn open(self) -> Result<Connection> {
        Ok(Connection::new(self.spawn()?))
    }
}

#[cfg(any(feature = "process", feature = "unix"))]
impl Target for crate::transport::Lines {
    async fn open(self) -> Result<Connection> {
        Ok(Connection::new(self))
    }
}

#[cfg(all(unix, feature = "unix"))]
impl Target for crate::transport::UnixSocket {
    async fn open(self) -> Result<Connection> {
        Ok(Connection::new(self.connect().await?))
    }
}

#[cfg(feature = "http")]
impl Target for crate::http::HttpEndpoint {
    async fn open(self) -> Result<Connection> {
        Ok(Connection(Wire::Http(Box::new(self))))
    }
}

#[cfg(feature = "http")]
impl Target for &str {
    async fn open(self) -> Result<Connection> {
        crate::http::HttpEndpoint::new(self)?.open().await
    }
}

#[cfg(feature = "http")]
impl Target for String {
    async fn open(self) -> Result<Connection> {
        self.as_str().open().await
    }
}
