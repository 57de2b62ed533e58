//! Serving: transport and address from the command line, the environment, or
//! what the program says.

mod choice;

use std::{
    fmt,
    future::{IntoFuture, poll_fn},
    net::SocketAddr,
    sync::{Mutex, PoisonError},
    task::Poll,
};

use purlin_core::{BoxFuture, Error, ErrorKind, McpServer, Result, Server, transport::stdio};

use tokio::signal::unix::{Signal, SignalKind, signal};

use choice::Choice;

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
    /// the environment variables `MCP_TRANSPORT` (`stdio` or `http`) and
    /// `MCP_ADDRESS`, then what the program says with
    /// [`by_default`](Serving::by_default); without any of them it is stdio.
    fn serve(self) -> Serving {
        Serving {
            server: self.into_server(),
            default: Transport::Stdio,
            announce: None,
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

    async fn run(self) -> Result<()> {
        let transport = Choice::from_process().and_then(|choice| choice.transport(self.default))?;
        start_log(transport);
        match transport {
            Transport::Stdio => serve_stdio(self.server).await,
            Transport::Http(address) => {
                release_stdio()?;
                serve_http(self.server, address, self.announce).await
            }
        }
    }
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
/// the user runs, unless the command line or the environment asks for HTTP.
pub(crate) fn claim_stdio() {
    let wants_http = Choice::from_process().is_ok_and(|choice| choice.is_http());
    if wants_http {
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
async fn serve_http(server: Server, address: SocketAddr, announce: Option<Announce>) -> Result<()> {
    let listening = purlin_http::HttpServer::builder(server)
        .bind(address)
        .listen()
        .await
        .map_err(failed)?;
    let url = listening.url();
    match announce {
        Some(announce) => announce(&url),
        None => say(&format!("listening on {url}")),
    }
    listening.serve().await.map_err(failed)
}

#[cfg(feature = "http")]
fn failed(error: purlin_http::ServeError) -> Error {
    Error::new(ErrorKind::Configuration, error.to_string()).with_source(error)
}

#[cfg(not(feature = "http"))]
async fn serve_http(_: Server, _: SocketAddr, _: Option<Announce>) -> Result<()> {
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

/// Logs to standard error, as `RUST_LOG` says, warnings by default. A program
/// that has set up a log of its own keeps it.
#[cfg(feature = "log")]
fn start_log(_: Transport) {
    use tracing_subscriber::{filter::Targets, fmt, layer::SubscriberExt, util::SubscriberInitExt};
    let wanted = std::env::var("RUST_LOG")
        .ok()
        .and_then(|text| text.parse::<Targets>().ok());
    let filter = wanted.unwrap_or_else(|| {
        Targets::new().with_default(tracing_subscriber::filter::LevelFilter::WARN)
    });
    let colours = std::io::IsTerminal::is_terminal(&std::io::stderr())
        && std::env::var_os("NO_COLOR").is_none();
    let layer = fmt::layer().with_writer(std::io::stderr).with_ansi(colours);
    let _ = tracing_subscriber::registry()
        .with(layer)
        .with(filter)
        .try_init();
}

#[cfg(not(feature = "log"))]
fn start_log(_: Transport) {}
