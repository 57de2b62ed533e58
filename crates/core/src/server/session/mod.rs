//! A session of the session era (specification up to 2025-11-25, "Lifecycle").

mod adopted;
mod changes;
mod end;
mod opening;
mod record;
mod rejudged;
mod shared;
mod subscriptions;

use std::{
    collections::{BTreeSet, HashMap, VecDeque},
    fmt,
    hash::{Hash, Hasher},
    sync::{
        Arc, Mutex, MutexGuard, OnceLock, PoisonError, Weak,
        atomic::{AtomicBool, AtomicU8, AtomicU64, AtomicUsize, Ordering},
    },
};

use serde_json::json;
use tokio::{sync::oneshot, time::Instant};

pub use opening::Opening;
use opening::Stage;
use record::Record;
use rejudged::Rejudged;
use shared::SharedSession;

use super::{Exchange, Link, Server, random_id, sharing::Sharing};
use crate::{
    Context, Error, ErrorKind, Result,
    access::{Allowance, Seats},
    context::{Era, Origin, Outbox, Priority, Queue, RequestState},
    protocol::{
        ClientCapabilities, ErrorCode, ErrorObject, Implementation, InputRequest, LogLevel,
        RawJson, method,
    },
    registry::{Place, Seat, Watching},
    store::StoreResult,
    wire::{Inbound, MessageKind, Raw, Reply, Revision, notification, request, write_json},
};

/// A negotiated session. A clone is a handle on the same session; transports
/// keep the sessions and give them ids.
#[derive(Debug, Clone)]
pub struct Session(Arc<SessionState>);

/// A [`Session`] that may be gone; for work that a session is not to be kept for.
#[derive(Debug, Clone)]
pub struct WeakSession(Arc<Handle>);

/// A way to a session which ends with it. One that pointed at the session itself
/// would keep its memory, which is large, until the last of them is dropped.
pub(crate) struct Handle(Mutex<Weak<SessionState>>);

impl fmt::Debug for Handle {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Handle")
    }
}

/// Whether they are handles on the same session.
impl PartialEq for WeakSession {
    fn eq(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.0, &other.0)
    }
}

impl Eq for WeakSession {}

impl Hash for WeakSession {
    fn hash<H: Hasher>(&self, state: &mut H) {
        Arc::as_ptr(&self.0).hash(state);
    }
}

impl WeakSession {
    pub(crate) fn of(session: &Arc<SessionState>) -> Self {
        let handle = || Arc::new(Handle(Mutex::new(Arc::downgrade(session))));
        Self(Arc::clone(session.handle.get_or_init(handle)))
    }

    /// The session, unless nobody holds it any more.
    pub fn upgrade(&self) -> Option<Session> {
        lock(&self.0.0).upgrade().map(Session)
    }
}

/// What there is about one session.
pub(crate) struct SessionState {
    server: Server,
    revision: Revision,
    client_info: Implementation,
    capabilities: ClientCapabilities,
    log_level: AtomicU8,
    stage: AtomicU8,
    initialized: AtomicBool,
    link: Arc<Link>,
    queue: Queue,
    next_id: AtomicU64,
    pending: Mutex<HashMap<u64, Pending>>,
    /// How many questions are open over all requests: the common case is none.
    asking: AtomicUsize,
    subscriptions: Mutex<BTreeSet<String>>,
    /// Once there are any that are counted.
    seats: OnceLock<Arc<Seats>>,
    /// What was told of subscriptions here, by URI: no more than there are of them.
    watching: Mutex<HashMap<String, Watching>>,
    /// Who hears of changes, judged anew each time.
    rejudged: Rejudged,
    /// Whether there are subscriptions that came or went elsewhere.
    drifted: AtomicBool,
    /// Under which its values are kept.
    values_id: OnceLock<String>,
    /// The whole key, once they were asked for here.
    values_key: OnceLock<String>,
    /// Where their bytes are counted, if they are.
    values_of: OnceLock<Allowance>,
    /// The place up to which changes that replicas share are not told here: another
    /// replica has told them.
    told_elsewhere: Mutex<Place>,
    /// The changes that were before the session was known here.
    here_since: Place,
    /// For a session that other replicas serve too.
    shared: OnceLock<SharedSession>,
    opened: Instant,
    /// Where it hears of changes.
    seat: OnceLock<Seat>,
    /// For those who do not keep it, once there are any.
    handle: OnceLock<Arc<Handle>>,
}

struct Pending {
    answer: oneshot::Sender<Result<RawJson>>,
    /// The request that asked, by address.
    asker: usize,
}

impl fmt::Debug for SessionState {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Session")
            .field("revision", &self.revision)
            .field("client", &self.client_info)
            .finish_non_exhaustive()
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Session {
    /// The revision that was negotiated.
    pub fn revision(&self) -> Revision {
        self.0.revision
    }

    /// Takes one message of this session.
    ///
    /// A request becomes an [`Exchange`]; notifications and answers to our own
    /// requests are consumed.
    ///
    /// # Errors
    /// The answer to send when the message is refused.
    pub fn accept(&self, message: Inbound, origin: Origin) -> Result<Option<Exchange>, Reply> {
        match message.kind() {
            MessageKind::Response => {
                self.0.take_answer(&message);
                Ok(None)
            }
            MessageKind::Request | MessageKind::Notification => {
                if message.is_modern() {
                    let error = ErrorObject::new(
                        ErrorCode::INVALID_REQUEST,
                        "a request with its own protocol version does not belong in a session",
                    );
                    return Err(Reply::error(message.id(), &error).with_status(400));
                }
                self.0.check_open(&message)?;
                let notified = message.kind() == MessageKind::Notification;
                if notified {
                    self.0.notified(&message);
                }
                let origin = origin.with_link(Arc::clone(&self.0.link));
                let context = Context::new(
                    self.0.server.clone(),
                    message,
                    Era::Session(Arc::clone(&self.0)),
                    origin,
                );
                Ok(Exchange::start(context))
            }
        }
    }

    /// Takes one message of a session that replicas share: what is not for this
    /// replica goes to the one that waits for it.
    ///
    /// # Errors
    /// As [`accept`](Self::accept), and when the store is not there.
    pub async fn deliver(
        &self,
        message: Inbound,
        origin: Origin,
    ) -> Result<Option<Exchange>, Reply> {
        let delivered = match message.kind() {
            MessageKind::Response if self.0.take_answer(&message) => return Ok(None),
            MessageKind::Response => match asked(&message) {
                Some(id) => self.0.forward(id, &message).await,
                None => Ok(()),
            },
            MessageKind::Notification => self.0.tell(&message).await,
            MessageKind::Request => Ok(()),
        };
        match delivered {
            Ok(()) => self.accept(message, origin),
            Err(error) => {
                tracing::warn!(%error, "a message did not reach the replica it is for");
                Err(unavailable(message.id()))
            }
        }
    }

    /// The messages that belong to no request: the session's own stream.
    pub fn outbox(&self) -> Outbox {
        Outbox::of_session(Arc::clone(&self.0))
    }

    /// Sends `ping` on the session's own stream.
    pub fn ping(&self) {
        let id = self.0.next_id.fetch_add(1, Ordering::Relaxed);
        self.0
            .queue
            .push(request(id, method::PING, b""), Priority::Log);
    }

    /// Whether the session has ended, or its stream was closed because nobody read it.
    pub fn is_closed(&self) -> bool {
        self.outbox().is_closed()
    }

    /// The server it belongs to.
    pub fn server(&self) -> &Server {
        &self.0.server
    }

    /// Ends the session: everything in flight is cancelled, every question of
    /// ours fails, the session's stream ends.
    pub fn close(&self) {
        self.0.link.cancel_all();
        lock(&self.0.pending).clear();
        let watching = std::mem::take(&mut *lock(&self.0.watching));
        drop(watching);
        self.0.queue.close();
    }
}

impl SessionState {
    fn open(
        server: &Server,
        revision: Revision,
        client_info: Implementation,
        capabilities: ClientCapabilities,
    ) -> Arc<Self> {
        let session = Arc::new(Self {
            server: server.clone(),
            revision,
            client_info,
            capabilities,
            log_level: AtomicU8::new(LogLevel::Info as u8),
            stage: AtomicU8::new(Stage::Opening as u8),
            initialized: AtomicBool::new(false),
            link: Arc::default(),
            queue: Queue::default(),
            next_id: AtomicU64::new(1),
            pending: Mutex::default(),
            asking: AtomicUsize::new(0),
            subscriptions: Mutex::default(),
            seats: OnceLock::new(),
            watching: Mutex::default(),
            rejudged: Rejudged::default(),
            drifted: AtomicBool::new(false),
            values_id: OnceLock::new(),
            values_key: OnceLock::new(),
            values_of: OnceLock::new(),
            told_elsewhere: Mutex::default(),
            here_since: server.sharing().map(Sharing::told).unwrap_or_default(),
            shared: OnceLock::new(),
            opened: Instant::now(),
            seat: OnceLock::new(),
            handle: OnceLock::new(),
        });
        let weak = Arc::downgrade(&session);
        session.seat.get_or_init(|| server.bus().join(weak));
        session
    }

    /// What other replicas have to know.
    fn record(&self) -> Record {
        Record {
            revision: self.revision.as_str().to_owned(),
            client_info: self.client_info.clone(),
            capabilities: self.capabilities.clone(),
            values: self.values_id().to_owned(),
            initialized: self.initialized.load(Ordering::Acquire),
            level: self.log_level(),
            subscriptions: lock(&self.subscriptions).clone(),
            cancels: 0,
            cancelled: VecDeque::new(),
            listener: None,
            changes: self.server.sharing().map(|it| it.told().to_string()),
        }
    }

    /// Takes over what a record says.
    fn apply(&self, record: &Record) {
        self.initialized
            .store(record.initialized, Ordering::Release);
        self.log_level.store(record.level as u8, Ordering::Relaxed);
        let mut subscriptions = lock(&self.subscriptions);
        if *subscriptions != record.subscriptions {
            subscriptions.clone_from(&record.subscriptions);
            self.drifted.store(true, Ordering::Release);
        }
    }

    pub(crate) fn revision(&self) -> Revision {
        self.revision
    }

    /// Names the values of this session, and of no other.
    pub(crate) fn values_id(&self) -> &str {
        self.values_id.get_or_init(random_id)
    }

    pub(crate) fn queue(&self) -> &Queue {
        &self.queue
    }

    pub(crate) fn capabilities(&self) -> &ClientCapabilities {
        &self.capabilities
    }

    pub(crate) fn client_info(&self) -> &Implementation {
        &self.client_info
    }

    pub(crate) fn log_level(&self) -> LogLevel {
        let level = self.log_level.load(Ordering::Relaxed);
        LogLevel::ALL
            .into_iter()
            .find(|known| *known as u8 == level)
            .unwrap_or(LogLevel::Info)
    }

    /// # Errors
    /// When the session is shared and its store is not there.
    pub(crate) async fn set_log_level(&self, level: LogLevel) -> Result<()> {
        self.change(|record| record.level = level).await?;
        self.log_level.store(level as u8, Ordering::Relaxed);
        Ok(())
    }

    /// Tells other replicas what a notification says.
    async fn tell(&self, message: &Inbound) -> StoreResult<()> {
        match message.method() {
            method::NOTIFICATIONS_INITIALIZED => {
                self.change(|record| record.initialized = true).await
            }
            method::NOTIFICATIONS_CANCELLED => match message.param("requestId") {
                Some(id) if !self.link.cancel(id.get()) => {
                    self.change(|record| record.cancel(id.get())).await
                }
                _ => Ok(()),
            },
            _ => Ok(()),
        }
    }

    fn notified(&self, message: &Inbound) {
        match message.method() {
            method::NOTIFICATIONS_INITIALIZED => self.initialized.store(true, Ordering::Release),
            // `initialize` is not to be cancelled (2025-11-25, "Cancellation").
            method::NOTIFICATIONS_CANCELLED if !self.is_opening() => {
                if let Some(id) = message.param("requestId") {
                    self.link.cancel(id.get());
                }
            }
            _ => {}
        }
    }

    /// Whether this request waits for the client's answer.
    pub(crate) fn is_asking(&self, request: &Arc<RequestState>) -> bool {
        self.asking.load(Ordering::Acquire) > 0 && {
            let asker = Arc::as_ptr(request) as usize;
            lock(&self.pending)
                .values()
                .any(|pending| pending.asker == asker)
        }
    }

    /// Asks the client on the stream of a request, and waits for the answer.
    pub(crate) async fn ask(&self, cx: &Context, question: &InputRequest) -> Result<RawJson> {
        if self.is_opening() {
            let problem = "a client can be asked nothing before `initialize` is answered";
            return Err(Error::new(ErrorKind::Protocol, problem));
        }
        if cx.request().queue().is_closed() {
            return Err(gone());
        }
        let id = self.next_id.fetch_add(1, Ordering::Relaxed);
        let (sender, receiver) = oneshot::channel();
        let asker = Arc::as_ptr(cx.request()) as usize;
        cx.request().unrepeatable.store(true, Ordering::Release);
        lock(&self.pending).insert(
            id,
            Pending {
                answer: sender,
                asker,
            },
        );
        self.asking.fetch_add(1, Ordering::AcqRel);
        cx.request().speech.question();
        let open = OpenQuestion {
            session: self,
            cx,
            id,
        };
        let mut params = Vec::new();
        match question {
            InputRequest::Elicit(elicit) => write_json(&mut params, elicit),
            InputRequest::Sample(sample) => write_json(&mut params, sample),
            InputRequest::Roots(roots) => write_json(&mut params, roots),
        }
        self.pose(id).await;
        if !cx.push(request(id, question.method(), &params), Priority::Needed) {
            return Err(gone());
        }
        let answer = self.answer(id, receiver).await;
        drop(open);
        answer
    }

    /// Hands an answer to the request that waits for it. False when none does
    /// here.
    fn take_answer(&self, message: &Inbound) -> bool {
        let id = asked(message);
        let Some(pending) = id.and_then(|id| lock(&self.pending).remove(&id)) else {
            return false;
        };
        // The asker may have been cancelled meanwhile.
        let _ = pending.answer.send(outcome(message));
        true
    }
}

/// The id of the question that a message answers.
fn asked(message: &Inbound) -> Option<u64> {
    // `1.0` and `"1"` are how some peers spell the id 1.
    let id = message.id()?.trim_matches('"');
    id.split('.').next()?.parse().ok()
}

/// What a message answers.
fn outcome(message: &Inbound) -> Result<RawJson> {
    match message.outcome() {
        Some(Ok(result)) => result.decode::<RawJson>().map_err(Error::from),
        Some(Err(error)) => Err(refused(error)),
        None => Err(gone()),
    }
}

fn unavailable(id: Option<&str>) -> Reply {
    let text = "what sessions need is not available: try again later";
    let error = ErrorObject::new(ErrorCode::INTERNAL_ERROR, text);
    let mut reply = Reply::error(id, &error).with_status(503);
    reply.retry_after = Some(5);
    reply
}

fn gone() -> Error {
    Error::new(
        ErrorKind::Cancelled,
        "the client went away before it answered",
    )
}

fn refused(error: Raw<'_>) -> Error {
    let error: ErrorObject = error
        .decode()
        .unwrap_or_else(|_| ErrorObject::new(ErrorCode::INTERNAL_ERROR, "an error without a text"));
    let text = format!("the client refused: {}", error.message);
    Error::new(ErrorKind::Remote, text).with_data(json!({ "code": error.code }))
}

/// A question that has been asked. Dropping it before the answer tells the
/// client that nobody waits any more.
struct OpenQuestion<'a> {
    session: &'a SessionState,
    cx: &'a Context,
    id: u64,
}

impl Drop for OpenQuestion<'_> {
    fn drop(&mut self) {
        self.session.asking.fetch_sub(1, Ordering::AcqRel);
        self.cx.request().speech.answered();
        if lock(&self.session.pending).remove(&self.id).is_some() {
            let params = format!(r#"{{"requestId":{}}}"#, self.id);
            let told = notification(method::NOTIFICATIONS_CANCELLED, params.as_bytes());
            // The stream of a request that was cancelled itself has ended.
            if !self.cx.push(told.clone(), Priority::Log) {
                self.session.queue.push(told, Priority::Log);
            }
        }
    }
}
