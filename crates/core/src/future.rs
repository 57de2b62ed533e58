//! Futures as they cross the seams of this crate.

use std::pin::Pin;

/// A boxed future that can be sent to another thread.
pub type BoxFuture<'a, T> = Pin<Box<dyn Future<Output = T> + Send + 'a>>;
