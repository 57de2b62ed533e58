//! A connection that carries one client: which era each message belongs to.

use std::{
    future::Future,
    pin::Pin,
    sync::{Arc, Mutex, PoisonError},
    task::{self, Poll, ready},
};

use crate::{
    Server,
    context::{Origin, Outbox},
    protocol::{ErrorCode, ErrorObject, Meta, method},
    server::{Batch, Exchange, Link, Opening, Session},
    wire::{Frame, Inbound, MessageKind, Refusal, Reply, parse},
};

/// One client on a connection of its own. Stateless requests and one session
/// may share it.
#[derive(Debug)]
pub(crate) struct Connection {
    server: Server,
    origin: Origin,
    link: Arc<Link>,
    session: Mutex<Option<Session>>,
}

/// What became of a message.
pub(crate) enum Received {
    /// It is answered.
    Reply(Reply),
    /// It is being served.
    Work(Work),
    /// It needs no answer.
    Nothing,
}

/// Something being served.
pub(crate) enum Work {
    One(Exchange),
    Batch(Batch),
    /// A session is being opened.
    Opening(Opening),
    /// It has been opened, which is told to whoever asks.
    Opened(Option<Session>),
}

impl Future for Work {
    type Output = Option<Reply>;

    fn poll(mut self: Pin<&mut Self>, cx: &mut task::Context<'_>) -> Poll<Option<Reply>> {
        match &mut *self {
            Self::One(exchange) => Pin::new(exchange).poll(cx),
            Self::Batch(batch) => Pin::new(batch).poll(cx),
            Self::Opening(opening) => {
                let opened = ready!(Pin::new(opening).poll(cx));
                let (session, reply) = match opened {
                    Ok((session, reply)) => (Some(session), reply),
                    Err(reply) => (None, reply),
                };
                *self = Self::Opened(session);
                Poll::Ready(Some(reply))
            }
            Self::Opened(_) => Poll::Pending,
        }
    }
}

impl Work {
    /// Whether nothing happens until the client does something.
    pub(crate) fn waits_for_client(&self) -> bool {
        match self {
            Self::One(exchange) => exchange.waits_for_client(),
            Self::Batch(batch) => batch.waits_for_client(),
            Self::Opening(_) | Self::Opened(_) => false,
        }
    }

    /// The session that it has opened, for whoever asks first.
    pub(crate) fn take_opened(&mut self) -> Option<Session> {
        match self {
            Self::Opened(session) => session.take(),
            _ => None,
        }
    }

    /// Whether it goes on without being heard any more.
    pub(crate) fn is_cut_off(&self) -> bool {
        matches!(self, Self::One(exchange) if exchange.is_cut_off())
    }

    /// The id of the one request this is, as JSON text.
    pub(crate) fn id(&self) -> Option<&str> {
        match self {
            Self::One(exchange) => Some(exchange.id()).filter(|id| !id.is_empty()),
            Self::Opening(opening) => Some(opening.id()),
            Self::Batch(_) | Self::Opened(_) => None,
        }
    }

    pub(crate) fn outboxes(&self) -> Vec<Outbox> {
        match self {
            Self::One(exchange) => vec![exchange.outbox()],
            Self::Batch(batch) => batch.outboxes().collect(),
            // Nothing is said before the answer.
            Self::Opening(_) | Self::Opened(_) => Vec::new(),
        }
    }
}

impl Connection {
    pub(crate) fn new(server: Server, origin: Origin) -> Self {
        let link = Arc::new(Link::default());
        let origin = origin.with_link(Arc::clone(&link));
        Self {
            server,
            origin,
            link,
            session: Mutex::default(),
        }
    }

    /// The session, open or being opened.
    fn session(&self) -> Option<Session> {
        let session = self.session.lock().unwrap_or_else(PoisonError::into_inner);
        session
            .as_ref()
            .filter(|session| !session.is_refused())
            .cloned()
    }

    /// Takes one text as it arrived.
    pub(crate) fn receive(&self, text: Vec<u8>) -> Received {
        match parse(text) {
            Ok(Frame::One(message)) => self.message(message),
            Ok(Frame::Batch(batch)) => match self.session() {
                Some(session) => match session.accept_batch(batch, &self.origin) {
                    Ok(batch) => Received::Work(Work::Batch(batch)),
                    Err(reply) => Received::Reply(reply),
                },
                None => Received::Reply(Refusal::batch().reply()),
            },
            Err(refusal) => Received::Reply(refusal.reply()),
        }
    }

    fn message(&self, message: Inbound) -> Received {
        if message.is_modern() {
            return received(
                self.server
                    .accept_modern(message, None, self.origin.clone()),
            );
        }
        match (self.session(), message.kind()) {
            (Some(session), kind) => {
                // A cancellation carries no version: it may mean a stateless request.
                if kind == MessageKind::Notification
                    && message.method() == method::NOTIFICATIONS_CANCELLED
                    && let Some(id) = message.param("requestId")
                {
                    self.link.cancel(id.get());
                }
                received(session.accept(message, self.origin.clone()))
            }
            (None, MessageKind::Request) if message.method() == method::INITIALIZE => {
                self.open(message)
            }
            (None, MessageKind::Request) if message.method() == method::PING => {
                Received::Reply(Reply::empty(message.id().unwrap_or_default()))
            }
            (None, MessageKind::Request) => Received::Reply(neither_era(&message)),
            // A cancellation needs no version to be understood.
            (None, MessageKind::Notification)
                if message.method() == method::NOTIFICATIONS_CANCELLED =>
            {
                received(
                    self.server
                        .accept_modern(message, None, self.origin.clone()),
                )
            }
            (None, MessageKind::Notification | MessageKind::Response) => Received::Nothing,
        }
    }

    fn open(&self, initialize: Inbound) -> Received {
        match self.server.open_session(initialize, self.origin.clone()) {
            Ok(opening) => {
                let session = Some(opening.session().clone());
                *self.session.lock().unwrap_or_else(PoisonError::into_inner) = session;
                Received::Work(Work::Opening(opening))
            }
            Err(reply) => Received::Reply(reply),
        }
    }

    /// Ends the connection: everything in flight is cancelled.
    pub(crate) fn close(&self) {
        if let Some(session) = self.session() {
            session.close();
        }
        self.link.cancel_all();
    }
}

fn received(accepted: Result<Option<Exchange>, Reply>) -> Received {
    match accepted {
        Ok(Some(exchange)) => Received::Work(Work::One(exchange)),
        Ok(None) => Received::Nothing,
        Err(reply) => Received::Reply(reply),
    }
}

/// A request that belongs to no era: there is no session, and it carries no
/// version.
fn neither_era(message: &Inbound) -> Reply {
    let text = format!(
        "`_meta[\"{}\"]` is required: send it with every request, or open a session with `initialize`",
        Meta::PROTOCOL_VERSION
    );
    Reply::error(
        message.id(),
        &ErrorObject::new(ErrorCode::INVALID_PARAMS, text),
    )
}
