//! Writing a schema in a stable order that reads well: what it is, what it means, what is in it.

use serde_json::{Map, Value};

use super::raw::quote;

/// Keywords in the order they are written; what is not here follows by name, `$defs` comes last.
const ORDER: [&str; 18] = [
    "$ref",
    "type",
    "description",
    "enum",
    "const",
    "minimum",
    "maximum",
    "minLength",
    "maxLength",
    "minItems",
    "maxItems",
    "properties",
    "patternProperties",
    "required",
    "additionalProperties",
    "prefixItems",
    "items",
    "anyOf",
];

/// The schema as JSON text.
pub(crate) fn write(schema: &Value) -> String {
    let mut out = String::new();
    write_schema(&mut out, schema);
    out
}

fn write_schema(out: &mut String, schema: &Value) {
    let Value::Object(object) = schema else {
        out.push_str(&schema.to_string());
        return;
    };
    let mut members: Vec<(&String, &Value)> = object.iter().collect();
    members.sort_by_key(|(key, _)| rank(key));
    out.push('{');
    for (index, (key, value)) in members.into_iter().enumerate() {
        separate(out, index);
        out.push_str(&quote(key));
        out.push(':');
        write_member(out, object, key, value);
    }
    out.push('}');
}

fn rank(key: &str) -> (usize, &str) {
    let place = match key {
        "$defs" => ORDER.len() + 1,
        _ => ORDER
            .iter()
            .position(|other| *other == key)
            .unwrap_or(ORDER.len()),
    };
    (place, key)
}

fn write_member(out: &mut String, object: &Map<String, Value>, key: &str, value: &Value) {
    match (key, value) {
        ("properties", Value::Object(properties)) => {
            write_map(out, in_order(properties, object.get("required")));
        }
        ("patternProperties" | "$defs" | "dependentSchemas", Value::Object(schemas)) => {
            write_map(out, schemas.iter().collect());
        }
        ("anyOf" | "oneOf" | "allOf" | "prefixItems", Value::Array(schemas)) => {
            out.push('[');
            for (index, schema) in schemas.iter().enumerate() {
                separate(out, index);
                write_schema(out, schema);
            }
            out.push(']');
        }
        (
            "items"
            | "additionalProperties"
            | "unevaluatedProperties"
            | "unevaluatedItems"
            | "not"
            | "if"
            | "then"
            | "else"
            | "contains"
            | "propertyNames",
            schema,
        ) => write_schema(out, schema),
        _ => out.push_str(&value.to_string()),
    }
}

/// Properties in the order their author declared them, as far as it is known: `required` keeps
/// it, the map does not. The others follow by name.
fn in_order<'a>(
    properties: &'a Map<String, Value>,
    required: Option<&Value>,
) -> Vec<(&'a String, &'a Value)> {
    let required: &[Value] = required
        .and_then(Value::as_array)
        .map_or(&[], Vec::as_slice);
    let place = |name: &str| {
        required
            .iter()
            .position(|other| other == name)
            .unwrap_or(required.len())
    };
    let mut members: Vec<_> = properties.iter().collect();
    members.sort_by_key(|(name, _)| place(name));
    members
}

fn write_map(out: &mut String, schemas: Vec<(&String, &Value)>) {
    out.push('{');
    for (index, (name, schema)) in schemas.into_iter().enumerate() {
        separate(out, index);
        out.push_str(&quote(name));
        out.push(':');
        write_schema(out, schema);
    }
    out.push('}');
}

fn separate(out: &mut String, index: usize) {
    if index > 0 {
        out.push(',');
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn keywords_and_properties_have_a_stable_order() {
        let schema = json!({
            "$defs": {"N": {"minimum": 0, "type": "integer"}},
            "additionalProperties": false,
            "required": ["z", "a"],
            "properties": {"a": {"default": {"z": 1}, "type": "object"}, "m": {"$ref": "#/$defs/N"}, "z": {}},
            "description": "d",
            "type": "object",
        });
        assert_eq!(
            write(&schema),
            r##"{"type":"object","description":"d","properties":{"z":{},"a":{"type":"object","default":{"z":1}},"m":{"$ref":"#/$defs/N"}},"required":["z","a"],"additionalProperties":false,"$defs":{"N":{"type":"integer","minimum":0}}}"##
        );
    }
}
