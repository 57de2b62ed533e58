//! One connection or session, as far as requests in flight are concerned.

use std::{
    collections::HashMap,
    fmt,
    sync::{Arc, Mutex, PoisonError, Weak},
};

use crate::context::RequestState;

/// The requests in flight on one connection or session, by id, so that a
/// notification can cancel them.
///
/// A request is entered when it first has to wait; most never are.
#[derive(Default)]
pub(crate) struct Link(Mutex<HashMap<Box<str>, Weak<RequestState>>>);

impl fmt::Debug for Link {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Link").field(&self.lock().len()).finish()
    }
}

impl Link {
    fn lock(&self) -> std::sync::MutexGuard<'_, HashMap<Box<str>, Weak<RequestState>>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn enter(&self, id: &str, request: &Arc<RequestState>) {
        self.lock().insert(id.into(), Arc::downgrade(request));
    }

    pub(crate) fn leave(&self, id: &str) {
        self.lock().remove(id);
    }

    /// Cancels one request; unknown ids are passed over, for the answer may
    /// have crossed the notification.
    pub(crate) fn cancel(&self, id: &str) {
        let request = self.lock().get(id).and_then(Weak::upgrade);
        if let Some(request) = request {
            request.cancel.set();
        }
    }

    /// Cancels everything.
    pub(crate) fn cancel_all(&self) {
        let requests: Vec<_> = self
            .lock()
            .drain()
            .filter_map(|(_, request)| request.upgrade())
            .collect();
        for request in requests {
            request.cancel.set();
        }
    }
}
