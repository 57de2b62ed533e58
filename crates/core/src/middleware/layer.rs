//! Middleware that an attribute puts around something.

use std::sync::Arc;

use super::Middleware;

/// Makes the middleware of an attribute, outermost first.
#[doc(hidden)]
pub type Layers = fn() -> Vec<Arc<dyn Middleware>>;

/// One of them.
#[doc(hidden)]
pub fn layer(middleware: impl Middleware) -> Arc<dyn Middleware> {
    Arc::new(middleware)
}
