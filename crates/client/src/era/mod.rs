//! Which revision to speak, and what the server said of itself.

mod negotiate;
mod probe;

use purlin_core::protocol::{Implementation, ServerCapabilities};
use purlin_core::wire::Revision;

pub(crate) use negotiate::negotiate;

/// How a client chooses the revision it speaks.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Era {
    /// Ask the server: `server/discover` first, `initialize` if it does not know that.
    #[default]
    Auto,
    /// Only the stateless era, from 2026-07-28 on.
    Stateless,
    /// Only the session era, up to 2025-11-25; the newest revision both sides know.
    Session,
    /// This revision and no other.
    Exactly(Revision),
}

impl Era {
    /// For a transport that is older than discovery.
    fn without_discovery(self) -> Self {
        match self {
            Self::Auto => Self::Session,
            pinned => pinned,
        }
    }
}

impl From<Revision> for Era {
    fn from(revision: Revision) -> Self {
        Self::Exactly(revision)
    }
}

/// What was agreed on when the connection, or a session of it, was opened.
#[derive(Clone, Debug)]
pub(crate) struct Agreement {
    pub(crate) revision: Revision,
    pub(crate) about: About,
}

/// What a server says of itself.
#[derive(Clone, Debug, Default)]
pub(crate) struct About {
    pub(crate) server: Option<Implementation>,
    pub(crate) capabilities: ServerCapabilities,
    pub(crate) instructions: Option<String>,
}
