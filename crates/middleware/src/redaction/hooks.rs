//! What happens around calls and reads.

use purlin_core::{
    BoxFuture, ResourceResult, Result, ToolResult,
    middleware::{Hooks, Middleware, Next, ResourceRead, ToolCall},
    protocol::{Content, ResourceBody, ResourceContents},
};
use serde_json::Value;

use super::{Redaction, Redactor};

impl Middleware for Redaction {
    fn hooks(&self) -> Hooks {
        Hooks::TOOL_CALL | Hooks::RESOURCE_READ
    }

    fn on_call_tool<'a>(
        &'a self,
        call: ToolCall<'a>,
        next: Next<'a>,
    ) -> BoxFuture<'a, Result<ToolResult>> {
        Box::pin(async move { redact_result(&self.redactor, next.run(call).await?) })
    }

    fn on_read_resource<'a>(
        &'a self,
        read: ResourceRead<'a>,
        next: Next<'a>,
    ) -> BoxFuture<'a, Result<ResourceResult>> {
        Box::pin(async move {
            let mut result = next.run(read).await?;
            for contents in &mut result.contents {
                redact_contents(&self.redactor, contents);
            }
            Ok(result)
        })
    }
}

fn redact_result(redactor: &Redactor, mut result: ToolResult) -> Result<ToolResult> {
    let mirrored = result.is_mirrored();
    if let Some(json) = result.structured_json() {
        let mut value: Value = serde_json::from_str(json)?;
        if redactor.value(&mut value) {
            result.set_structured(Some(&value))?;
            if mirrored {
                result.set_text(value.to_string());
            }
        }
    }
    if mirrored {
        return Ok(result);
    }
    let blocks = result.content();
    let changed: Vec<_> = blocks
        .iter()
        .enumerate()
        .filter_map(|(at, block)| Some((at, redactor.nested_text(block.as_text()?)?)))
        .collect();
    for (at, text) in changed {
        if let Some(Content::Text(block)) = result.content_mut().get_mut(at) {
            block.text = text;
        }
    }
    Ok(result)
}

fn redact_contents(redactor: &Redactor, contents: &mut ResourceContents) {
    let redacted = contents
        .as_text()
        .and_then(|text| redactor.nested_text(text));
    if let Some(text) = redacted {
        contents.body = ResourceBody::Text(text);
    }
}
