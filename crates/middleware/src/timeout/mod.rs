//! An end to waiting.

mod hooks;
#[cfg(test)]
mod tests;

use std::{collections::BTreeMap, time::Duration};

/// No request takes longer, whatever it reports.
pub const CEILING: Duration = Duration::from_secs(600);

/// Bounds how long a request may take from here on: everything inside of this
/// middleware, waiting in queues and repeating included.
///
/// The time of a handler alone is bounded by the server and the component
/// already (60 s, [`Server::timeout`](purlin_core::Server::timeout),
/// `#[mcp_tool(timeout = "5s")]`); of both the shorter wins. It also sets the
/// request's [`deadline`](purlin_core::Context::deadline), which `Retry` and
/// queues read. A subscription is no request that ends and is not bounded.
///
/// The time of the client's user does not count. While a session waits for the
/// answer to a question the clock stands, then it goes on where it stood, and the
/// deadline moves by as much: a request has its limit once, however often it
/// asks. In the stateless era a question ends the request, and the one that brings
/// the answer has a limit of its own.
///
/// ```
/// use std::time::Duration;
/// use purlin_core::Server;
/// use purlin_middleware::Timeout;
///
/// let timeout = Timeout::after(Duration::from_secs(30))
///     .method("resources/read", Duration::from_secs(10))
///     .tool("import", Duration::from_secs(60))
///     .renewed_by_progress(true);
/// let server = Server::builder("orders", "1.0.0").middleware(timeout);
/// ```
#[derive(Debug, Clone)]
pub struct Timeout {
    limit: Duration,
    methods: BTreeMap<String, Duration>,
    tools: BTreeMap<String, Duration>,
    renewed: bool,
}

impl Timeout {
    /// Ends requests after this long; longer than [`CEILING`] is [`CEILING`].
    pub fn after(limit: Duration) -> Self {
        Self {
            limit: limit.min(CEILING),
            methods: BTreeMap::new(),
            tools: BTreeMap::new(),
            renewed: false,
        }
    }

    /// Another limit for one method, for example `resources/read`.
    #[must_use]
    pub fn method(mut self, method: impl Into<String>, limit: Duration) -> Self {
        self.methods.insert(method.into(), limit.min(CEILING));
        self
    }

    /// Another limit for one tool.
    #[must_use]
    pub fn tool(mut self, name: impl Into<String>, limit: Duration) -> Self {
        self.tools.insert(name.into(), limit.min(CEILING));
        self
    }

    /// Whether a request that reported something meanwhile gets its time anew.
    /// [`CEILING`] bounds it all the same. The default is that it does not.
    #[must_use]
    pub fn renewed_by_progress(mut self, renewed: bool) -> Self {
        self.renewed = renewed;
        self
    }
}
