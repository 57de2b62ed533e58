//! The layer of the environment: for each setting, the variables that may hold
//! it. Variables that are no setting belong to somebody else.

use std::collections::BTreeMap;

use super::{
    Field, Node, Origin, Place, Shape,
    nearest::nearest,
    node::{DEPTH, REACH, Table, Value},
    reader::variable,
    shape::Kind,
};

/// Variables by name, each with the place in a `.env` file it is from.
#[derive(Clone, Default)]
pub(crate) struct Variables(BTreeMap<String, (String, Option<Place>)>);

impl Variables {
    /// Those of this process. What is not Unicode is not a setting.
    pub(crate) fn of_process() -> Self {
        let text = |(name, value): (std::ffi::OsString, std::ffi::OsString)| {
            Some((name.into_string().ok()?, value.into_string().ok()?))
        };
        std::env::vars_os().filter_map(text).collect()
    }

    /// The value; an empty one counts as none.
    pub(crate) fn get(&self, name: &str) -> Option<&str> {
        let (value, _) = self.0.get(name)?;
        (!value.is_empty()).then_some(value)
    }

    /// Adds a variable of a `.env` file, unless the process or an earlier line
    /// has it.
    #[cfg(feature = "config")]
    pub(crate) fn add(&mut self, name: String, value: String, place: Place) {
        self.0.entry(name).or_insert((value, Some(place)));
    }

    fn node(&self, name: &str) -> Option<Node> {
        let value = self.get(name)?;
        let file = self.0.get(name).and_then(|(_, place)| place.clone());
        let name = name.to_owned();
        let origin = Origin::Variable { name, file };
        Some(Node::new(Value::Loose(value.to_owned()), origin))
    }

    /// What the variables say about these settings.
    pub(crate) fn layer(&self, prefix: &str, fields: &[Field]) -> Table {
        let mut layer = Layer {
            variables: self,
            prefix,
            table: Table::new(),
        };
        layer.group("", fields, REACH);
        layer.table
    }

    /// Variables that look like misspelt ones of ours, with what was meant.
    pub(crate) fn misspelt(&self, prefix: &str, fields: &[Field]) -> Vec<(String, String)> {
        let mut known = Vec::new();
        names(prefix, "", fields, &mut known, REACH);
        let ours = |name: &&String| {
            name.starts_with(prefix)
                && !prefix.is_empty()
                && !known.iter().any(|known| is_under(name, known))
        };
        let meant = |name: &String| {
            let known = known.iter().map(String::as_str);
            Some((name.clone(), nearest(name, known)?.to_owned()))
        };
        self.0.keys().filter(ours).filter_map(meant).collect()
    }
}

fn is_under(name: &str, known: &str) -> bool {
    name.strip_prefix(known)
        .is_some_and(|rest| rest.is_empty() || rest.starts_with("__"))
}

fn names(prefix: &str, path: &str, fields: &[Field], known: &mut Vec<String>, depth: usize) {
    for field in fields {
        let key = join(path, field.name);
        known.extend(field.variables.iter().map(|name| (*name).to_owned()));
        match (field.shape)().kind {
            Kind::Group(fields) if depth > 0 => names(prefix, &key, fields, known, depth - 1),
            _ => known.push(variable(prefix, &key)),
        }
    }
}

pub(crate) fn join(path: &str, name: &str) -> String {
    match path {
        "" => name.to_owned(),
        path => format!("{path}.{name}"),
    }
}

impl FromIterator<(String, String)> for Variables {
    fn from_iter<I: IntoIterator<Item = (String, String)>>(all: I) -> Self {
        let all = all.into_iter();
        Self(all.map(|(name, value)| (name, (value, None))).collect())
    }
}

struct Layer<'a> {
    variables: &'a Variables,
    prefix: &'a str,
    table: Table,
}

impl Layer<'_> {
    fn group(&mut self, path: &str, fields: &[Field], depth: usize) {
        let Some(depth) = depth.checked_sub(1) else {
            return;
        };
        for field in fields {
            let key = join(path, field.name);
            let names = field.variables.iter().rev().map(|name| (*name).to_owned());
            // The one that is made of the place is meant for it alone: it wins.
            for name in names.chain([variable(self.prefix, &key)]) {
                if let Some(node) = self.variables.node(&name) {
                    self.put(&key, node);
                }
            }
            self.inner(&key, &(field.shape)(), depth);
        }
    }

    fn inner(&mut self, key: &str, shape: &Shape, depth: usize) {
        match &shape.kind {
            Kind::Group(fields) => self.group(key, fields, depth),
            Kind::Map(_) => self.map(key),
            Kind::Leaf | Kind::Switch | Kind::List(_) => {}
        }
    }

    /// The members of a map are called as their variables are, in small letters.
    fn map(&mut self, key: &str) {
        let prefix = format!("{}__", variable(self.prefix, key));
        let variables = self.variables;
        for name in variables.0.keys() {
            let Some(rest) = name.strip_prefix(&prefix).filter(|rest| !rest.is_empty()) else {
                continue;
            };
            let rest = rest.to_ascii_lowercase().replace("__", ".");
            if let Some(node) = variables.node(name)
                && rest.split('.').count() <= DEPTH
            {
                self.put(&format!("{key}.{rest}"), node);
            }
        }
    }

    fn put(&mut self, key: &str, node: Node) {
        let path: Vec<&str> = key.split('.').collect();
        Node::put(&mut self.table, &path, node);
    }
}
