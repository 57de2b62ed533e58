//! The code of annotated functions as handlers, and what the registry holds of
//! them.

use std::{borrow::Cow, sync::Arc};

use super::Shared;
use crate::{
    BoxFuture, Context, Result,
    access::Access,
    completion::CompletionInput,
    prompt::{PromptDefinition, PromptInput, PromptResult},
    protocol::Completion,
    registry::{
        CompletionHandler, Level, PromptEntry, PromptHandler, ResourceAddress, ResourceEntry,
        ResourceHandler, ToolEntry, ToolHandler, header_params, wraps,
    },
    resource::{ResourceDefinition, ResourceInput, ResourceResult, VariableEntry},
    tool::{StructuredShape, ToolDefinition, ToolInput, ToolResult},
};

/// The code of an annotated tool.
#[doc(hidden)]
pub type ToolFn<S> = for<'a> fn(&'a Shared<S>, ToolInput<'a>) -> BoxFuture<'a, Result<ToolResult>>;
/// The code of an annotated resource.
#[doc(hidden)]
pub type ResourceFn<S> =
    for<'a> fn(&'a Shared<S>, ResourceInput<'a>) -> BoxFuture<'a, Result<ResourceResult>>;
/// The code of an annotated prompt.
#[doc(hidden)]
pub type PromptFn<S> =
    for<'a> fn(&'a Shared<S>, PromptInput<'a>) -> BoxFuture<'a, Result<PromptResult>>;
/// The code of an annotated completion.
#[doc(hidden)]
pub type CompletionFn<S> =
    for<'a> fn(&'a Shared<S>, CompletionInput<'a>) -> BoxFuture<'a, Result<Completion>>;

/// A tool that runs `call` on the server.
pub(super) fn tool<S: 'static>(
    server: &Shared<S>,
    definition: ToolDefinition,
    call: ToolFn<S>,
) -> ToolEntry {
    let definition = Arc::new(definition);
    let handler = StaticTool {
        shared: server.clone(),
        call,
        definition: Arc::clone(&definition),
    };
    tool_entry(&definition, Arc::new(handler))
}

/// A resource or a resource template that runs `read` on the server.
pub(super) fn resource<S: 'static>(
    server: &Shared<S>,
    definition: &ResourceDefinition,
    read: ResourceFn<S>,
) -> ResourceEntry {
    let handler = StaticResource {
        shared: server.clone(),
        read,
        params: definition.params(),
    };
    resource_entry(definition, Arc::new(handler))
}

/// A prompt that runs `get` on the server.
pub(super) fn prompt<S: 'static>(
    server: &Shared<S>,
    definition: PromptDefinition,
    get: PromptFn<S>,
) -> PromptEntry {
    let definition = Arc::new(definition);
    let handler = StaticPrompt {
        shared: server.clone(),
        get,
        definition: Arc::clone(&definition),
    };
    prompt_entry(&definition, Arc::new(handler))
}

/// What runs `complete` on the server.
pub(super) fn completion<S: 'static>(
    server: &Shared<S>,
    complete: CompletionFn<S>,
) -> Arc<dyn CompletionHandler> {
    Arc::new(StaticCompletion {
        shared: server.clone(),
        complete,
    })
}

fn tool_entry(definition: &ToolDefinition, handler: Arc<dyn ToolHandler>) -> ToolEntry {
    let spec = definition.spec();
    let layers = (spec.layers)();
    let tool = definition.to_tool(spec.name, StructuredShape::Any);
    ToolEntry {
        wraps: wraps(tool.output_schema.as_ref()),
        headers: header_params(&tool.input_schema),
        treatment: definition.treatment(),
        aliases: definition.arguments().aliases().collect(),
        tool,
        tags: tags(spec.tags),
        timeout: spec.timeout,
        hidden: spec.hidden,
        levels: Vec::from_iter(Level::own(&layers, spec.name)),
        scope: Arc::default(),
        access: Access::new(spec.scopes, spec.roles, spec.policies, &layers, spec.rate),
        handler,
    }
}

fn resource_entry(
    definition: &ResourceDefinition,
    handler: Arc<dyn ResourceHandler>,
) -> ResourceEntry {
    let spec = definition.spec();
    let layers = (spec.layers)();
    let address = match definition.template() {
        Some(template) => {
            ResourceAddress::Template(definition.to_template(spec.uri), template.clone())
        }
        None => ResourceAddress::Fixed(definition.to_resource(spec.uri)),
    };
    ResourceEntry {
        address,
        tags: tags(spec.tags),
        handler,
        timeout: spec.timeout,
        hidden: spec.hidden,
        levels: Vec::from_iter(Level::own(&layers, spec.uri)),
        scope: Arc::default(),
        access: Access::new(spec.scopes, spec.roles, spec.policies, &layers, spec.rate),
    }
}

fn prompt_entry(definition: &PromptDefinition, handler: Arc<dyn PromptHandler>) -> PromptEntry {
    let spec = definition.spec();
    let layers = (spec.layers)();
    PromptEntry {
        prompt: definition.to_prompt(spec.name),
        treatment: definition.treatment(),
        aliases: definition.aliases(),
        tags: tags(spec.tags),
        timeout: spec.timeout,
        hidden: spec.hidden,
        levels: Vec::from_iter(Level::own(&layers, spec.name)),
        scope: Arc::default(),
        access: Access::new(spec.scopes, spec.roles, spec.policies, &layers, spec.rate),
        handler,
    }
}

fn tags(tags: &'static [&'static str]) -> Vec<Cow<'static, str>> {
    tags.iter().map(|tag| Cow::Borrowed(*tag)).collect()
}

struct StaticTool<S> {
    shared: Shared<S>,
    call: ToolFn<S>,
    definition: Arc<ToolDefinition>,
}

impl<S: 'static> ToolHandler for StaticTool<S> {
    fn call<'a>(
        &'a self,
        cx: &'a Context,
        arguments: Option<&'a str>,
    ) -> BoxFuture<'a, Result<ToolResult>> {
        let table = self.definition.arguments();
        let input = ToolInput::new(cx, table, arguments);
        // A handler without parameters never looks at its input.
        if table.is_empty() && input.has_mistakes() {
            return input.reject();
        }
        let result = (self.call)(&self.shared, input);
        if !self.definition.has_promise() {
            return result;
        }
        Box::pin(async move { self.definition.keep(result.await?) })
    }
}

struct StaticResource<S> {
    shared: Shared<S>,
    read: ResourceFn<S>,
    params: Arc<[VariableEntry]>,
}

impl<S: 'static> ResourceHandler for StaticResource<S> {
    fn read<'a>(&'a self, input: ResourceInput<'a>) -> BoxFuture<'a, Result<ResourceResult>> {
        (self.read)(&self.shared, input.with_params(&self.params))
    }
}

struct StaticPrompt<S> {
    shared: Shared<S>,
    get: PromptFn<S>,
    definition: Arc<PromptDefinition>,
}

impl<S: 'static> PromptHandler for StaticPrompt<S> {
    fn get<'a>(
        &'a self,
        cx: &'a Context,
        arguments: Option<&'a str>,
    ) -> BoxFuture<'a, Result<PromptResult>> {
        let table = self.definition.arguments();
        let input = PromptInput::new(cx, table, arguments);
        // A handler without parameters never looks at its input.
        if table.is_empty() && input.has_mistakes() {
            return input.reject();
        }
        (self.get)(&self.shared, input)
    }
}

struct StaticCompletion<S> {
    shared: Shared<S>,
    complete: CompletionFn<S>,
}

impl<S: 'static> CompletionHandler for StaticCompletion<S> {
    fn complete<'a>(&'a self, input: CompletionInput<'a>) -> BoxFuture<'a, Result<Completion>> {
        (self.complete)(&self.shared, input)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        ErrorKind, ToolError,
        prompt::{PromptDescription, PromptSpec},
        tool::{ToolDescription, ToolSpec},
    };

    #[tokio::test]
    async fn a_tool_without_parameters_refuses_arguments() {
        let definition = Arc::new(ToolDescription::new(&ToolSpec::EMPTY).finish());
        let tool = StaticTool {
            shared: Shared::new(()),
            call: |_, _| Box::pin(async { Ok(ToolResult::text("ran")) }),
            definition,
        };
        let cx = Context::for_tests();
        assert_eq!(tool.call(&cx, Some("{}")).await.unwrap().as_text(), "ran");
        let refused = tool.call(&cx, Some(r#"{"a":1}"#)).await.unwrap();
        assert!(refused.is_error());
        assert!(
            refused
                .as_text()
                .ends_with("$.a: unknown argument; there are none")
        );
    }

    #[tokio::test]
    async fn a_prompt_without_parameters_refuses_arguments() {
        let definition = Arc::new(PromptDescription::new(&PromptSpec::EMPTY).finish());
        let prompt = StaticPrompt {
            shared: Shared::new(()),
            get: |_, _| Box::pin(async { Err(ToolError::new("ran").into()) }),
            definition,
        };
        let cx = Context::for_tests();
        assert_eq!(
            prompt.get(&cx, None).await.unwrap_err().kind(),
            ErrorKind::Tool
        );
        let refused = prompt.get(&cx, Some(r#"{"a":"1"}"#)).await.unwrap_err();
        assert_eq!(refused.kind(), ErrorKind::InvalidArguments);
    }
}
