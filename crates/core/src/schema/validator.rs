//! A schema, compiled once, to hold raw JSON against.
//!
//! It knows the part of JSON Schema 2020-12 that types of Rust and the macros say: types,
//! choices, limits, members, items, combinations and local references. Other keywords
//! (`if`, `contains`, `dependentRequired`, `unevaluated…`) demand nothing. How a value is held
//! against it is in [`walk`](super::walk).

use std::collections::HashMap;

use serde_json::{Map, Value};

use super::constraint::Constraint;
use super::limit::Limit;
use super::number::Bound;
use super::pattern::Pattern;
use super::portable::integer_bounds;

/// The place of a node among all nodes of a validator.
pub(super) type NodeId = usize;

/// Nesting beyond this is not looked into; decoders refuse it too.
pub(super) const MAX_DEPTH: usize = 128;

/// A compiled schema.
#[derive(Debug)]
pub(crate) struct Validator {
    pub(super) nodes: Vec<Node>,
    pub(super) root: NodeId,
    /// It has limits that decoding does not enforce.
    limited: bool,
    /// The kinds of values that decoding takes beyond what the schema shows, all nodes together.
    pub(super) stray: Kinds,
}

/// One schema of the tree.
#[derive(Debug)]
pub(super) struct Node {
    pub(super) kinds: Kinds,
    /// `enum` or `const`.
    pub(super) choices: Option<Vec<Value>>,
    pub(super) limits: Vec<Limit>,
    pub(super) properties: Vec<(String, NodeId)>,
    /// Further names of properties, each with the one that is shown.
    aliases: Vec<(String, String)>,
    pub(super) required: Vec<String>,
    pub(super) patterns: Vec<(Pattern, NodeId)>,
    /// Members that are not named.
    pub(super) others: Option<NodeId>,
    pub(super) prefix: Vec<NodeId>,
    /// Items behind the prefix.
    pub(super) items: Option<NodeId>,
    pub(super) all_of: Vec<NodeId>,
    pub(super) any_of: Vec<NodeId>,
    pub(super) one_of: Vec<NodeId>,
    pub(super) not: Option<NodeId>,
    /// The value must not be shown to anybody (`writeOnly`).
    pub(super) sensitive: bool,
    /// The kind of value that decoding takes as well, though the schema does not show it: serde
    /// reads a struct from an array, and a unit variant from an object.
    pub(super) stray: Kinds,
    /// It, or something below it, demands more than decoding does.
    pub(super) demands: bool,
    /// It, or something below it, is sensitive.
    pub(super) hides: bool,
}

impl Validator {
    /// Compiles a schema that carries its own `$defs`.
    pub(crate) fn new(schema: &Value) -> Self {
        let none = Map::new();
        let definitions = schema.get("$defs").and_then(Value::as_object);
        Self::with_definitions(schema, definitions.unwrap_or(&none))
    }

    /// Compiles a schema whose references lead into `definitions`.
    pub(crate) fn with_definitions(schema: &Value, definitions: &Map<String, Value>) -> Self {
        let mut compiler = Compiler {
            definitions,
            known: HashMap::new(),
            nodes: Vec::new(),
        };
        let root = compiler.add(schema);
        let mut validator = Self {
            nodes: compiler.nodes,
            root,
            limited: false,
            stray: Kinds::NONE,
        };
        validator.settle();
        validator
    }

    /// Adds demands at the root.
    pub(crate) fn demand(&mut self, limits: Vec<Limit>) {
        let root = &mut self.nodes[self.root];
        root.demands |= !limits.is_empty();
        self.limited |= !limits.is_empty();
        root.limits.extend(limits);
    }

    /// Whether a value that was decoded has to be looked at: it may be, or hold, what the schema
    /// refuses.
    pub(super) fn concerns(&self, json: &str) -> bool {
        let strays = |kind: Kinds, opening: char| self.stray.meets(kind) && json.contains(opening);
        self.limited || strays(Kinds::ARRAY, '[') || strays(Kinds::OBJECT, '{')
    }

    /// Marks the whole value as one that must not be shown.
    pub(crate) fn mark_sensitive(&mut self) {
        let root = &mut self.nodes[self.root];
        root.sensitive = true;
        root.hides = true;
    }

    /// Whether the schema demands more than decoding the type does.
    pub(crate) fn demands_more(&self) -> bool {
        self.nodes[self.root].demands
    }

    /// Whether some of the value must not be shown.
    pub(crate) fn hides(&self) -> bool {
        self.nodes[self.root].hides
    }

    /// Whether some member is understood by a name that is not shown.
    pub(crate) fn has_aliases(&self) -> bool {
        self.nodes.iter().any(|node| !node.aliases.is_empty())
    }

    /// The schema of a member of the root.
    pub(super) fn property(&self, name: &str) -> Option<NodeId> {
        self.nodes[self.root].property(name)
    }

    /// Lets what is said of a node hold for all that lead to it.
    fn settle(&mut self) {
        self.limited = self.nodes.iter().any(|node| node.demands);
        for node in &mut self.nodes {
            node.demands |= node.stray != Kinds::NONE;
            self.stray = self.stray.or(node.stray);
        }
        loop {
            let mut changed = false;
            for id in 0..self.nodes.len() {
                let demands = self.nodes[id].children().any(|id| self.nodes[id].demands);
                let hides = self.nodes[id].children().any(|id| self.nodes[id].hides);
                let node = &mut self.nodes[id];
                changed |= (demands && !node.demands) || (hides && !node.hides);
                node.demands |= demands;
                node.hides |= hides;
            }
            if !changed {
                return;
            }
        }
    }
}

impl Node {
    fn of(kinds: Kinds) -> Self {
        Self {
            kinds,
            choices: None,
            limits: Vec::new(),
            properties: Vec::new(),
            aliases: Vec::new(),
            required: Vec::new(),
            patterns: Vec::new(),
            others: None,
            prefix: Vec::new(),
            items: None,
            all_of: Vec::new(),
            any_of: Vec::new(),
            one_of: Vec::new(),
            not: None,
            sensitive: false,
            stray: Kinds::NONE,
            demands: false,
            hides: false,
        }
    }

    pub(super) fn property(&self, name: &str) -> Option<NodeId> {
        self.properties
            .iter()
            .find(|(known, _)| known == name)
            .map(|(_, id)| *id)
    }

    /// The name that is shown of a member.
    pub(super) fn listed<'n>(&'n self, name: &'n str) -> &'n str {
        let alias = self.aliases.iter().find(|(alias, _)| alias == name);
        alias.map_or(name, |(_, listed)| listed)
    }

    /// The schema of any member: the named ones first.
    pub(super) fn member(&self, name: &str) -> Option<NodeId> {
        let matching = |(pattern, id): &(Pattern, NodeId)| pattern.is_match(name).then_some(*id);
        self.property(self.listed(name))
            .or_else(|| self.patterns.iter().find_map(matching))
            .or(self.others)
    }

    /// The schema of the item at `index`.
    pub(super) fn item(&self, index: usize) -> Option<NodeId> {
        self.prefix.get(index).copied().or(self.items)
    }

    /// The branches of a choice between schemas.
    pub(super) fn branches(&self) -> [&[NodeId]; 2] {
        [&self.any_of, &self.one_of]
    }

    fn children(&self) -> impl Iterator<Item = NodeId> + '_ {
        let members = self.properties.iter().map(|(_, id)| *id);
        members
            .chain(self.patterns.iter().map(|(_, id)| *id))
            .chain(self.others)
            .chain(self.prefix.iter().copied())
            .chain(self.items)
            .chain(self.all_of.iter().copied())
            .chain(self.branches().into_iter().flatten().copied())
    }
}

/// The types of JSON, as a set.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Kinds(u8);

impl Kinds {
    pub(super) const NONE: Self = Self(0);
    pub(super) const ANY: Self = Self(u8::MAX);
    pub(super) const NULL: Self = Self(1);
    pub(super) const BOOLEAN: Self = Self(1 << 1);
    pub(super) const INTEGER: Self = Self(1 << 2);
    pub(super) const NUMBER: Self = Self(1 << 3);
    pub(super) const STRING: Self = Self(1 << 4);
    pub(super) const ARRAY: Self = Self(1 << 5);
    pub(super) const OBJECT: Self = Self(1 << 6);

    /// Each kind with its name in schemas and in words, in the order they are told.
    pub(super) const NAMED: [(Self, &'static str, &'static str); 7] = [
        (Self::STRING, "string", "a string"),
        (Self::INTEGER, "integer", "an integer"),
        (Self::NUMBER, "number", "a number"),
        (Self::BOOLEAN, "boolean", "a boolean"),
        (Self::ARRAY, "array", "an array"),
        (Self::OBJECT, "object", "an object"),
        (Self::NULL, "null", "null"),
    ];

    /// What a value is.
    pub(super) fn of(raw: &str) -> Self {
        match raw.as_bytes().first() {
            Some(b'"') => Self::STRING,
            Some(b'{') => Self::OBJECT,
            Some(b'[') => Self::ARRAY,
            Some(b't' | b'f') => Self::BOOLEAN,
            Some(b'n') => Self::NULL,
            _ if is_whole(raw) => Self::INTEGER.or(Self::NUMBER),
            _ => Self::NUMBER,
        }
    }

    /// What a schema says by `type`.
    fn read(value: Option<&Value>) -> Self {
        match value {
            Some(Value::String(name)) => Self::named(name),
            Some(Value::Array(names)) => names
                .iter()
                .filter_map(Value::as_str)
                .fold(Self::NONE, |all, name| all.or(Self::named(name))),
            _ => Self::ANY,
        }
    }

    fn named(name: &str) -> Self {
        let known = Self::NAMED.iter().find(|(_, known, _)| *known == name);
        known.map_or(Self::NONE, |(kind, ..)| *kind)
    }

    pub(super) const fn or(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    const fn without(self, other: Self) -> Self {
        Self(self.0 & !other.0)
    }

    pub(super) const fn meets(self, other: Self) -> bool {
        self.0 & other.0 != 0
    }
}

fn is_whole(number: &str) -> bool {
    !number.contains(['.', 'e', 'E'])
        || number
            .parse::<f64>()
            .is_ok_and(|number| number.fract() == 0.0)
}

struct Compiler<'a> {
    definitions: &'a Map<String, Value>,
    known: HashMap<&'a str, NodeId>,
    nodes: Vec<Node>,
}

impl<'a> Compiler<'a> {
    fn add(&mut self, schema: &'a Value) -> NodeId {
        let id = self.reserve();
        self.nodes[id] = self.read(schema);
        id
    }

    fn reserve(&mut self) -> NodeId {
        self.nodes.push(Node::of(Kinds::ANY));
        self.nodes.len() - 1
    }

    fn add_all(&mut self, schemas: Option<&'a Value>) -> Vec<NodeId> {
        let schemas = schemas.and_then(Value::as_array).into_iter().flatten();
        schemas.map(|schema| self.add(schema)).collect()
    }

    fn read(&mut self, schema: &'a Value) -> Node {
        let object = match schema {
            Value::Object(object) => object,
            Value::Bool(false) => return Node::of(Kinds::NONE),
            _ => return Node::of(Kinds::ANY),
        };
        let mut node = Node::of(Kinds::read(object.get("type")));
        node.choices = choices(object);
        node.limits = Limit::read(object);
        self.members(object, &mut node);
        self.combinations(object, &mut node);
        node.stray = stray(&node);
        node.sensitive = object.get("writeOnly").is_some_and(|value| value == true);
        node.hides = node.sensitive;
        node.demands = node.limits.iter().any(|limit| !is_implied(limit, object));
        node
    }

    fn members(&mut self, object: &'a Map<String, Value>, node: &mut Node) {
        let members = |keyword| object.get(keyword).and_then(Value::as_object);
        for (name, schema) in members("properties").into_iter().flatten() {
            node.properties.push((name.clone(), self.add(schema)));
            let aliases = texts(schema.get(Constraint::ALIASES)).into_iter();
            node.aliases
                .extend(aliases.map(|alias| (alias, name.clone())));
        }
        for (source, schema) in members("patternProperties").into_iter().flatten() {
            if let Some(pattern) = Pattern::new(source) {
                node.patterns.push((pattern, self.add(schema)));
            }
        }
        node.required = texts(object.get("required"));
        node.others = object
            .get("additionalProperties")
            .map(|schema| self.add(schema));
        node.prefix = self.add_all(object.get("prefixItems"));
        node.items = object.get("items").map(|schema| self.add(schema));
    }

    fn combinations(&mut self, object: &'a Map<String, Value>, node: &mut Node) {
        node.all_of = self.add_all(object.get("allOf"));
        node.any_of = self.add_all(object.get("anyOf"));
        node.one_of = self.add_all(object.get("oneOf"));
        node.not = object.get("not").map(|schema| self.add(schema));
        let target = object.get("$ref").and_then(Value::as_str);
        node.all_of
            .extend(target.and_then(|target| self.target(target)));
    }

    /// What a reference leads to; `None` for one that leads nowhere.
    fn target(&mut self, reference: &str) -> Option<NodeId> {
        // JSON pointer escapes, RFC 6901 section 4.
        let name = reference
            .strip_prefix("#/$defs/")?
            .replace("~1", "/")
            .replace("~0", "~");
        let (name, schema) = self.definitions.get_key_value(&name)?;
        if let Some(id) = self.known.get(name.as_str()) {
            return Some(*id);
        }
        let id = self.reserve();
        self.known.insert(name, id);
        self.nodes[id] = self.read(schema);
        Some(id)
    }
}

fn stray(node: &Node) -> Kinds {
    let is_text = |choice: &Value| choice.is_string();
    match &node.choices {
        None if !node.properties.is_empty() => Kinds::ARRAY.without(node.kinds),
        Some(choices) if choices.iter().all(is_text) => Kinds::OBJECT,
        _ => Kinds::NONE,
    }
}

fn choices(object: &Map<String, Value>) -> Option<Vec<Value>> {
    match (object.get("const"), object.get("enum")) {
        (Some(only), _) => Some(vec![only.clone()]),
        (None, Some(Value::Array(choices))) => Some(choices.clone()),
        _ => None,
    }
}

fn texts(value: Option<&Value>) -> Vec<String> {
    let texts = value.and_then(Value::as_array).into_iter().flatten();
    texts
        .filter_map(|text| text.as_str().map(ToOwned::to_owned))
        .collect()
}

/// Whether decoding the type enforces the limit anyway: bounds of an integer that are those of
/// its format, the length of a tuple.
fn is_implied(limit: &Limit, object: &Map<String, Value>) -> bool {
    let format = object.get("format").and_then(Value::as_str);
    let bounds = format.and_then(integer_bounds);
    let is_unsigned = format.is_some_and(|format| format.starts_with("uint"));
    let is = |bound: &Bound, value: &Value| Bound::of(value).is_some_and(|it| it == *bound);
    match (limit, bounds) {
        (Limit::Min(bound), Some((least, _))) => is(bound, &least),
        (Limit::Max(bound), Some((_, most))) => is(bound, &most),
        (Limit::Min(bound), None) => is_unsigned && is(bound, &Value::from(0)),
        (Limit::MinItems(_) | Limit::MaxItems(_), _) => object.contains_key("prefixItems"),
        _ => false,
    }
}
