//! Arguments that a tool wants repeated as headers (`x-mcp-header`, SEP-2243).

use std::collections::{BTreeMap, HashMap, HashSet};
use std::sync::{PoisonError, RwLock};

use purlin_core::protocol::{RawJson, Tool};
use serde_json::Value;

use crate::output::MOST_TOOLS;

/// The declarations of the tools that were listed.
#[derive(Default)]
pub(crate) struct Mirrors(RwLock<Known>);

#[derive(Default)]
struct Known {
    mirrors: HashMap<String, Vec<Mirror>>,
    /// Why a tool cannot be called rightly.
    invalid: BTreeMap<String, String>,
}

/// One argument: where it is, and the header it goes to.
#[derive(Clone, Debug, PartialEq)]
struct Mirror {
    path: Vec<String>,
    header: String,
}

impl Mirrors {
    /// Remembers what the tools declare. A tool whose declarations are invalid cannot be called
    /// rightly; it is taken out of the list.
    pub(crate) fn learn(&self, tools: Vec<Tool>) -> Vec<Tool> {
        let mut known = self.0.write().unwrap_or_else(PoisonError::into_inner);
        if known.mirrors.len() + known.invalid.len() + tools.len() > MOST_TOOLS {
            *known = Known::default();
        }
        tools
            .into_iter()
            .filter(
                |tool| match read(tool).and_then(|schema| declared(&schema)) {
                    Ok(mirrors) => {
                        known.invalid.remove(&tool.name);
                        known.mirrors.insert(tool.name.clone(), mirrors);
                        true
                    }
                    Err(problem) => {
                        tracing::warn!(tool = tool.name, problem, "tool left out of the list");
                        known.mirrors.remove(&tool.name);
                        known.invalid.insert(tool.name.clone(), problem);
                        false
                    }
                },
            )
            .collect()
    }

    /// The tools that were taken out of lists, and why.
    pub(crate) fn left_out(&self) -> Vec<(String, String)> {
        let known = self.0.read().unwrap_or_else(PoisonError::into_inner);
        let invalid = known.invalid.iter();
        invalid
            .map(|(tool, problem)| (tool.clone(), problem.clone()))
            .collect()
    }

    /// The headers of a call: names after `Mcp-Param-`, and values. Empty for unknown tools.
    pub(crate) fn headers(&self, tool: &str, arguments: &RawJson) -> Vec<(String, String)> {
        let known = self.0.read().unwrap_or_else(PoisonError::into_inner);
        let Some(mirrors) = known
            .mirrors
            .get(tool)
            .filter(|mirrors| !mirrors.is_empty())
        else {
            return Vec::new();
        };
        let Ok(arguments) = arguments.decode::<Value>() else {
            return Vec::new();
        };
        let value = |mirror: &Mirror| value_at(&arguments, &mirror.path);
        mirrors
            .iter()
            .filter_map(|mirror| Some((mirror.header.clone(), value(mirror)?)))
            .collect()
    }
}

/// The text of a scalar argument; absent and `null` ones have no header.
fn value_at(arguments: &Value, path: &[String]) -> Option<String> {
    match path
        .iter()
        .try_fold(arguments, |value, name| value.get(name))?
    {
        Value::String(text) => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        Value::Bool(flag) => Some(flag.to_string()),
        _ => None,
    }
}

fn read(tool: &Tool) -> Result<Value, String> {
    tool.input_schema
        .decode()
        .map_err(|error| error.to_string())
}

/// The declarations of a schema.
fn declared(schema: &Value) -> Result<Vec<Mirror>, String> {
    let mut found = Vec::new();
    collect(schema, &mut Vec::new(), &mut found)?;
    let mut names = HashSet::new();
    if let Some(twice) = found
        .iter()
        .find(|mirror| !names.insert(mirror.header.to_ascii_lowercase()))
    {
        return Err(format!("header `{}` is declared twice", twice.header));
    }
    if count(schema) != found.len() {
        return Err("a header is declared where `properties` alone does not lead".to_owned());
    }
    Ok(found)
}

/// Follows `properties` of `properties`. The parser of the message bounds the depth.
fn collect(schema: &Value, path: &mut Vec<String>, found: &mut Vec<Mirror>) -> Result<(), String> {
    let properties = schema.get("properties").and_then(Value::as_object);
    for (name, property) in properties.into_iter().flatten() {
        path.push(name.clone());
        if let Some(header) = property.get("x-mcp-header") {
            let header = valid(header, property)?;
            found.push(Mirror {
                path: path.clone(),
                header,
            });
        }
        collect(property, path, found)?;
        path.pop();
    }
    Ok(())
}

fn valid(header: &Value, property: &Value) -> Result<String, String> {
    let Some(name) = header.as_str().filter(|name| is_token(name)) else {
        return Err(format!("{header} is no header name"));
    };
    match property.get("type").and_then(Value::as_str) {
        Some("string" | "integer" | "boolean") => Ok(name.to_owned()),
        _ => Err(format!(
            "header `{name}` is for a value that is no string, integer or boolean"
        )),
    }
}

/// RFC 9110 section 5.6.2.
fn is_token(name: &str) -> bool {
    let special = |byte: u8| b"!#$%&'*+-.^_`|~".contains(&byte);
    !name.is_empty()
        && name
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || special(byte))
}

/// How many declarations there are anywhere in a schema.
fn count(schema: &Value) -> usize {
    let Value::Object(members) = schema else {
        return schema
            .as_array()
            .map_or(0, |schemas| schemas.iter().map(count).sum());
    };
    let named = |schemas: &Value| {
        schemas
            .as_object()
            .map_or(0, |schemas| schemas.values().map(count).sum())
    };
    members
        .iter()
        .map(|(keyword, value)| match keyword.as_str() {
            "x-mcp-header" => 1,
            "properties" | "patternProperties" | "$defs" | "definitions" | "dependentSchemas" => {
                named(value)
            }
            // Plain data, whatever it looks like.
            "default" | "const" | "enum" | "examples" => 0,
            _ => count(value),
        })
        .sum()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn learn(schema: Value) -> (Mirrors, usize) {
        let mirrors = Mirrors::default();
        let listed = mirrors.learn(vec![Tool::new("t", schema.into())]).len();
        (mirrors, listed)
    }

    fn property(schema: &Value) -> Value {
        json!({"type": "object", "properties": {"a": schema}})
    }

    #[test]
    fn arguments_are_mirrored_by_path() {
        let page = json!({"type": "object", "properties": {"n": {"type": "integer", "x-mcp-header": "N"}}});
        let (mirrors, _) = learn(json!({"type": "object", "properties": {
            "region": {"type": "string", "x-mcp-header": "Region"},
            "page": page,
            "dry": {"type": "boolean", "x-mcp-header": "Dry"},
            "q": {"type": "string"},
        }}));
        let headers = |arguments: Value| {
            let mut headers = mirrors.headers("t", &arguments.into());
            headers.sort();
            headers
        };
        let pair = |name: &str, value: &str| (name.to_owned(), value.to_owned());
        assert_eq!(
            headers(json!({"region": "", "page": {"n": 42}, "dry": false, "q": "x"})),
            [pair("Dry", "false"), pair("N", "42"), pair("Region", "")]
        );
        assert_eq!(headers(json!({"region": null})), []);
        assert_eq!(mirrors.headers("unknown", &json!({}).into()), []);
    }

    #[test]
    fn tools_with_invalid_declarations_are_left_out() {
        let twice = json!({"type": "object", "properties": {
            "a": {"type": "string", "x-mcp-header": "X"},
            "b": {"type": "string", "x-mcp-header": "x"},
        }});
        for schema in [
            property(&json!({"type": "string", "x-mcp-header": ""})),
            property(&json!({"type": "string", "x-mcp-header": "a b"})),
            property(&json!({"type": "string", "x-mcp-header": 1})),
            property(&json!({"type": "number", "x-mcp-header": "A"})),
            property(&json!({"type": "array", "items": {"type": "string", "x-mcp-header": "A"}})),
            property(&json!({"anyOf": [{"type": "string", "x-mcp-header": "A"}]})),
            twice,
        ] {
            assert_eq!(learn(schema.clone()).1, 0, "{schema}");
        }
    }

    #[test]
    fn a_property_may_be_called_like_the_keyword() {
        let (_, listed) = learn(json!({"type": "object", "properties": {
            "x-mcp-header": {"type": "string", "default": {"x-mcp-header": 1}},
        }}));
        assert_eq!(listed, 1);
    }
}
