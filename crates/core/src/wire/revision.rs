//! The protocol revisions and what each of them can carry.
//!
//! Revisions are compared through this table, never as text.

use std::{fmt, str::FromStr};

/// A revision of the Model Context Protocol.
///
/// The order is the order of publication. Everything up to 2025-11-25 belongs
/// to the session era (`initialize`, then a session); from 2026-07-28 on every
/// request stands alone.
///
/// ```
/// use purlin_core::wire::Revision;
///
/// let revision: Revision = "2025-11-25".parse()?;
/// assert!(!revision.is_modern());
/// assert!(revision < Revision::LATEST);
/// # Ok::<(), purlin_core::wire::UnknownRevision>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum Revision {
    /// 2024-11-05, the first.
    V2024_11_05,
    /// 2025-03-26: Streamable HTTP, batches, tool annotations, audio.
    V2025_03_26,
    /// 2025-06-18: structured content, elicitation, resource links, titles.
    V2025_06_18,
    /// 2025-11-25: icons, URL elicitation, sampling with tools, polling.
    V2025_11_25,
    /// 2026-07-28: stateless requests, discovery, multi-round trips.
    V2026_07_28,
}

/// A version text that names no known revision.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UnknownRevision;

impl fmt::Display for UnknownRevision {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("not a known revision of the Model Context Protocol")
    }
}

impl std::error::Error for UnknownRevision {}

impl Revision {
    /// Every revision, oldest first.
    pub const ALL: [Revision; 5] = [
        Self::V2024_11_05,
        Self::V2025_03_26,
        Self::V2025_06_18,
        Self::V2025_11_25,
        Self::V2026_07_28,
    ];

    /// The newest revision.
    pub const LATEST: Revision = Self::V2026_07_28;

    /// The newest revision that starts with `initialize`.
    pub const LATEST_SESSION: Revision = Self::V2025_11_25;

    /// The version text as it stands on the wire.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::V2024_11_05 => "2024-11-05",
            Self::V2025_03_26 => "2025-03-26",
            Self::V2025_06_18 => "2025-06-18",
            Self::V2025_11_25 => "2025-11-25",
            Self::V2026_07_28 => "2026-07-28",
        }
    }

    /// True from 2026-07-28 on: no handshake, no session.
    pub fn is_modern(self) -> bool {
        self >= Self::V2026_07_28
    }

    /// True for the one revision with JSON-RPC batches.
    pub fn has_batches(self) -> bool {
        self == Self::V2025_03_26
    }

    /// True from 2025-06-18 on: `structuredContent` and output schemas.
    pub fn has_structured_content(self) -> bool {
        self >= Self::V2025_06_18
    }

    /// True from 2025-06-18 on: elicitation by form.
    pub fn has_elicitation(self) -> bool {
        self >= Self::V2025_06_18
    }

    /// True from 2025-06-18 on: titles, resource links, completion context.
    pub fn has_titles(self) -> bool {
        self >= Self::V2025_06_18
    }

    /// True from 2025-11-25 on: icons, URL elicitation, sampling with tools.
    pub fn has_icons(self) -> bool {
        self >= Self::V2025_11_25
    }

    /// True for the one revision in which a tool says whether it runs as a task;
    /// later the server decides.
    pub fn has_tool_tasks(self) -> bool {
        self == Self::V2025_11_25
    }

    /// True from 2025-03-26 on: tool annotations, audio, progress messages.
    pub fn has_annotations(self) -> bool {
        self >= Self::V2025_03_26
    }
}

impl fmt::Display for Revision {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl FromStr for Revision {
    type Err = UnknownRevision;

    fn from_str(text: &str) -> Result<Self, UnknownRevision> {
        Self::ALL
            .into_iter()
            .find(|revision| revision.as_str() == text)
            .ok_or(UnknownRevision)
    }
}
