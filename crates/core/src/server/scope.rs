//! Which lifespan values a component sees.

use std::sync::Arc;

use crate::Extensions;

/// The lifespan values of the server a component belongs to, then those of the
/// servers it is mounted in. Empty for a component of the outermost server.
#[derive(Debug, Clone, Default)]
pub(crate) struct Scope(Vec<Arc<Extensions>>);

impl Scope {
    /// The scope of a server itself.
    pub(crate) fn of(values: Arc<Extensions>) -> Self {
        Self(vec![values])
    }

    /// This scope, inside the scope of a parent.
    pub(crate) fn inside(&self, parent: &Self) -> Self {
        Self(self.0.iter().chain(&parent.0).cloned().collect())
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub(crate) fn resource<T: Send + Sync + 'static>(&self) -> Option<Arc<T>> {
        self.0.iter().find_map(|values| values.get())
    }
}
