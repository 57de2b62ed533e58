//! Answers no larger than a model can take.

mod cut;
mod hooks;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;

/// How large a result may be unless it is said otherwise, in bytes.
pub const DEFAULT_LIMIT: usize = 1_000_000;

/// Bounds the size of what tools answer, as JSON on the wire; 1,000,000 bytes
/// unless it is said otherwise.
///
/// - Text that is too long is cut between two characters and ends with a note of
///   how much is missing.
/// - Images, sounds and embedded resources that do not fit are replaced by such
///   a note.
/// - Structured content is never cut: it would no longer be what its schema
///   promises. Where it fits and its text beside it does not, the text is
///   replaced by a note. Where it does not fit itself, the call fails, and the
///   model is told what to do: ask for less.
///
/// What was cut says so to programs as well: `_meta["purlin/cut"]` has the
/// `bytes` there were.
///
/// ```
/// use purlin_core::Server;
/// use purlin_middleware::ResponseLimit;
///
/// let limit = ResponseLimit::bytes(200_000).tool("export", 5_000_000);
/// let server = Server::builder("orders", "1.0.0").middleware(limit);
/// ```
#[derive(Debug, Clone)]
pub struct ResponseLimit {
    limit: usize,
    tools: BTreeMap<String, usize>,
}

impl Default for ResponseLimit {
    fn default() -> Self {
        Self::bytes(DEFAULT_LIMIT)
    }
}

impl ResponseLimit {
    /// Bounds each result.
    ///
    /// # Panics
    /// Below 1,000 bytes: the notes about what is missing have to fit.
    pub fn bytes(limit: usize) -> Self {
        check(limit);
        Self {
            limit,
            tools: BTreeMap::new(),
        }
    }

    /// Another bound for one tool.
    ///
    /// # Panics
    /// As [`bytes`](Self::bytes).
    #[must_use]
    pub fn tool(mut self, name: impl Into<String>, limit: usize) -> Self {
        check(limit);
        self.tools.insert(name.into(), limit);
        self
    }

    fn limit_of(&self, tool: &str) -> usize {
        *self.tools.get(tool).unwrap_or(&self.limit)
    }
}

fn check(limit: usize) {
    assert!(limit >= 1_000, "a result needs at least 1,000 bytes");
}
