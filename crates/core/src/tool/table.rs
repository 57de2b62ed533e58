//! How the arguments of a tool or prompt are read.

use crate::schema::Constraint;

/// The parameters of a tool or prompt in order, as their arguments are looked up.
#[doc(hidden)]
#[derive(Debug)]
pub struct ArgumentTable {
    owner: &'static str,
    entries: Box<[ArgumentEntry]>,
}

/// One parameter.
#[derive(Clone, Copy, Debug)]
pub(crate) struct ArgumentEntry {
    /// The name on the wire.
    pub(crate) name: &'static str,
    /// It is given by the client, not injected.
    pub(crate) is_argument: bool,
    /// What is demanded of it.
    pub(crate) constraints: &'static [Constraint],
}

impl ArgumentTable {
    pub(crate) fn new(owner: &'static str, entries: Vec<ArgumentEntry>) -> Self {
        Self {
            owner,
            entries: entries.into_boxed_slice(),
        }
    }

    /// The tool or prompt, as its author named it.
    pub(crate) fn owner(&self) -> &'static str {
        self.owner
    }

    /// Whether there is no parameter at all.
    pub(crate) fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    pub(crate) fn len(&self) -> usize {
        self.entries.len()
    }

    pub(crate) fn entry(&self, index: usize) -> Option<&ArgumentEntry> {
        self.entries.get(index)
    }

    /// The position of an argument. Clients tend to keep the order, so `hint` is tried first.
    pub(crate) fn position(&self, name: &str, hint: usize) -> Option<usize> {
        let is_it = |entry: &ArgumentEntry| entry.is_argument && entry.name == name;
        match self.entries.get(hint) {
            Some(entry) if is_it(entry) => Some(hint),
            _ => self.entries.iter().position(is_it),
        }
    }

    /// The names a client may give.
    pub(crate) fn names(&self) -> impl Iterator<Item = &'static str> + '_ {
        self.entries
            .iter()
            .filter(|entry| entry.is_argument)
            .map(|entry| entry.name)
    }
}
