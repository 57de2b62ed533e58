//! What clients have been promised: a list that was declared is answered, even once it is empty.

use std::sync::atomic::{AtomicU8, Ordering};

use crate::registry::{Catalogue, ListKind};

/// A set of kinds of components.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Kinds(u8);

impl Kinds {
    const TOOLS: u8 = 1;
    const PROMPTS: u8 = 2;
    const RESOURCES: u8 = 4;

    /// The kinds that there are components of.
    pub(crate) fn of(catalogue: &Catalogue) -> Self {
        let bit = |there: bool, bit| if there { bit } else { 0 };
        let has_resources = !catalogue.resources.is_empty() || !catalogue.templates.is_empty();
        Self(
            bit(!catalogue.tools.is_empty(), Self::TOOLS)
                | bit(!catalogue.prompts.is_empty(), Self::PROMPTS)
                | bit(has_resources, Self::RESOURCES),
        )
    }

    pub(crate) fn tools(self) -> bool {
        self.0 & Self::TOOLS != 0
    }

    pub(crate) fn prompts(self) -> bool {
        self.0 & Self::PROMPTS != 0
    }

    /// Resources or resource templates, which are declared as one.
    pub(crate) fn resources(self) -> bool {
        self.0 & Self::RESOURCES != 0
    }

    pub(crate) fn has(self, kind: ListKind) -> bool {
        match kind {
            ListKind::Tools => self.tools(),
            ListKind::Prompts => self.prompts(),
            ListKind::Resources | ListKind::ResourceTemplates => self.resources(),
        }
    }
}

/// The kinds that were ever declared to a client.
#[derive(Debug, Default)]
pub(crate) struct Promises(AtomicU8);

impl Promises {
    /// The kinds that are offered now, or were promised before.
    pub(crate) fn with(&self, catalogue: &Catalogue) -> Kinds {
        Kinds(Kinds::of(catalogue).0 | self.0.load(Ordering::Relaxed))
    }

    /// Promises components of every kind.
    pub(crate) fn make_all(&self) {
        let all = Kinds::TOOLS | Kinds::PROMPTS | Kinds::RESOURCES;
        self.0.fetch_or(all, Ordering::Relaxed);
    }

    /// Promises what is offered now; gives all that is promised.
    pub(crate) fn make(&self, catalogue: &Catalogue) -> Kinds {
        let now = Kinds::of(catalogue).0;
        Kinds(now | self.0.fetch_or(now, Ordering::Relaxed))
    }
}
