//! What a handler may ask of the request it serves.

use std::sync::Arc;

/// The request a handler serves. Cheap to clone.
#[derive(Clone, Debug, Default)]
pub struct Context(Arc<()>);

#[cfg(test)]
impl Context {
    pub(crate) fn for_tests() -> Self {
        Self::default()
    }
}
