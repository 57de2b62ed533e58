//! What a transport knows about where a message came from.

use std::{fmt, sync::Arc};

use super::Extensions;
use crate::server::Link;

/// How a message arrived.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum TransportKind {
    /// Over standard input and output.
    Stdio,
    /// Over HTTP.
    Http,
    /// Inside this process.
    Memory,
}

/// Where a message came from. Cheap to clone.
#[derive(Clone)]
pub struct Origin {
    transport: TransportKind,
    extensions: Option<Arc<Extensions>>,
    link: Option<Arc<Link>>,
}

impl fmt::Debug for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Origin")
            .field("transport", &self.transport)
            .finish_non_exhaustive()
    }
}

impl Origin {
    /// A message of this kind of transport.
    pub fn new(transport: TransportKind) -> Self {
        Self {
            transport,
            extensions: None,
            link: None,
        }
    }

    /// Adds what the transport found out (a principal, HTTP headers). Handlers
    /// find it by type.
    pub fn with_extensions(mut self, extensions: Arc<Extensions>) -> Self {
        self.extensions = Some(extensions);
        self
    }

    /// Ties the message to a connection on which requests are cancelled by
    /// notification.
    pub(crate) fn with_link(mut self, link: Arc<Link>) -> Self {
        self.link = Some(link);
        self
    }

    /// How the message arrived.
    pub fn transport(&self) -> TransportKind {
        self.transport
    }

    /// What the transport found out about the caller.
    pub fn extensions(&self) -> Option<&Extensions> {
        self.extensions.as_deref()
    }

    pub(crate) fn link(&self) -> Option<&Arc<Link>> {
        self.link.as_ref()
    }
}
