//! The bus on which a server says that something changed.
//!
//! Sessions, `subscriptions/listen` streams and the servers something is
//! mounted in all hang on it. Publishing never waits: each listener has a
//! bounded queue of its own.

use std::sync::{Arc, Mutex, PoisonError, Weak};

/// What changed at a server.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Change {
    /// The list of tools.
    Tools,
    /// The list of prompts.
    Prompts,
    /// The lists of resources and of resource templates.
    Resources,
    /// The contents of one resource, by its URI.
    Resource(String),
    /// Any of these: changes of other processes were missed, and nobody knows
    /// which.
    Anything,
}

/// How far the word of a change goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Reach {
    /// To the clients of all replicas.
    Everybody,
    /// To the clients of this process; other replicas hear of it by themselves.
    Here,
    /// To the clients of this process: it stands at this place among the changes
    /// that the replicas share.
    Shared(Place),
}

/// A place among the changes that replicas share: in which series, and the how
/// manyth. Series 0 is none.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Place {
    pub(crate) series: u64,
    pub(crate) number: u64,
}

impl Place {
    /// Whether what is at the other place was there before, or is this one.
    pub(crate) fn covers(self, other: Self) -> bool {
        self.series == other.series && self.number >= other.number
    }
}

impl Change {
    /// Every list may have changed.
    pub(crate) const LISTS: [Self; 3] = [Self::Tools, Self::Prompts, Self::Resources];
}

/// Something that wants to know of changes.
pub(crate) trait Listener: Send + Sync {
    fn notify(&self, change: &Change, reach: Reach);
}

/// The listeners of one server. They are held weakly: a listener leaves by
/// being dropped.
#[derive(Default)]
pub(crate) struct Bus(Mutex<Vec<Weak<dyn Listener>>>);

impl Bus {
    pub(crate) fn join(&self, listener: Weak<dyn Listener>) {
        let mut listeners = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        // Most servers publish rarely, so those who left are swept out here too.
        if listeners.len() == listeners.capacity() {
            listeners.retain(|listener| listener.strong_count() > 0);
        }
        listeners.push(listener);
    }

    pub(crate) fn publish(&self, change: &Change, reach: Reach) {
        let listeners: Vec<Arc<dyn Listener>> = {
            let mut listeners = self.0.lock().unwrap_or_else(PoisonError::into_inner);
            listeners.retain(|listener| listener.strong_count() > 0);
            listeners.iter().filter_map(Weak::upgrade).collect()
        };
        for listener in listeners {
            listener.notify(change, reach);
        }
    }
}
