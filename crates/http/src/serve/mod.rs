//! Hosting on hyper: a listener, its connections, and their end.

mod accept;
mod addresses;
mod connection;
mod ending;
mod error;
#[cfg(feature = "http2")]
mod http2;
mod pulse;
pub(crate) mod race;
mod signals;
mod socket;
#[cfg_attr(not(unix), path = "watch_elsewhere.rs")]
mod watch;

use std::{
    fmt, io,
    net::{SocketAddr, ToSocketAddrs},
    pin::Pin,
    time::Duration,
};

use purlin_core::{McpServer, Server};
use tokio::net::TcpListener;

pub use error::ServeError;

use crate::{HttpConfig, StreamableHttp};
use accept::Host;
use pulse::Patience;
use signals::Signals;

/// Serves a server at `address`, under the default settings, until the process
/// is asked to end (SIGTERM, SIGINT) or the server is shut down.
///
/// ```no_run
/// # async fn run(server: impl purlin_core::McpServer) -> Result<(), purlin_http::ServeError> {
/// purlin_http::serve(server, "127.0.0.1:8000").await
/// # }
/// ```
///
/// # Errors
/// As [`HttpServerBuilder::listen`].
pub async fn serve(server: impl McpServer, address: impl ToSocketAddrs) -> Result<(), ServeError> {
    HttpServer::builder(server).bind(address).serve().await
}

/// How an [`HttpServer`] is hosted.
#[must_use = "a builder does nothing until it listens"]
pub struct HttpServerBuilder {
    server: Server,
    config: HttpConfig,
    addresses: io::Result<Vec<SocketAddr>>,
    unauthenticated: bool,
    hosting: Hosting,
}

/// The limits of one listener.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Hosting {
    pub(crate) patience: Patience,
    pub(crate) per_address: usize,
    pub(crate) grace: Duration,
    pub(crate) signals: bool,
    #[cfg(feature = "http2")]
    pub(crate) http2: bool,
}

impl Hosting {
    /// The patience as the pulse of a connection keeps it.
    #[cfg(not(feature = "http2"))]
    fn patience_of_connections(&self) -> Patience {
        self.patience
    }

    /// The patience as the pulse of a connection keeps it. Frames of HTTP/2
    /// that arrive between requests begin none.
    #[cfg(feature = "http2")]
    fn patience_of_connections(&self) -> Patience {
        let head = if self.http2 {
            self.patience.idle
        } else {
            self.patience.head
        };
        Patience {
            head,
            ..self.patience
        }
    }
}

impl Default for Hosting {
    fn default() -> Self {
        Self {
            patience: Patience {
                head: Duration::from_secs(10),
                idle: Duration::from_secs(60),
                write: Duration::from_secs(30),
            },
            per_address: 1024,
            grace: Duration::from_secs(20),
            signals: true,
            #[cfg(feature = "http2")]
            http2: false,
        }
    }
}

impl fmt::Debug for HttpServerBuilder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("HttpServerBuilder")
            .field("config", &self.config)
            .field("addresses", &self.addresses)
            .field("hosting", &self.hosting)
            .finish_non_exhaustive()
    }
}

impl HttpServerBuilder {
    /// Where to listen (default `127.0.0.1:8000`); port 0 takes a free one.
    pub fn bind(mut self, address: impl ToSocketAddrs) -> Self {
        self.addresses = address.to_socket_addrs().map(Iterator::collect);
        self
    }

    /// The settings of the endpoint.
    pub fn config(mut self, config: HttpConfig) -> Self {
        self.config = config;
        self
    }

    /// Accepts that anybody who reaches the address may call. An address that
    /// other machines reach needs this as long as no
    /// [authenticator](HttpConfig::authenticator) looks at the callers.
    pub fn allow_unauthenticated(mut self) -> Self {
        self.unauthenticated = true;
        self
    }

    /// How many connections one address may have (default 1,024). Those of
    /// [trusted proxies](HttpConfig::trusted_proxies) are not bounded: all callers come by them.
    pub fn connections_per_address(mut self, limit: usize) -> Self {
        self.hosting.per_address = limit;
        self
    }

    /// How long the headers of a request may take (default 10 s), how long a
    /// connection may be idle (default 60 s), and how long a client may take
    /// nothing of what is written to it (default 30 s).
    pub fn connection_timeouts(mut self, head: Duration, idle: Duration, write: Duration) -> Self {
        self.hosting.patience = Patience { head, idle, write };
        self
    }

    /// How long running calls may go on after the server was asked to end
    /// (default 20 s).
    pub fn grace(mut self, grace: Duration) -> Self {
        self.hosting.grace = grace;
        self
    }

    /// Whether SIGTERM and SIGINT end the server (default yes).
    pub fn signals(mut self, enabled: bool) -> Self {
        self.hosting.signals = enabled;
        self
    }

    /// Whether HTTP/2 without TLS is spoken to clients that begin with it
    /// (default no; finding out costs every HTTP/1 request a little).
    #[cfg(feature = "http2")]
    #[cfg_attr(docsrs, doc(cfg(feature = "http2")))]
    pub fn http2(mut self, enabled: bool) -> Self {
        self.hosting.http2 = enabled;
        self
    }

    /// Binds the address. Clients may connect from now on; they are answered
    /// once the server is [served](HttpServer::serve). A signal to end that comes
    /// in between ends it then.
    ///
    /// # Errors
    /// When a setting makes no sense, when the address cannot be bound, and
    /// when other machines could reach a server that is not protected against
    /// them.
    pub async fn listen(self) -> Result<HttpServer, ServeError> {
        let addresses = self.addresses?;
        let decided = self.unauthenticated || self.config.authenticator.is_some();
        let missing = match (self.config.answers_loopback_only(), decided) {
            (true, false) => Some(
                "name its hosts with `allowed_hosts`, and authenticate its callers or call \
                 `allow_unauthenticated`",
            ),
            (true, true) => Some("name its hosts with `allowed_hosts`"),
            (false, false) => Some("authenticate its callers, or call `allow_unauthenticated`"),
            (false, true) => None,
        };
        let exposed = addresses
            .iter()
            .find(|address| !address.ip().to_canonical().is_loopback());
        if let (Some(&address), Some(missing)) = (exposed, missing) {
            return Err(ServeError::Exposed { address, missing });
        }
        let endpoint = StreamableHttp::with_config(self.server, self.config)?;
        let listener = TcpListener::bind(addresses.as_slice()).await?;
        let address = listener.local_addr()?;
        Ok(HttpServer {
            listener,
            address,
            endpoint,
            hosting: self.hosting,
            shutdown: None,
            signals: Signals::listen(self.hosting.signals)?,
        })
    }

    /// [Listens](Self::listen) and [serves](HttpServer::serve).
    ///
    /// # Errors
    /// As both.
    pub async fn serve(self) -> Result<(), ServeError> {
        self.listen().await?.serve().await
    }
}

/// A server that listens on an address.
///
/// ```no_run
/// use purlin_http::HttpServer;
/// # async fn run(server: impl purlin_core::McpServer) -> Result<(), purlin_http::ServeError> {
/// let http = HttpServer::builder(server).bind("127.0.0.1:0").listen().await?;
/// let url = http.url();
/// http.serve().await
/// # }
/// ```
#[must_use = "a listener answers nobody until it is served"]
pub struct HttpServer {
    listener: TcpListener,
    address: SocketAddr,
    endpoint: StreamableHttp,
    hosting: Hosting,
    shutdown: Option<Pin<Box<dyn Future<Output = ()> + Send>>>,
    /// From the moment on that anybody may know of the server: one that comes
    /// early counts too.
    signals: Signals,
}

impl fmt::Debug for HttpServer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("HttpServer")
            .field("address", &self.address)
            .finish_non_exhaustive()
    }
}

impl HttpServer {
    /// How to host `server`.
    pub fn builder(server: impl McpServer) -> HttpServerBuilder {
        HttpServerBuilder {
            server: server.into_server(),
            config: HttpConfig::default(),
            addresses: Ok(vec![SocketAddr::from(([127, 0, 0, 1], 8000))]),
            unauthenticated: false,
            hosting: Hosting::default(),
        }
    }

    /// The address it listens on, with the real port.
    pub fn local_addr(&self) -> SocketAddr {
        self.address
    }

    /// The address of the endpoint, for clients.
    pub fn url(&self) -> String {
        format!("http://{}{}", self.address, self.endpoint.config().path)
    }

    /// The endpoint it hosts.
    pub fn endpoint(&self) -> &StreamableHttp {
        &self.endpoint
    }

    /// Ends the server, gracefully, when `shutdown` is ready; besides signals
    /// and the server's own shutdown.
    pub fn shutdown_on(mut self, shutdown: impl Future<Output = ()> + Send + 'static) -> Self {
        self.shutdown = Some(Box::pin(shutdown));
        self
    }

    /// Answers clients until it is asked to end.
    ///
    /// Then it stops accepting, `/ready` turns 503, subscriptions end with
    /// their result, and running calls have the grace period to finish. What
    /// still runs after that is cancelled and answered with an error. A second
    /// signal ends the grace period at once.
    ///
    /// # Errors
    /// When what the server needs cannot be opened, and when the signals of the
    /// process cannot be listened to.
    ///
    /// # Cancellation
    /// Dropping the future drops every connection.
    pub async fn serve(self) -> Result<(), ServeError> {
        Host::new(self.listener, self.endpoint, self.hosting)
            .run(self.shutdown, self.signals)
            .await
    }
}
