//! What a request has said and until when it is waited for: what middleware asks that repeats,
//! bounds or watches it.

use std::{
    sync::{
        Mutex, MutexGuard, PoisonError,
        atomic::{AtomicU32, Ordering},
    },
    time::Duration,
};

use tokio::time::Instant;

use super::Context;
use crate::server::{WeakSession, fault};

/// How many messages have left on the stream of a request, when it has to be answered, and for
/// how long its client was thinking.
#[derive(Debug, Default)]
pub(crate) struct Speech {
    sent: AtomicU32,
    time: Mutex<Time>,
}

#[derive(Debug, Default)]
struct Time {
    /// When the answer would have to be there if the client were never asked anything.
    deadline: Option<Instant>,
    /// How many questions wait for an answer, and since when there are some.
    open: u32,
    since: Option<Instant>,
    /// What earlier questions took.
    asked: Duration,
}

impl Time {
    /// Questions that wait at the same time count once.
    fn asked(&self) -> Duration {
        let now = self.since.map(|since| since.elapsed());
        self.asked + now.unwrap_or_default()
    }
}

impl Speech {
    /// Counts a message that was sent.
    pub(super) fn sent(&self) {
        self.sent.fetch_add(1, Ordering::Relaxed);
    }

    /// Lets the clock stand from here on.
    pub(crate) fn question(&self) {
        let mut time = self.time();
        time.open += 1;
        time.since.get_or_insert_with(Instant::now);
    }

    /// Lets it go on when the last question has its answer, or nobody waits for it any more.
    pub(crate) fn answered(&self) {
        let mut time = self.time();
        time.open -= 1;
        if time.open == 0 {
            time.asked = time.asked();
            time.since = None;
        }
    }

    fn time(&self) -> MutexGuard<'_, Time> {
        self.time.lock().unwrap_or_else(PoisonError::into_inner)
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

    /// For how long the client was asked something so far, over all questions of this request; of
    /// questions that wait at the same time, each moment counts once. Time limits leave this out.
    ///
    /// Where questions end the request (the stateless era), it is zero: each round has a time of
    /// its own.
    pub fn time_asking(&self) -> Duration {
        match self.session_state() {
            Some(_) => self.request().speech.time().asked(),
            None => Duration::ZERO,
        }
    }

    /// When the answer is no longer waited for, if somebody around it has said so.
    ///
    /// The time of the client's user does not count: the deadline moves on while the client is
    /// asked something, and stays where it is then.
    pub fn deadline(&self) -> Option<Instant> {
        let time = self.request().speech.time();
        Some(time.deadline? + time.asked())
    }

    /// Says until when the answer is waited for. An earlier deadline stays. Nothing ends by it:
    /// whoever sets it ends the request then, and whoever wants to wait or to repeat something
    /// reads it first.
    pub fn limit_deadline(&self, deadline: Instant) {
        let mut time = self.request().speech.time();
        // What was asked before is in `deadline` already.
        let deadline = deadline.checked_sub(time.asked()).unwrap_or(deadline);
        time.deadline = Some(time.deadline.map_or(deadline, |known| known.min(deadline)));
    }
}
