//! What the layers say, before anybody knows what it means: a tree of texts in
//! which each piece knows where it was written.

use std::{collections::BTreeMap, fmt};

use super::Origin;

/// The most levels a configuration may have.
pub(crate) const DEPTH: usize = 32;

/// The most levels that variables and flags reach down into groups. A type that
/// holds itself has no end.
pub(crate) const REACH: usize = 8;

/// A value as it was written, and where.
///
/// What it says may be secret, so it does not print.
#[derive(Clone)]
pub struct Node {
    pub(crate) value: Value,
    pub(crate) origin: Origin,
}

/// Members by name.
pub(crate) type Table = BTreeMap<String, Node>;

/// What was written.
#[derive(Clone)]
pub(crate) enum Value {
    Null,
    Bool(bool),
    /// A number, in decimal.
    Number(String),
    /// A text that says it is one.
    Text(String),
    /// A text that may mean anything: from a variable, a flag, or plain YAML.
    Loose(String),
    List(Vec<Node>),
    Table(Table),
}

impl Node {
    pub(crate) fn new(value: Value, origin: Origin) -> Self {
        Self { value, origin }
    }

    /// A table without members.
    pub(crate) fn empty() -> Self {
        Self::new(Value::Table(Table::new()), Origin::Default)
    }

    /// Where it was written.
    pub fn origin(&self) -> &Origin {
        &self.origin
    }

    pub(crate) fn is_null(&self) -> bool {
        matches!(self.value, Value::Null)
    }

    /// All that was written, to tell one from another; nobody may see it.
    pub(crate) fn written(&self) -> String {
        match &self.value {
            Value::Null => "null".to_owned(),
            Value::Bool(value) => value.to_string(),
            Value::Number(text) | Value::Text(text) | Value::Loose(text) => format!("{text:?}"),
            Value::List(items) => {
                let items: Vec<String> = items.iter().map(Self::written).collect();
                format!("[{}]", items.join(","))
            }
            Value::Table(table) => {
                let member =
                    |(name, node): (&String, &Self)| format!("{name:?}:{}", node.written());
                let members: Vec<String> = table.iter().map(member).collect();
                format!("{{{}}}", members.join(","))
            }
        }
    }

    /// What it is, in words.
    pub(crate) fn noun(&self) -> &'static str {
        match &self.value {
            Value::Null => "nothing",
            Value::Bool(_) => "a truth value",
            Value::Number(_) => "a number",
            Value::Text(_) | Value::Loose(_) => "a text",
            Value::List(_) => "a list",
            Value::Table(_) => "a table",
        }
    }

    /// Puts `over` above this: members of tables one by one, all else as a
    /// whole.
    pub(crate) fn cover(&mut self, over: Self) {
        match (&mut self.value, over.value) {
            (Value::Table(under), Value::Table(over)) => cover(under, over),
            (_, value) => *self = Self::new(value, over.origin),
        }
    }

    /// Puts a value at the end of `path`, making the tables on the way.
    pub(crate) fn put(table: &mut Table, path: &[&str], node: Self) {
        match path {
            [] => {}
            [last] => match table.get_mut(*last) {
                Some(under) => under.cover(node),
                None => _ = table.insert((*last).to_owned(), node),
            },
            [first, rest @ ..] => {
                let origin = node.origin.clone();
                let under = table
                    .entry((*first).to_owned())
                    .or_insert_with(|| Self::new(Value::Table(Table::new()), origin));
                if !matches!(under.value, Value::Table(_)) {
                    *under = Self::new(Value::Table(Table::new()), node.origin.clone());
                }
                if let Value::Table(inner) = &mut under.value {
                    Self::put(inner, rest, node);
                }
            }
        }
    }
}

/// Puts one table over another.
pub(crate) fn cover(under: &mut Table, over: Table) {
    for (name, node) in over {
        match under.get_mut(&name) {
            Some(below) => below.cover(node),
            None => _ = under.insert(name, node),
        }
    }
}

impl fmt::Debug for Node {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Node({} from {})", self.noun(), self.origin)
    }
}
