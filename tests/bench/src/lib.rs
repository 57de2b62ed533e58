//! What all measured servers have in common: their command line, their tools,
//! the rows of `search`.

pub mod lean;
pub mod load;

use std::net::SocketAddr;

use clap::Parser;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

/// How a measured server is started.
#[derive(Debug, Parser)]
pub struct Arguments {
    /// Serve over HTTP here; on stdio otherwise.
    #[arg(long)]
    pub http: Option<SocketAddr>,
    /// How many tools to register besides `add`, `search` and `echo`.
    #[arg(long, default_value_t = 0)]
    pub tools: usize,
}

/// A row of the structured result.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
pub struct Row {
    /// Its number.
    pub id: u32,
    /// Its title.
    pub title: String,
    /// What it says.
    pub snippet: String,
    /// How well it fits, from 0 to 1.
    pub score: f64,
    /// What it is about.
    pub tags: Vec<String>,
}

/// The structured result of `search`.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
pub struct Rows {
    /// The best first.
    pub rows: Vec<Row>,
}

/// The 20 rows that `search` answers with, about 3 KB as JSON.
#[must_use]
pub fn search(query: &str) -> Rows {
    let row = |id: u32| Row {
        id,
        title: format!("Row {id} on {query}"),
        snippet: "A purlin is the beam that rafters are mounted on, or \"side timber\".".to_owned(),
        score: 1.0 - f64::from(id) / 32.0,
        tags: vec!["timber".to_owned(), "roof".to_owned()],
    };
    Rows {
        rows: (0..20).map(row).collect(),
    }
}

/// The name of an extra tool.
#[must_use]
pub fn extra_name(number: usize) -> String {
    format!("tool_{number:04}")
}

/// The description of an extra tool.
pub const EXTRA_DESCRIPTION: &str = "One of many tools that only make the list longer.";

/// The input schema of an extra tool.
#[must_use]
pub fn extra_schema() -> Value {
    json!({
        "type": "object",
        "properties": {
            "path": {"type": "string", "description": "Where to look."},
            "limit": {"type": "integer", "description": "How many to return at most."},
            "recursive": {"type": "boolean", "description": "Whether to look below."},
            "pattern": {"type": "string", "description": "What to look for."}
        },
        "required": ["path"]
    })
}

/// The whole list of tools, as the hand-written server answers it.
#[must_use]
pub fn tools(extra: usize) -> Vec<Value> {
    let number = json!({"type": "integer"});
    let text = json!({"type": "string"});
    let mut tools = vec![
        json!({"name": "add", "description": "Adds two numbers.", "inputSchema": {
            "type": "object", "properties": {"a": number, "b": number}, "required": ["a", "b"]}}),
        json!({"name": "search", "description": "Finds rows.",
            "inputSchema": {
                "type": "object", "properties": {"query": text}, "required": ["query"]},
            "outputSchema": {
                "type": "object", "properties": {"rows": {"type": "array"}}, "required": ["rows"]}}),
        json!({"name": "echo", "description": "Says it again.", "inputSchema": {
            "type": "object", "properties": {"text": text}, "required": ["text"]}}),
    ];
    tools.extend((0..extra).map(|number| {
        json!({
            "name": extra_name(number),
            "description": EXTRA_DESCRIPTION,
            "inputSchema": extra_schema(),
        })
    }));
    tools
}
