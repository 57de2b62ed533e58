//! POST: which era a message belongs to, and who answers it.
//!
//! A message whose `_meta` names a version is of the stateless era whatever
//! else the request says. Without that, a version header that names no version
//! with sessions means the same, so that a broken stateless request hears what
//! is wrong with it. What is left is of the session era: `initialize` opens a
//! session, everything else must name one (2026-07-28, "Versioning").

use std::{
    pin::Pin,
    sync::Arc,
    task::{Context, Poll, Waker},
};

use http::{HeaderName, HeaderValue, Response, StatusCode};
use purlin_core::{
    Origin, Principal, Session,
    wire::{self, Field, Frame, Inbound, MessageKind, Refusal, Reply},
};

use crate::{
    answer,
    body::Body,
    guard::Rejection,
    head::{Head, Named, SESSION_ID},
    modern,
    service::Endpoint,
    session::{self, OpenError, SessionId},
};

/// The session is unknown, has ended, or is somebody else's: all look alike.
pub(crate) const NO_SESSION: Rejection = Rejection::new(
    StatusCode::NOT_FOUND,
    "there is no such session; open one with `initialize` and without a session id",
);

pub(crate) const TWO_SESSIONS: Rejection = Rejection::new(
    StatusCode::BAD_REQUEST,
    "`Mcp-Session-Id` is given more than once",
);

const NOT_IN_A_SESSION: Rejection = Rejection::new(
    StatusCode::BAD_REQUEST,
    "send `Mcp-Session-Id`, or `_meta` with `io.modelcontextprotocol/protocolVersion`",
);

/// The owner of what this caller opens, if callers are known. Sessions belong to
/// their opener.
pub(crate) fn owner(origin: &Origin) -> Option<Box<str>> {
    Some(Box::from(&*origin.principal()?.identity()))
}

/// Whether the version header puts the request into the stateless era: it is
/// there and is no version with sessions.
pub(crate) fn names_modern(head: &Head<'_>) -> bool {
    matches!(head.named_version(), Named::Modern | Named::Unknown)
}

/// A POST that is being answered.
///
/// Everything up to here was decided in place; only what may wait is a future,
/// so that a message is not moved through one.
pub(crate) enum Answering<'a> {
    /// The answer is known; `None` once it was handed over.
    Known(Option<Response<Body>>),
    /// A request of the stateless era runs.
    Modern(modern::Opening<'a>),
    /// Requests of a session run.
    Session(session::Opening<'a>),
    /// Other replicas are asked or told first.
    Later(Pin<Box<dyn Future<Output = Response<Body>> + Send + 'a>>),
}

impl From<Response<Body>> for Answering<'_> {
    fn from(response: Response<Body>) -> Self {
        Self::Known(Some(response))
    }
}

impl Future for Answering<'_> {
    type Output = Response<Body>;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Response<Body>> {
        match &mut *self {
            Self::Known(response) => response.take().map_or(Poll::Pending, Poll::Ready),
            Self::Modern(opening) => opening.poll(cx),
            Self::Session(opening) => opening.poll(cx),
            Self::Later(answer) => answer.as_mut().poll(cx),
        }
    }
}

/// Takes one POST whose body is `text`.
pub(crate) fn take<'a>(
    endpoint: &'a Arc<Endpoint>,
    text: Vec<u8>,
    head: &Head<'_>,
    origin: Origin,
) -> Result<Answering<'a>, Rejection> {
    match wire::parse(text) {
        Ok(Frame::One(message)) if is_modern(endpoint, &message, head) => {
            Ok(take_modern(endpoint, message, head, origin))
        }
        Ok(Frame::One(message)) if opens_session(&message, head) => {
            open_session(endpoint, message, origin)
        }
        Ok(frame) => take_in_session(endpoint, frame, head, origin),
        Err(refusal) => Ok(answer::reply(refusal.reply()).into()),
    }
}

fn is_modern(endpoint: &Arc<Endpoint>, message: &Inbound, head: &Head<'_>) -> bool {
    if message.is_modern() || !endpoint.config.sessions {
        return true;
    }
    if message.kind() == MessageKind::Response {
        return false;
    }
    match head.session {
        Field::Absent => names_modern(head) || message.method() == "server/discover",
        Field::One(_) | Field::Many => head.named_version() == Named::Modern,
    }
}

fn opens_session(message: &Inbound, head: &Head<'_>) -> bool {
    head.session == Field::Absent
        && message.kind() == MessageKind::Request
        && message.method() == "initialize"
}

fn take_modern<'a>(
    endpoint: &'a Arc<Endpoint>,
    message: Inbound,
    head: &Head<'_>,
    origin: Origin,
) -> Answering<'a> {
    let streams = head.accepted.sse;
    if !streams && message.method() == "subscriptions/listen" {
        let reason = "a subscription is an event stream: send `Accept: text/event-stream` too";
        return answer::rejection(Rejection::new(StatusCode::NOT_ACCEPTABLE, reason)).into();
    }
    match endpoint
        .server
        .accept_modern(message, Some(&head.routing), origin)
    {
        Ok(Some(exchange)) => Answering::Modern(modern::Opening::new(endpoint, exchange, streams)),
        Ok(None) => answer::empty(StatusCode::ACCEPTED).into(),
        Err(reply) => answer::reply(reply).into(),
    }
}

fn open_session(
    endpoint: &Arc<Endpoint>,
    message: Inbound,
    origin: Origin,
) -> Result<Answering<'_>, Rejection> {
    let mut opening = match endpoint.server.open_session(message, origin.clone()) {
        Ok(opening) => opening,
        Err(reply) => return Ok(answer::reply(reply).into()),
    };
    // As a rule no middleware waits.
    let mut task = Context::from_waker(Waker::noop());
    match Pin::new(&mut opening).poll(&mut task) {
        Poll::Ready(Ok((session, reply))) => keep_session(endpoint, session, reply, &origin),
        Poll::Ready(Err(reply)) => Ok(answer::reply(reply).into()),
        Poll::Pending => Ok(Answering::Later(Box::pin(async move {
            match opening.await {
                Ok((session, reply)) => match keep_session(endpoint, session, reply, &origin) {
                    Ok(answering) => answering.await,
                    Err(rejection) => answer::rejection(rejection),
                },
                Err(reply) => answer::reply(reply),
            }
        }))),
    }
}

/// Gives an open session its id, and the client its answer.
fn keep_session<'a>(
    endpoint: &'a Arc<Endpoint>,
    session: Session,
    reply: Reply,
    origin: &Origin,
) -> Result<Answering<'a>, Rejection> {
    let owner = owner(origin);
    let replicas = endpoint.replicas.as_ref();
    let place = |id: SessionId| {
        let key = origin.store_key(&id.to_string());
        replicas.map(|replicas| (Arc::clone(replicas), key))
    };
    let tenant = origin.principal().and_then(Principal::tenant);
    let opened = endpoint
        .sessions
        .open(session, owner.clone(), tenant, place);
    let id = opened.map_err(OpenError::rejection)?;
    let mut response = answer::reply(reply);
    if let Ok(value) = HeaderValue::from_str(&id.to_string()) {
        response
            .headers_mut()
            .insert(HeaderName::from_static(SESSION_ID), value);
    }
    let Some(entry) = endpoint
        .sessions
        .peek(id, owner.as_deref())
        .filter(|_| replicas.is_some())
    else {
        return Ok(response.into());
    };
    Ok(Answering::Later(Box::pin(async move {
        match session::publish(&entry, endpoint.config.session).await {
            Ok(()) => response,
            Err(rejection) => {
                endpoint.sessions.remove(id);
                answer::rejection(rejection)
            }
        }
    })))
}

fn take_in_session<'a>(
    endpoint: &'a Endpoint,
    frame: Frame,
    head: &Head<'_>,
    origin: Origin,
) -> Result<Answering<'a>, Rejection> {
    let id = match head.session {
        Field::One(id) => id,
        Field::Many => return Err(TWO_SESSIONS),
        Field::Absent if matches!(frame, Frame::Batch(_)) => {
            return Ok(answer::reply(Refusal::batch().reply()).into());
        }
        Field::Absent => {
            return Ok(answer::rejection_of(id_of(&frame), NOT_IN_A_SESSION).into());
        }
    };
    let owner = owner(&origin);
    let Some(entry) = endpoint.sessions.find(id, owner.as_deref()) else {
        return Ok(answer::rejection_of(id_of(&frame), NO_SESSION).into());
    };
    if endpoint.replicas.is_some() {
        return Ok(session::take_shared(endpoint, entry, frame, head, origin));
    }
    Ok(session::take_post(endpoint, entry, frame, head, origin))
}

/// The id to answer when a whole frame is refused.
pub(crate) fn id_of(frame: &Frame) -> Option<&str> {
    match frame {
        Frame::One(message) if message.kind() == MessageKind::Request => message.id(),
        Frame::One(_) | Frame::Batch(_) => None,
    }
}
