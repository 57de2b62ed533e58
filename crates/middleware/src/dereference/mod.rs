//! Schemas without references.

mod hooks;
mod inline;
#[cfg(test)]
mod tests;

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
#[derive(Debug, Clone, Copy, Default)]
#[non_exhaustive]
pub struct Dereference;

impl Dereference {
    /// Writes out references in input and output schemas.
    pub fn new() -> Self {
        Self
    }
}
