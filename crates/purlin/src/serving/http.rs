//! Serving over HTTP.

#[cfg(feature = "http")]
mod endpoint {
    use std::{io, net::SocketAddr, sync::Arc};

    use purlin_core::{Error, ErrorKind, Result, Server};
    use purlin_telemetry::config::ServerSettings;

    use crate::serving::{Announce, metrics};

    pub(in crate::serving) type Authenticator = Arc<dyn purlin_http::Authenticator>;

    /// Who decides who may call, as the program says it.
    pub(in crate::serving) enum Guard {
        Made(Authenticator),
        /// Made once the origin is known.
        At(MakeGuard),
    }

    type Cause = Box<dyn std::error::Error + Send + Sync>;
    type MakeGuard = Box<dyn FnOnce(&str) -> Result<Authenticator> + Send>;

    impl Guard {
        pub(in crate::serving) fn at<A: purlin_http::Authenticator>(
            make: impl FnOnce(&str) -> Result<A, Cause> + Send + 'static,
        ) -> Self {
            Self::At(Box::new(move |origin| match make(origin) {
                Ok(authenticator) => Ok(Arc::new(authenticator)),
                Err(error) => {
                    let text = format!("nothing protects a server at {origin}: {error}");
                    Err(Error::new(ErrorKind::Configuration, text).with_source(error))
                }
            }))
        }

        /// The guard of a server at this address.
        ///
        /// # Errors
        /// When it cannot be made for that.
        pub(in crate::serving) fn of(self, address: SocketAddr) -> Result<Authenticator> {
            match self {
                Self::Made(authenticator) => Ok(authenticator),
                Self::At(_) if address.port() == 0 => Err(Error::new(
                    ErrorKind::Configuration,
                    "port 0 is any free one, and tokens are for one URL: name a port",
                )),
                Self::At(make) => make(&format!("http://{address}")),
            }
        }
    }

    /// Where a server is served, and to whom.
    pub(in crate::serving) struct Place {
        pub(in crate::serving) address: SocketAddr,
        pub(in crate::serving) announce: Option<Announce>,
        pub(in crate::serving) authenticator: Option<Authenticator>,
    }

    pub(in crate::serving) async fn serve(
        server: Server,
        place: Place,
        settings: &ServerSettings,
    ) -> Result<()> {
        let Place {
            address,
            announce,
            authenticator,
        } = place;
        let mut config = endpoint(settings);
        if let Some(authenticator) = authenticator {
            config = config.authenticator(authenticator);
        }
        let (server, config) = metrics::at_their_path(server, config, settings)?;
        let mut builder = purlin_http::HttpServer::builder(server)
            .bind(address)
            .config(config)
            .grace(settings.grace_period);
        if settings.allow_unauthenticated {
            builder = builder.allow_unauthenticated();
        }
        let listening = builder.listen().await.map_err(|it| refused(address, it))?;
        let url = listening.url();
        match announce {
            Some(announce) => announce(&url),
            None => say(&format!("listening on {url}")),
        }
        listening.serve().await.map_err(failed)
    }

    /// The endpoint, as the settings want it.
    fn endpoint(settings: &ServerSettings) -> purlin_http::HttpConfig {
        let count = |count: u32| usize::try_from(count).unwrap_or(usize::MAX);
        let mut config = purlin_http::HttpConfig::new()
            .path(&settings.path)
            .body_limit(usize::try_from(settings.max_body.bytes()).unwrap_or(usize::MAX))
            .session_limits(
                count(settings.max_sessions),
                count(settings.max_sessions_per_principal),
            )
            .session_idle(settings.session_idle)
            .replicated(settings.replicated)
            .trusted_proxies(&settings.trusted_proxies);
        if !settings.allowed_hosts.is_empty() {
            config = config.allowed_hosts(&settings.allowed_hosts);
        }
        if !settings.allowed_origins.is_empty() {
            config = config.allowed_origins(&settings.allowed_origins);
        }
        config
    }

    /// Why nobody listens at an address.
    fn refused(address: SocketAddr, error: purlin_http::ServeError) -> Error {
        let purlin_http::ServeError::Io(cause) = &error else {
            return failed(error);
        };
        let text = match cause.kind() {
            io::ErrorKind::AddrInUse => format!(
                "{address} is in use: end the program that listens there, or choose another port \
                 with `--port` or `PORT`"
            ),
            _ => format!("{address} cannot be served: {cause}"),
        };
        Error::new(ErrorKind::Configuration, text).with_source(error)
    }

    fn failed(error: purlin_http::ServeError) -> Error {
        Error::new(ErrorKind::Configuration, error.to_string()).with_source(error)
    }

    #[allow(clippy::print_stderr)]
    fn say(text: &str) {
        eprintln!("{text}");
    }
}

#[cfg(not(feature = "http"))]
mod endpoint {
    use std::net::SocketAddr;

    use purlin_core::{Error, ErrorKind, Result, Server};
    use purlin_telemetry::config::ServerSettings;

    use crate::serving::Announce;

    #[allow(
        dead_code,
        reason = "HTTP is not built in, and says so when it is asked for"
    )]
    pub(in crate::serving) struct Place {
        pub(in crate::serving) address: SocketAddr,
        pub(in crate::serving) announce: Option<Announce>,
    }

    pub(in crate::serving) async fn serve(_: Server, _: Place, _: &ServerSettings) -> Result<()> {
        Err(Error::new(
            ErrorKind::Configuration,
            "HTTP is not built in: enable the feature `http` of `purlin`",
        ))
    }
}

/// Who decides who may call.
#[cfg(feature = "http")]
pub(super) use endpoint::{Authenticator, Guard};
/// Serves at an address until the process is told to end.
pub(super) use endpoint::{Place, serve};
