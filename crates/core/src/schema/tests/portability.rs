//! Schemas keep to what every client accepts.

use serde_json::{Map, Value};

use super::zoo::zoo;
use crate::schema::format::is_standard;

/// The keywords whose value is one schema, which must not be a boolean.
const ONE: [&str; 4] = ["items", "not", "contains", "propertyNames"];
/// The keywords whose value is a list of schemas.
const SEVERAL: [&str; 4] = ["anyOf", "oneOf", "allOf", "prefixItems"];
/// The keywords whose value is schemas by name.
const NAMED: [&str; 3] = ["properties", "patternProperties", "$defs"];

/// What of a schema some client would refuse.
fn problems(schema: &Value, root: &Value, found: &mut Vec<String>) {
    let Value::Object(object) = schema else {
        return found.push(format!("`{schema}` stands where a schema object belongs"));
    };
    for keyword in ["$schema", "title", "$id", "definitions", "nullable"] {
        if object.contains_key(keyword) {
            found.push(format!("`{keyword}` is noise"));
        }
    }
    if object.get("type").is_some_and(|kind| !kind.is_string()) {
        found.push("`type` is a list: say `anyOf`".to_owned());
    }
    if let Some(format) = object.get("format").and_then(Value::as_str)
        && !is_standard(format)
    {
        found.push(format!("the format `{format}` is unknown"));
    }
    if let Some(target) = object.get("$ref").and_then(Value::as_str)
        && (!target.starts_with("#/$defs/") || root.pointer(&target[1..]).is_none())
    {
        found.push(format!("`{target}` leads nowhere"));
    }
    for below in below(object) {
        problems(below, root, found);
    }
}

fn below(object: &Map<String, Value>) -> Vec<&Value> {
    let of = |keyword: &&str| object.get(*keyword);
    let mut below: Vec<&Value> = ONE.iter().filter_map(of).collect();
    below.extend(
        SEVERAL
            .iter()
            .filter_map(of)
            .flat_map(|list| list.as_array().unwrap()),
    );
    below.extend(
        NAMED
            .iter()
            .filter_map(of)
            .flat_map(|named| named.as_object().unwrap().values()),
    );
    // `false` is understood here, and said by nothing else.
    below.extend(of(&"additionalProperties").filter(|value| **value != Value::Bool(false)));
    below
}

#[test]
fn every_schema_is_portable() {
    for animal in zoo() {
        let mut found = Vec::new();
        problems(&animal.schema, &animal.schema, &mut found);
        assert!(found.is_empty(), "{}: {found:?}", animal.name);
    }
}

#[test]
fn what_is_not_portable_is_noticed() {
    for schema in [
        r#"{"properties": {"a": true}}"#,
        r#"{"type": ["string", "null"]}"#,
        r##"{"items": {"$ref": "#/definitions/A"}}"##,
        r#"{"anyOf": [{"format": "int32"}]}"#,
        r#"{"additionalProperties": true}"#,
    ] {
        let schema = serde_json::from_str(schema).unwrap();
        let mut found = Vec::new();
        problems(&schema, &schema, &mut found);
        assert_eq!(found.len(), 1, "{schema}: {found:?}");
    }
}
