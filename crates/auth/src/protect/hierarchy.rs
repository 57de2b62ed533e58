//! Scopes that hold others.

use std::collections::{BTreeMap, BTreeSet};

use purlin_core::Principal;

/// Which scopes a scope holds, with everything those hold in turn.
#[derive(Clone, Debug, Default)]
pub(super) struct Hierarchy(BTreeMap<String, BTreeSet<String>>);

impl Hierarchy {
    /// Says that whoever has `scope` has these as well.
    pub(super) fn add(&mut self, scope: String, held: impl IntoIterator<Item = String>) {
        self.0.entry(scope).or_default().extend(held);
        self.close();
    }

    /// Adds what is held by what is held, until nothing is new; loops end there as well.
    fn close(&mut self) {
        loop {
            let before = self.0.clone();
            for held in self.0.values_mut() {
                let more: Vec<String> = held
                    .iter()
                    .filter_map(|scope| before.get(scope))
                    .flatten()
                    .cloned()
                    .collect();
                held.extend(more);
            }
            if self.0 == before {
                return;
            }
        }
    }

    /// The principal with everything that its scopes hold.
    pub(super) fn expand(&self, principal: Principal) -> Principal {
        if self.0.is_empty() {
            return principal;
        }
        let held: Vec<String> = principal
            .scopes()
            .filter_map(|scope| self.0.get(scope))
            .flatten()
            .cloned()
            .collect();
        match held.is_empty() {
            true => principal,
            false => principal.with_scopes(held),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn texts(texts: &[&str]) -> Vec<String> {
        texts.iter().map(ToString::to_string).collect()
    }

    #[test]
    fn what_a_scope_holds_holds_too() {
        let mut hierarchy = Hierarchy::default();
        hierarchy.add("write".to_owned(), texts(&["read"]));
        hierarchy.add("admin".to_owned(), texts(&["write"]));
        hierarchy.add("read".to_owned(), texts(&["admin_of_loops"]));
        hierarchy.add("admin_of_loops".to_owned(), texts(&["read"]));
        let has = |given: &str| {
            let expanded = hierarchy.expand(Principal::new("a").with_scopes([given]));
            expanded.scopes().map(str::to_owned).collect::<Vec<_>>()
        };
        assert_eq!(has("admin"), ["admin", "admin_of_loops", "read", "write"]);
        assert_eq!(has("read"), ["admin_of_loops", "read"]);
        assert_eq!(has("other"), ["other"]);
    }
}
