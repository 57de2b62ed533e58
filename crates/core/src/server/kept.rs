//! Where a server keeps what outlives a request.

use std::{
    fmt,
    sync::{Arc, OnceLock},
};

use super::{Server, lock, random_id};
use crate::{
    SessionLimits,
    store::{KeyValue, MemoryStore},
};

/// The store, and what goes by it. Made when first asked for.
#[derive(Default)]
pub(super) struct Kept {
    store: OnceLock<Arc<dyn KeyValue>>,
    limits: std::sync::Mutex<SessionLimits>,
    /// Tells this process from others that have the same store.
    process: OnceLock<String>,
}

impl fmt::Debug for Kept {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Kept")
            .field("store", &self.store)
            .finish_non_exhaustive()
    }
}

impl Server {
    /// Sets where everything is kept that outlives a request: session values,
    /// what makes request states single-use, and sessions that replicas share.
    /// The default is a [`MemoryStore`] of its own.
    ///
    /// One store serves a server and everything mounted in it: that of the
    /// outermost server. Replicas that serve the same clients need the same
    /// store, and the same [`key_ring`](Self::key_ring). The first call counts,
    /// and none does once the store was asked for.
    ///
    /// ```
    /// use std::sync::Arc;
    /// use purlin_core::{Server, store::MemoryStore};
    ///
    /// let server = Server::builder("shop", "1.0.0").with_store(Arc::new(MemoryStore::new()));
    /// ```
    #[must_use]
    pub fn with_store(self, store: Arc<dyn KeyValue>) -> Self {
        if self.0.kept.store.set(store).is_err() {
            tracing::warn!("the server has a store already; the new one is not used");
        }
        self
    }

    /// Where the server keeps what outlives a request.
    pub fn store(&self) -> Arc<dyn KeyValue> {
        let store = &self.0.kept.store;
        Arc::clone(store.get_or_init(|| Arc::new(MemoryStore::new())))
    }

    /// Bounds what [`Context::session`](crate::Context::session) keeps.
    #[must_use]
    pub fn session_limits(self, limits: SessionLimits) -> Self {
        *lock(&self.0.kept.limits) = limits;
        self
    }

    pub(crate) fn values_limits(&self) -> SessionLimits {
        *lock(&self.0.kept.limits)
    }

    /// What tells this server in this process from all others.
    pub(crate) fn process_id(&self) -> &str {
        self.0.kept.process.get_or_init(random_id)
    }
}
