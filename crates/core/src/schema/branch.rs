//! Which branch of an `anyOf` or `oneOf` a value means, and what tells the branches apart.
//!
//! Enums are written as branches. Whoever gets one wrong wants to hear of the variant that was
//! meant, not of all that were not.

use serde_json::Value;

use super::raw::{Members, respell_integers, unescape};
use super::validator::{Kinds, NodeId, Validator};

impl Validator {
    /// Whether a value looks as if a branch was meant: by its type, its tag, its one member.
    pub(super) fn is_likely(&self, id: NodeId, raw: &str, depth: usize) -> bool {
        let node = &self.nodes[id];
        if depth == 0 || !node.kinds.meets(Kinds::of(raw)) {
            return false;
        }
        let is_chosen = |choices: &Option<Vec<Value>>, raw: &str| {
            choices
                .as_ref()
                .is_none_or(|choices| is_among(choices, raw))
        };
        let member = |name: &str| {
            Members::of(raw).and_then(|mut members| members.find(|member| member.name() == name))
        };
        let is_tagged = node.properties.iter().all(|(name, id)| {
            let choices = &self.nodes[*id].choices;
            match member(name) {
                Some(member) => is_chosen(choices, member.value),
                None => choices.is_none() || !node.required.contains(name),
            }
        });
        is_chosen(&node.choices, raw)
            && (is_tagged || Members::of(raw).is_none())
            && self
                .variant(id)
                .is_none_or(|name| Members::of(raw).is_none() || member(name).is_some())
            && node
                .all_of
                .iter()
                .all(|id| self.is_likely(*id, raw, depth - 1))
    }

    /// The member that tells branches apart, with the choices for it.
    pub(super) fn tag(&self, branches: &[NodeId]) -> Option<(&str, Vec<String>)> {
        let choices = |id: &NodeId, name: &str| {
            let node = &self.nodes[*id];
            let choices = self.nodes[node.property(name)?].choices.as_ref()?;
            node.required
                .iter()
                .any(|required| required == name)
                .then(|| shown(choices))
        };
        let first = &self.nodes[*branches.first()?];
        first.properties.iter().find_map(|(name, _)| {
            let all: Option<Vec<_>> = branches.iter().map(|id| choices(id, name)).collect();
            Some((&**name, all?.concat()))
        })
    }

    /// The branches that say a type, and this one.
    pub(super) fn of_kind(&self, branches: &[NodeId], kinds: Kinds) -> Vec<NodeId> {
        let says = |id: &NodeId| {
            let node = &self.nodes[*id];
            node.kinds.meets(kinds) || node.choices.is_some()
        };
        branches.iter().copied().filter(says).collect()
    }

    /// The names of the variants of an enum whose data is behind its name.
    pub(super) fn variants(&self, branches: &[NodeId]) -> Option<Vec<String>> {
        if branches.is_empty() {
            return None;
        }
        let names = branches.iter().map(|id| match &self.nodes[*id].choices {
            Some(choices) => Some(shown(choices)),
            None => Some(vec![self.variant(*id)?.to_owned()]),
        });
        Some(names.collect::<Option<Vec<_>>>()?.concat())
    }

    /// The one member of a branch that has no other.
    fn variant(&self, id: NodeId) -> Option<&str> {
        let node = &self.nodes[id];
        let is_closed = node
            .others
            .is_some_and(|others| self.nodes[others].kinds == Kinds::NONE);
        match (&*node.properties, &*node.required) {
            ([(name, _)], [required]) if name == required && is_closed => Some(name),
            _ => None,
        }
    }

    /// The types of all branches together.
    pub(super) fn kinds(&self, branches: &[NodeId], depth: usize) -> Kinds {
        branches.iter().fold(Kinds::NONE, |all, id| {
            let node = &self.nodes[*id];
            let below = node.all_of.first().or(node.any_of.first());
            all.or(match below {
                Some(_) if node.kinds == Kinds::ANY && depth > 0 => {
                    let below = [&*node.all_of, &node.any_of].concat();
                    self.kinds(&below, depth - 1)
                }
                _ => node.kinds,
            })
        })
    }
}

/// Whether a value is one of the choices.
pub(super) fn is_among(choices: &[Value], raw: &str) -> bool {
    if raw.starts_with('"') {
        let text = unescape(raw);
        return choices.iter().any(|choice| choice.as_str() == Some(&text));
    }
    let respelled = respell_integers(raw);
    let value = serde_json::from_str::<Value>(respelled.as_deref().unwrap_or(raw));
    value.is_ok_and(|value| choices.contains(&value))
}

/// Choices as a model reads them.
pub(super) fn shown(choices: &[Value]) -> Vec<String> {
    let shown = |choice: &Value| match choice {
        Value::String(text) => text.clone(),
        other => other.to_string(),
    };
    choices.iter().map(shown).collect()
}
