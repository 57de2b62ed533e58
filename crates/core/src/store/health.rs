//! Whether a store answers, as one of the dependencies of a server.

use std::fmt;

use super::KeyValue;
use crate::{BoxFuture, Result, health::HealthCheck};

/// A [`HealthCheck`] of any store: it asks [`KeyValue::check`].
///
/// A server without its store is not ready, unless the store is said to be
/// [`optional`](Self::optional), as that of a cache is.
///
/// ```
/// use std::sync::Arc;
/// use purlin_core::{Server, health::Status, store::{KeyValue, MemoryStore, StoreHealth}};
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() {
/// let store: Arc<dyn KeyValue> = Arc::new(MemoryStore::new());
/// let server = Server::builder("shop", "1.0.0")
///     .health_check(StoreHealth::new("sessions", Arc::clone(&store)))
///     .with_store(store);
/// let health = server.health().await;
/// assert_eq!(health.dependencies()[0].name(), "sessions");
/// assert_eq!(health.dependencies()[0].status(), Status::Ok);
/// # }
/// ```
#[must_use]
pub struct StoreHealth {
    name: String,
    store: Box<dyn KeyValue>,
    essential: bool,
}

impl StoreHealth {
    /// The store under this name, which is shown to whoever asks for health: no address, no
    /// secret. A store that others use as well is given as an `Arc` of it.
    pub fn new(name: impl Into<String>, store: impl KeyValue) -> Self {
        Self {
            name: name.into(),
            store: Box::new(store),
            essential: true,
        }
    }

    /// The server can do without it: it is degraded while the store is away, and stays ready.
    pub fn optional(mut self) -> Self {
        self.essential = false;
        self
    }
}

impl fmt::Debug for StoreHealth {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("StoreHealth")
            .field("name", &self.name)
            .field("essential", &self.essential)
            .finish_non_exhaustive()
    }
}

impl HealthCheck for StoreHealth {
    fn name(&self) -> &str {
        &self.name
    }

    fn check(&self) -> BoxFuture<'_, Result<()>> {
        Box::pin(async { Ok(self.store.check().await?) })
    }

    fn is_essential(&self) -> bool {
        self.essential
    }
}
