//! What happens around requests.

use purlin_core::{
    BoxFuture, Error, PromptResult, ResourceResult, Result, ToolResult,
    middleware::{AnyRequest, AnyResponse, Hooks, Middleware, Next},
    protocol::{Content, ResourceBody, ResourceContents},
};
use serde_json::Value;

use super::{Redaction, Redactor};

impl Middleware for Redaction {
    fn hooks(&self) -> Hooks {
        Hooks::REQUEST
    }

    fn on_request<'a>(
        &'a self,
        request: AnyRequest<'a>,
        next: Next<'a>,
    ) -> BoxFuture<'a, Result<AnyResponse>> {
        Box::pin(async move {
            let redactor = &self.redactor;
            match next.run(request).await {
                Ok(AnyResponse::Tool(result)) => redactor.result(result).map(AnyResponse::Tool),
                Ok(AnyResponse::Resource(result)) => {
                    Ok(AnyResponse::Resource(redactor.resource(result)))
                }
                Ok(AnyResponse::Prompt(result)) => Ok(AnyResponse::Prompt(redactor.prompt(result))),
                Ok(other) => Ok(other),
                Err(error) => Err(redactor.error(error)),
            }
        })
    }
}

impl Redactor {
    fn result(&self, mut result: ToolResult) -> Result<ToolResult> {
        let mirrored = result.is_mirrored();
        if let Some(json) = result.structured_json() {
            let mut value: Value = serde_json::from_str(json)?;
            if self.value(&mut value) {
                result.set_structured(Some(&value))?;
                if mirrored {
                    result.set_text(value.to_string());
                }
            }
        }
        if mirrored {
            return Ok(result);
        }
        let mut blocks = result.content().into_owned();
        if !self.blocks(&mut blocks) {
            return Ok(result);
        }
        match blocks.as_slice() {
            // One plain text stays one.
            [Content::Text(only)] if only.annotations.is_none() && only.meta.is_none() => {
                result.set_text(&only.text);
            }
            _ => *result.content_mut() = blocks,
        }
        Ok(result)
    }

    fn resource(&self, mut result: ResourceResult) -> ResourceResult {
        for contents in &mut result.contents {
            self.contents(contents);
        }
        result
    }

    fn prompt(&self, mut result: PromptResult) -> PromptResult {
        if let Some(description) = &mut result.description {
            self.string(description);
        }
        for message in &mut result.messages {
            self.block(&mut message.content);
        }
        result
    }

    fn error(&self, error: Error) -> Error {
        let error = error.map_texts(|text| self.changed(text));
        let Some(mut data) = error.data().cloned() else {
            return error;
        };
        match self.value(&mut data) {
            true => error.with_data(data),
            false => error,
        }
    }

    fn blocks(&self, blocks: &mut [Content]) -> bool {
        let mut changed = false;
        for block in blocks {
            changed |= self.block(block);
        }
        changed
    }

    fn block(&self, block: &mut Content) -> bool {
        match block {
            Content::Text(text) => self.string(&mut text.text),
            Content::Resource(embedded) => self.contents(&mut embedded.resource),
            Content::ToolUse(tool_use) => {
                let mut input = Value::Object(std::mem::take(&mut tool_use.input));
                let changed = self.value(&mut input);
                if let Value::Object(input) = input {
                    tool_use.input = input;
                }
                changed
            }
            Content::ToolResult(result) => {
                let structured = result.structured_content.as_mut();
                let changed = structured.is_some_and(|value| self.value(value));
                self.blocks(&mut result.content) || changed
            }
            _ => false,
        }
    }

    fn contents(&self, contents: &mut ResourceContents) -> bool {
        match &mut contents.body {
            ResourceBody::Text(text) => self.string(text),
            ResourceBody::Blob(_) => false,
        }
    }

    fn string(&self, text: &mut String) -> bool {
        let Some(changed) = self.changed(text) else {
            return false;
        };
        *text = changed;
        true
    }
}
