//! The two ways requests travel: many on one connection, or each as an HTTP exchange of its own.

mod duplex;
mod pending;

use std::future::Future;
use std::sync::Arc;
#[cfg(feature = "http")]
use std::sync::OnceLock;
use std::time::Duration;

use purlin_core::protocol::{ErrorObject, RawJson};
use purlin_core::wire::Revision;

pub(crate) use duplex::Duplex;
#[cfg(feature = "http")]
pub(crate) use duplex::cancelled;

use crate::Result;
use crate::error::ClientError;
use crate::inbox::Inbox;
use crate::target::{Connection, Wire};
use crate::tasks::Tasks;

/// One encoded request, with what a transport has to know about it.
// Without HTTP, nothing reads what is there for headers.
#[cfg_attr(not(feature = "http"), allow(dead_code))]
pub(crate) struct Outgoing<'a> {
    pub(crate) id: i64,
    pub(crate) method: &'a str,
    pub(crate) body: Vec<u8>,
    /// The revision it is written in; absent while none is agreed.
    pub(crate) revision: Option<Revision>,
    /// What it is about: a tool or prompt name, or a URI. HTTP says it in a header.
    pub(crate) name: Option<&'a str>,
    /// Arguments that the tool's schema wants as headers: name after `Mcp-Param-`, value.
    pub(crate) mirrored: Vec<(String, String)>,
    /// Whether the server is told when the caller stops waiting.
    pub(crate) cancellable: bool,
}

impl<'a> Outgoing<'a> {
    /// A request about nothing in particular, which is not taken back.
    pub(crate) fn plain(
        id: i64,
        method: &'a str,
        body: Vec<u8>,
        revision: Option<Revision>,
    ) -> Self {
        Self {
            id,
            method,
            body,
            revision,
            name: None,
            mirrored: Vec::new(),
            cancellable: false,
        }
    }
}

/// What a request was answered with.
pub(crate) type Reply = std::result::Result<RawJson, ErrorObject>;

pub(crate) enum Link {
    Duplex(Duplex),
    #[cfg(feature = "http")]
    Http(HttpLinks),
}

/// Streamable HTTP, or what came before it once a server turned out to speak only that.
#[cfg(feature = "http")]
pub(crate) struct HttpLinks {
    streamable: Arc<crate::http::HttpLink>,
    old: OnceLock<Duplex>,
    old_only: bool,
}

/// The way that requests take.
enum Way<'a> {
    Duplex(&'a Duplex),
    #[cfg(feature = "http")]
    Http(&'a Arc<crate::http::HttpLink>),
}

impl Link {
    /// # Errors
    /// When the connection cannot be prepared.
    pub(crate) fn new(
        connection: Connection,
        inbox: &Arc<Inbox>,
        tasks: &Arc<Tasks>,
    ) -> Result<Self> {
        Ok(match connection.0 {
            Wire::Duplex(transport) => Self::Duplex(Duplex::start(transport, inbox, tasks)),
            #[cfg(feature = "http")]
            Wire::Http(endpoint) => Self::Http(HttpLinks {
                old_only: endpoint.is_event_stream(),
                streamable: crate::http::HttpLink::new(*endpoint, inbox, tasks)?,
                old: OnceLock::new(),
            }),
        })
    }

    fn way(&self) -> Way<'_> {
        match self {
            Self::Duplex(duplex) => Way::Duplex(duplex),
            #[cfg(feature = "http")]
            Self::Http(links) => match links.old.get() {
                Some(duplex) => Way::Duplex(duplex),
                None => Way::Http(&links.streamable),
            },
        }
    }

    /// Whether the server is known to speak nothing newer than HTTP+SSE.
    pub(crate) fn is_old_only(&self) -> bool {
        match self {
            Self::Duplex(_) => false,
            #[cfg(feature = "http")]
            Self::Http(links) => links.old_only,
        }
    }

    /// Goes back to the transport of revision 2024-11-05.
    ///
    /// # Errors
    /// When the server has no such, or the connection is none over HTTP.
    pub(crate) async fn fall_back(&self, inbox: &Arc<Inbox>, tasks: &Arc<Tasks>) -> Result<()> {
        match self {
            Self::Duplex(_) => {
                _ = (inbox, tasks);
                Err(ClientError::unsupported("only HTTP has an older form"))
            }
            #[cfg(feature = "http")]
            Self::Http(links) => {
                let stream = Arc::new(links.streamable.old_stream().await?);
                links
                    .old
                    .get_or_init(|| Duplex::start(stream, inbox, tasks));
                Ok(())
            }
        }
    }

    /// Does the work within a time that does not run while credentials are obtained.
    ///
    /// # Errors
    /// `Timeout` when it takes longer.
    pub(crate) async fn within<F: Future>(&self, limit: Duration, work: F) -> Result<F::Output> {
        match self {
            Self::Duplex(_) => tokio::time::timeout(limit, work)
                .await
                .map_err(|_| ClientError::timeout(limit)),
            #[cfg(feature = "http")]
            Self::Http(links) => links.streamable.patience().within(limit, work).await,
        }
    }

    /// Sends a request and waits for its answer. Dropping the future cancels the request.
    pub(crate) async fn exchange(&self, request: Outgoing<'_>) -> Result<Reply> {
        match self.way() {
            Way::Duplex(duplex) => duplex.exchange(request).await,
            #[cfg(feature = "http")]
            Way::Http(http) => http.exchange(request).await,
        }
    }

    /// Sends a notification.
    pub(crate) async fn notify(&self, body: Vec<u8>, revision: Option<Revision>) -> Result<()> {
        match self.way() {
            Way::Duplex(duplex) => {
                let _ = revision;
                duplex.notify(body).await
            }
            #[cfg(feature = "http")]
            Way::Http(http) => http.notify(body, revision).await,
        }
    }

    /// A session is open: whatever a transport does for sessions may start.
    pub(crate) async fn session_opened(&self, revision: Revision) {
        match self.way() {
            Way::Duplex(_) => _ = revision,
            #[cfg(feature = "http")]
            Way::Http(http) => http.session_opened(revision).await,
        }
    }

    /// Tells sessions apart: each one that is opened has a higher number.
    pub(crate) fn session_number(&self) -> u64 {
        match self.way() {
            Way::Duplex(_) => 0,
            #[cfg(feature = "http")]
            Way::Http(http) => http.session_number(),
        }
    }

    /// Waits until a session is found lost that nobody makes a call in; gives its number.
    pub(crate) async fn session_lost(&self) -> u64 {
        match self.way() {
            Way::Duplex(_) => std::future::pending().await,
            #[cfg(feature = "http")]
            Way::Http(http) => http.session_lost().await,
        }
    }

    /// How often credentials were replaced by others.
    pub(crate) fn credentials(&self) -> u64 {
        match self {
            Self::Duplex(_) => 0,
            #[cfg(feature = "http")]
            Self::Http(links) => links.streamable.credentials(),
        }
    }

    /// Whether requests have headers beside their body.
    pub(crate) fn has_headers(&self) -> bool {
        !matches!(self.way(), Way::Duplex(_))
    }

    pub(crate) async fn close(&self) {
        match self.way() {
            Way::Duplex(duplex) => duplex.close().await,
            #[cfg(feature = "http")]
            Way::Http(http) => http.close().await,
        }
    }
}
