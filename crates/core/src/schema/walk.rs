//! Holding raw JSON against a compiled schema, and telling every mistake with its place.

use std::fmt::Write as _;

use super::branch::{is_among, shown};
use super::limit::{Breach, Limit};
use super::number::Bound;
use super::path::push_member;
use super::raw::{Elements, Members, unescape};
use super::validator::{Kinds, MAX_DEPTH, Node, NodeId, Validator};
use super::wording::{choice, cut, describe, list, nearest};

/// Takes a place below the value (`.lines[2]`) and what is wrong there.
pub(crate) type Report<'r> = &'r mut dyn FnMut(&str, &str);

/// How much of the schema is asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Scope {
    /// Only what decoding does not enforce: the value has been decoded.
    Limits,
    /// All of it. As for a decoder, `null` stands for a member that is left out.
    Argument,
    /// All of it, to the letter.
    Value,
}

impl Validator {
    /// Holds a value that its type accepts against what the schema demands beyond that.
    pub(crate) fn limits(&self, json: &str, report: Report<'_>) {
        if self.concerns(json) {
            self.walk(Scope::Limits, self.root, json, report);
        }
    }

    /// Says what is wrong with a value that its type did not accept.
    pub(crate) fn explain_all(&self, json: &str, report: Report<'_>) {
        self.walk(Scope::Argument, self.root, json, report);
    }

    /// Says what is wrong with the member `name`, which its type did not accept.
    pub(crate) fn explain(&self, name: &str, json: &str, report: Report<'_>) {
        if let Some(id) = self.property(name) {
            self.walk(Scope::Argument, id, json, report);
        }
    }

    /// Holds a value against the whole schema.
    pub(crate) fn validate(&self, json: &str, report: Report<'_>) {
        self.walk(Scope::Value, self.root, json, report);
    }

    fn walk(&self, scope: Scope, id: NodeId, json: &str, report: Report<'_>) {
        let mut walk = Walk {
            validator: self,
            scope,
            path: String::new(),
            depth: 0,
            hidden: false,
            fuel: 10_000 + json.len().saturating_mul(64),
            report,
        };
        walk.node(id, json);
        if walk.fuel == 0 {
            (walk.report)("", "is too intricate to be checked");
        }
    }
}

struct Walk<'v, 'r> {
    validator: &'v Validator,
    scope: Scope,
    path: String,
    depth: usize,
    /// The value here must not be repeated.
    hidden: bool,
    /// How many more nodes are looked at. Alternatives that look alike could otherwise be tried
    /// again and again at every depth.
    fuel: usize,
    report: Report<'r>,
}

impl Walk<'_, '_> {
    fn node(&mut self, id: NodeId, raw: &str) {
        let node = &self.validator.nodes[id];
        if self.fuel == 0 || (self.scope == Scope::Limits && !node.demands) {
            return;
        }
        if self.depth == MAX_DEPTH {
            self.fuel = 0;
            return;
        }
        self.fuel -= 1;
        self.depth += 1;
        let hidden = self.hidden;
        self.hidden |= node.sensitive;
        if self.fits(node, raw) {
            for breach in node.limits.iter().filter_map(|limit| limit.breach(raw)) {
                self.breached(&breach);
            }
            self.members(node, raw);
            self.items(node, raw);
            self.combinations(node, raw);
        }
        self.hidden = hidden;
        self.depth -= 1;
    }

    /// Whether the value is of the right type, and one of the choices.
    fn fits(&mut self, node: &Node, raw: &str) -> bool {
        if self.scope == Scope::Limits && !node.stray.meets(Kinds::of(raw)) {
            return true;
        }
        if !node.kinds.meets(Kinds::of(raw)) {
            let problem = match node.kinds {
                Kinds::NONE => "is not allowed".to_owned(),
                _ => self.but_got(format!("expected {}", expected(node)), raw),
            };
            self.tell(&problem);
            return false;
        }
        match &node.choices {
            Some(choices) if !is_among(choices, raw) => {
                let problem = self.unknown_choice(&shown(choices), raw);
                self.tell(&problem);
                false
            }
            _ => true,
        }
    }

    fn members(&mut self, node: &Node, raw: &str) {
        let Some(members) = Members::of(raw) else {
            return;
        };
        for member in members.clone() {
            let name = member.name();
            let is_left_out = self.scope == Scope::Argument
                && member.value == "null"
                && !node.required.iter().any(|it| it == node.listed(&name));
            let Some(id) = node.member(&name).filter(|_| !is_left_out) else {
                continue;
            };
            if self.scope == Scope::Limits && !self.validator.nodes[id].demands {
                continue;
            }
            let is_named = !self.hidden || node.property(&name).is_some();
            let shown = if is_named {
                cut(&name)
            } else {
                "…".to_owned()
            };
            self.inside(
                |path| push_member(path, &shown),
                |walk| match walk.is_unknown(id) {
                    true => walk.unknown_member(node, &name),
                    false => walk.node(id, member.value),
                },
            );
        }
        if self.scope == Scope::Limits {
            return;
        }
        for name in &node.required {
            if !members
                .clone()
                .any(|member| node.listed(&member.name()) == name)
            {
                self.inside(
                    |path| push_member(path, name),
                    |walk| walk.tell("is required"),
                );
            }
        }
    }

    fn is_unknown(&self, id: NodeId) -> bool {
        self.scope != Scope::Limits && self.validator.nodes[id].kinds == Kinds::NONE
    }

    fn unknown_member(&mut self, node: &Node, name: &str) {
        if self.hidden {
            return self.tell("unknown member");
        }
        let known: Vec<&str> = node.properties.iter().map(|(name, _)| &**name).collect();
        match nearest(name, &known) {
            Some(near) => self.tell(&format!("unknown member; did you mean `{near}`?")),
            None if known.is_empty() => self.tell("unknown member; there are none"),
            None => self.tell(&format!("unknown member; known are {}", list(&known))),
        }
    }

    fn items(&mut self, node: &Node, raw: &str) {
        if node.items.is_none() && node.prefix.is_empty() {
            return;
        }
        for (index, (item, _)) in Elements::of(raw).into_iter().flatten().enumerate() {
            let Some(id) = node.item(index) else {
                continue;
            };
            self.inside(
                |path| {
                    let _ = write!(path, "[{index}]");
                },
                |walk| walk.node(id, item),
            );
        }
    }

    fn combinations(&mut self, node: &Node, raw: &str) {
        for id in &node.all_of {
            self.node(*id, raw);
        }
        if !node.any_of.is_empty() {
            self.choose(&node.any_of, raw);
        }
        if !node.one_of.is_empty() && self.choose(&node.one_of, raw) > 1 {
            self.tell("fits more than one of the forms it may have");
        }
        if let Some(not) = node.not
            && self.scope != Scope::Limits
            && self.mistakes(not, raw) == 0
        {
            self.tell("is not allowed");
        }
    }

    /// Finds the branch a value means, and tells its mistakes there. Gives how many branches it
    /// fits.
    fn choose(&mut self, branches: &[NodeId], raw: &str) -> usize {
        let likely: Vec<NodeId> = branches
            .iter()
            .copied()
            .filter(|id| self.validator.is_likely(*id, raw, MAX_DEPTH))
            .collect();
        match &*likely {
            [] => self.no_branch(branches, raw),
            [only] => self.node(*only, raw),
            several => return self.best(several, raw),
        }
        1
    }

    fn best(&mut self, likely: &[NodeId], raw: &str) -> usize {
        let mistakes: Vec<usize> = likely.iter().map(|id| self.mistakes(*id, raw)).collect();
        let fitting = mistakes.iter().filter(|mistakes| **mistakes == 0).count();
        let best = likely
            .iter()
            .zip(&mistakes)
            .min_by_key(|(_, mistakes)| **mistakes);
        if let (0, Some((id, _))) = (fitting, best) {
            self.node(*id, raw);
        }
        fitting
    }

    /// How many mistakes there are, without telling them.
    fn mistakes(&mut self, id: NodeId, raw: &str) -> usize {
        let mut count = 0;
        let mut walk = Walk {
            validator: self.validator,
            scope: self.scope,
            path: String::new(),
            depth: self.depth,
            hidden: true,
            fuel: self.fuel,
            report: &mut |_, _| count += 1,
        };
        walk.node(id, raw);
        self.fuel = walk.fuel;
        count
    }

    fn no_branch(&mut self, branches: &[NodeId], raw: &str) {
        // A value that was decoded may be in a form that the schema does not show, such as an alias.
        if self.scope == Scope::Limits && !self.is_stray(branches, raw) {
            return;
        }
        if let (Some((tag, choices)), Some(mut members)) =
            (self.validator.tag(branches), Members::of(raw))
        {
            let member = members.find(|member| member.name() == tag);
            return self.inside(
                |path| push_member(path, tag),
                |walk| {
                    let problem = match member {
                        Some(member) => walk.unknown_choice(&choices, member.value),
                        None => format!("is required: {}", choice(&choices)),
                    };
                    walk.tell(&problem);
                },
            );
        }
        let alike = self.validator.of_kind(branches, Kinds::of(raw));
        let given = Members::of(raw).and_then(|mut members| members.next());
        let word = unescape(given.as_ref().map_or(raw, |member| member.key));
        let is_new = |names: &Vec<String>| !names.iter().any(|name| *name == word);
        let all = self.validator.variants(branches).filter(is_new);
        let names = all.or_else(|| self.validator.variants(&alike));
        let problem = match (names, given) {
            (Some(names), Some(member)) if !names.contains(&unescape(member.key).into_owned()) => {
                self.unknown_choice(&names, member.key)
            }
            (Some(names), _) => self.unknown_choice(&names, raw),
            (None, _) => {
                let kinds = self.validator.kinds(branches, MAX_DEPTH);
                self.but_got(format!("expected {}", named(kinds)), raw)
            }
        };
        self.tell(&problem);
    }

    /// Whether a value was decoded only since serde reads more than the schema shows: an array for
    /// a struct, an object for a variant or for the tag of one.
    fn is_stray(&self, branches: &[NodeId], raw: &str) -> bool {
        let strays = |raw: &str| self.validator.stray.meets(Kinds::of(raw));
        let mut members = Members::of(raw);
        let is_tagged_so = self.validator.tag(branches).is_some_and(|(tag, _)| {
            let tag = members
                .clone()
                .and_then(|mut all| all.find(|it| it.name() == tag));
            tag.is_some_and(|tag| strays(tag.value))
        });
        let first = members.as_mut().and_then(Iterator::next);
        let is_variant = |id: &NodeId| match (&self.validator.nodes[*id].choices, &first) {
            (Some(choices), Some(member)) => is_among(choices, member.key),
            _ => false,
        };
        let shown = self.validator.kinds(branches, MAX_DEPTH);
        is_tagged_so
            || strays(raw) && (!shown.meets(Kinds::of(raw)) || branches.iter().any(is_variant))
    }

    fn unknown_choice(&self, choices: &[String], raw: &str) -> String {
        let wanted = choice(choices);
        match raw.starts_with('"') && !self.hidden {
            true => format!(
                "unknown choice `{}`, expected {wanted}",
                cut(&unescape(raw))
            ),
            false => self.but_got(format!("expected {wanted}"), raw),
        }
    }

    fn but_got(&self, wanted: String, raw: &str) -> String {
        match self.hidden {
            true => wanted,
            false => format!("{wanted}, got {}", describe(raw)),
        }
    }

    fn breached(&mut self, breach: &Breach) {
        match &breach.got {
            Some(got) if !self.hidden => self.tell(&format!("{}, got {got}", breach.wanted)),
            _ => self.tell(&breach.wanted),
        }
    }

    fn tell(&mut self, problem: &str) {
        (self.report)(&self.path, problem);
    }

    fn inside(&mut self, step: impl FnOnce(&mut String), work: impl FnOnce(&mut Self)) {
        let length = self.path.len();
        step(&mut self.path);
        work(self);
        self.path.truncate(length);
    }
}

/// What a node wants, in words.
fn expected(node: &Node) -> String {
    if node.kinds != Kinds::INTEGER {
        return named(node.kinds);
    }
    let bound = |of: fn(&Limit) -> Option<&Bound>| node.limits.iter().find_map(of);
    let least = bound(|limit| match limit {
        Limit::Min(bound) => Some(bound),
        _ => None,
    });
    let most = bound(|limit| match limit {
        Limit::Max(bound) => Some(bound),
        _ => None,
    });
    match (least, most) {
        (Some(least), Some(most)) => format!("an integer from {least} to {most}"),
        (Some(least), None) => format!("an integer of at least {least}"),
        _ => named(node.kinds),
    }
}

/// Several types in words.
fn named(kinds: Kinds) -> String {
    let names = Kinds::NAMED.iter().filter(|(kind, ..)| kinds.meets(*kind));
    let names: Vec<&str> = names.map(|(_, _, words)| *words).collect();
    names.join(" or ")
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    /// What each entry of the validator says of a value.
    fn told(run: impl FnOnce(Report<'_>)) -> Vec<String> {
        let mut told = Vec::new();
        run(&mut |place, problem| told.push(format!("${place}: {problem}")));
        told
    }

    fn order() -> Value {
        json!({
            "type": "object",
            "properties": {
                "lines": {"type": "array", "items": {"$ref": "#/$defs/Line"}, "minItems": 1},
                "note": {"type": ["string", "null"], "maxLength": 3},
                "pay": {"oneOf": [
                    {"type": "object", "properties": {"by": {"const": "card"}, "number": {"type": "string", "writeOnly": true, "pattern": "^[0-9]+$"}}, "required": ["by", "number"]},
                    {"type": "object", "properties": {"by": {"const": "cash"}}, "required": ["by"]},
                ]},
                "unit": {"anyOf": [{"type": "integer"}, {"type": "string", "enum": ["a", "b"]}]},
            },
            "required": ["lines"],
            "additionalProperties": false,
            "$defs": {"Line": {
                "type": "object",
                "properties": {
                    "quantity": {"type": "integer", "format": "uint8", "minimum": 1, "maximum": 255},
                    "parts": {"type": "array", "items": {"$ref": "#/$defs/Line"}},
                },
                "required": ["quantity"],
            }},
        })
    }

    #[test]
    fn every_mistake_is_told_with_its_place() {
        let validator = Validator::new(&order());
        let json = r#"{"lines":[{"quantity":0},{"parts":[{"quantity":"x"}]}],"note":"long",
            "pay":{"by":"card","number":"a1"},"unit":"c","extra":1}"#;
        assert_eq!(
            told(|report| validator.validate(json, report)),
            [
                "$.lines[0].quantity: must be at least 1, got 0",
                "$.lines[1].parts[0].quantity: expected an integer from 1 to 255, got the string \"x\"",
                "$.lines[1].quantity: is required",
                "$.note: must have at most 3 characters, got 4",
                "$.pay.number: must match the pattern `^[0-9]+$`",
                "$.unit: unknown choice `c`, expected `a` or `b`",
                "$.extra: unknown member; known are `lines`, `note`, `pay`, `unit`",
            ]
        );
    }

    #[test]
    fn a_decoded_value_is_held_against_limits_alone() {
        let validator = Validator::new(&order());
        assert!(validator.demands_more());
        let json = r#"{"lines":[{"quantity":0}],"extra":1,"pay":{"by":"alias"},"note":null}"#;
        assert_eq!(
            told(|report| validator.limits(json, report)),
            ["$.lines[0].quantity: must be at least 1, got 0"]
        );
    }

    #[test]
    fn what_decoding_enforces_demands_no_more() {
        for schema in [
            json!({"type": "integer", "format": "uint8", "minimum": 0, "maximum": 255}),
            json!({"type": "array", "prefixItems": [{"type": "boolean"}], "minItems": 1, "maxItems": 1}),
            json!({"type": "object", "additionalProperties": {"type": "string"}}),
            json!({"type": "integer", "enum": [1, 2]}),
        ] {
            assert!(!Validator::new(&schema).demands_more(), "{schema}");
        }
    }

    #[test]
    fn what_decoding_takes_beyond_the_schema_is_refused() {
        let schema = json!({
            "type": "object",
            "properties": {
                "line": {"anyOf": [{"$ref": "#/$defs/Line"}, {"type": "null"}]},
                "unit": {"type": "string", "enum": ["a", "b"]},
                "shape": {"oneOf": [
                    {"const": "dot"},
                    {"type": "object", "properties": {"circle": {"type": "number"}}, "required": ["circle"], "additionalProperties": false},
                ]},
            },
            "$defs": {"Line": {"type": "object", "properties": {"n": {"type": "integer"}}}},
        });
        let validator = Validator::new(&schema);
        for (json, expected) in [
            (r#"{"line":{"n":1},"unit":"a","shape":"dot"}"#, None),
            (r#"{"line":null,"shape":{"circle":1}}"#, None),
            (r"[null]", Some("$: expected an object, got an array")),
            (
                r#"{"line":[1]}"#,
                Some("$.line: expected an object or null, got an array"),
            ),
            (
                r#"{"unit":{"a":null}}"#,
                Some("$.unit: expected a string, got an object"),
            ),
            (
                r#"{"shape":{"dot":null}}"#,
                Some("$.shape: expected `dot` or `circle`, got an object"),
            ),
        ] {
            let told = told(|report| validator.limits(json, report));
            assert_eq!(told.first().map(String::as_str), expected, "{json}");
        }
    }

    #[test]
    fn tags_and_variants_are_named() {
        let validator = Validator::new(&order());
        assert_eq!(
            told(|report| validator.explain("pay", r#"{"by":"chque"}"#, report)),
            ["$.by: unknown choice `chque`, expected `card` or `cash`"]
        );
        assert_eq!(
            told(|report| validator.explain("pay", "{}", report)),
            ["$.by: is required: `card` or `cash`"]
        );
        let shape = Validator::new(&json!({"oneOf": [
            {"const": "dot"},
            {"type": "object", "properties": {"circle": {"type": "number"}}, "required": ["circle"], "additionalProperties": false},
        ]}));
        assert_eq!(
            told(|report| shape.validate(r#"{"cirle":1}"#, report)),
            ["$: unknown choice `cirle`, expected `dot` or `circle`"]
        );
        assert_eq!(
            told(|report| shape.validate(r#""cirle""#, report)),
            ["$: unknown choice `cirle`, expected `dot` or `circle`"]
        );
        assert_eq!(
            told(|report| shape.validate(r#"{"circle":"1"}"#, report)),
            ["$.circle: expected a number, got the string \"1\""]
        );
    }

    #[test]
    fn what_is_sensitive_is_not_repeated() {
        let validator = Validator::new(&json!({"type": "object", "properties": {
            "pin": {"type": "integer", "maximum": 9, "writeOnly": true},
        }}));
        assert!(validator.hides());
        assert_eq!(
            told(|report| validator.validate(r#"{"pin":"secret"}"#, report)),
            ["$.pin: expected an integer"]
        );
        assert_eq!(
            told(|report| validator.validate(r#"{"pin":1234}"#, report)),
            ["$.pin: must be at most 9"]
        );
    }

    #[test]
    fn null_stands_for_an_argument_that_is_left_out() {
        let schema = json!({"properties": {"a": {"type": "object", "properties": {"b": {"type": "string"}}}}});
        let validator = Validator::new(&schema);
        assert!(told(|report| validator.explain("a", r#"{"b":null}"#, report)).is_empty());
        assert_eq!(
            told(|report| validator.validate(r#"{"a":{"b":null}}"#, report)),
            ["$.a.b: expected a string, got null"]
        );
    }

    #[test]
    fn a_value_nested_without_end_is_not_followed() {
        let validator = Validator::new(&json!({"$ref": "#/$defs/T", "$defs": {"T": {"anyOf": [
            {"type": "array", "items": {"$ref": "#/$defs/T"}},
            {"type": "array", "items": {"$ref": "#/$defs/T"}, "minItems": 1},
        ]}}}));
        for depth in [30, 100_000] {
            let json = "[".repeat(depth) + "1" + &"]".repeat(depth);
            assert_eq!(
                told(|report| validator.validate(&json, report)),
                ["$: is too intricate to be checked"]
            );
        }
    }
}
