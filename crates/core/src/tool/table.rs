//! How the arguments of a tool or prompt are read.

use std::sync::OnceLock;

use serde_json::{Map, Value};

use super::ParamSpec;
use crate::protocol::Schema;
use crate::schema::{Constraint, Validator};

/// The parameters of a tool or prompt in order, as their arguments are looked up.
#[doc(hidden)]
#[derive(Debug)]
pub struct ArgumentTable {
    owner: &'static str,
    entries: Box<[ArgumentEntry]>,
    schema: Option<Schema>,
    /// The schema, compiled when the first argument does not decode.
    compiled: OnceLock<Validator>,
}

/// One parameter.
#[derive(Debug)]
pub(crate) struct ArgumentEntry {
    /// The name on the wire.
    pub(crate) name: &'static str,
    /// Further names on the wire, which are not listed.
    pub(crate) aliases: &'static [&'static str],
    /// It is given by the client, not injected.
    is_argument: bool,
    /// It may be of a kindred type.
    lenient: bool,
    /// Nobody may see its value.
    sensitive: bool,
    /// What is demanded of it beyond what its type enforces; nothing for most.
    pub(crate) demands: Option<Box<Validator>>,
    /// It names an operation; the arguments of all operations begin at this position.
    pub(crate) operations: Option<usize>,
}

impl ArgumentEntry {
    /// A parameter that is injected.
    pub(crate) fn injected(spec: &ParamSpec) -> Self {
        Self {
            name: spec.name,
            aliases: &[],
            is_argument: false,
            lenient: false,
            sensitive: false,
            demands: None,
            operations: None,
        }
    }

    /// An argument, with the schema of its type as the type says it.
    pub(crate) fn argument(
        spec: &ParamSpec,
        schema: &Value,
        definitions: &Map<String, Value>,
    ) -> Self {
        let mut validator = Validator::with_definitions(schema, definitions);
        validator.demand(Constraint::limits(spec.constraints));
        if spec.sensitive {
            validator.mark_sensitive();
        }
        let has_use = validator.demands_more() || validator.hides() || validator.has_aliases();
        Self {
            name: spec.name,
            aliases: spec.aliases,
            is_argument: true,
            lenient: spec.lenient,
            sensitive: validator.hides(),
            demands: has_use.then(|| Box::new(validator)),
            operations: None,
        }
    }

    /// Whether some of its value must not be repeated.
    pub(crate) fn hides(&self) -> bool {
        self.sensitive
    }

    fn is_called(&self, name: &str) -> bool {
        self.is_argument && (self.name == name || self.aliases.contains(&name))
    }
}

impl ArgumentTable {
    pub(crate) fn new(
        owner: &'static str,
        entries: Vec<ArgumentEntry>,
        schema: Option<Schema>,
    ) -> Self {
        Self {
            owner,
            entries: entries.into_boxed_slice(),
            schema,
            compiled: OnceLock::new(),
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

    /// The schema of all arguments; prompts have none.
    pub(crate) fn schema(&self) -> Option<&Validator> {
        let schema = self.schema.as_ref()?;
        let compile = || Validator::new(&schema.decode().unwrap_or_default());
        Some(self.compiled.get_or_init(compile))
    }

    /// The position of an argument. Clients tend to keep the order, so `hint` is tried first.
    pub(crate) fn position(&self, name: &str, hint: usize) -> Option<usize> {
        match self.entries.get(hint) {
            Some(entry) if entry.is_called(name) => Some(hint),
            _ => self.entries.iter().position(|entry| entry.is_called(name)),
        }
    }

    /// The names a client may give.
    pub(crate) fn names(&self) -> impl Iterator<Item = &'static str> + '_ {
        self.entries
            .iter()
            .filter(|entry| entry.is_argument)
            .map(|entry| entry.name)
    }

    /// The arguments that may be of a kindred type.
    pub(crate) fn lenient(&self) -> Vec<&'static str> {
        let lenient = self.entries.iter().filter(|entry| entry.lenient);
        lenient.map(|entry| entry.name).collect()
    }

    /// Every further name, with the listed one.
    pub(crate) fn aliases(&self) -> impl Iterator<Item = (&'static str, &'static str)> + '_ {
        self.entries
            .iter()
            .flat_map(|entry| entry.aliases.iter().map(|alias| (*alias, entry.name)))
    }
}
