//! Putting definitions in the place of references.

use serde_json::{Map, Value};

/// How many values the result may have.
const MAX_NODES: usize = 10_000;
/// How deep it may be.
const MAX_DEPTH: usize = 200;

/// Where definitions stand.
const DEFINITIONS: [&str; 2] = ["$defs", "definitions"];
/// What holds values, not schemas.
const VALUES: [&str; 5] = ["const", "enum", "default", "example", "examples"];

/// The schema without references; `None` where that would grow too large.
pub(super) fn inlined(schema: &Value) -> Option<Value> {
    let mut inliner = Inliner {
        root: schema,
        open: Vec::new(),
        nodes: 0,
        depth: 0,
        kept: false,
    };
    let mut written = inliner.schema(schema)?;
    if let Value::Object(members) = &mut written {
        for name in DEFINITIONS {
            match schema.get(name) {
                Some(definitions) if inliner.kept => {
                    members.insert(name.to_owned(), definitions.clone());
                }
                _ => {}
            }
        }
    }
    Some(written)
}

struct Inliner<'a> {
    root: &'a Value,
    /// The references that are being followed.
    open: Vec<&'a str>,
    nodes: usize,
    depth: usize,
    /// Whether a reference had to stay.
    kept: bool,
}

impl<'a> Inliner<'a> {
    fn schema(&mut self, schema: &'a Value) -> Option<Value> {
        self.nodes += 1;
        if self.nodes > MAX_NODES || self.depth > MAX_DEPTH {
            return None;
        }
        self.depth += 1;
        let written = match schema {
            Value::Object(members) => match members.get("$ref") {
                Some(Value::String(reference)) => self.reference(reference, members),
                _ => self.members(members).map(Value::Object),
            },
            Value::Array(items) => {
                let items: Option<Vec<_>> = items.iter().map(|item| self.schema(item)).collect();
                items.map(Value::Array)
            }
            plain => Some(plain.clone()),
        };
        self.depth -= 1;
        written
    }

    fn members(&mut self, members: &'a Map<String, Value>) -> Option<Map<String, Value>> {
        let at_root = self.depth == 1;
        let mut written = Map::new();
        for (name, value) in members {
            if at_root && DEFINITIONS.contains(&name.as_str()) {
                continue;
            }
            let value = match VALUES.contains(&name.as_str()) {
                true => value.clone(),
                false => self.schema(value)?,
            };
            written.insert(name.clone(), value);
        }
        Some(written)
    }

    /// What the reference leads to, with what stands beside the reference over it.
    fn reference(&mut self, reference: &'a str, members: &'a Map<String, Value>) -> Option<Value> {
        let target = reference
            .strip_prefix('#')
            .and_then(|pointer| self.root.pointer(pointer));
        let Some(target) = target.filter(|_| !self.open.contains(&reference)) else {
            self.kept = true;
            return Some(Value::Object(members.clone()));
        };
        self.open.push(reference);
        let written = self.schema(target);
        self.open.pop();
        let Value::Object(mut written) = written? else {
            return Some(Value::Bool(true));
        };
        for (name, value) in members.iter().filter(|(name, _)| *name != "$ref") {
            written.insert(name.clone(), self.schema(value)?);
        }
        Some(Value::Object(written))
    }
}
