//! Serving: transport, address and all else that the settings say, from the
//! command line, the environment, files, or the program.

mod address;
mod log;
#[cfg(feature = "config")]
mod reload;

use std::{
    fmt,
    future::{IntoFuture, poll_fn},
    net::SocketAddr,
    sync::{Mutex, PoisonError},
    task::Poll,
};

use purlin_core::{
    BoxFuture, Error, ErrorKind, KeyRing, McpServer, Result, Server, transport::stdio,
};

use purlin_telemetry::config::{
    Again, ConfigError, Loaded, Loader, NoSettings, ServerSettings, TransportSetting, conclude,
    wants_explanation,
};
use tokio::signal::unix::{Signal, SignalKind, signal};

/// How a server is reached.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Transport {
    /// Over standard input and output, as the child process of a client.
    Stdio,
    /// Over HTTP at this address. Port 0 takes any free port.
    Http(SocketAddr),
}

impl Transport {
    /// HTTP on 127.0.0.1 at this port.
    pub fn local_http(port: u16) -> Self {
        Self::Http(SocketAddr::from(([127, 0, 0, 1], port)))
    }
}

/// Serving any server: `server.serve().await`.
pub trait Serve: McpServer {
    /// Serves until the client goes away (stdio) or the process is told to end
    /// (HTTP).
    ///
    /// `--stdio` and `--http [ADDRESS]` on the command line decide how, then
    /// the environment variables `TRANSPORT` (`stdio` or `http`), `HOST` and
    /// `PORT`, then what the program says with
    /// [`by_default`](Serving::by_default); without any of them it is stdio.
    /// There are more settings than that (`config::ServerSettings`), all of them
    /// with a variable and a flag, and in a file as well for a program that loads
    /// a configuration.
    fn serve(self) -> Serving {
        Serving {
            server: self.into_server(),
            default: Transport::Stdio,
            announce: None,
            loaded: None,
            again: None,
        }
    }
}

impl<S: McpServer> Serve for S {}

type Announce = Box<dyn FnOnce(&str) + Send>;

/// A server about to be served; await it.
#[must_use = "a server is served when this is awaited"]
pub struct Serving {
    server: Server,
    default: Transport,
    announce: Option<Announce>,
    loaded: Option<Loaded<NoSettings>>,
    again: Option<Again>,
}

impl fmt::Debug for Serving {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Serving")
            .field("server", &self.server)
            .field("default", &self.default)
            .finish_non_exhaustive()
    }
}

impl Serving {
    /// The transport when neither the command line nor the environment names
    /// one.
    pub fn by_default(mut self, transport: Transport) -> Self {
        self.default = transport;
        self
    }

    /// Calls a function with the URL once the server listens on HTTP.
    pub fn announce(mut self, announce: impl FnOnce(&str) + Send + 'static) -> Self {
        self.announce = Some(Box::new(announce));
        self
    }

    /// Goes by the settings of serving in a configuration that the program has
    /// loaded, rather than by environment and command line alone. On SIGHUP the
    /// configuration is read again: the level of the log takes effect, and of
    /// all else the log says that it needs a restart.
    #[cfg(feature = "config")]
    #[cfg_attr(docsrs, doc(cfg(feature = "config")))]
    pub fn config<T: purlin_telemetry::config::Config>(mut self, loaded: &Loaded<T>) -> Self {
        self.loaded = Some(loaded.serving());
        self.again = Some(loaded.watch());
        self
    }

    async fn run(self) -> Result<()> {
        let loaded = self.loaded.map_or_else(load, Ok)?;
        let settings = loaded.server();
        let transport = address::transport(&loaded, self.default)?;
        let telling = log::start(&self.server, transport, settings)?;
        for warning in loaded.warnings() {
            tracing::warn!("{warning}");
        }
        if let Some(again) = self.again {
            on_hangup(again)?;
        }
        let server = telling.around(configured(self.server, settings));
        let served = match transport {
            Transport::Stdio => serve_stdio(server).await,
            Transport::Http(address) => {
                release_stdio()?;
                serve_http(server, address, settings, self.announce).await
            }
        };
        telling.finish().await;
        served
    }
}

#[cfg(feature = "config")]
use reload::on_hangup;

#[cfg(not(feature = "config"))]
fn on_hangup(_: Again) -> std::io::Result<()> {
    Ok(())
}

/// The settings of serving, out of environment and command line.
fn load() -> Result<Loaded<NoSettings>, ConfigError> {
    let loaded = Loader::process().serving().load();
    match wants_explanation() {
        true => conclude(loaded),
        false => loaded,
    }
}

/// The server, as the settings want it.
fn configured(mut server: Server, settings: &ServerSettings) -> Server {
    if let Some(mask) = settings.mask_errors {
        server = server.mask_errors(mask);
    }
    if let Some(timeout) = settings.request_timeout {
        server = server.timeout(timeout);
    }
    if !settings.keys.is_empty() {
        let keys = settings.keys.iter().map(|key| *key.reveal());
        server = server.key_ring(KeyRing::new(keys));
    }
    server
}

impl IntoFuture for Serving {
    type Output = Result<()>;
    type IntoFuture = BoxFuture<'static, Result<()>>;

    fn into_future(self) -> Self::IntoFuture {
        Box::pin(self.run())
    }
}

/// Standard input and output, once `#[purlin::main]` has taken them.
static CLAIMED: Mutex<Option<stdio::Guard>> = Mutex::new(None);

/// Takes standard output away from everything that prints, before any code of
/// the user runs, unless the command line or the environment asks for HTTP or
/// for an explanation.
pub(crate) fn claim_stdio() {
    let loaded = Loader::process().serving().load::<NoSettings>();
    let transport = loaded.ok().and_then(|loaded| loaded.server().transport);
    let wants_stdio = matches!(transport, None | Some(TransportSetting::Stdio));
    if !wants_stdio || wants_explanation() {
        return;
    }
    // Where it fails, serving over stdio reports it.
    if let Ok(guard) = stdio::Guard::install() {
        *CLAIMED.lock().unwrap_or_else(PoisonError::into_inner) = Some(guard);
    }
}

fn claimed() -> Option<stdio::Guard> {
    CLAIMED
        .lock()
        .unwrap_or_else(PoisonError::into_inner)
        .take()
}

/// Gives standard output back: HTTP does not need it.
fn release_stdio() -> Result<()> {
    claimed().map_or(Ok(()), stdio::Guard::release)
}

async fn serve_stdio(server: Server) -> Result<()> {
    let guard = match claimed() {
        Some(guard) => guard,
        None => stdio::Guard::install()?,
    };
    let ending = server.clone();
    // Listened to before anything starts: a signal that comes early counts too.
    let mut signals = Signals::listen()?;
    // The task ends with the process.
    tokio::spawn(async move {
        signals.next().await;
        ending.shutdown();
        // Whoever asks twice does not want to wait.
        signals.next().await;
        std::process::exit(TERMINATED);
    });
    stdio::serve(server, guard).await
}

/// The exit code after a second signal: that of a process SIGTERM has ended.
const TERMINATED: i32 = 128 + 15;

/// The signals to end.
struct Signals {
    terminate: Signal,
    interrupt: Signal,
}

impl Signals {
    fn listen() -> std::io::Result<Self> {
        Ok(Self {
            terminate: signal(SignalKind::terminate())?,
            interrupt: signal(SignalKind::interrupt())?,
        })
    }

    /// Waits for the next one.
    async fn next(&mut self) {
        poll_fn(|cx| {
            let terminate = self.terminate.poll_recv(cx);
            match (terminate, self.interrupt.poll_recv(cx)) {
                (Poll::Pending, Poll::Pending) => Poll::Pending,
                _ => Poll::Ready(()),
            }
        })
        .await;
    }
}

#[cfg(feature = "http")]
async fn serve_http(
    server: Server,
    address: SocketAddr,
    settings: &ServerSettings,
    announce: Option<Announce>,
) -> Result<()> {
    let mut builder = purlin_http::HttpServer::builder(server)
        .bind(address)
        .config(endpoint(settings))
        .grace(settings.grace_period);
    if settings.allow_unauthenticated {
        builder = builder.allow_unauthenticated();
    }
    let listening = builder.listen().await.map_err(failed)?;
    let url = listening.url();
    match announce {
        Some(announce) => announce(&url),
        None => say(&format!("listening on {url}")),
    }
    listening.serve().await.map_err(failed)
}

/// The endpoint, as the settings want it.
#[cfg(feature = "http")]
fn endpoint(settings: &ServerSettings) -> purlin_http::HttpConfig {
    let count = |count: u32| usize::try_from(count).unwrap_or(usize::MAX);
    let mut config = purlin_http::HttpConfig::new()
        .path(&settings.path)
        .body_limit(usize::try_from(settings.max_body.bytes()).unwrap_or(usize::MAX))
        .session_limits(
            count(settings.max_sessions),
            count(settings.max_sessions_per_principal),
        )
        .session_idle(settings.session_idle);
    if !settings.allowed_hosts.is_empty() {
        config = config.allowed_hosts(&settings.allowed_hosts);
    }
    if !settings.allowed_origins.is_empty() {
        config = config.allowed_origins(&settings.allowed_origins);
    }
    config
}

#[cfg(feature = "http")]
fn failed(error: purlin_http::ServeError) -> Error {
    Error::new(ErrorKind::Configuration, error.to_string()).with_source(error)
}

#[cfg(not(feature = "http"))]
async fn serve_http(
    _: Server,
    _: SocketAddr,
    _: &ServerSettings,
    _: Option<Announce>,
) -> Result<()> {
    Err(Error::new(
        ErrorKind::Configuration,
        "HTTP is not built in: enable the feature `http` of `purlin`",
    ))
}

#[cfg(feature = "http")]
#[allow(clippy::print_stderr)]
fn say(text: &str) {
    eprintln!("{text}");
}
