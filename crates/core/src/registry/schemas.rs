//! What the schemas of a tool ask of the wire.

use serde_json::Value;

use crate::{protocol::Schema, wire::HeaderParam};

/// Whether an output schema is that of something other than an object, which
/// the session era has to get as a member of one.
pub(crate) fn wraps(schema: Option<&Schema>) -> bool {
    schema.is_some_and(|schema| {
        schema
            .decode::<Value>()
            .is_ok_and(|schema| schema.get("type").and_then(|ty| ty.as_str()) != Some("object"))
    })
}

/// The arguments a schema wants repeated in headers.
pub(crate) fn header_params(schema: &Schema) -> Vec<HeaderParam> {
    // Nearly no schema has one, so nearly none is decoded.
    if !schema.get().contains("x-mcp-header") {
        return Vec::new();
    }
    let mut found = Vec::new();
    if let Ok(schema) = schema.decode::<Value>() {
        collect_header_params(&schema, &mut Vec::new(), &mut found);
    }
    found
}

fn collect_header_params(schema: &Value, path: &mut Vec<String>, found: &mut Vec<HeaderParam>) {
    let Some(properties) = schema.get("properties").and_then(Value::as_object) else {
        return;
    };
    for (name, property) in properties {
        path.push(name.clone());
        if let Some(header) = property.get("x-mcp-header").and_then(Value::as_str) {
            found.push(HeaderParam {
                header: header.to_ascii_lowercase(),
                path: path.clone(),
            });
        }
        collect_header_params(property, path, found);
        path.pop();
    }
}
