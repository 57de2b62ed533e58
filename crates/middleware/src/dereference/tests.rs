use purlin_core::{DynamicTool, ToolResult, protocol::Tool};
use serde_json::{Value, json};

use super::{Dereference, inline::inlined};
use crate::fixture::{Wire, server};

#[test]
fn references_are_written_out_with_what_stands_beside_them() {
    let schema = json!({
        "type": "object",
        "properties": {
            "from": { "$ref": "#/$defs/City", "description": "Where from" },
            "to": { "type": "array", "items": { "$ref": "#/$defs/City" } },
        },
        "$defs": { "City": { "type": "object", "properties": { "name": { "$ref": "#/$defs/Name" } } }, "Name": { "type": "string" } },
    });
    let city = json!({ "type": "object", "properties": { "name": { "type": "string" } } });
    let mut from = city.clone();
    from["description"] = json!("Where from");
    assert_eq!(
        inlined(&schema).unwrap(),
        json!({
            "type": "object",
            "properties": { "from": from, "to": { "type": "array", "items": city } },
        })
    );
}

#[test]
fn what_leads_to_itself_stays_with_its_definitions() {
    let schema = json!({
        "$ref": "#/$defs/Node",
        "$defs": { "Node": { "type": "object", "properties": { "next": { "$ref": "#/$defs/Node" } } } },
    });
    let written = inlined(&schema).unwrap();
    assert_eq!(written["properties"]["next"]["$ref"], "#/$defs/Node");
    assert_eq!(written["$defs"], schema["$defs"]);
    assert_eq!(written["type"], "object");
}

#[test]
fn references_to_elsewhere_and_in_values_stay() {
    let schema = json!({
        "properties": {
            "a": { "$ref": "https://example.com/schema" },
            "b": { "const": { "$ref": "#/$defs/X" } },
            "$ref": { "type": "string" },
        },
    });
    assert_eq!(inlined(&schema).unwrap(), schema);
}

#[test]
fn a_bomb_is_left_as_it_is() {
    let mut definitions = serde_json::Map::new();
    for level in 0..40 {
        let next = json!({ "$ref": format!("#/$defs/l{}", level + 1) });
        definitions.insert(
            format!("l{level}"),
            json!({ "anyOf": [next.clone(), next] }),
        );
    }
    definitions.insert("l40".to_owned(), json!({ "type": "string" }));
    let bomb = json!({ "$ref": "#/$defs/l0", "$defs": definitions });
    assert_eq!(inlined(&bomb), None);
}

#[test]
fn a_long_chain_does_not_end_the_stack() {
    let mut definitions = serde_json::Map::new();
    for level in 0..9_000 {
        definitions.insert(
            format!("l{level}"),
            json!({ "$ref": format!("#/$defs/l{}", level + 1) }),
        );
    }
    assert_eq!(
        inlined(&json!({ "$ref": "#/$defs/l0", "$defs": definitions })),
        None
    );
}

#[tokio::test]
async fn lists_show_schemas_without_references() {
    let schema = json!({ "type": "object", "properties": { "city": { "$ref": "#/$defs/City" } }, "$defs": { "City": { "type": "string" } } });
    let tool = DynamicTool::new(Tool::new("route", schema.into()), |_, _| async {
        Ok(ToolResult::new())
    });
    let server = server().middleware(Dereference::new());
    server.add_tool(tool).unwrap();
    let answer = Wire::to(&server).await.ask("tools/list", json!({})).await;
    let tools = answer["result"]["tools"].as_array().unwrap();
    let route: &Value = tools.iter().find(|tool| tool["name"] == "route").unwrap();
    assert_eq!(
        route["inputSchema"],
        json!({ "type": "object", "properties": { "city": { "type": "string" } } })
    );
}
