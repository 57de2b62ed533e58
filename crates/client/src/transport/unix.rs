//! A server behind a Unix socket.

use std::path::{Path, PathBuf};

use tokio::net::UnixStream;

use super::Lines;
use crate::Result;
use crate::error::ClientError;

/// The path of a Unix socket where a server takes one message per line.
///
/// ```no_run
/// # async fn example() -> Result<(), purlin_client::ClientError> {
/// use purlin_client::{Client, transport::UnixSocket};
///
/// let client = Client::connect(UnixSocket::new("/run/weather.sock")).await?;
/// # Ok(()) }
/// ```
#[derive(Clone, Debug)]
pub struct UnixSocket(PathBuf);

impl UnixSocket {
    /// The socket at this path.
    pub fn new(path: impl AsRef<Path>) -> Self {
        Self(path.as_ref().to_path_buf())
    }

    /// Connects to it.
    ///
    /// # Errors
    /// When nobody listens there.
    pub async fn connect(&self) -> Result<Lines> {
        let stream = UnixStream::connect(&self.0).await.map_err(|error| {
            ClientError::transport(format!("connecting to {}", self.0.display()), error)
        })?;
        let (reader, writer) = stream.into_split();
        Ok(Lines::new(reader, writer))
    }
}
