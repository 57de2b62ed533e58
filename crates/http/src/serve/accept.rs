//! The accept loop and the orderly end.

use std::{future::pending, io, net::SocketAddr, pin::Pin, sync::Arc, time::Duration};

use tokio::{
    net::{TcpListener, TcpStream},
    task::JoinSet,
    time::{Instant, sleep, timeout, timeout_at},
};

use super::{
    Hosting, ServeError,
    addresses::Addresses,
    connection,
    ending::Ending,
    race::{First, race},
    signals::Signals,
    watch::Watch,
};
use crate::StreamableHttp;

/// How long answers about the end may take to leave.
const LAST_WORDS: Duration = Duration::from_secs(2);

/// One listener with its connections.
pub(crate) struct Host {
    listener: TcpListener,
    endpoint: StreamableHttp,
    hosting: Hosting,
    ending: Arc<Ending>,
    addresses: Addresses,
    connections: JoinSet<()>,
}

impl Host {
    pub(crate) fn new(listener: TcpListener, endpoint: StreamableHttp, hosting: Hosting) -> Self {
        Self {
            listener,
            endpoint,
            hosting,
            ending: Arc::default(),
            addresses: Addresses::new(hosting.per_address),
            connections: JoinSet::new(),
        }
    }

    /// Accepts until asked to end, then ends.
    pub(crate) async fn run(
        mut self,
        shutdown: Option<Pin<Box<dyn Future<Output = ()> + Send>>>,
        mut signals: Signals,
    ) -> Result<(), ServeError> {
        raise_descriptor_limit();
        let (listener, mut watch) = Watch::start(self.listener, self.endpoint.clone())?;
        self.listener = listener;
        let server = self.endpoint.server().clone();
        server.start().await.map_err(ServeError::Start)?;
        let asked = async {
            let other = async {
                match shutdown {
                    Some(shutdown) => shutdown.await,
                    None => pending().await,
                }
            };
            race(signals.next(), race(other, server.draining())).await;
        };
        race(asked, self.accept(&mut watch)).await;
        self.end(&mut signals, watch).await;
        server.stop().await;
        Ok(())
    }

    /// Accepts connections for ever.
    async fn accept(&mut self, watch: &mut Watch) {
        let mut backoff = Backoff::default();
        loop {
            let accepted = match race(self.listener.accept(), watch.handed()).await {
                First::Left(accepted) | First::Right(accepted) => accepted,
            };
            watch.moved();
            // Reaps what has ended; costs nothing when nothing has.
            while self.connections.try_join_next().is_some() {}
            match accepted {
                Ok((stream, peer)) => {
                    backoff = Backoff::default();
                    self.admit(stream, peer);
                }
                Err(error) if is_of_one_connection(&error) => {}
                Err(error) => {
                    // Out of descriptors or memory: connections that end will
                    // free some; asking again at once would only spin.
                    tracing::warn!(%error, "no connection can be accepted");
                    backoff.wait().await;
                }
            }
        }
    }

    fn admit(&mut self, stream: TcpStream, peer: SocketAddr) {
        let place = match self.endpoint.config().proxies.trust(peer.ip()) {
            true => None,
            false => match self.addresses.admit(peer.ip()) {
                Some(place) => Some(place),
                None => {
                    tracing::debug!("an address has too many connections");
                    return;
                }
            },
        };
        let endpoint = self.endpoint.of_peer(peer.ip());
        let ending = Arc::clone(&self.ending);
        let hosting = self.hosting;
        let counted = endpoint.counts().connections.one();
        self.connections.spawn(async move {
            connection::serve(stream, endpoint, &hosting, &ending).await;
            drop((place, counted));
        });
    }

    async fn end(self, signals: &mut Signals, watch: Watch) {
        let Self {
            listener,
            endpoint,
            hosting,
            ending,
            mut connections,
            ..
        } = self;
        drop(listener);
        watch.stop().await;
        endpoint.server().shutdown();
        ending.finish();
        let deadline = Instant::now() + hosting.grace;
        let finished = async {
            while connections.join_next().await.is_some() {}
            endpoint.sessions().finish().await;
            endpoint.leave().await;
        };
        let finished = timeout_at(deadline, finished);
        if let First::Right(Ok(())) = race(signals.next(), finished).await {
            return;
        }
        endpoint.stop();
        ending.stop();
        let last_words = async { while connections.join_next().await.is_some() {} };
        // Whoever does not listen now is dropped with the set.
        let _ = timeout(LAST_WORDS, last_words).await;
    }
}

/// The wait between failed accepts: 10 ms, doubled up to 1 s.
#[derive(Debug)]
struct Backoff(Duration);

impl Default for Backoff {
    fn default() -> Self {
        Self(Duration::from_millis(10))
    }
}

impl Backoff {
    async fn wait(&mut self) {
        sleep(self.0).await;
        self.0 = (self.0 * 2).min(Duration::from_secs(1));
    }
}

/// Whether the error is about a connection that was gone before it was
/// accepted, and not about the listener.
fn is_of_one_connection(error: &io::Error) -> bool {
    matches!(
        error.kind(),
        io::ErrorKind::ConnectionRefused
            | io::ErrorKind::ConnectionAborted
            | io::ErrorKind::ConnectionReset
            | io::ErrorKind::Interrupted
    )
}

/// Lets the process have as many descriptors as it may; each connection is one.
#[cfg(unix)]
fn raise_descriptor_limit() {
    use rustix::process::{Resource, getrlimit, setrlimit};

    let mut limit = getrlimit(Resource::Nofile);
    if limit.current != limit.maximum {
        limit.current = limit.maximum;
        if setrlimit(Resource::Nofile, limit).is_err() {
            tracing::debug!("the limit of open descriptors could not be raised");
        }
    }
}

#[cfg(not(unix))]
fn raise_descriptor_limit() {}
