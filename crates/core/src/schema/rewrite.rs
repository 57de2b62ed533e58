//! JSON text with some of its values replaced, as the schema says of each.

use super::raw::{Elements, Members, quote};
use super::validator::{Kinds, MAX_DEPTH, Node, NodeId, Validator};

/// What stands for a value that must not be shown.
const REDACTED: &str = "\"[redacted]\"";

impl Validator {
    /// The member `name` with values of a kindred type turned into what the schema wants: `"1"`
    /// and `true` into 1, `"true"` into `true`, 1 into `"1"`. Nothing else is touched.
    pub(crate) fn coerced(&self, name: &str, json: &str) -> String {
        let coerce = |node: NodeId, raw: &str| coerced(self.kinds(&[node], MAX_DEPTH), raw);
        self.rewritten(name, json, &coerce)
    }

    /// The member `name` without the values that must not be shown.
    pub(crate) fn redacted(&self, name: &str, json: &str) -> String {
        let redact =
            |node: NodeId, _: &str| self.nodes[node].sensitive.then(|| REDACTED.to_owned());
        self.rewritten(name, json, &redact)
    }

    fn rewritten(&self, name: &str, json: &str, replace: &Replace<'_>) -> String {
        let mut out = String::with_capacity(json.len());
        match self.property(name) {
            Some(id) => self.rewrite(&[id], json, replace, &mut out, MAX_DEPTH),
            None => out.push_str(json),
        }
        out
    }

    fn rewrite(
        &self,
        ids: &[NodeId],
        raw: &str,
        replace: &Replace<'_>,
        out: &mut String,
        depth: usize,
    ) {
        if let Some(other) = ids.iter().find_map(|id| replace(*id, raw)) {
            return out.push_str(&other);
        }
        let mut copied = 0;
        for (ids, value, start) in self.below(ids, raw, depth) {
            out.push_str(&raw[copied..start]);
            self.rewrite(&ids, value, replace, out, depth - 1);
            copied = start + value.len();
        }
        out.push_str(&raw[copied..]);
    }

    /// The values inside a value, with the schemas of each and where it starts.
    fn below<'a>(
        &self,
        ids: &[NodeId],
        raw: &'a str,
        depth: usize,
    ) -> Vec<(Vec<NodeId>, &'a str, usize)> {
        if depth == 0 || !raw.starts_with(['{', '[']) {
            return Vec::new();
        }
        let nodes: Vec<&Node> = ids.iter().map(|id| &self.nodes[*id]).collect();
        let all = |of: &dyn Fn(&Node) -> Option<NodeId>, raw: &str| {
            let ids = nodes.iter().filter_map(|node| of(node));
            ids.flat_map(|id| self.meant(id, raw, depth)).collect()
        };
        if let Some(members) = Members::of(raw) {
            let below = members.map(|member| {
                let name = member.name();
                (
                    all(&|node| node.member(&name), member.value),
                    member.value,
                    member.start,
                )
            });
            return below.collect();
        }
        let items = Elements::of(raw).into_iter().flatten().enumerate();
        items
            .map(|(index, (item, start))| (all(&|node| node.item(index), item), item, start))
            .collect()
    }

    /// A schema with those it is made of, and of its alternatives those the value may mean.
    fn meant(&self, id: NodeId, raw: &str, depth: usize) -> Vec<NodeId> {
        let mut ids = vec![id];
        if depth > 0 {
            let node = &self.nodes[id];
            let alternatives = node.branches().into_iter().flatten();
            let likely = alternatives.filter(|id| self.is_likely(**id, raw, depth));
            for id in node.all_of.iter().chain(likely) {
                ids.extend(self.meant(*id, raw, depth - 1));
            }
        }
        ids
    }
}

/// What stands for a value, by its schema; `None` where the value stays.
type Replace<'r> = dyn Fn(NodeId, &str) -> Option<String> + 'r;

fn coerced(wanted: Kinds, raw: &str) -> Option<String> {
    let given = Kinds::of(raw);
    if wanted.meets(given) {
        return None;
    }
    let is_number = wanted.meets(Kinds::INTEGER.or(Kinds::NUMBER));
    if given.meets(Kinds::STRING) {
        let text = super::raw::unescape(raw);
        let text = text.trim();
        if is_number && text.parse::<serde_json::Number>().is_ok() {
            return wanted.meets(Kinds::of(text)).then(|| text.to_owned());
        }
        let word = text.to_ascii_lowercase();
        let is_word = wanted.meets(Kinds::BOOLEAN) && matches!(&*word, "true" | "false");
        return is_word.then_some(word);
    }
    if given.meets(Kinds::BOOLEAN) && is_number {
        return Some(if raw == "true" { "1" } else { "0" }.to_owned());
    }
    (given.meets(Kinds::NUMBER) && wanted.meets(Kinds::STRING)).then(|| quote(raw))
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    fn validator(schema: &Value) -> Validator {
        Validator::new(&json!({"properties": {"a": schema}}))
    }

    #[track_caller]
    fn coerce(schema: &Value, given: &str, expected: &str) {
        assert_eq!(validator(schema).coerced("a", given), expected, "{schema}");
    }

    #[test]
    fn kindred_values_become_what_is_wanted() {
        let (integer, number) = (json!({"type": "integer"}), json!({"type": "number"}));
        coerce(&integer, "\"1\"", "1");
        coerce(&integer, "\" -2.0 \"", "-2.0");
        coerce(&integer, "true", "1");
        coerce(&number, "\"1e3\"", "1e3");
        coerce(&json!({"type": "boolean"}), "\"True\"", "true");
        coerce(&json!({"type": "string"}), "1.50", "\"1.50\"");
        coerce(&json!({"type": ["integer", "null"]}), "\"1\"", "1");
    }

    #[test]
    fn what_is_not_kindred_is_left_to_be_refused() {
        let integer = json!({"type": "integer"});
        coerce(&integer, "\"one\"", "\"one\"");
        coerce(&integer, "\"1.5\"", "\"1.5\"");
        coerce(&integer, "null", "null");
        coerce(&json!({"type": "boolean"}), "1", "1");
        coerce(&json!({"type": "string"}), "true", "true");
        coerce(&json!({"type": "object"}), "\"{}\"", "\"{}\"");
        coerce(&json!({"type": "array"}), "\"[1]\"", "\"[1]\"");
        coerce(&json!({"type": ["integer", "string"]}), "\"1\"", "\"1\"");
        coerce(&json!({}), "\"1\"", "\"1\"");
    }

    #[test]
    fn values_inside_values_are_reached() {
        let schema = json!({"type": "object", "properties": {
            "lines": {"type": "array", "items": {"anyOf": [
                {"type": "object", "properties": {"kind": {"const": "a"}, "n": {"type": "integer"}}, "required": ["kind"]},
                {"type": "object", "properties": {"kind": {"const": "b"}, "n": {"type": "string"}}, "required": ["kind"]},
            ]}},
        }});
        coerce(
            &schema,
            r#"{ "lines": [{"kind":"a","n":"1"}, {"kind":"b","n":"1"} ], "more": "2"}"#,
            r#"{ "lines": [{"kind":"a","n":1}, {"kind":"b","n":"1"} ], "more": "2"}"#,
        );
    }

    #[test]
    fn what_is_sensitive_is_struck_out() {
        let schema = json!({"type": "object", "properties": {
            "user": {"type": "string"},
            "pins": {"type": "array", "items": {"type": "string", "writeOnly": true}},
        }});
        assert_eq!(
            validator(&schema).redacted("a", r#"{"user":"me","pins":["1","2"]}"#),
            r#"{"user":"me","pins":["[redacted]","[redacted]"]}"#
        );
    }
}
