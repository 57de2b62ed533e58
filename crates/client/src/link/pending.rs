//! The requests that wait for an answer on one connection.

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use tokio::sync::oneshot;

use super::Reply;
use crate::error::ClientError;

/// Waiting requests by id; `None` once the connection is closed.
pub(crate) struct Pending(Mutex<State>);

enum State {
    Open(HashMap<i64, oneshot::Sender<Reply>>),
    Closed(Option<String>),
}

impl Default for Pending {
    fn default() -> Self {
        Self(Mutex::new(State::Open(HashMap::new())))
    }
}

impl Pending {
    fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Registers a request.
    ///
    /// # Errors
    /// When the connection is closed.
    pub(crate) fn register(&self, id: i64) -> Result<oneshot::Receiver<Reply>, ClientError> {
        match &mut *self.state() {
            State::Open(waiting) => {
                let (deliver, reply) = oneshot::channel();
                waiting.insert(id, deliver);
                Ok(reply)
            }
            State::Closed(reason) => Err(closed(reason.as_deref())),
        }
    }

    /// Why nothing will be answered any more, once that is so.
    pub(crate) fn failure(&self) -> ClientError {
        match &*self.state() {
            State::Open(_) => ClientError::closed(),
            State::Closed(reason) => closed(reason.as_deref()),
        }
    }

    pub(crate) fn is_closed(&self) -> bool {
        matches!(&*self.state(), State::Closed(_))
    }

    /// Delivers an answer. One that nobody waits for (any more) is dropped, and so is a second one.
    pub(crate) fn resolve(&self, id: i64, reply: Reply) {
        if let State::Open(waiting) = &mut *self.state()
            && let Some(deliver) = waiting.remove(&id)
        {
            // The caller may have just stopped waiting.
            let _ = deliver.send(reply);
        }
    }

    /// Forgets a request. False if it was answered already.
    pub(crate) fn forget(&self, id: i64) -> bool {
        match &mut *self.state() {
            State::Open(waiting) => waiting.remove(&id).is_some(),
            State::Closed(_) => false,
        }
    }

    /// Fails everything that waits, and what comes later.
    pub(crate) fn close(&self, reason: Option<String>) {
        let mut state = self.state();
        if let State::Open(_) = &*state {
            *state = State::Closed(reason);
        }
    }
}

fn closed(reason: Option<&str>) -> ClientError {
    match reason {
        Some(reason) => ClientError::closed_because(reason),
        None => ClientError::closed(),
    }
}
