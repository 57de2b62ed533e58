//! What a handler may ask of the request it serves.
//!
//! One allocation holds a request: its text, where it came from, what is
//! queued for its stream. [`Context`] is a handle on it. Everything that not
//! every call needs (state, rounds of input, cancellation of spawned work) is
//! made when it is first asked for.

mod cancel;
mod extensions;
mod input;
mod log;
mod moment;
mod origin;
mod owner;
mod principal;
mod progress;
mod queue;
mod redemption;
mod rounds;
mod speech;
mod values;
mod within;

use std::{
    borrow::Cow,
    fmt,
    sync::{
        Arc, OnceLock,
        atomic::{AtomicBool, AtomicU64, Ordering},
    },
    time::Duration,
};

use crate::{
    Error, Result, Server,
    middleware::ToolCall,
    prompt::PromptResult,
    protocol::{ClientCapabilities, Implementation, LogLevel, Meta},
    resource::ResourceResult,
    server::{Scope, SessionState, dispatch},
    tool::ToolResult,
    trace::Carried,
    wire::{Inbound, Raw, Revision},
};

pub(crate) use cancel::CancelFlag;
pub use extensions::Extensions;
pub use input::{Answer, Ask, Elicit, ElicitUrl, Question, Questions, Roots, Sample};
pub use origin::{Origin, TransportKind};
pub(crate) use owner::digest;
pub use principal::Principal;
pub use progress::Amount;
pub use queue::{Outbox, Outgoing};
pub(crate) use queue::{Priority, Queue};
pub(crate) use redemption::{abandon, conclude};
pub(crate) use rounds::Rounds;
pub(crate) use values::COLLECTION as VALUES;
pub use values::{SessionLimits, SessionValues};
pub use within::Within;

/// The era a request belongs to, with what only that era has.
#[derive(Debug)]
pub(crate) enum Era {
    /// The request stands alone.
    Modern {
        revision: Revision,
        log_level: Option<LogLevel>,
        capabilities: OnceLock<Box<ClientCapabilities>>,
    },
    /// The request belongs to a session.
    Session(Arc<SessionState>),
}

/// Everything there is about one request.
#[derive(Debug)]
pub(crate) struct RequestState {
    pub(crate) server: Server,
    pub(crate) message: Inbound,
    pub(crate) era: Era,
    pub(crate) origin: Origin,
    queue: Queue,
    pub(crate) cancel: CancelFlag,
    state: Extensions,
    pub(crate) rounds: OnceLock<Rounds>,
    progress: progress::LastProgress,
    /// The client was asked something in this session, or its values were used.
    pub(crate) unrepeatable: AtomicBool,
    /// For how long the request has stood in queues, in microseconds.
    waited: AtomicU64,
    pub(crate) speech: speech::Speech,
    pub(crate) moment: moment::Moment,
    marks: within::Marks,
}

impl RequestState {
    pub(crate) fn queue(&self) -> &Queue {
        &self.queue
    }
}

/// What a handler may ask of the request it serves.
///
/// Take it as a parameter, `cx: &Context`; it never shows in a schema. A clone
/// is a handle on the same request and may go into a spawned task.
///
/// ```
/// use purlin_core::Context;
///
/// async fn import(rows: Vec<String>, cx: &Context) -> usize {
///     for (done, _row) in rows.iter().enumerate() {
///         cx.progress(done, rows.len());
///     }
///     cx.info("all rows are in");
///     rows.len()
/// }
/// ```
#[derive(Clone)]
pub struct Context {
    request: Arc<RequestState>,
    scope: Option<Arc<Scope>>,
}

impl fmt::Debug for Context {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Context")
            .field("method", &self.method())
            .field("id", &self.request_id())
            .field("revision", &self.revision())
            .finish_non_exhaustive()
    }
}

impl Context {
    pub(crate) fn new(server: Server, message: Inbound, era: Era, origin: Origin) -> Self {
        let request = RequestState {
            server,
            message,
            era,
            origin,
            queue: Queue::default(),
            cancel: CancelFlag::default(),
            state: Extensions::new(),
            rounds: OnceLock::new(),
            progress: progress::LastProgress::default(),
            unrepeatable: AtomicBool::new(false),
            waited: AtomicU64::new(0),
            speech: speech::Speech::default(),
            moment: moment::Moment::default(),
            marks: within::Marks::default(),
        };
        Self {
            request: Arc::new(request),
            scope: None,
        }
    }

    /// The same request, seen by a component of a mounted server.
    pub(crate) fn scoped(&self, scope: &Arc<Scope>) -> Self {
        Self {
            request: Arc::clone(&self.request),
            scope: Some(Arc::clone(scope)),
        }
    }

    pub(crate) fn request(&self) -> &Arc<RequestState> {
        &self.request
    }

    pub(crate) fn message(&self) -> &Inbound {
        &self.request.message
    }

    pub(crate) fn session_state(&self) -> Option<&Arc<SessionState>> {
        match &self.request.era {
            Era::Session(session) => Some(session),
            Era::Modern { .. } => None,
        }
    }

    /// The server that received the request: the outermost one.
    pub fn server(&self) -> &Server {
        &self.request.server
    }

    /// The id of the request as JSON text.
    pub fn request_id(&self) -> &str {
        self.message().id().unwrap_or("")
    }

    /// Tells the connection or session that the request came on from all others
    /// of this process; `None` where requests belong to none, as over HTTP in the
    /// stateless era.
    pub fn connection(&self) -> Option<u64> {
        self.origin().link().map(|link| link.serial())
    }

    /// The method, for example `tools/call`.
    pub fn method(&self) -> &str {
        self.message().method()
    }

    /// The protocol revision the request is served in.
    pub fn revision(&self) -> Revision {
        match &self.request.era {
            Era::Modern { revision, .. } => *revision,
            Era::Session(session) => session.revision(),
        }
    }

    /// How the request arrived.
    pub fn transport(&self) -> TransportKind {
        self.request.origin.transport()
    }

    /// What the client declared it can do.
    pub fn client_capabilities(&self) -> &ClientCapabilities {
        match &self.request.era {
            Era::Modern { capabilities, .. } => {
                capabilities.get_or_init(|| Box::new(crate::wire::capabilities(self.message())))
            }
            Era::Session(session) => session.capabilities(),
        }
    }

    /// The name and version the client gave, if it did. Not verified: never
    /// decide about access by it.
    pub fn client_info(&self) -> Option<Implementation> {
        match &self.request.era {
            Era::Modern { .. } => self.message().meta(Meta::CLIENT_INFO)?.decode().ok(),
            Era::Session(session) => Some(session.client_info().clone()),
        }
    }

    /// A member of the request's `_meta`.
    pub fn meta(&self, key: &str) -> Option<Raw<'_>> {
        self.message().meta(key)
    }

    /// A member of the trace the request belongs to, by its name in
    /// [`trace::MEMBERS`](crate::trace::MEMBERS): what `_meta` says, else what the
    /// headers say where something carries traces on.
    pub fn carried(&self, member: &str) -> Option<Cow<'_, str>> {
        if let Some(value) = self.meta(member) {
            return value.as_str();
        }
        // The headers stand together: they are not mixed with what `_meta` says.
        if self.meta(Meta::TRACEPARENT).is_some() {
            return None;
        }
        let headers = self.extension::<Carried>()?;
        headers
            .get(member)
            .map(|value| Cow::Owned(value.to_owned()))
    }

    /// What tells the session or connection apart from every other one of this
    /// process, where the request has one. It is not the session's id, and nobody
    /// can do anything with it.
    pub fn session_serial(&self) -> Option<u64> {
        self.origin().link().map(|link| link.serial())
    }

    /// Values of this request, by type: what middleware leaves for handlers.
    pub fn state(&self) -> &Extensions {
        &self.request.state
    }

    /// A value that the transport, or a layer around it, put into the request,
    /// by type.
    pub fn extension<T: Send + Sync + 'static>(&self) -> Option<Arc<T>> {
        self.request.origin.extensions()?.get()
    }

    /// Who is calling, if that was verified.
    pub fn principal(&self) -> Option<&Principal> {
        self.request.origin.principal()
    }

    /// Whether the caller has a scope: its token carries it, or what the server
    /// says of roles and scopes grants it; see
    /// [`Permissions`](crate::access::Permissions). Callers without a principal
    /// have none, also those that are trusted.
    ///
    /// ```
    /// use purlin_core::Context;
    ///
    /// fn columns(cx: &Context) -> &'static [&'static str] {
    ///     match cx.has_scope("orders:margins") {
    ///         true => &["price", "margin"],
    ///         false => &["price"],
    ///     }
    /// }
    /// ```
    pub fn has_scope(&self, scope: &str) -> bool {
        self.principal().is_some_and(|caller| {
            caller.has_scope(scope) || self.server().tail().permissions.grants(caller, scope)
        })
    }

    /// Whether the caller is trusted without a principal: nobody has said who it
    /// is, and it talks over standard input and output or in memory, so it has
    /// started this process or is part of it.
    pub fn is_trusted(&self) -> bool {
        self.request.origin.is_local()
    }

    /// Whether the same request may lead to something else another time, or for
    /// somebody else: the client was asked something or has brought answers, a
    /// [`step`](Self::step) was taken, or a [`session`](Self::session) was looked
    /// into.
    pub fn is_unrepeatable(&self) -> bool {
        self.request.unrepeatable.load(Ordering::Acquire) || self.request.rounds.get().is_some()
    }

    /// Counts time that the request has stood in a queue against the time that
    /// its component has, for middleware that lets requests wait.
    pub fn charge(&self, waited: Duration) {
        let micros = u64::try_from(waited.as_micros()).unwrap_or(u64::MAX);
        self.request.waited.fetch_add(micros, Ordering::Relaxed);
    }

    /// For how long the request has stood in queues.
    pub(crate) fn waited(&self) -> Duration {
        Duration::from_micros(self.request.waited.load(Ordering::Relaxed))
    }

    pub(crate) fn origin(&self) -> &Origin {
        &self.request.origin
    }

    /// A value of the lifespan, by type: of the server the component belongs
    /// to, else of the servers it is mounted in.
    pub fn resource<T: Send + Sync + 'static>(&self) -> Option<Arc<T>> {
        match &self.scope {
            Some(scope) => scope.resource(),
            None => self.request.server.scope().resource(),
        }
    }

    /// The URI under which clients know a resource of the server the component
    /// belongs to: with the prefixes of the mounts between them.
    ///
    /// For URIs that leave the server in links and embedded resources.
    ///
    /// ```
    /// use purlin_core::{Context, protocol::Content};
    ///
    /// fn guide(cx: &Context) -> Content {
    ///     Content::link(cx.outer_uri("docs://guides/deploy"), "deploy")
    /// }
    /// ```
    pub fn outer_uri<'a>(&self, uri: &'a str) -> Cow<'a, str> {
        match &self.scope {
            Some(scope) => scope.outer_uri(uri),
            None => Cow::Borrowed(uri),
        }
    }

    /// Tells clients that subscribed to a resource that its contents changed.
    /// `uri` is the resource as the server knows it to which the component
    /// belongs; clients get it with the prefixes of the mounts.
    pub fn notify_resource_updated(&self, uri: impl Into<String>) {
        let own = self.scope.as_ref().and_then(|scope| scope.server());
        own.as_ref()
            .unwrap_or(self.server())
            .notify_resource_updated(uri);
    }

    /// Whether the request is no longer wanted.
    ///
    /// A cancelled handler is dropped at its next `.await`; this is for work
    /// it handed to other tasks and threads.
    pub fn is_cancelled(&self) -> bool {
        self.request.cancel.is_set()
    }

    /// Waits until the request is no longer wanted, or has been answered.
    pub async fn cancelled(&self) {
        self.request.cancel.wait().await;
    }

    /// Closes the stream of this request; the client comes back for the answer
    /// (session era, HTTP; SEP-1699). Elsewhere it does nothing.
    pub fn close_stream(&self) {
        if self.session_state().is_some() && self.transport() == TransportKind::Http {
            self.request.queue.push_close();
        }
    }

    /// Calls a tool of the outermost server, through its middleware.
    ///
    /// `arguments` becomes the JSON object of arguments.
    ///
    /// # Errors
    /// As the tool; [`ErrorKind::UnknownTool`](crate::ErrorKind::UnknownTool).
    pub async fn call_tool(
        &self,
        name: &str,
        arguments: impl serde::Serialize,
    ) -> Result<ToolResult> {
        let arguments = serde_json::to_string(&arguments)?;
        let call = ToolCall::new(self, name, Some(Cow::Owned(arguments)));
        dispatch::run_tool(self, call).await
    }

    /// Reads a resource of the outermost server, through its middleware.
    ///
    /// # Errors
    /// As the resource; [`ErrorKind::UnknownResource`](crate::ErrorKind::UnknownResource).
    pub async fn read_resource(&self, uri: &str) -> Result<ResourceResult> {
        dispatch::run_resource(self, uri).await
    }

    /// Gets a prompt of the outermost server, through its middleware.
    ///
    /// `arguments` becomes the JSON object of arguments.
    ///
    /// # Errors
    /// As the prompt; [`ErrorKind::UnknownPrompt`](crate::ErrorKind::UnknownPrompt).
    pub async fn get_prompt(
        &self,
        name: &str,
        arguments: impl serde::Serialize,
    ) -> Result<PromptResult> {
        let arguments = serde_json::to_string(&arguments)?;
        dispatch::run_prompt(self, name, Some(Cow::Owned(arguments))).await
    }

    /// Sends a message on the stream of this request.
    pub(crate) fn push(&self, body: Vec<u8>, priority: Priority) -> bool {
        let sent = self.request.queue.push(body, priority);
        if sent {
            self.request.speech.sent();
        }
        sent
    }

    /// Fails with −32021 and the capabilities that are missing.
    pub(crate) fn missing_capability(what: &str, required: &serde_json::Value) -> Error {
        Error::new(
            crate::ErrorKind::MissingCapability,
            format!("the client does not support {what}"),
        )
        .with_data(serde_json::json!({ "requiredCapabilities": required }))
    }
}

#[cfg(test)]
impl Context {
    /// A request of the stateless era to a server that offers nothing.
    pub(crate) fn for_tests() -> Self {
        Self::for_tests_from(Origin::new(TransportKind::Memory))
    }

    #[cfg(test)]
    pub(crate) fn for_tests_from(origin: Origin) -> Self {
        let text = br#"{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"_meta":{}}}"#;
        let Ok(crate::wire::Frame::One(message)) = crate::wire::parse(text.to_vec()) else {
            panic!("the text is one message");
        };
        let era = Era::Modern {
            revision: Revision::LATEST,
            log_level: None,
            capabilities: OnceLock::new(),
        };
        Self::new(Server::builder("test", "0.0.0"), message, era, origin)
    }
}
