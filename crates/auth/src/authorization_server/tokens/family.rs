//! Tokens that stand and fall together.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::{Secret, authorization_server::storage::Digest, identity::Identity, random};

/// All tokens that come from one consent: whoever presents an old one ends them all.
///
/// The handle is 256 random bits. It is made with the code and stands in every token of the
/// family; the store knows its SHA-256 alone.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Family(Secret);

impl Family {
    pub(crate) fn new() -> Self {
        Self(random::text().into())
    }

    /// The family that a token names. Only a token whose signature was verified may be asked.
    pub(super) fn named(handle: impl Into<Secret>) -> Self {
        Self(handle.into())
    }

    pub(super) fn handle(&self) -> &str {
        self.0.reveal()
    }

    pub(super) fn digest(&self) -> Digest {
        Digest::of(self.handle().as_bytes())
    }
}

impl fmt::Debug for Family {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Family([redacted])")
    }
}

/// What was granted, by whom, to whom. Sealed wherever it is kept.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Grant {
    pub(crate) family: Family,
    /// The id of the client.
    pub(crate) client: String,
    pub(crate) identity: Identity,
    pub(crate) scopes: Vec<String>,
    /// What the tokens are for (RFC 8707); their `aud`.
    pub(crate) resource: String,
    /// Whether the client may refresh.
    pub(crate) refreshable: bool,
}

/// What the store knows of a family. One record, changed by compare-and-set alone, so of two
/// replicas that get one token at once, one is first.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) enum FamilyRecord {
    Live(Box<Live>),
    /// Nothing of it is valid, and nothing will be: an `issue` that comes late fails.
    Revoked,
}

/// A family whose tokens are valid.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Live {
    pub(super) client: String,
    pub(super) identity: Identity,
    pub(super) scopes: Vec<String>,
    pub(super) resource: String,
    /// The number of the refresh token that is valid; `None` where there is none.
    pub(super) generation: Option<u32>,
    /// When the first token was issued, in seconds since 1970. A record without it is of a time
    /// that is not known: it can be refreshed no more.
    #[serde(default)]
    pub(super) began_at: u64,
    /// When that one was issued, in seconds since 1970.
    pub(super) rotated_at: u64,
    /// When the identity provider last vouched, in seconds since 1970.
    pub(super) vouched_at: u64,
}
