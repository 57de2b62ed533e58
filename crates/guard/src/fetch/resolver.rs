//! Looking names up.

use std::fmt::Debug;
use std::io;
use std::net::{IpAddr, SocketAddr};

use tokio::sync::Semaphore;

use super::BoxFuture;

/// Whoever knows the addresses of names. It is asked once for each hop, and nobody else is.
pub trait Resolver: Debug + Send + Sync + 'static {
    /// All addresses of a name, the best first.
    ///
    /// # Errors
    /// When the name is not known, or nobody can be asked.
    ///
    /// # Cancellation
    /// Dropping the future ends the wait.
    fn resolve<'a>(&'a self, name: &'a str) -> BoxFuture<'a, io::Result<Vec<IpAddr>>>;
}

/// How many lookups this machine may be at: each holds a thread until it answers.
const LOOKUPS: usize = 32;

/// Asks as this machine is configured to; 32 lookups at a time, the others wait.
#[derive(Debug)]
pub struct SystemResolver(Semaphore);

impl Default for SystemResolver {
    fn default() -> Self {
        Self(Semaphore::new(LOOKUPS))
    }
}

impl Resolver for SystemResolver {
    fn resolve<'a>(&'a self, name: &'a str) -> BoxFuture<'a, io::Result<Vec<IpAddr>>> {
        Box::pin(async move {
            let _turn = self.0.acquire().await.map_err(io::Error::other)?;
            let found = tokio::net::lookup_host((name, 0)).await?;
            Ok(found.map(|it: SocketAddr| it.ip()).collect())
        })
    }
}
