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

impl Outputs {
    pub(crate) fn learn(&self, tools: &[Tool]) {
        let mut known = self.0.write().unwrap_or_else(PoisonError::into_inner);
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

/// Holds a result against the tool's output schema, which is asked for if it is not known.
///
/// # Errors
/// `Protocol` when it does not fit.
pub(crate) async fn check(client: &Client, tool: &str, result: &RawJson) -> Result<()> {
    let outputs = &client.0.outputs;
    if outputs.find(tool).is_none() {
        Box::pin(client.list_tools()).await?;
    }
    let Some(schema) = outputs.find(tool).flatten() else {
        return Ok(());
    };
    let result: CallToolResult = result
        .decode()
        .map_err(|error| ClientError::decode("the result", error))?;
    if result.is_error {
        return Ok(());
    }
    let mistakes = match &result.structured_content {
        Some(content) => schema_mistakes(&schema, content),
        None => vec!["there is no structured content".to_owned()],
    };
    if mistakes.is_empty() {
        return Ok(());
    }
    Err(ClientError::protocol(format!(
        "the result of `{tool}` does not fit its output schema: {}",
        mistakes.join("; ")
    )))
}
