//! One connection or session, as far as requests in flight are concerned.

use std::{
    collections::HashMap,
    fmt,
    sync::{
        Arc, Mutex, PoisonError, Weak,
        atomic::{AtomicU64, Ordering},
    },
};

use crate::context::RequestState;

/// The requests in flight on one connection or session, by id, so that a
/// notification can cancel them.
///
/// A request is entered when it first has to wait; most never are.
pub(crate) struct Link {
    serial: u64,
    in_flight: Mutex<InFlight>,
}

type InFlight = HashMap<Box<str>, Weak<RequestState>>;

impl Default for Link {
    fn default() -> Self {
        static SERIALS: AtomicU64 = AtomicU64::new(0);
        Self {
            serial: SERIALS.fetch_add(1, Ordering::Relaxed),
            in_flight: Mutex::default(),
        }
    }
}

impl fmt::Debug for Link {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Link")
            .field("serial", &self.serial)
            .field("in_flight", &self.lock().len())
            .finish()
    }
}

impl Link {
    /// What no other link of this process has.
    pub(crate) fn serial(&self) -> u64 {
        self.serial
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, InFlight> {
        self.in_flight
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn enter(&self, id: &str, request: &Arc<RequestState>) {
        self.lock().insert(id.into(), Arc::downgrade(request));
    }

    pub(crate) fn leave(&self, id: &str) {
        self.lock().remove(id);
    }

    /// Cancels one request; unknown ids are passed over, for the answer may
    /// have crossed the notification. Says whether it was there.
    pub(crate) fn cancel(&self, id: &str) -> bool {
        let request = self.lock().get(id).and_then(Weak::upgrade);
        if let Some(request) = &request {
            request.cancel.set();
        }
        request.is_some()
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
