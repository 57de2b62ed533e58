//! The URLs that users were sent to, until the server tells that they are done there
//! (specification 2025-11-25, "Elicitation", "Completion notifications for URL mode elicitation").

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::watch;

/// What is waited for, by the id of the elicitation: no more than calls in flight ask for.
#[derive(Default)]
pub(crate) struct Visits(Mutex<HashMap<String, watch::Sender<bool>>>);

/// One visit that somebody waits for, until it is dropped.
pub(crate) struct Visit {
    visits: Arc<Visits>,
    id: String,
    complete: watch::Receiver<bool>,
}

impl Visits {
    fn open(&self) -> MutexGuard<'_, HashMap<String, watch::Sender<bool>>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Expects the end of a visit. To be called before the user is sent there: the end may come
    /// before their consent is known here.
    pub(crate) fn expect(self: &Arc<Self>, id: String) -> Visit {
        let complete = self
            .open()
            .entry(id.clone())
            .or_insert_with(|| watch::Sender::new(false))
            .subscribe();
        Visit {
            visits: Arc::clone(self),
            id,
            complete,
        }
    }

    /// A visit is complete. One that nobody waits for is nobody's.
    pub(crate) fn complete(&self, id: &str) {
        if let Some(visit) = self.open().get(id) {
            visit.send_replace(true);
        }
    }
}

impl Visit {
    pub(crate) fn id(&self) -> &str {
        &self.id
    }

    /// Waits until the server says that it is complete.
    pub(crate) async fn completed(&mut self) {
        // The sender lives as long as this does.
        let _ = self.complete.wait_for(|complete| *complete).await;
    }
}

impl Drop for Visit {
    fn drop(&mut self) {
        let mut open = self.visits.open();
        // Several calls may wait for the same.
        if open
            .get(&self.id)
            .is_some_and(|it| it.receiver_count() == 1)
        {
            open.remove(&self.id);
        }
    }
}
