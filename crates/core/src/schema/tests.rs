//! What a schema promises and what the decoder does are the same.

use std::collections::BTreeMap;

use proptest::prelude::*;
use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::{Map, Value, json};

use super::raw::respell_integers;
use super::*;
use crate::tool::ToolArg;

/// The schema of an argument, with its definitions.
fn schema_of<T: ToolArg>() -> Value {
    let mut generator = Generator::new(Side::Input);
    let mut schema = generator.part(T::__schema);
    generator.finish(&mut schema, T::__absent().is_some());
    schema["$defs"] = generator.definitions().into();
    schema
}

/// Whether an argument decodes, as a call does it.
fn decodes<T: ToolArg>(value: &Value) -> bool {
    let json = value.to_string();
    T::__decode(&json).is_ok()
        || respell_integers(&json).is_some_and(|respelled| T::__decode(&respelled).is_ok())
}

/// As much of JSON Schema 2020-12 as the schemas of these tests use.
fn admits(schema: &Value, value: &Value, root: &Value) -> bool {
    let Value::Object(schema) = schema else {
        return false;
    };
    schema
        .iter()
        .all(|(keyword, demand)| meets(keyword, demand, schema, value, root))
}

fn meets(
    keyword: &str,
    demand: &Value,
    schema: &Map<String, Value>,
    value: &Value,
    root: &Value,
) -> bool {
    let branches = || demand.as_array().into_iter().flatten();
    let admitting = || {
        branches()
            .filter(|branch| admits(branch, value, root))
            .count()
    };
    let items = value.as_array();
    match keyword {
        "type" => is_of(demand.as_str().unwrap(), value),
        "enum" => branches().any(|choice| choice == value),
        "const" => demand == value,
        "anyOf" => admitting() > 0,
        "oneOf" => admitting() == 1,
        "allOf" => admitting() == branches().count(),
        "$ref" => {
            let target = demand.as_str().unwrap().strip_prefix('#').unwrap();
            admits(root.pointer(target).unwrap(), value, root)
        }
        "minimum" => value
            .as_f64()
            .is_none_or(|number| number >= demand.as_f64().unwrap()),
        "maximum" => value
            .as_f64()
            .is_none_or(|number| number <= demand.as_f64().unwrap()),
        "minLength" => value
            .as_str()
            .is_none_or(|text| text.chars().count() as u64 >= demand.as_u64().unwrap()),
        "maxLength" => value
            .as_str()
            .is_none_or(|text| text.chars().count() as u64 <= demand.as_u64().unwrap()),
        "minItems" => items.is_none_or(|items| items.len() as u64 >= demand.as_u64().unwrap()),
        "maxItems" => items.is_none_or(|items| items.len() as u64 <= demand.as_u64().unwrap()),
        "prefixItems" => items.is_none_or(|items| {
            items
                .iter()
                .zip(branches())
                .all(|(item, schema)| admits(schema, item, root))
        }),
        "items" => items.is_none_or(|items| items.iter().all(|item| admits(demand, item, root))),
        "required" => value.as_object().is_none_or(|object| {
            branches().all(|name| object.contains_key(name.as_str().unwrap()))
        }),
        "properties" => value.as_object().is_none_or(|object| {
            object.iter().all(|(name, member)| {
                demand
                    .get(name)
                    .is_none_or(|schema| admits(schema, member, root))
            })
        }),
        "additionalProperties" => value.as_object().is_none_or(|object| {
            object
                .iter()
                .filter(|(name, _)| {
                    schema
                        .get("properties")
                        .and_then(|known| known.get(name.as_str()))
                        .is_none()
                })
                .all(|(_, member)| admits(demand, member, root))
        }),
        "description" | "default" | "$defs" => true,
        other => panic!("the schemas of these tests do not use `{other}`"),
    }
}

fn is_of(kind: &str, value: &Value) -> bool {
    match kind {
        "string" => value.is_string(),
        "boolean" => value.is_boolean(),
        "array" => value.is_array(),
        "object" => value.is_object(),
        "null" => value.is_null(),
        "number" => value.is_number(),
        "integer" => value.as_f64().is_some_and(|number| number.fract() == 0.0),
        other => panic!("`{other}` is no type"),
    }
}

#[derive(Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[allow(dead_code, reason = "only decoding is tested")]
struct Trip {
    a: Units,
    #[serde(default)]
    b: Option<u8>,
    #[serde(rename = "k")]
    stops: Vec<Stop>,
}

#[derive(Debug, Deserialize, JsonSchema)]
#[serde(tag = "k", rename_all = "lowercase")]
#[allow(dead_code, reason = "only decoding is tested")]
enum Stop {
    A { a: i8 },
    B { b: Option<String> },
}

#[derive(Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
enum Units {
    /// First.
    A,
    B,
}

/// JSON in which the types above are met often. `null` is left out: it stands for absence where
/// an argument is optional, which the schema does not say.
fn any_json() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        any::<bool>().prop_map(Value::from),
        (-300_i64..300).prop_map(Value::from),
        prop_oneof![Just(0.5), Just(1.0), Just(-3.0), Just(256.0), Just(1e3)].prop_map(Value::from),
        "[ab]{0,2}".prop_map(Value::from),
    ];
    leaf.prop_recursive(3, 16, 3, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
            prop::collection::btree_map("[abk]", inner, 0..4)
                .prop_map(|members| members.into_iter().collect::<Map<_, _>>().into()),
        ]
    })
}

fn same<T: ToolArg>(value: &Value) -> Result<(), TestCaseError> {
    let schema = schema_of::<T>();
    let (admitted, decoded) = (admits(&schema, value, &schema), decodes::<T>(value));
    prop_assert_eq!(admitted, decoded, "{} of {}", value, schema);
    Ok(())
}

/// serde also reads structs from arrays and unit variants from objects, which no schema promises.
fn promised<T: ToolArg>(value: &Value) -> Result<(), TestCaseError> {
    let schema = schema_of::<T>();
    let admitted = admits(&schema, value, &schema);
    prop_assert!(!admitted || decodes::<T>(value), "{} of {}", value, schema);
    Ok(())
}

proptest! {
    #[test]
    fn plain_types_decode_what_their_schema_admits_and_nothing_else(value in any_json()) {
        same::<bool>(&value)?;
        same::<u8>(&value)?;
        same::<i8>(&value)?;
        same::<u64>(&value)?;
        same::<i64>(&value)?;
        same::<f64>(&value)?;
        same::<char>(&value)?;
        same::<String>(&value)?;
        same::<Option<u8>>(&value)?;
        same::<Vec<u8>>(&value)?;
        same::<(bool, String)>(&value)?;
        same::<[i64; 2]>(&value)?;
        same::<BTreeMap<String, Vec<i8>>>(&value)?;
        same::<Value>(&value)?;
    }

    #[test]
    fn own_types_decode_what_their_schema_admits(value in any_json()) {
        promised::<Units>(&value)?;
        promised::<Stop>(&value)?;
        promised::<Vec<Stop>>(&value)?;
        promised::<Trip>(&value)?;
        promised::<Option<Trip>>(&value)?;
    }
}

#[test]
fn own_types_are_not_refused_for_lack_of_samples() {
    let trip =
        json!({"a": "b", "b": 3.0, "k": [{"k": "a", "a": 1}, {"k": "b"}, {"k": "b", "b": "x"}]});
    let schema = schema_of::<Trip>();
    assert!(admits(&schema, &trip, &schema), "{schema}");
    assert!(decodes::<Trip>(&trip));
    for wrong in [
        json!({"a": "b"}),
        json!({"a": "c", "k": []}),
        json!({"a": "b", "k": [{"k": "c"}]}),
        json!({"a": "b", "k": [{"k": "a", "a": 128}]}),
        json!({"a": "b", "k": [], "c": 1}),
    ] {
        assert!(!decodes::<Trip>(&wrong), "{wrong}");
        assert!(!admits(&schema, &wrong, &schema), "{wrong} by {schema}");
    }
}
