//! A handle that does not keep its server.

use std::fmt;
use std::sync::Weak;

use super::{Inner, Server};

/// A [`Server`] that may be gone; for work that a server is not to be kept for.
#[derive(Clone)]
pub struct WeakServer(Weak<Inner>);

impl Server {
    /// A handle that does not keep the server.
    pub fn downgrade(&self) -> WeakServer {
        WeakServer(std::sync::Arc::downgrade(&self.0))
    }
}

impl WeakServer {
    /// The server, unless its last handle is gone.
    pub fn upgrade(&self) -> Option<Server> {
        self.0.upgrade().map(Server)
    }
}

impl fmt::Debug for WeakServer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("WeakServer").field(&self.upgrade()).finish()
    }
}
