//! Whether the database of the stock answers.

use std::sync::{Arc, Mutex, PoisonError};

use purlin::{BoxFuture, Error, Result, health::HealthCheck};

use super::postgres::Postgres;

/// Asks the pool that tools use, once it is open. The platform is not ready while
/// the database is away.
#[derive(Debug, Clone, Default)]
pub(in crate::inventory) struct Reachable(Arc<Mutex<Option<Postgres>>>);

impl Reachable {
    /// The pool is open.
    pub(super) fn opened(&self, database: &Postgres) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = Some(database.clone());
    }

    fn database(&self) -> Option<Postgres> {
        self.0
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
    }
}

impl HealthCheck for Reachable {
    fn name(&self) -> &str {
        "database"
    }

    fn check(&self) -> BoxFuture<'_, Result<()>> {
        Box::pin(async {
            match self.database() {
                Some(database) => database.check().await.map_err(Error::internal),
                // Nothing is served before it is open.
                None => Ok(()),
            }
        })
    }
}
