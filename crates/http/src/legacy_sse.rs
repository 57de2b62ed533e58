//! HTTP+SSE, the transport of revision 2024-11-05, beside the MCP endpoint.
//!
//! `GET /sse` opens an event stream whose first event, `endpoint`, says where
//! to post; everything we say travels on that stream. The connection is the
//! session: when it ends, so does what it was asked. There is no resumption.

use std::{
    collections::HashMap,
    fmt,
    future::poll_fn,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    task::{Context, Poll},
};

use bytes::{Buf, Bytes};
use http::{Method, Response, StatusCode, request::Parts};
use purlin_core::{
    Opening, Origin, Session,
    wire::{self, Frame, Inbound, MessageKind, Refusal},
};
use tokio::{
    sync::{Notify, mpsc},
    task::JoinSet,
};

use crate::{
    answer,
    body::Body,
    guard::{self, Rejection},
    head::Head,
    intake,
    post::{self, NO_SESSION},
    service::Endpoint,
    session::{Said, SessionId, Work},
    sse::{self, KeepAlive},
};

const STREAM: &str = "/sse";
const MESSAGES: &str = "/messages";
/// How many messages wait for a client that reads slowly; then the requests
/// that speak wait.
const QUEUE: usize = 64;
/// How many requests of one connection may run.
const MAX_RUNNING: usize = 256;

const BUSY: Rejection = Rejection::new(
    StatusCode::TOO_MANY_REQUESTS,
    "too many requests of this connection are running",
);

/// The open connections of one endpoint.
#[derive(Debug, Default)]
pub(crate) struct Connections(Mutex<HashMap<SessionId, Arc<Connection>>>);

/// One client: its stream and, once it has said `initialize`, its session.
struct Connection {
    owner: Option<Box<str>>,
    session: Mutex<Option<Session>>,
    /// Tells the stream that there is a session to listen to.
    opened: Notify,
    sender: mpsc::Sender<Bytes>,
    /// Ends with the connection.
    running: Mutex<JoinSet<()>>,
}

impl fmt::Debug for Connection {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Connection")
            .field("session", &self.session())
            .finish_non_exhaustive()
    }
}

/// Whether this transport answers at `path`.
pub(crate) fn is_path(path: &str) -> bool {
    path == STREAM || path == MESSAGES
}

impl Connections {
    fn lock(&self) -> MutexGuard<'_, HashMap<SessionId, Arc<Connection>>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn find(&self, id: &[u8], owner: Option<&str>) -> Option<Arc<Connection>> {
        let id = SessionId::parse(id)?;
        let found = self.lock().get(&id).map(Arc::clone)?;
        (found.owner.as_deref() == owner).then_some(found)
    }
}

impl Endpoint {
    /// Answers a request at one of the two paths; the caller was checked.
    pub(crate) async fn answer_legacy<B>(
        self: &Arc<Self>,
        parts: &Parts,
        head: &Head<'_>,
        origin: Origin,
        body: B,
    ) -> Result<Response<Body>, Rejection>
    where
        B: http_body::Body,
        B::Data: Buf,
    {
        let is_stream = parts.uri.path() == STREAM;
        if is_stream && parts.method == Method::GET {
            return self.open_legacy(head, &origin);
        }
        if is_stream || parts.method != Method::POST {
            return Ok(answer::not_allowed(if is_stream { "GET" } else { "POST" }));
        }
        guard::check_content(head)?;
        let owner = post::owner(&origin);
        let id = parts
            .uri
            .query()
            .and_then(|query| query.strip_prefix("session_id="));
        let connection = self
            .legacy
            .find(id.unwrap_or("").as_bytes(), owner.as_deref());
        let connection = connection.ok_or(NO_SESSION)?;
        let text = intake::read(body, &self.config.body).await?;
        match wire::parse(text) {
            Ok(Frame::One(message)) => self.take_legacy(&connection, message, &origin)?,
            Ok(Frame::Batch(_)) => return Ok(answer::reply(Refusal::batch().reply())),
            Err(refusal) => return Ok(answer::reply(refusal.reply())),
        }
        Ok(answer::empty(StatusCode::ACCEPTED))
    }

    fn open_legacy(
        self: &Arc<Self>,
        head: &Head<'_>,
        origin: &Origin,
    ) -> Result<Response<Body>, Rejection> {
        if !head.accepted.sse {
            let reason = "send `Accept: text/event-stream`";
            return Err(Rejection::new(StatusCode::NOT_ACCEPTABLE, reason));
        }
        let id = SessionId::random().map_err(|_| {
            Rejection::new(
                StatusCode::INTERNAL_SERVER_ERROR,
                "no session id could be made",
            )
        })?;
        let (sender, receiver) = mpsc::channel(QUEUE);
        let connection = Arc::new(Connection {
            owner: post::owner(origin),
            session: Mutex::default(),
            opened: Notify::new(),
            sender,
            running: Mutex::default(),
        });
        let mut connections = self.legacy.lock();
        if connections.len() >= self.config.session.total {
            let reason = "there are too many sessions";
            return Err(Rejection::new(StatusCode::SERVICE_UNAVAILABLE, reason));
        }
        connections.insert(id, Arc::clone(&connection));
        drop(connections);
        let mut first = Vec::new();
        let address = format!("{MESSAGES}?session_id={id}");
        sse::write_event(&mut first, "endpoint", None, address.as_bytes());
        let stream = LegacyStream {
            endpoint: Arc::clone(self),
            id,
            first: Some(first.into()),
            receiver,
            pushes: Box::pin(pushes(connection)),
            ending: Box::pin(self.ending(origin)),
            keep_alive: KeepAlive::new(self.config.keep_alive),
        };
        Ok(answer::events(Body::legacy(stream)))
    }

    fn take_legacy(
        &self,
        connection: &Arc<Connection>,
        message: Inbound,
        origin: &Origin,
    ) -> Result<(), Rejection> {
        let Some(session) = connection.session() else {
            let opens = message.kind() == MessageKind::Request && message.method() == "initialize";
            if !opens {
                let reason = "the first message must be `initialize`";
                return Err(Rejection::new(StatusCode::BAD_REQUEST, reason));
            }
            return match self.server.open_session(message, origin.clone()) {
                Ok(opening) => connection.open(opening),
                Err(reply) => connection.say(&reply.body),
            };
        };
        match session.accept(message, origin.clone()) {
            Ok(Some(exchange)) => connection.run(Work::new([exchange])),
            Ok(None) => Ok(()),
            Err(reply) => connection.say(&reply.body),
        }
    }
}

impl Connection {
    fn held(&self) -> MutexGuard<'_, Option<Session>> {
        self.session.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The session, open or being opened.
    fn session(&self) -> Option<Session> {
        self.held().clone().filter(|session| !session.is_refused())
    }

    /// Lets a session be opened; the connection carries the answer.
    fn open(self: &Arc<Self>, opening: Opening) -> Result<(), Rejection> {
        {
            let mut held = self.held();
            if held.as_ref().is_some_and(|other| !other.is_refused()) {
                let reason = "another `initialize` came first";
                return Err(Rejection::new(StatusCode::BAD_REQUEST, reason));
            }
            *held = Some(opening.session().clone());
        }
        // Weak, for the task is kept by the connection.
        let connection = Arc::downgrade(self);
        let sender = self.sender.clone();
        self.spawn(async move {
            let (is_open, reply) = match opening.await {
                Ok((_, reply)) => (true, reply),
                Err(reply) => (false, reply),
            };
            let sent = sender.send(sse::message(None, &reply.body)).await.is_ok();
            // What the session says by itself comes after the answer.
            if let Some(connection) = connection.upgrade().filter(|_| sent && is_open) {
                connection.opened.notify_one();
            }
        })
    }

    fn say(&self, body: &[u8]) -> Result<(), Rejection> {
        self.sender
            .try_send(sse::message(None, body))
            .map_err(|_| BUSY)
    }

    /// Lets a request run; the connection carries what it says.
    fn run(&self, mut work: Work) -> Result<(), Rejection> {
        let sender = self.sender.clone();
        self.spawn(async move {
            loop {
                let (said, done) = next(&mut work).await;
                for what in said {
                    let body = match what {
                        Said::Message(body) => body,
                        Said::Answer(reply) => reply.body,
                        Said::Close => continue,
                    };
                    if sender.send(sse::message(None, &body)).await.is_err() {
                        return;
                    }
                }
                if done {
                    return;
                }
            }
        })
    }

    /// Lets something run as long as the connection is there.
    fn spawn(&self, task: impl Future<Output = ()> + Send + 'static) -> Result<(), Rejection> {
        let mut running = self.running.lock().unwrap_or_else(PoisonError::into_inner);
        while running.try_join_next().is_some() {}
        if running.len() >= MAX_RUNNING {
            return Err(BUSY);
        }
        running.spawn(task);
        Ok(())
    }
}

/// Waits until the requests say something, or are done.
async fn next(work: &mut Work) -> (Vec<Said>, bool) {
    let mut said = Vec::new();
    let done = poll_fn(|cx| {
        let done = work.poll(cx, &mut |what| said.push(what));
        if done.is_pending() && said.is_empty() {
            return Poll::Pending;
        }
        Poll::Ready(done.is_ready())
    });
    let done = done.await;
    (said, done)
}

/// Passes on what the session says outside of requests, once there is one.
async fn pushes(connection: Arc<Connection>) {
    let session = loop {
        connection.opened.notified().await;
        if let Some(session) = connection.session() {
            break session;
        }
    };
    let outbox = session.outbox();
    while let Some(message) = outbox.pop().await {
        if connection
            .sender
            .send(sse::message(None, &message.body))
            .await
            .is_err()
        {
            return;
        }
    }
}

type BoxFuture = std::pin::Pin<Box<dyn Future<Output = ()> + Send>>;

/// The event stream of one connection.
pub(crate) struct LegacyStream {
    endpoint: Arc<Endpoint>,
    id: SessionId,
    first: Option<Bytes>,
    receiver: mpsc::Receiver<Bytes>,
    pushes: BoxFuture,
    ending: BoxFuture,
    keep_alive: KeepAlive,
}

impl LegacyStream {
    pub(crate) fn poll_next(&mut self, cx: &mut Context<'_>) -> Poll<Option<Bytes>> {
        if let Some(first) = self.first.take() {
            return Poll::Ready(Some(first));
        }
        // Ready when the session has ended.
        let ended = self.pushes.as_mut().poll(cx).is_ready();
        if let Poll::Ready(Some(event)) = self.receiver.poll_recv(cx) {
            self.keep_alive.restart();
            return Poll::Ready(Some(event));
        }
        if ended || self.ending.as_mut().poll(cx).is_ready() {
            return Poll::Ready(None);
        }
        self.keep_alive.poll_due(cx).map(Some)
    }
}

impl Drop for LegacyStream {
    fn drop(&mut self) {
        let connection = self.endpoint.legacy.lock().remove(&self.id);
        if let Some(connection) = connection {
            if let Some(session) = connection.session() {
                session.close();
            }
            // The requests hold nothing that keeps them from ending here.
            connection
                .running
                .lock()
                .unwrap_or_else(PoisonError::into_inner)
                .abort_all();
        }
    }
}
