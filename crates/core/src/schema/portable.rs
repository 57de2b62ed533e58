//! The portability transform: from what schemars says to what every client accepts.
//!
//! Strict clients refuse boolean schemas, lists of types, references they cannot resolve and
//! formats nobody defined. After the transform a schema has none of them, and says the same.

use serde_json::{Map, Value, json};

use super::{Constraint, format};

/// Which side of the wire a schema describes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Side {
    /// What is accepted: an optional member need not admit `null`.
    Input,
    /// What is produced: `null` stays wherever it may be written.
    Output,
}

/// Rewrites a schema and everything below it. With `optional`, `null` means the same as absence.
pub(crate) fn portable(schema: &mut Value, side: Side, optional: bool) {
    match schema {
        Value::Bool(true) => *schema = json!({}),
        Value::Bool(false) => *schema = json!({"not": {}}),
        Value::Object(object) => rewrite(object, side, optional),
        _ => {}
    }
}

fn rewrite(object: &mut Map<String, Value>, side: Side, optional: bool) {
    object.remove("$schema");
    object.remove("title");
    object.remove(Constraint::ENFORCED_CHOICES);
    object.remove(Constraint::ALIASES);
    if optional && side == Side::Input {
        drop_null(object);
    }
    merge_single(object);
    choices_to_enum(object);
    settle_format(object);
    split_types(object);
    descend(object, side);
}

/// Removes `null` from what a schema admits.
fn drop_null(object: &mut Map<String, Value>) {
    if let Some(Value::Array(types)) = object.get_mut("type") {
        types.retain(|name| name != "null");
    }
    for keyword in ["anyOf", "oneOf"] {
        if let Some(Value::Array(branches)) = object.get_mut(keyword) {
            branches.retain(|branch| branch.get("type").is_none_or(|name| name != "null"));
        }
    }
    if let Some(Value::Array(values)) = object.get_mut("enum") {
        values.retain(|value| !value.is_null());
    }
    if object.get("default").is_some_and(Value::is_null) {
        object.remove("default");
    }
}

/// `anyOf` and its kin with one branch say no more than the branch.
fn merge_single(object: &mut Map<String, Value>) {
    for keyword in ["anyOf", "oneOf", "allOf"] {
        let single =
            matches!(object.get(keyword), Some(Value::Array(branches)) if branches.len() == 1);
        if !single {
            continue;
        }
        let Some(Value::Array(mut branches)) = object.remove(keyword) else {
            continue;
        };
        match branches.pop() {
            Some(Value::Object(branch)) if !clashes(object, &branch) => {
                for (key, value) in branch {
                    object.entry(key).or_insert(value);
                }
            }
            Some(other) => {
                object.insert(keyword.to_owned(), Value::Array(vec![other]));
            }
            None => {}
        }
    }
}

/// Whether merging would drop a demand of the branch.
fn clashes(object: &Map<String, Value>, branch: &Map<String, Value>) -> bool {
    branch.iter().any(|(key, value)| {
        !is_annotation(key) && object.get(key).is_some_and(|other| other != value)
    })
}

/// Keywords that inform and demand nothing.
fn is_annotation(keyword: &str) -> bool {
    matches!(
        keyword,
        "description"
            | "default"
            | "examples"
            | "title"
            | "deprecated"
            | "readOnly"
            | "writeOnly"
            | "$comment"
    ) || keyword.starts_with("x-")
}

/// A choice of constant texts becomes `enum`; what was said of each moves to the description.
fn choices_to_enum(object: &mut Map<String, Value>) {
    let Some(Value::Array(branches)) = object.get("oneOf") else {
        return;
    };
    let mut values = Vec::new();
    let mut notes = String::new();
    for branch in branches {
        let Some(texts) = constant_texts(branch) else {
            return;
        };
        if let (Some(Value::String(note)), [Value::String(text)]) =
            (branch.get("description"), &*texts)
        {
            let note = note.split_whitespace().collect::<Vec<_>>().join(" ");
            notes.push_str(&format!("\n- `{text}`: {note}"));
        }
        values.extend(texts);
    }
    object.remove("oneOf");
    object.insert("type".to_owned(), "string".into());
    object.insert("enum".to_owned(), Value::Array(values));
    if !notes.is_empty() {
        let text = match object.get("description") {
            Some(Value::String(text)) => format!("{text}\n{notes}"),
            _ => notes.trim_start().to_owned(),
        };
        object.insert("description".to_owned(), text.into());
    }
}

fn constant_texts(branch: &Value) -> Option<Vec<Value>> {
    let branch = branch.as_object()?;
    let known = |key: &String| {
        matches!(
            key.as_str(),
            "const" | "enum" | "type" | "description" | "title"
        )
    };
    if !branch.keys().all(known) {
        return None;
    }
    let texts = match (branch.get("const"), branch.get("enum")) {
        (Some(text), None) => vec![text.clone()],
        (None, Some(Value::Array(texts))) => texts.clone(),
        _ => return None,
    };
    texts.iter().all(Value::is_string).then_some(texts)
}

/// Formats of Rust become bounds, or go.
fn settle_format(object: &mut Map<String, Value>) {
    let Some(Value::String(name)) = object.get("format") else {
        return;
    };
    if format::is_standard(name) {
        return;
    }
    let bounds = integer_bounds(name);
    object.remove("format");
    if let Some((least, most)) = bounds {
        object.entry("minimum").or_insert(least);
        object.entry("maximum").or_insert(most);
    }
}

/// The least and the most that an integer of a format of Rust can be. Those of 64 bits and more
/// are left out: not every reader of JSON can hold them (RFC 8259, section 6).
pub(super) fn integer_bounds(format: &str) -> Option<(Value, Value)> {
    Some(match format {
        "int8" => (i8::MIN.into(), i8::MAX.into()),
        "int16" => (i16::MIN.into(), i16::MAX.into()),
        "int32" => (i32::MIN.into(), i32::MAX.into()),
        "uint8" => (0.into(), u8::MAX.into()),
        "uint16" => (0.into(), u16::MAX.into()),
        "uint32" => (0.into(), u32::MAX.into()),
        _ => return None,
    })
}

/// A list of types becomes one branch for each.
fn split_types(object: &mut Map<String, Value>) {
    let Some(Value::Array(types)) = object.get("type") else {
        return;
    };
    let types = types.clone();
    object.remove("type");
    match &*types {
        [] => {}
        [only] => {
            object.insert("type".to_owned(), only.clone());
        }
        _ if object.contains_key("anyOf") => {
            let branches = types.iter().map(|name| json!({"type": name})).collect();
            let also = json!({"anyOf": Value::Array(branches)});
            match object.entry("allOf").or_insert_with(|| json!([])) {
                Value::Array(all) => all.push(also),
                other => *other = json!([also]),
            }
        }
        _ => {
            let demands = take_demands(object);
            let branches = types.iter().map(|name| branch(name, &demands)).collect();
            object.insert("anyOf".to_owned(), Value::Array(branches));
        }
    }
}

/// Everything but the annotations.
fn take_demands(object: &mut Map<String, Value>) -> Map<String, Value> {
    let (kept, demands) = std::mem::take(object)
        .into_iter()
        .partition(|(key, _)| is_annotation(key) || key == "$defs");
    *object = kept;
    demands
}

fn branch(name: &Value, demands: &Map<String, Value>) -> Value {
    let kind = name.as_str().unwrap_or_default();
    let mut branch = Map::new();
    branch.insert("type".to_owned(), name.clone());
    for (key, value) in demands {
        match (key.as_str(), value) {
            ("enum", Value::Array(values)) => {
                let fitting: Vec<Value> = values
                    .iter()
                    .filter(|value| is_of(value, kind))
                    .cloned()
                    .collect();
                if kind != "null" {
                    branch.insert(key.clone(), fitting.into());
                }
            }
            _ if speaks_of(key, kind) => {
                branch.insert(key.clone(), value.clone());
            }
            _ => {}
        }
    }
    Value::Object(branch)
}

fn is_of(value: &Value, kind: &str) -> bool {
    match kind {
        "string" => value.is_string(),
        "boolean" => value.is_boolean(),
        "null" => value.is_null(),
        "array" => value.is_array(),
        "object" => value.is_object(),
        _ => value.is_number(),
    }
}

/// Whether a keyword demands anything of values of a type.
fn speaks_of(keyword: &str, kind: &str) -> bool {
    let of = match keyword {
        "minLength" | "maxLength" | "pattern" | "format" | "contentEncoding"
        | "contentMediaType" => "string",
        "minimum" | "maximum" | "exclusiveMinimum" | "exclusiveMaximum" | "multipleOf" => "number",
        "items" | "prefixItems" | "contains" | "minItems" | "maxItems" | "uniqueItems"
        | "unevaluatedItems" => "array",
        "properties"
        | "patternProperties"
        | "additionalProperties"
        | "required"
        | "propertyNames"
        | "minProperties"
        | "maxProperties"
        | "unevaluatedProperties"
        | "dependentRequired" => "object",
        _ => return kind != "null",
    };
    of == kind || (of == "number" && kind == "integer")
}

fn descend(object: &mut Map<String, Value>, side: Side) {
    for keyword in [
        "additionalProperties",
        "unevaluatedProperties",
        "items",
        "unevaluatedItems",
    ] {
        match object.get_mut(keyword) {
            // Absence says the same without a boolean schema.
            Some(Value::Bool(true)) => {
                object.remove(keyword);
            }
            Some(Value::Bool(false)) | None => {}
            Some(schema) => portable(schema, side, false),
        }
    }
    let required = object.get("required").cloned();
    if let Some(Value::Object(properties)) = object.get_mut("properties") {
        for (name, schema) in properties {
            portable(schema, side, !lists(required.as_ref(), name));
        }
    }
    for keyword in ["patternProperties", "$defs", "dependentSchemas"] {
        if let Some(Value::Object(schemas)) = object.get_mut(keyword) {
            schemas
                .values_mut()
                .for_each(|schema| portable(schema, side, false));
        }
    }
    for keyword in ["anyOf", "oneOf", "allOf", "prefixItems"] {
        if let Some(Value::Array(schemas)) = object.get_mut(keyword) {
            schemas
                .iter_mut()
                .for_each(|schema| portable(schema, side, false));
        }
    }
    for keyword in ["not", "if", "then", "else", "contains", "propertyNames"] {
        if let Some(schema) = object.get_mut(keyword) {
            portable(schema, side, false);
        }
    }
}

fn lists(required: Option<&Value>, name: &str) -> bool {
    matches!(required, Some(Value::Array(names)) if names.iter().any(|other| other == name))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(side: Side, optional: bool, mut schema: Value, expected: &Value) {
        portable(&mut schema, side, optional);
        assert_eq!(schema, *expected);
    }

    #[test]
    fn boolean_schemas_become_objects() {
        check(Side::Input, false, json!(true), &json!({}));
        check(Side::Input, false, json!(false), &json!({"not": {}}));
        check(
            Side::Input,
            false,
            json!({"type": "object", "additionalProperties": true, "properties": {"a": true}}),
            &json!({"type": "object", "properties": {"a": {}}}),
        );
        check(
            Side::Input,
            false,
            json!({"type": "object", "additionalProperties": false}),
            &json!({"type": "object", "additionalProperties": false}),
        );
    }

    #[test]
    fn an_optional_input_loses_null() {
        check(
            Side::Input,
            true,
            json!({"type": ["string", "null"], "default": null}),
            &json!({"type": "string"}),
        );
        check(
            Side::Input,
            false,
            json!({"properties": {
                "a": {"type": ["integer", "null"], "format": "uint8", "minimum": 0, "maximum": 255},
                "b": {"type": ["boolean", "null"]},
            }, "required": ["b"]}),
            &json!({"properties": {
                "a": {"type": "integer", "minimum": 0, "maximum": 255},
                "b": {"anyOf": [{"type": "boolean"}, {"type": "null"}]},
            }, "required": ["b"]}),
        );
        check(
            Side::Input,
            true,
            json!({"description": "outer", "anyOf": [{"description": "inner", "oneOf": [
                {"type": "string", "const": "a", "description": "first\n  letter"},
                {"type": "string", "enum": ["b", "c"]},
            ]}, {"type": "null"}]}),
            &json!({"type": "string", "enum": ["a", "b", "c"], "description": "outer\n\n- `a`: first letter"}),
        );
    }

    #[test]
    fn an_output_keeps_null_without_type_unions() {
        check(
            Side::Output,
            true,
            json!({"type": ["string", "null"], "enum": ["a", null], "description": "d"}),
            &json!({"anyOf": [{"type": "string", "enum": ["a"]}, {"type": "null"}], "description": "d"}),
        );
    }

    #[test]
    fn formats_of_rust_become_bounds() {
        check(
            Side::Input,
            false,
            json!({"type": "integer", "format": "int32"}),
            &json!({"type": "integer", "minimum": i32::MIN, "maximum": i32::MAX}),
        );
        check(
            Side::Input,
            false,
            json!({"type": "integer", "format": "int64"}),
            &json!({"type": "integer"}),
        );
        check(
            Side::Input,
            false,
            json!({"type": "number", "format": "double"}),
            &json!({"type": "number"}),
        );
        check(
            Side::Input,
            false,
            json!({"type": "string", "format": "uuid"}),
            &json!({"type": "string", "format": "uuid"}),
        );
    }

    #[test]
    fn noise_goes_at_every_depth_but_properties_keep_their_names() {
        check(
            Side::Input,
            false,
            json!({"$schema": "x", "title": "T", "properties": {"title": {"title": "T", "type": "string"}}}),
            &json!({"properties": {"title": {"type": "string"}}}),
        );
    }
}
