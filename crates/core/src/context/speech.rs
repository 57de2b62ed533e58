//! What a request has said and until when it is waited for: what middleware asks that repeats,
//! bounds or watches it.

use std::sync::{
    Mutex, PoisonError,
    atomic::{AtomicU32, Ordering},
};

use tokio::time::Instant;

use super::Context;
use crate::server::{WeakSession, fault};

/// How many messages have left on the stream of a request, and when it has to be answered.
#[derive(Debug, Default)]
pub(crate) struct Speech {
    sent: AtomicU32,
    deadline: Mutex<Option<Instant>>,
}

impl Speech {
    /// Counts a message that was sent.
    pub(super) fn sent(&self) {
        self.sent.fetch_add(1, Ordering::Relaxed);
    }
}

impl Context {
    /// How many messages the client has been sent about this request: progress, logs, questions.
    pub fn messages_sent(&self) -> u32 {
        self.request().speech.sent.load(Ordering::Relaxed)
    }

    /// Whether the client has heard anything of this request yet, or was asked something in an
    /// earlier round of it. Such a request cannot be repeated unseen.
    pub fn has_spoken(&self) -> bool {
        self.messages_sent() > 0 || self.request().rounds.get().is_some()
    }

    /// Whether the client is being asked something right now, so that its user is thinking and no
    /// time of ours passes. Only sessions wait for answers.
    pub fn is_asking(&self) -> bool {
        let request = self.request();
        self.session_state()
            .is_some_and(|session| session.is_asking(request))
    }

    /// Whether the causes of failures are kept from this client; see
    /// [`Server::mask_errors`](crate::Server::mask_errors).
    pub fn masks_errors(&self) -> bool {
        fault::masks(self)
    }

    /// A handle on the session that the request belongs to, if it belongs to one.
    pub fn weak_session(&self) -> Option<WeakSession> {
        self.session_state().map(WeakSession::of)
    }

    /// When the answer is no longer waited for, if somebody around it has said so.
    pub fn deadline(&self) -> Option<Instant> {
        *self.deadline_lock()
    }

    /// Says until when the answer is waited for. An earlier deadline stays. Nothing ends by it:
    /// whoever sets it ends the request then, and whoever wants to wait or to repeat something
    /// reads it first.
    pub fn limit_deadline(&self, deadline: Instant) {
        let mut known = self.deadline_lock();
        *known = Some(known.map_or(deadline, |known| known.min(deadline)));
    }

    fn deadline_lock(&self) -> std::sync::MutexGuard<'_, Option<Instant>> {
        let deadline = &self.request().speech.deadline;
        deadline.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
