//! Results held against the schemas that their tools declared.

use std::collections::HashMap;
use std::sync::{PoisonError, RwLock};

use purlin_core::protocol::{CallToolResult, RawJson, Schema, Tool};
use purlin_core::schema_mistakes;

use crate::Result;
use crate::client::Client;
use crate::error::ClientError;

/// The output schemas of the tools that were listed; none for tools that declare none.
#[derive(Default)]
pub(crate) struct Outputs(RwLock<HashMap<String, Option<Schema>>>);

/// More tools than any server has at a time. Beyond, all are forgotten: they are asked for again
/// when they are needed.
pub(crate) const MOST_TOOLS: usize = 10_000;

impl Outputs {
    pub(crate) fn learn(&self, tools: &[Tool]) {
        let mut known = self.0.write().unwrap_or_else(PoisonError::into_inner);
        if known.len() + tools.len() > MOST_TOOLS {
            known.clear();
        }
        known.extend(
            tools
                .iter()
                .map(|tool| (tool.name.clone(), tool.output_schema.clone())),
        );
    }

    fn find(&self, tool: &str) -> Option<Option<Schema>> {
        let known = self.0.read().unwrap_or_else(PoisonError::into_inner);
        known.get(tool).cloned()
    }
}

/// Holds a result against the tool's output schema. The list of tools is asked for if the schema
/// is not known, or if it may be that of another day.
///
/// # Errors
/// `Protocol` when it does not fit.
pub(crate) async fn check(client: &Client, tool: &str, result: &RawJson) -> Result<()> {
    let result: CallToolResult = result
        .decode()
        .map_err(|error| ClientError::decode("the result", error))?;
    if result.is_error {
        return Ok(());
    }
    let outputs = &client.0.outputs;
    let before = outputs.find(tool);
    if let Some(schema) = &before
        && mistakes(schema.as_ref(), &result).is_empty()
    {
        return Ok(());
    }
    Box::pin(client.list_tools()).await?;
    let mistakes = mistakes(outputs.find(tool).flatten().as_ref(), &result);
    if mistakes.is_empty() {
        return Ok(());
    }
    Err(ClientError::protocol(format!(
        "the result of `{tool}` does not fit its output schema: {}",
        mistakes.join("; ")
    )))
}

/// What is wrong with the result; nothing if no schema is declared.
fn mistakes(schema: Option<&Schema>, result: &CallToolResult) -> Vec<String> {
    match (schema, &result.structured_content) {
        (None, _) => Vec::new(),
        (Some(schema), Some(content)) => schema_mistakes(schema, content),
        (Some(_), None) => vec!["there is no structured content".to_owned()],
    }
}
