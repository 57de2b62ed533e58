//! A session being opened: `initialize` on its way through the middleware.
//!
//! The session is there from the start, so that what middleware does in it counts
//! for the session; it takes no request but `ping` until `initialize` is answered,
//! and ends at once where that is refused.

use std::{
    pin::Pin,
    sync::{Arc, atomic::Ordering},
    task::{Context as Task, Poll, ready},
};

use super::{Session, SessionState};
use crate::{
    Context, Origin,
    context::Era,
    protocol::{ErrorCode, ErrorObject, method},
    server::{Exchange, Server, introduce::params_of},
    wire::{Inbound, MessageKind, Reply, Revision},
};

/// How far a session has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u8)]
pub(super) enum Stage {
    /// `initialize` is being answered.
    Opening,
    Open,
    /// `initialize` was refused, or never answered.
    Refused,
}

/// A session being opened: a future of the session with the answer to
/// `initialize`, or of the answer that refuses it.
///
/// Middleware runs in place, inside `poll`. Dropping it ends the session, unless
/// it is open. Nothing goes to the client before the answer: what middleware says
/// on the way is dropped, and it cannot ask.
#[derive(Debug)]
#[must_use = "a session is opened by polling it"]
pub struct Opening {
    session: Session,
    exchange: Exchange,
}

impl Server {
    /// Opens a session: takes `initialize`.
    ///
    /// A revision we do not know is answered with the newest one that has
    /// sessions; the client decides whether it can go on.
    ///
    /// # Errors
    /// The answer to send when the message is not a well-formed `initialize`.
    pub fn open_session(&self, initialize: Inbound, origin: Origin) -> Result<Opening, Reply> {
        let id = initialize.id().unwrap_or_default();
        let params = params_of(&initialize).map_err(|error| {
            let error = ErrorObject::new(ErrorCode::INVALID_PARAMS, error.to_string());
            Reply::error(Some(id), &error).with_status(400)
        })?;
        let revision = match params.protocol_version.parse::<Revision>() {
            Ok(revision) if !revision.is_modern() => revision,
            _ => Revision::LATEST_SESSION,
        };
        let session = SessionState::open(self, revision, params.client_info, params.capabilities);
        let origin = origin.with_link(Arc::clone(&session.link));
        let era = Era::Session(Arc::clone(&session));
        let context = Context::new(self.clone(), initialize, era, origin);
        context.request().queue().close();
        Ok(Opening {
            session: Session(session),
            exchange: Exchange::of_request(context),
        })
    }
}

impl Opening {
    /// The session, which is not open yet.
    pub fn session(&self) -> &Session {
        &self.session
    }

    /// The id of `initialize`, as JSON text.
    pub fn id(&self) -> &str {
        self.exchange.id()
    }
}

impl Future for Opening {
    type Output = Result<(Session, Reply), Reply>;

    fn poll(mut self: Pin<&mut Self>, task: &mut Task<'_>) -> Poll<Self::Output> {
        let this = &mut *self;
        let reply = ready!(Pin::new(&mut this.exchange).poll(task));
        Poll::Ready(match reply {
            Some(reply) if this.session.0.stage() == Stage::Open => {
                Ok((this.session.clone(), reply))
            }
            Some(reply) => Err(reply),
            None => Err(ended(this.exchange.id())),
        })
    }
}

impl Drop for Opening {
    fn drop(&mut self) {
        let state = &self.session.0;
        let (from, to) = (Stage::Opening as u8, Stage::Refused as u8);
        let stage = &state.stage;
        if stage
            .compare_exchange(from, to, Ordering::AcqRel, Ordering::Acquire)
            .is_ok()
        {
            self.session.close();
        }
    }
}

impl Session {
    /// Whether it has ended before it was open: its `initialize` was refused.
    pub fn is_refused(&self) -> bool {
        self.0.stage() == Stage::Refused
    }
}

impl SessionState {
    pub(super) fn stage(&self) -> Stage {
        let stage = self.stage.load(Ordering::Acquire);
        let stages = [Stage::Opening, Stage::Open];
        let known = stages.into_iter().find(|known| *known as u8 == stage);
        known.unwrap_or(Stage::Refused)
    }

    /// Whether `initialize` is being answered.
    pub(crate) fn is_opening(&self) -> bool {
        self.stage() == Stage::Opening
    }

    /// Opens it, once everybody has agreed.
    pub(crate) fn set_open(&self) {
        self.stage.store(Stage::Open as u8, Ordering::Release);
    }

    /// Refuses what may not come before `initialize` is answered: every request
    /// but `ping` (specification 2025-11-25, "Lifecycle", "Initialization").
    pub(super) fn check_open(&self, message: &Inbound) -> Result<(), Reply> {
        let early = message.kind() == MessageKind::Request && message.method() != method::PING;
        let problem = match self.stage() {
            Stage::Opening if early => {
                "the session is being opened: wait for the answer to `initialize`"
            }
            Stage::Refused => "the session was refused: send `initialize` again",
            Stage::Opening | Stage::Open => return Ok(()),
        };
        let error = ErrorObject::new(ErrorCode::INVALID_REQUEST, problem);
        Err(Reply::error(message.id(), &error).with_status(400))
    }
}

/// The answer where the end of the connection, or of the server, came first.
fn ended(id: &str) -> Reply {
    let problem = "the session ended before it was open";
    let error = ErrorObject::new(ErrorCode::INTERNAL_ERROR, problem);
    Reply::error(Some(id), &error).with_status(503)
}
