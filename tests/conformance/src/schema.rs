//! Schemas: one kept as it was written, and an argument that travels in a
//! header too.

use purlin::{DynamicTool, prelude::*, protocol::Tool};
use serde_json::json;

/// Schemas.
#[mcp_server]
pub(crate) mod fixtures {
    /// Takes an argument that is also sent as a header.
    #[mcp_tool]
    fn test_custom_header(
        /// Any text.
        #[arg(header = "Value")]
        value: &str,
    ) -> String {
        format!("Received: {value}")
    }
}

/// A tool whose schema uses what only JSON Schema 2020-12 has.
pub(crate) fn verbatim() -> DynamicTool {
    let schema = json!({
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "type": "object",
        "$defs": {
            "address": {
                "$anchor": "addressDef",
                "type": "object",
                "properties": {
                    "street": { "type": "string" },
                    "city": { "type": "string" }
                }
            }
        },
        "properties": {
            "name": { "type": "string" },
            "address": { "$ref": "#/$defs/address" },
            "contactMethod": { "type": "string", "enum": ["phone", "email"] },
            "phone": { "type": "string" },
            "email": { "type": "string" }
        },
        "allOf": [{ "anyOf": [{ "required": ["phone"] }, { "required": ["email"] }] }],
        "if": {
            "properties": { "contactMethod": { "const": "phone" } },
            "required": ["contactMethod"]
        },
        "then": { "required": ["phone"] },
        "else": { "required": ["email"] },
        "additionalProperties": false
    });
    let tool = Tool::new("json_schema_2020_12_tool", schema.into())
        .with_description("Keeps its JSON Schema 2020-12 as it was written.");
    DynamicTool::new(tool, |_cx, arguments| async move {
        Ok(ToolResult::text(format!(
            "Received {} arguments",
            arguments.len()
        )))
    })
}
