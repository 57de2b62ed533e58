//! The hint that says who may share a cached result.

use serde::{Deserialize, Deserializer, Serialize};

/// Who may share a cached result (SEP-2549, since 2026-07-28).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum CacheScope {
    /// Anyone: the result does not depend on who asked.
    Public,
    /// Only the same authorization context.
    Private,
}

impl CacheScope {
    /// Reads a scope; one that is empty or unknown counts as absent, that is, not shared.
    pub(super) fn lenient<'de, D>(deserializer: D) -> Result<Option<Self>, D::Error>
    where
        D: Deserializer<'de>,
    {
        Ok(
            match Option::<String>::deserialize(deserializer)?.as_deref() {
                Some("public") => Some(Self::Public),
                Some("private") => Some(Self::Private),
                _ => None,
            },
        )
    }
}
