//! What replicas tell each other of a session.

use std::collections::{BTreeSet, VecDeque};

use serde::{Deserialize, Serialize};

use crate::protocol::{ClientCapabilities, Implementation, LogLevel};

/// How many cancellations are remembered. A replica that looks at the record
/// less often than this many requests are cancelled misses some, and its
/// requests run to their end.
const MAX_CANCELLED: usize = 64;

/// A session in the store: what was negotiated, and what has changed since.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Record {
    pub(super) revision: String,
    pub(super) client_info: Implementation,
    pub(super) capabilities: ClientCapabilities,
    /// Names the values of the session.
    pub(super) values: String,
    pub(super) initialized: bool,
    pub(super) level: LogLevel,
    pub(super) subscriptions: BTreeSet<String>,
    /// How many requests were ever cancelled by notification.
    pub(super) cancels: u64,
    /// The ids of the last of them.
    pub(super) cancelled: VecDeque<String>,
    /// The stream that gets what belongs to no request.
    pub(super) listener: Option<String>,
    /// The changes that its client could see for itself, for it has opened the
    /// session later.
    #[serde(default)]
    pub(super) changes: Option<String>,
}

impl Record {
    pub(super) fn cancel(&mut self, id: &str) {
        self.cancels += 1;
        self.cancelled.push_back(id.to_owned());
        if self.cancelled.len() > MAX_CANCELLED {
            self.cancelled.pop_front();
        }
    }

    /// The ids that were cancelled since there were `known`.
    pub(super) fn cancelled_since(&self, known: u64) -> impl Iterator<Item = &str> {
        let new = usize::try_from(self.cancels.saturating_sub(known)).unwrap_or(usize::MAX);
        let skip = self.cancelled.len().saturating_sub(new);
        self.cancelled.iter().skip(skip).map(String::as_str)
    }
}
