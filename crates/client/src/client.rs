//! The handle on one connection, and what it shares with its clones.

use std::fmt;
use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Arc, OnceLock, PoisonError, RwLock};
use std::time::Duration;

use purlin_core::protocol::{
    ClientCapabilities, Implementation, LogLevel, Meta, RawJson, ServerCapabilities, method,
};
use purlin_core::wire::Revision;
use tracing::Instrument;

use crate::Result;
use crate::builder::ClientBuilder;
use crate::cache::{Cache, Kept, Place};
use crate::envelope::{self, Params};
use crate::era::{self, About, Agreement, Era};
use crate::held::Held;
use crate::inbox::{Inbox, Observers};
use crate::link::{Link, Outgoing};
use crate::mirror::Mirrors;
use crate::output::Outputs;
use crate::proxy::Turns;
use crate::renewal;
use crate::span;
use crate::target::{Connection, Target};
use crate::tasks::Tasks;

/// A connection to an MCP server. Cheap to clone; calls may run at the same time.
///
/// Nothing outlives the last clone: background work ends and the connection is closed. Use
/// [`close`](Self::close) to close in good order.
#[derive(Clone)]
pub struct Client(pub(crate) Arc<Inner>);

pub(crate) struct Inner {
    pub(crate) link: Arc<Link>,
    pub(crate) inbox: Arc<Inbox>,
    pub(crate) options: Options,
    pub(crate) tasks: Arc<Tasks>,
    agreed: OnceLock<Agreed>,
    next_id: AtomicI64,
    log_level: RwLock<Option<LogLevel>>,
    /// What the session is subscribed to.
    pub(crate) held: Arc<Held>,
    /// What the server says of itself; a session that is opened again may say something else.
    about: RwLock<Arc<About>>,
    pub(crate) mirrors: Mirrors,
    pub(crate) outputs: Outputs,
    pub(crate) kept: Arc<Kept>,
    /// Whose turn it is, where questions do not say what they are about.
    pub(crate) turns: Turns,
    /// Held while a lost session is replaced.
    pub(crate) renewing: tokio::sync::Mutex<()>,
}

pub(crate) struct Options {
    pub(crate) info: Implementation,
    pub(crate) capabilities: ClientCapabilities,
    pub(crate) timeout: Option<Duration>,
    pub(crate) connect_timeout: Duration,
}

struct Agreed {
    revision: Revision,
    /// What every request says in `_meta`, encoded; none in the session era.
    meta: Option<Arc<str>>,
}

impl Client {
    /// Connects to a server with the default configuration.
    ///
    /// # Errors
    /// When there is nothing to connect to, the network fails, or no revision is common to both.
    ///
    /// # Panics
    /// Outside a tokio runtime.
    pub async fn connect(target: impl Target) -> Result<Self> {
        Self::builder().connect(target).await
    }

    /// Starts to configure a client.
    pub fn builder() -> ClientBuilder {
        ClientBuilder::default()
    }

    pub(crate) async fn open(
        connection: Connection,
        era: Era,
        options: Options,
        mut inbox: Inbox,
        cache: &Cache,
    ) -> Result<Self> {
        let kept = Arc::new(cache.of(connection.address()));
        inbox.kept = Some(Arc::clone(&kept));
        let (inbox, tasks) = (Arc::new(inbox), Arc::new(Tasks::new()));
        let inner = Inner {
            link: Arc::new(Link::new(connection, &inbox, &tasks)?),
            inbox,
            options,
            tasks,
            agreed: OnceLock::new(),
            next_id: AtomicI64::new(1),
            log_level: RwLock::new(None),
            held: Arc::default(),
            about: RwLock::default(),
            mirrors: Mirrors::default(),
            outputs: Outputs::default(),
            kept,
            turns: Turns::default(),
            renewing: tokio::sync::Mutex::default(),
        };
        let Agreement { revision, about } = era::negotiate(&inner, era).await?;
        inner.introduce(about);
        let meta = revision.is_modern().then(|| {
            inner.inbox.refuse_requests();
            inner.stateless_meta(revision).into()
        });
        // Set once: nobody else has this value yet.
        let _ = inner.agreed.set(Agreed { revision, meta });
        let inner = Arc::new(inner);
        if !inner.is_stateless() && inner.link.has_headers() {
            let link = Arc::clone(&inner.link);
            inner
                .tasks
                .spawn(renewal::keep_session(Arc::downgrade(&inner), link));
        }
        Ok(Self(inner))
    }

    /// The revision this connection speaks.
    pub fn revision(&self) -> Revision {
        self.0.revision()
    }

    /// How the server introduced itself, in the current session where there are sessions. Servers
    /// of the stateless era need not.
    pub fn server_info(&self) -> Option<Implementation> {
        self.0.about().server.clone()
    }

    /// What the server says it can do, in the current session where there are sessions.
    pub fn server_capabilities(&self) -> ServerCapabilities {
        self.0.about().capabilities.clone()
    }

    /// What the server wants its users to know, in the current session where there are sessions.
    pub fn instructions(&self) -> Option<String> {
        self.0.about().instructions.clone()
    }

    /// What this client declared it can do.
    pub fn capabilities(&self) -> &ClientCapabilities {
        &self.0.options.capabilities
    }

    /// Closes the connection in good order, for every clone: a child process is asked to exit, a
    /// session is deleted. Calls in flight fail.
    pub async fn close(&self) {
        self.0.inbox.close(None);
        self.0.link.close().await;
        self.0.tasks.abort();
    }
}

impl fmt::Debug for Client {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Client")
            .field("revision", &self.revision())
            .field("server", &self.server_info().map(|server| server.name))
            .finish_non_exhaustive()
    }
}

impl Inner {
    /// Where the answer to a request may be kept. What `_meta` asks for besides, nobody knows.
    pub(crate) fn place(&self, method: &str, params: &Params) -> Option<Place> {
        if !params.meta.is_empty() {
            return None;
        }
        let revision = self.revision();
        let credentials = self.link.credentials();
        self.kept
            .place(revision, method, params.text(), credentials)
    }

    fn agreed(&self) -> &Agreed {
        self.agreed
            .get()
            .expect("a client is handed out only once a revision is agreed")
    }

    pub(crate) fn revision(&self) -> Revision {
        self.agreed().revision
    }

    pub(crate) fn is_stateless(&self) -> bool {
        self.revision().is_modern()
    }

    pub(crate) fn about(&self) -> Arc<About> {
        Arc::clone(&self.about.read().unwrap_or_else(PoisonError::into_inner))
    }

    /// Takes note of what the server says of itself.
    pub(crate) fn introduce(&self, about: About) {
        *self.about.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(about);
    }

    pub(crate) fn next_id(&self) -> i64 {
        self.next_id.fetch_add(1, Ordering::Relaxed)
    }

    /// The members of `_meta` that each request of the stateless era says again.
    pub(crate) fn stateless_meta(&self, revision: Revision) -> String {
        let mut meta = serde_json::Map::new();
        meta.insert(Meta::PROTOCOL_VERSION.to_owned(), revision.as_str().into());
        for (key, value) in [
            (Meta::CLIENT_INFO, serde_json::to_value(&self.options.info)),
            (
                Meta::CLIENT_CAPABILITIES,
                serde_json::to_value(&self.options.capabilities),
            ),
        ] {
            meta.insert(
                key.to_owned(),
                value.expect("plain protocol types always serialise"),
            );
        }
        let object = serde_json::Value::Object(meta).to_string();
        object[1..object.len() - 1].to_owned()
    }

    pub(crate) fn set_log_level(&self, level: LogLevel) {
        *self
            .log_level
            .write()
            .unwrap_or_else(PoisonError::into_inner) = Some(level);
    }

    pub(crate) fn chosen_log_level(&self) -> Option<LogLevel> {
        *self
            .log_level
            .read()
            .unwrap_or_else(PoisonError::into_inner)
    }

    fn log_level(&self, observers: &Observers) -> Option<LogLevel> {
        // Asking to be told about logs is asking for them.
        self.chosen_log_level()
            .or(observers.log.is_some().then_some(LogLevel::Debug))
    }

    /// One round: a request with a new id, and its answer.
    ///
    /// # Errors
    /// Error objects of the server are errors here.
    pub(crate) async fn exchange(
        &self,
        method: &str,
        mut params: Params,
        name: Option<&str>,
        observers: &Observers,
    ) -> Result<RawJson> {
        let id = self.next_id();
        if observers.progress.is_some() || self.inbox.observers.progress.is_some() {
            params.meta.insert(Meta::PROGRESS_TOKEN, id);
        }
        self.stamp(&mut params, observers);
        let span = span::span(method, name, id);
        span.in_scope(|| span::carry(&mut params.meta));
        let _watch = self.inbox.watch(id, observers);
        let request = Outgoing {
            id,
            method,
            body: envelope::request(id, method, &params),
            revision: Some(self.revision()),
            name,
            mirrored: self.mirrored(method, name, &params),
            cancellable: true,
        };
        let answer = self.link.exchange(request).instrument(span.clone()).await;
        let answer = answer.and_then(|reply| Ok(reply?));
        if let Err(error) = &answer {
            span::failed(&span, error.kind());
        }
        answer
    }

    /// Adds what each request of the stateless era has to say.
    pub(crate) fn stamp(&self, params: &mut Params, observers: &Observers) {
        let Some(meta) = &self.agreed().meta else {
            return;
        };
        // Whoever states a revision of their own means to write the whole of it.
        if params.meta.get(Meta::PROTOCOL_VERSION).is_some() {
            return;
        }
        params.meta.remove(Meta::CLIENT_INFO);
        params.meta.remove(Meta::CLIENT_CAPABILITIES);
        params.prefix = Some(Arc::clone(meta));
        if params.meta.get(Meta::LOG_LEVEL).is_none()
            && let Some(level) = self.log_level(observers)
        {
            params.meta.insert(Meta::LOG_LEVEL, level.as_str());
        }
    }

    /// The arguments of a call that the tool wants as headers.
    fn mirrored(&self, method: &str, name: Option<&str>, params: &Params) -> Vec<(String, String)> {
        match (name, params.get("arguments")) {
            (Some(tool), Some(arguments)) if method == method::TOOLS_CALL && self.mirrors() => {
                self.mirrors.headers(tool, arguments)
            }
            _ => Vec::new(),
        }
    }

    /// Whether arguments may have to be repeated as headers.
    pub(crate) fn mirrors(&self) -> bool {
        self.is_stateless() && self.link.has_headers()
    }

    pub(crate) async fn notify(&self, method: &str, params: &Params) -> Result<()> {
        let body = envelope::notification(method, params);
        self.link.notify(body, Some(self.revision())).await
    }
}

impl Drop for Inner {
    fn drop(&mut self) {
        // The tasks hold the link, not the client; without this they would keep each other.
        self.tasks.abort();
    }
}
