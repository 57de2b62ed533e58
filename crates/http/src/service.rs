//! The endpoint: one tower service for both eras and the health routes.

use std::{
    convert::Infallible,
    fmt,
    future::pending,
    net::IpAddr,
    pin::Pin,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    task::{Context, Poll},
};

use bytes::Buf;
use http::{HeaderValue, Method, Request, Response, StatusCode, Version, header, request::Parts};
use purlin_core::{McpServer, Origin, Server, wire};
use tokio::time::Instant;

use crate::{
    answer,
    body::Body,
    config::{ConfigError, HttpConfig},
    cors,
    counts::{Counts, OfEndpoint},
    guard::{self, Rejection},
    head::Head,
    health, intake, origin, post,
    protect::{self, Peer},
    proxies::ClientAddress,
    serve::race::race,
    session::{self, Replicas, SessionTable},
};

/// The longest request target, in bytes.
const MAX_TARGET: usize = 8 * 1024;

/// A server as one mountable HTTP service.
///
/// It answers at its path (default `/mcp`) in every revision of the protocol,
/// at `/health` and `/ready`, and at the
/// [routes](HttpConfig::route) it was given; every other path is 404. It is a
/// [`tower_service::Service`] that is always ready, and a clone is a handle on
/// the same endpoint.
///
/// Host names and origins are checked (see [`HttpConfig::allowed_hosts`]), so
/// it is safe to mount as it is. What [`HttpServer`](crate::HttpServer) does
/// besides is then up to you: call [`Server::start`] before the first request
/// and [`Server::stop`] after the last if the server has a lifespan, and
/// [`Server::shutdown`] when the end begins.
///
/// ```
/// use purlin_core::Server;
/// use purlin_http::{HttpConfig, StreamableHttp};
///
/// let server = Server::builder("inventory", "1.0.0");
/// let config = HttpConfig::new().path("/inventory/mcp").allowed_hosts(["tools.example.com"]);
/// let service = StreamableHttp::with_config(server, config)?;
/// # Ok::<(), purlin_http::ConfigError>(())
/// ```
#[derive(Clone)]
pub struct StreamableHttp {
    endpoint: Arc<Endpoint>,
    /// The other end of the connection, where this handle serves one.
    peer: Option<IpAddr>,
}

pub(crate) struct Endpoint {
    pub(crate) server: Server,
    pub(crate) config: HttpConfig,
    pub(crate) sessions: Arc<SessionTable>,
    /// The other processes that serve the same sessions, if there are any.
    pub(crate) replicas: Option<Arc<Replicas>>,
    stopped: AtomicBool,
    since: Instant,
    pub(crate) counts: Counts,
    #[cfg(feature = "legacy-sse")]
    pub(crate) legacy: crate::legacy_sse::Connections,
}

impl fmt::Debug for StreamableHttp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("StreamableHttp")
            .field("config", &self.endpoint.config)
            .finish_non_exhaustive()
    }
}

impl StreamableHttp {
    /// An endpoint with the default settings.
    pub fn new(server: impl McpServer) -> Self {
        Self::assemble(server.into_server(), HttpConfig::default())
    }

    /// An endpoint with these settings.
    ///
    /// # Errors
    /// When a setting makes no sense; the message names every one that does
    /// not.
    pub fn with_config(server: impl McpServer, config: HttpConfig) -> Result<Self, ConfigError> {
        Ok(Self::assemble(server.into_server(), config.check()?))
    }

    fn assemble(server: Server, config: HttpConfig) -> Self {
        let replicas = config
            .replicated
            .then(|| Arc::new(Replicas::new(&server, config.session.idle, config.events)));
        let endpoint = Endpoint {
            server: server.clone(),
            counts: Counts::default(),
            replicas,
            sessions: Arc::new(SessionTable::new(config.session, config.events)),
            config,
            stopped: AtomicBool::new(false),
            since: Instant::now(),
            #[cfg(feature = "legacy-sse")]
            legacy: crate::legacy_sse::Connections::default(),
        };
        let endpoint = Arc::new(endpoint);
        let told = Arc::new(OfEndpoint(Arc::downgrade(&endpoint)));
        // The handle that comes back is one more of the same.
        drop(server.measured(told));
        Self {
            endpoint,
            peer: None,
        }
    }

    /// A handle that serves the requests of one address.
    pub(crate) fn of_peer(&self, peer: IpAddr) -> Self {
        Self {
            endpoint: Arc::clone(&self.endpoint),
            peer: Some(peer),
        }
    }

    pub(crate) fn server(&self) -> &Server {
        &self.endpoint.server
    }

    pub(crate) fn config(&self) -> &HttpConfig {
        &self.endpoint.config
    }

    pub(crate) fn counts(&self) -> &Counts {
        &self.endpoint.counts
    }

    /// When the endpoint was made.
    pub(crate) fn since(&self) -> Instant {
        self.endpoint.since
    }

    pub(crate) fn sessions(&self) -> &Arc<SessionTable> {
        &self.endpoint.sessions
    }

    /// Tells other replicas that this one has ended.
    pub(crate) async fn leave(&self) {
        if let Some(replicas) = &self.endpoint.replicas {
            replicas.leave().await;
        }
    }

    /// From now on what still runs is answered with an error.
    pub(crate) fn stop(&self) {
        self.endpoint.stopped.store(true, Ordering::Relaxed);
    }

    /// Answers one request.
    ///
    /// # Cancellation
    /// Dropping the future before it is ready means that the client is gone: a
    /// request of the stateless era is cancelled, one of a session goes on.
    pub async fn handle<B>(&self, request: Request<B>) -> Response<Body>
    where
        B: http_body::Body,
        B::Data: Buf,
    {
        let (mut parts, body) = request.into_parts();
        let peer = self
            .peer
            .or_else(|| Some(parts.extensions.get::<Peer>()?.0));
        if let Some(peer) = peer {
            self.endpoint.locate_client(&mut parts, peer);
        }
        let client = ClientAddress::of(&parts.extensions).or(peer);
        let handed_on = &self.endpoint.config.extensions;
        let origin = origin::take(&mut parts, client, handed_on);
        let head = Head::read(&parts.headers);
        let chunked =
            parts.version < Version::HTTP_2 && head.transfer_encoding != wire::Field::Absent;
        let result = self.endpoint.route(&parts, &head, peer, origin, body).await;
        let mut response = result.unwrap_or_else(answer::rejection);
        if let Some(authenticator) = &self.endpoint.config.authenticator {
            protect::challenge(&**authenticator, &mut response);
        }
        if self.endpoint.config.cors
            && guard::check_origin(&self.endpoint.config.origins, head.origin).is_ok()
        {
            cors::admit(&mut response, head.origin);
        }
        if chunked {
            // A length beside the coding may have been hidden from us by the
            // layer below: whatever follows is not read (RFC 9112, 6.1).
            let close = HeaderValue::from_static("close");
            response.headers_mut().insert(header::CONNECTION, close);
        }
        response
    }
}

impl Endpoint {
    /// Leaves the address of the client in the extensions where a proxy stands in between, and no
    /// layer above has found it out already.
    fn locate_client(&self, parts: &mut Parts, peer: IpAddr) {
        let proxies = &self.config.proxies;
        if proxies.trust(peer) && parts.extensions.get::<ClientAddress>().is_none() {
            let client = proxies.client(peer, &parts.headers);
            parts.extensions.insert(ClientAddress(client));
        }
    }

    /// Whether what still runs has to be given up.
    pub(crate) fn is_stopped(&self) -> bool {
        self.stopped.load(Ordering::Relaxed)
    }

    async fn route<B>(
        self: &Arc<Self>,
        parts: &Parts,
        head: &Head<'_>,
        peer: Option<IpAddr>,
        origin: Origin,
        body: B,
    ) -> Result<Response<Body>, Rejection>
    where
        B: http_body::Body,
        B::Data: Buf,
    {
        guard::check_framing(head)?;
        let target = parts
            .uri
            .path_and_query()
            .map_or(0, |target| target.as_str().len());
        if target > MAX_TARGET {
            let reason = "the request target is too long";
            return Err(Rejection::new(StatusCode::URI_TOO_LONG, reason));
        }
        let path = parts.uri.path();
        if path != &*self.config.path {
            // Boxed, for the sake of the endpoint's own way.
            return Box::pin(self.beside(parts, head, peer, origin, body)).await;
        }
        self.check_caller(parts, head)?;
        let origin = match self.authenticated(parts, peer, origin).await {
            Ok(origin) => origin,
            Err(response) => return Ok(*response),
        };
        match parts.method {
            Method::POST => {
                guard::check_post(head)?;
                let text = intake::read(body, &self.config.body).await?;
                self.locate(head, &origin).await?;
                Ok(post::take(self, text, head, origin)?.await)
            }
            Method::GET => self.get(head, &origin).await,
            Method::DELETE => self.delete(head, &origin).await,
            Method::OPTIONS if self.config.cors => Ok(cors::preflight(&parts.headers)),
            _ => Ok(answer::not_allowed(self.allow())),
        }
    }

    /// Answers at any path but the endpoint's.
    async fn beside<B>(
        self: &Arc<Self>,
        parts: &Parts,
        head: &Head<'_>,
        peer: Option<IpAddr>,
        origin: Origin,
        body: B,
    ) -> Result<Response<Body>, Rejection>
    where
        B: http_body::Body,
        B::Data: Buf,
    {
        let path = parts.uri.path();
        // Probes of an orchestrator name the address, not the host.
        let health = health::respond(&self.server, self.since, &parts.method, path);
        if let Some(answer) = health.await {
            return Ok(answer);
        }
        let mut routes = self.config.routes.iter();
        if let Some(route) = routes.find(|route| *route.path == *path) {
            self.check_host(parts, head)?;
            let text = intake::read(body, &self.config.body).await?;
            let mut request = Request::from_parts(parts.clone(), Body::from(text));
            if let Some(peer) = peer {
                request.extensions_mut().insert(Peer(peer));
            }
            return Ok(route.answer(request).await);
        }
        #[cfg(feature = "legacy-sse")]
        if crate::legacy_sse::is_path(path) {
            self.check_caller(parts, head)?;
            let origin = match self.authenticated(parts, peer, origin).await {
                Ok(origin) => origin,
                Err(response) => return Ok(*response),
            };
            return self.answer_legacy(parts, head, origin, body).await;
        }
        // Of use above only.
        drop(origin);
        let reason = "there is nothing at this path";
        Err(Rejection::new(StatusCode::NOT_FOUND, reason))
    }

    fn check_host(&self, parts: &Parts, head: &Head<'_>) -> Result<(), Rejection> {
        guard::check_host(&self.config.hosts, parts.version, &parts.uri, head.host)
    }

    pub(crate) fn check_caller(&self, parts: &Parts, head: &Head<'_>) -> Result<(), Rejection> {
        self.check_host(parts, head)?;
        guard::check_origin(&self.config.origins, head.origin)
    }

    /// The origin of the request with whoever was found to have sent it.
    ///
    /// # Errors
    /// What a caller is answered that is not let in.
    async fn authenticated(
        &self,
        parts: &Parts,
        peer: Option<IpAddr>,
        origin: Origin,
    ) -> Result<Origin, Box<Response<Body>>> {
        let Some(authenticator) = &self.config.authenticator else {
            return Ok(origin);
        };
        // A browser asks without credentials whether it may call.
        if self.config.cors && parts.method == Method::OPTIONS {
            return Ok(origin);
        }
        let decision = authenticator.authenticate(parts, peer);
        Ok(origin.with_principal(decision.decided().await?))
    }

    fn allow(&self) -> &'static str {
        if self.config.sessions {
            "GET, POST, DELETE"
        } else {
            "POST"
        }
    }

    /// The stream of a session. The stateless era has none, so a GET that names
    /// no session is for no one.
    async fn get(&self, head: &Head<'_>, origin: &Origin) -> Result<Response<Body>, Rejection> {
        let Some(id) = self.session_named(head)? else {
            return Ok(answer::not_allowed("POST"));
        };
        if !head.accepted.sse {
            let reason = "send `Accept: text/event-stream`";
            return Err(Rejection::new(StatusCode::NOT_ACCEPTABLE, reason));
        }
        self.locate(head, origin).await?;
        let entry = self
            .sessions
            .find(id, post::owner(origin).as_deref())
            .ok_or(post::NO_SESSION)?;
        let ending = || self.ending(origin);
        let elsewhere = session::resume_elsewhere(&entry, head, &self.config, ending());
        if let Some(response) = elsewhere.await {
            return Ok(response);
        }
        Ok(session::answer_get(&entry, head, &self.config, ending()).await)
    }

    /// The end of a stream on which a session speaks by itself: that of the
    /// server, or of the token of whoever listens.
    pub(crate) fn ending(&self, origin: &Origin) -> impl Future<Output = ()> + Send + 'static {
        let server = self.server.clone();
        let caller = origin.principal().cloned();
        async move {
            let expired = async {
                match caller.filter(|caller| caller.expires().is_some()) {
                    Some(caller) => caller.expired().await,
                    None => pending().await,
                }
            };
            race(server.draining(), expired).await;
        }
    }

    async fn delete(&self, head: &Head<'_>, origin: &Origin) -> Result<Response<Body>, Rejection> {
        let Some(id) = self.session_named(head)? else {
            return Ok(answer::not_allowed("POST"));
        };
        self.locate(head, origin).await?;
        let owner = post::owner(origin);
        if let Some(entry) = self.sessions.find(id, owner.as_deref()) {
            session::end(&entry).await?;
        }
        if !self.sessions.close(id, post::owner(origin).as_deref()) {
            return Err(post::NO_SESSION);
        }
        Ok(answer::empty(StatusCode::NO_CONTENT))
    }

    /// Before a session is used that other replicas serve too: learns of it, and
    /// of what they did.
    async fn locate(&self, head: &Head<'_>, origin: &Origin) -> Result<(), Rejection> {
        match (&self.replicas, head.session) {
            (Some(replicas), wire::Field::One(id)) => {
                replicas.locate(&self.sessions, id, origin).await
            }
            _ => Ok(()),
        }
    }

    /// The session a GET or DELETE is about, if it is about one.
    fn session_named<'a>(&self, head: &Head<'a>) -> Result<Option<&'a [u8]>, Rejection> {
        if !self.config.sessions || post::names_modern(head) {
            return Ok(None);
        }
        match head.session {
            wire::Field::Absent => Ok(None),
            wire::Field::One(id) => Ok(Some(id)),
            wire::Field::Many => Err(post::TWO_SESSIONS),
        }
    }
}

impl<B> tower_service::Service<Request<B>> for StreamableHttp
where
    B: http_body::Body + Send + 'static,
    B::Data: Buf + Send,
    B::Error: Send,
{
    type Response = Response<Body>;
    type Error = Infallible;
    type Future = Pin<Box<dyn Future<Output = Result<Response<Body>, Infallible>> + Send>>;

    fn poll_ready(&mut self, _cx: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: Request<B>) -> Self::Future {
        let endpoint = self.clone();
        Box::pin(async move { Ok(endpoint.handle(request).await) })
    }
}
