//! Schemas without references.

mod hooks;
mod inline;
#[cfg(test)]
mod tests;

use std::sync::{Arc, Mutex};

use purlin_core::{middleware::Listing, protocol::Tool};

/// Writes out `$ref` in the schemas of listed tools, for clients that do not
/// follow references.
///
/// Schemas of annotated tools are written out when they are made; this is for
/// tools that come from elsewhere: proxied servers and those made at run time.
/// Only references within a schema are followed. One that leads to itself stays,
/// with the `$defs` it needs; a schema that would grow beyond 10,000 nodes, or
/// deeper than 200, is left as it is.
///
/// ```
/// use purlin_core::Server;
/// use purlin_middleware::Dereference;
///
/// let server = Server::builder("gateway", "1.0.0").middleware(Dereference::new());
/// ```
///
/// A list is written out once, as long as it does not change.
#[derive(Debug, Clone, Default)]
pub struct Dereference {
    last: Arc<Mutex<Option<Written>>>,
}

/// A list as it came, and as it was written out.
#[derive(Debug)]
struct Written {
    from: Listing<Tool>,
    to: Listing<Tool>,
}

impl Dereference {
    /// Writes out references in input and output schemas.
    pub fn new() -> Self {
        Self::default()
    }
}
