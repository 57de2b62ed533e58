//! How an endpoint behaves: where it lives, whom it answers, what it bears.

use std::{convert::Infallible, fmt, sync::Arc, time::Duration};

use bytes::Bytes;
use http::{Request, Response};
use tower_service::Service;

use crate::{
    body::Body,
    guard::{HostRule, Hosts, ListedHost, ListedOrigin, Origins},
    health,
    intake::BodyLimits,
    origin::{HandOn, hand_on},
    protect::Authenticator,
    proxies::Proxies,
    route::Route,
};

/// The settings of a [`StreamableHttp`](crate::StreamableHttp) endpoint.
///
/// The defaults are for a server on this machine: path `/mcp`, loopback host
/// names and origins only, bodies up to 4 MiB.
///
/// ```
/// use purlin_http::HttpConfig;
///
/// let config = HttpConfig::new()
///     .path("/tools")
///     .allowed_hosts(["mcp.example.com"])
///     .allowed_origins(["https://app.example.com"]);
/// ```
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct HttpConfig {
    pub(crate) path: Box<str>,
    pub(crate) hosts: Hosts,
    pub(crate) origins: Origins,
    pub(crate) proxies: Proxies,
    pub(crate) cors: bool,
    pub(crate) mistakes: Vec<ConfigMistake>,
    pub(crate) body: BodyLimits,
    pub(crate) keep_alive: Duration,
    pub(crate) sessions: bool,
    pub(crate) replicated: bool,
    pub(crate) session: SessionLimits,
    pub(crate) events: EventLimits,
    pub(crate) retry: Duration,
    pub(crate) extensions: Vec<HandOn>,
    pub(crate) routes: Vec<Route>,
    pub(crate) authenticator: Option<Arc<dyn Authenticator>>,
}

/// How many sessions there may be, and for how long.
#[derive(Clone, Copy, Debug)]
pub(crate) struct SessionLimits {
    pub(crate) total: usize,
    pub(crate) per_principal: usize,
    pub(crate) per_tenant: Option<usize>,
    pub(crate) idle: Duration,
}

/// What a stream keeps for clients that come back.
#[derive(Clone, Copy, Debug)]
pub(crate) struct EventLimits {
    /// Events per stream.
    pub(crate) count: usize,
    /// Bytes per stream.
    pub(crate) bytes: usize,
    /// How long an event stays.
    pub(crate) age: Duration,
    /// Finished streams per session.
    pub(crate) streams: usize,
}

impl Default for HttpConfig {
    fn default() -> Self {
        Self {
            path: "/mcp".into(),
            hosts: Hosts::default(),
            origins: Origins::default(),
            proxies: Proxies::default(),
            cors: false,
            mistakes: Vec::new(),
            body: BodyLimits {
                size: 4 << 20,
                idle: Duration::from_secs(10),
                total: Duration::from_secs(60),
            },
            keep_alive: Duration::from_secs(15),
            sessions: true,
            replicated: false,
            session: SessionLimits {
                total: 10_000,
                per_principal: 100,
                per_tenant: None,
                idle: Duration::from_secs(30 * 60),
            },
            events: EventLimits {
                count: 256,
                bytes: 1 << 20,
                age: Duration::from_secs(5 * 60),
                streams: 16,
            },
            retry: Duration::from_secs(1),
            extensions: Vec::new(),
            routes: Vec::new(),
            authenticator: None,
        }
    }
}

impl HttpConfig {
    /// The defaults.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// The path of the endpoint (default `/mcp`), compared exactly.
    #[must_use]
    pub fn path(mut self, path: impl Into<String>) -> Self {
        let path = path.into();
        if !is_path(&path) {
            self.mistakes.push(ConfigMistake::Path(path));
        } else {
            self.path = path.into();
        }
        self
    }

    /// The host names this server answers to, as `host` (any port) or
    /// `host:port`. They replace the default, which is the loopback names.
    #[must_use]
    pub fn allowed_hosts<T: AsRef<str>>(mut self, hosts: impl IntoIterator<Item = T>) -> Self {
        let mut listed = Vec::new();
        for host in hosts {
            match ListedHost::parse(host.as_ref()) {
                Some(host) => listed.push(host),
                None => self
                    .mistakes
                    .push(ConfigMistake::Host(host.as_ref().into())),
            }
        }
        self.hosts = HostRule::Listed(listed).into();
        self
    }

    /// Answers to any host name. Only behind something that checks the name
    /// itself: otherwise a web page can reach this server by rebinding its own
    /// name to this address.
    #[must_use]
    pub fn dangerous_any_host(mut self) -> Self {
        self.hosts = HostRule::Any.into();
        self
    }

    /// The web origins that may call, as `scheme://host[:port]`. They replace
    /// the default, which is http and https on loopback names.
    #[must_use]
    pub fn allowed_origins<T: AsRef<str>>(mut self, origins: impl IntoIterator<Item = T>) -> Self {
        let mut listed = Vec::new();
        for origin in origins {
            match ListedOrigin::parse(origin.as_ref()) {
                Some(origin) => listed.push(origin),
                None => self
                    .mistakes
                    .push(ConfigMistake::Origin(origin.as_ref().into())),
            }
        }
        self.origins = Origins::Listed(listed);
        self
    }

    /// The proxies in front of this server, as addresses or ranges of them, such as `10.0.0.0/8`
    /// (default: none).
    ///
    /// Of a request that one of them hands on, the caller's address is the rightmost one in
    /// `Forwarded` or `X-Forwarded-For` that is none of theirs. Limits, locks, counts and logs go
    /// by it; layers and [routes](Self::route) find it as a
    /// [`ClientAddress`](crate::ClientAddress). Where nobody is named here those headers count for
    /// nothing, and all callers behind a proxy share one allowance.
    ///
    /// Every proxy named here has to write the address of its own caller into one of the headers,
    /// at the end of what stands there. Headers that are malformed, or say two different things,
    /// leave the address of the proxy. What else proxies send, such as `X-Forwarded-Host`, is not
    /// read. [`connections_per_address`](crate::HttpServerBuilder::connections_per_address) does
    /// not bound them.
    ///
    /// ```
    /// use purlin_http::HttpConfig;
    ///
    /// let config = HttpConfig::new().trusted_proxies(["10.0.0.0/8", "2001:db8::7"]);
    /// ```
    #[must_use]
    pub fn trusted_proxies<T: AsRef<str>>(mut self, ranges: impl IntoIterator<Item = T>) -> Self {
        self.proxies = Proxies::default();
        for range in ranges {
            if self.proxies.add(range.as_ref()).is_none() {
                let range = range.as_ref().into();
                self.mistakes.push(ConfigMistake::Proxy(range));
            }
        }
        self
    }

    /// Whether pages of the allowed origins may read the answers (CORS; default
    /// no). Clients that run in a browser need it.
    #[must_use]
    pub fn cors(mut self, enabled: bool) -> Self {
        self.cors = enabled;
        self
    }

    /// The largest request body in bytes (default 4 MiB).
    #[must_use]
    pub fn body_limit(mut self, bytes: usize) -> Self {
        self.body.size = bytes;
        self
    }

    /// How long a request body may stall (default 10 s) and take as a whole
    /// (default 60 s).
    #[must_use]
    pub fn body_timeouts(mut self, idle: Duration, total: Duration) -> Self {
        self.body.idle = idle;
        self.body.total = total;
        self
    }

    /// How long an event stream may be silent before a comment is sent to keep
    /// it open (default 15 s). A call that takes longer than this without a
    /// word is answered as an event stream for the same reason.
    #[must_use]
    pub fn keep_alive(mut self, interval: Duration) -> Self {
        self.keep_alive = interval.max(Duration::from_millis(100));
        self
    }

    /// Whether clients of revisions up to 2025-11-25, which open sessions, are
    /// served (default yes).
    #[must_use]
    pub fn sessions(mut self, enabled: bool) -> Self {
        self.sessions = enabled;
        self
    }

    /// Whether this process is one of several that serve the same sessions
    /// (default no), behind whatever spreads requests over them.
    ///
    /// They share the server's store ([`Server::with_store`]), which has to be
    /// one that all of them reach, and its keys ([`Server::key_ring`]). Any of
    /// them then answers any request of a session, resumes any stream, and
    /// hears the answer to a question of another one; a request whose process
    /// dies is answered with an error when its client comes back. A session
    /// costs one look into the store per message, and an event one write. When
    /// the store is not there, sessions that a process knows go on, and nobody
    /// is told that a session is gone who has one: opening and looking up are
    /// answered 503.
    ///
    /// HTTP+SSE of 2024-11-05 is served by the process that has its stream, and
    /// the stateless era needs none of this.
    ///
    /// [`Server::with_store`]: purlin_core::Server::with_store
    /// [`Server::key_ring`]: purlin_core::Server::key_ring
    ///
    /// ```
    /// use purlin_http::HttpConfig;
    ///
    /// let config = HttpConfig::new().replicated(true);
    /// ```
    #[must_use]
    pub fn replicated(mut self, enabled: bool) -> Self {
        self.replicated = enabled;
        self
    }

    /// How many sessions there may be in all (default 10,000) and per
    /// authenticated principal (default 100).
    #[must_use]
    pub fn session_limits(mut self, total: usize, per_principal: usize) -> Self {
        self.session.total = total;
        self.session.per_principal = per_principal;
        self
    }

    /// How many sessions the callers of one tenant may have together (default: as
    /// many as there may be), with replicas at all of them.
    ///
    /// The tenant is that of the verified caller
    /// ([`Principal::tenant`](purlin_core::Principal::tenant)); callers without one are
    /// not bounded by this.
    #[must_use]
    pub fn sessions_per_tenant(mut self, sessions: usize) -> Self {
        self.session.per_tenant = Some(sessions);
        self
    }

    /// How long a session may be idle before it ends (default 30 min).
    #[must_use]
    pub fn session_idle(mut self, idle: Duration) -> Self {
        self.session.idle = idle;
        self
    }

    /// What each stream of a session keeps for resumption: events (default
    /// 256), bytes (default 1 MiB) and for how long (default 5 min).
    #[must_use]
    pub fn event_limits(mut self, count: usize, bytes: usize, age: Duration) -> Self {
        self.events.count = count.max(1);
        self.events.bytes = bytes;
        self.events.age = age;
        self
    }

    /// How long a client is told to wait before it resumes a stream that we
    /// closed (default 1 s).
    #[must_use]
    pub fn retry(mut self, interval: Duration) -> Self {
        self.retry = interval;
        self
    }

    /// Hands on what a tower layer leaves in the extensions of a request under
    /// the type `T`: handlers take it as an `Extension<T>`.
    ///
    /// A [`Principal`](purlin_core::Principal) is handed on without being named.
    ///
    /// ```
    /// use purlin_http::HttpConfig;
    ///
    /// #[derive(Clone)]
    /// struct RequestId(String);
    ///
    /// let config = HttpConfig::new().extension::<RequestId>();
    /// ```
    #[must_use]
    pub fn extension<T: Clone + Send + Sync + 'static>(mut self) -> Self {
        self.extensions.push(hand_on::<T>);
        self
    }

    /// Answers at a path of one's own, for example `/metrics`, with any tower
    /// service. The path is compared exactly.
    ///
    /// The host name is checked as for the endpoint, and the body comes whole and
    /// under the endpoint's limits. Nothing else is checked: no origin, no method,
    /// no caller.
    ///
    /// ```
    /// use std::convert::Infallible;
    /// use http::{Request, Response};
    /// use purlin_http::{Body, HttpConfig};
    ///
    /// #[derive(Clone)]
    /// struct Hello;
    ///
    /// impl tower_service::Service<Request<Body>> for Hello {
    ///     type Response = Response<Body>;
    ///     type Error = Infallible;
    ///     type Future = std::future::Ready<Result<Response<Body>, Infallible>>;
    ///
    ///     fn poll_ready(&mut self, _: &mut std::task::Context<'_>) -> std::task::Poll<Result<(), Infallible>> {
    ///         std::task::Poll::Ready(Ok(()))
    ///     }
    ///
    ///     fn call(&mut self, _: Request<Body>) -> Self::Future {
    ///         std::future::ready(Ok(Response::new(Body::from(b"hello".to_vec()))))
    ///     }
    /// }
    ///
    /// let config = HttpConfig::new().route("/hello", Hello);
    /// ```
    #[must_use]
    pub fn route<S, B>(mut self, path: impl Into<String>, service: S) -> Self
    where
        S: Service<Request<Body>, Response = Response<B>, Error = Infallible>,
        S: Clone + Send + Sync + 'static,
        S::Future: Send + 'static,
        B: http_body::Body<Data = Bytes> + Send + 'static,
        B::Error: Into<Box<dyn std::error::Error + Send + Sync>>,
    {
        self.add(Route::new(path.into(), service));
        self
    }

    /// Lets nobody call whom `authenticator` does not let in, and takes from it who calls: on
    /// every request to the endpoint, in every revision of the protocol. What was put into the
    /// extensions of the request as a [`Principal`](purlin_core::Principal) does not count then.
    ///
    /// `/health`, `/ready`, the [routes](Self::route) and those of the authenticator itself are
    /// not protected. A second authenticator takes the place of the first.
    #[must_use]
    pub fn authenticator(mut self, authenticator: impl Authenticator) -> Self {
        self.authenticator = Some(Arc::new(authenticator));
        self
    }

    fn add(&mut self, route: Route) {
        if is_path(&route.path) {
            self.routes.push(route);
        } else {
            self.mistakes.push(ConfigMistake::Path(route.path.into()));
        }
    }

    /// Whether the host names were left at the default.
    pub(crate) fn answers_loopback_only(&self) -> bool {
        self.hosts.is_loopback()
    }

    /// The validated settings.
    pub(crate) fn check(mut self) -> Result<Self, ConfigError> {
        let protection = self.authenticator.clone();
        for route in protection.iter().flat_map(Authenticator::routes) {
            self.add(route);
        }
        let mut taken = vec![&*self.path, health::HEALTH, health::READY];
        for Route { path, .. } in &self.routes {
            if taken.contains(&&**path) {
                self.mistakes.push(ConfigMistake::Taken(path.to_string()));
            }
            taken.push(path);
        }
        if self.mistakes.is_empty() {
            Ok(self)
        } else {
            Err(ConfigError(std::mem::take(&mut self.mistakes)))
        }
    }
}

fn is_path(path: &str) -> bool {
    path.starts_with('/') && !path.contains(['?', '#', '%'])
}

/// One setting that makes no sense.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum ConfigMistake {
    Path(String),
    Taken(String),
    Host(String),
    Origin(String),
    Proxy(String),
}

impl fmt::Display for ConfigMistake {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Path(path) => {
                write!(
                    f,
                    "`{path}` is not a path: start with `/`, without query or escapes"
                )
            }
            Self::Taken(path) => {
                write!(
                    f,
                    "`{path}` is answered already: give the route another path"
                )
            }
            Self::Host(host) => {
                write!(f, "`{host}` is not a host: write `host` or `host:port`")
            }
            Self::Proxy(range) => {
                write!(
                    f,
                    "`{range}` is not a range of addresses: write `10.0.0.0/8` or one address"
                )
            }
            Self::Origin(origin) => {
                write!(
                    f,
                    "`{origin}` is not an origin: write `scheme://host[:port]`"
                )
            }
        }
    }
}

/// Settings that make no sense; the message names every one of them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ConfigError(Vec<ConfigMistake>);

impl fmt::Display for ConfigError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, mistake) in self.0.iter().enumerate() {
            let separator = if index == 0 { "" } else { "; " };
            write!(f, "{separator}{mistake}")?;
        }
        Ok(())
    }
}

impl std::error::Error for ConfigError {}

#[cfg(test)]
mod tests {
    use std::{convert::Infallible, future::Ready, task};

    use super::{Body, HttpConfig, Request, Response};

    #[derive(Clone)]
    struct Nothing;

    impl tower_service::Service<Request<Body>> for Nothing {
        type Response = Response<Body>;
        type Error = Infallible;
        type Future = Ready<Result<Response<Body>, Infallible>>;

        fn poll_ready(&mut self, _: &mut task::Context<'_>) -> task::Poll<Result<(), Infallible>> {
            task::Poll::Ready(Ok(()))
        }

        fn call(&mut self, _: Request<Body>) -> Self::Future {
            std::future::ready(Ok(Response::new(Body::EMPTY)))
        }
    }

    #[test]
    fn every_mistake_is_named_at_once() {
        let config = HttpConfig::new()
            .path("mcp")
            .allowed_hosts(["fine.example", "not a host"])
            .allowed_origins(["app.example.com"])
            .trusted_proxies(["10.0.0.1", "proxy.example"])
            .route("/ready", Nothing);
        let text = config.check().unwrap_err().to_string();
        for mistake in [
            "`mcp`",
            "`not a host`",
            "`app.example.com`",
            "`proxy.example`",
            "`/ready`",
        ] {
            assert!(text.contains(mistake), "{text}");
        }
        assert!(!text.contains("fine.example"), "{text}");
    }
}
