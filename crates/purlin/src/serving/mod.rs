//! Serving: transport, address and all else that the settings say, from the
//! command line, the environment, files, or the program.

mod address;
#[cfg(feature = "http")]
mod auth;
mod http;
mod log;
#[cfg(feature = "http")]
mod metrics;
mod process;
#[cfg(feature = "config")]
mod reload;

use std::{fmt, future::IntoFuture, net::SocketAddr};

use purlin_core::{BoxFuture, Error, ErrorKind, KeyRing, McpServer, Result, Server};
use purlin_telemetry::config::{
    Again, ConfigError, Loaded, Loader, NoSettings, ServerSettings, conclude, tell,
    wants_explanation, wants_help,
};

pub(crate) use process::claim_stdio;

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
            #[cfg(feature = "http")]
            guard: None,
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
    #[cfg(feature = "http")]
    guard: Option<http::Guard>,
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

    /// Lets nobody call over HTTP whom `authenticator` does not let in: a `Protection` of the
    /// feature `auth`, or anything of one's own. Over stdio it has no meaning: whoever started
    /// this process may use it.
    ///
    /// Without it the settings decide, in `server.auth`.
    ///
    /// ```no_run
    /// use purlin::{http::Authenticator, prelude::*};
    ///
    /// async fn serve(server: purlin::Server, guard: impl Authenticator) -> purlin::Result<()> {
    ///     server.serve().protect(guard).await
    /// }
    /// ```
    #[cfg(feature = "http")]
    #[cfg_attr(docsrs, doc(cfg(feature = "http")))]
    pub fn protect(mut self, authenticator: impl purlin_http::Authenticator) -> Self {
        self.guard = Some(http::Guard::Made(std::sync::Arc::new(authenticator)));
        self
    }

    /// As [`protect`](Self::protect), for what has to know where the server is: tokens are for one
    /// URL. `make` is called with the origin that command line, environment and program have
    /// settled on, such as `http://127.0.0.1:8000`. That is not how clients know a server behind a
    /// proxy, so this is for servers on their users' machines, and for development.
    ///
    /// An error of `make` is one of the configuration, and so is port 0, which is settled too late.
    ///
    /// ```no_run
    /// use purlin::{Transport, http::Authenticator, prelude::*};
    ///
    /// async fn serve<A: Authenticator>(server: purlin::Server, guard: fn(&str) -> A) -> Result<()> {
    ///     server
    ///         .serve()
    ///         .by_default(Transport::local_http(8000))
    ///         .protect_at(move |origin| Ok(guard(origin)))
    ///         .await
    /// }
    /// ```
    #[cfg(feature = "http")]
    #[cfg_attr(docsrs, doc(cfg(feature = "http")))]
    pub fn protect_at<A: purlin_http::Authenticator>(
        mut self,
        make: impl FnOnce(&str) -> Result<A, Box<dyn std::error::Error + Send + Sync>> + Send + 'static,
    ) -> Self {
        self.guard = Some(http::Guard::at(make));
        self
    }

    async fn run(self) -> Result<()> {
        let loaded = self.loaded.map_or_else(load, Ok)?;
        let settings = loaded.server();
        let transport = address::transport(&loaded, self.default)?;
        let server = configured(self.server, settings);
        let telling = log::start(&server, transport, settings)?;
        for warning in loaded.warnings() {
            tracing::warn!("{warning}");
        }
        if settings.replicated && settings.keys.is_empty() {
            tracing::warn!(
                "`server.replicated` is on without `server.keys`: replicas need the same keys, \
                 unless the program gives them"
            );
        }
        if let Some(again) = self.again {
            on_hangup(again)?;
        }
        #[cfg(feature = "http")]
        let is_protected = self.guard.is_some();
        #[cfg(not(feature = "http"))]
        let is_protected = false;
        check_auth(settings, is_protected, transport)?;
        let server = telling.around(server);
        let served = match transport {
            Transport::Stdio => process::serve_stdio(server).await,
            Transport::Http(address) => {
                process::release_stdio()?;
                #[cfg(feature = "http")]
                let authenticator = match self.guard {
                    Some(guard) => Some(guard.of(address)?),
                    None => auth::guard(settings).await?,
                };
                let address = http::Place {
                    address,
                    announce: self.announce,
                    #[cfg(feature = "http")]
                    authenticator,
                };
                http::serve(server, address, settings).await
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
    let loader = Loader::process().serving();
    if wants_help() {
        tell::<NoSettings>(&loader);
    }
    let loaded = loader.load();
    match wants_explanation() {
        true => conclude(loaded),
        false => loaded,
    }
}

/// Holds what the settings say of tokens against what there is to verify them with.
///
/// # Errors
/// When tokens are asked for and nothing can verify them.
fn check_auth(settings: &ServerSettings, is_protected: bool, transport: Transport) -> Result<()> {
    let auth = &settings.auth;
    let verifies = is_protected || auth.provider.is_some() || auth.signing_secret().is_some();
    if auth.secret.is_some() && auth.signing_secret().is_none() {
        tracing::warn!(
            "`server.auth.secret` is set and not used: it counts where `server.auth.enabled` \
             (`ENABLE_AUTH`) is true and there is no provider"
        );
    }
    match (auth.enabled == Some(true), transport) {
        (true, _) if !verifies => Err(Error::new(
            ErrorKind::Configuration,
            "`server.auth.enabled` (`ENABLE_AUTH`) is true and there is nothing to verify tokens \
             with: set `AUTH_PROVIDER`, or `AUTH_SECRET` with `AUTH_RESOURCE` and `AUTH_ISSUER`, \
             or protect the server in the program",
        )),
        (true, Transport::Stdio) => {
            tracing::warn!(
                "`server.auth.enabled` (`ENABLE_AUTH`) is true and means nothing over stdio: \
                 whoever starts this process may use it"
            );
            Ok(())
        }
        _ => Ok(()),
    }
}

/// The server, as the settings want it.
fn configured(mut server: Server, settings: &ServerSettings) -> Server {
    if let Some(name) = &settings.name {
        server = server.with_name(name);
    }
    if let Some(version) = &settings.version {
        server = server.with_version(version);
    }
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
