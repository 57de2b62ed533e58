//! What a transport knows about where a message came from.

use std::{fmt, net::IpAddr, sync::Arc};

use super::{Extensions, Principal};
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
    principal: Option<Principal>,
    peer: Option<IpAddr>,
}

impl fmt::Debug for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Origin")
            .field("transport", &self.transport)
            .field("principal", &self.principal)
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
            principal: None,
            peer: None,
        }
    }

    /// Adds what the transport and the layers around it put into the request.
    /// Handlers find it by type; see [`Extension`](crate::Extension).
    pub fn with_extensions(mut self, extensions: Arc<Extensions>) -> Self {
        self.extensions = Some(extensions);
        self
    }

    /// Says who is calling. Only for what has been verified.
    pub fn with_principal(mut self, principal: Principal) -> Self {
        self.principal = Some(principal);
        self
    }

    /// Says which address the message came from. Callers without a principal are
    /// told apart by it.
    pub fn with_peer(mut self, peer: IpAddr) -> Self {
        self.peer = Some(peer);
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

    /// Who is calling, if that was verified.
    pub fn principal(&self) -> Option<&Principal> {
        self.principal.as_ref()
    }

    /// Whether the caller runs on this machine as we do, and nobody has said who
    /// it is: a client that started this process, or is part of it.
    pub(crate) fn is_local(&self) -> bool {
        self.principal.is_none() && self.transport != TransportKind::Http
    }

    /// The address the message came from, where there is one.
    pub fn peer(&self) -> Option<IpAddr> {
        self.peer
    }

    /// What the transport and the layers around it put into the request.
    pub fn extensions(&self) -> Option<&Extensions> {
        self.extensions.as_deref()
    }

    pub(crate) fn link(&self) -> Option<&Arc<Link>> {
        self.link.as_ref()
    }
}
