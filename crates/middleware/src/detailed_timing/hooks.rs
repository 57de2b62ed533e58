//! What happens around each operation.

use purlin_core::{
    BoxFuture, PromptResult, ResourceResult, Result, ToolResult,
    middleware::{
        Complete, Hooks, Input, Listing, Middleware, Next, PromptGet, PromptList, ResourceList,
        ResourceRead, ResourceTemplateList, ToolCall, ToolList,
    },
    protocol::{Completion, Prompt, Resource, ResourceTemplate, Tool},
};
use tokio::time::Instant;

use super::{DetailedTiming, Operation};
use crate::{line::without_query, outcome::tool_failed};

impl DetailedTiming {
    fn measure<'a, I>(
        &'a self,
        input: I,
        next: Next<'a>,
        operation: Operation,
        name: &'a str,
    ) -> BoxFuture<'a, Result<I::Output>>
    where
        I: Input<'a> + Send + 'a,
        I::Output: Send,
    {
        Box::pin(async move {
            let started = Instant::now();
            let result = next.run(input).await;
            self.count(operation, name, true, started.elapsed(), result.is_err());
            result
        })
    }
}

macro_rules! lists {
    ($($hook:ident($input:ident) -> $item:ident;)*) => {
        $(fn $hook<'a>(
            &'a self,
            list: $input<'a>,
            next: Next<'a>,
        ) -> BoxFuture<'a, Result<Listing<$item>>> {
            let method = list.context().method();
            self.measure(list, next, Operation::List, method)
        })*
    };
}

impl Middleware for DetailedTiming {
    fn hooks(&self) -> Hooks {
        Hooks::TOOL_CALL
            | Hooks::RESOURCE_READ
            | Hooks::PROMPT_GET
            | Hooks::COMPLETE
            | Hooks::TOOL_LIST
            | Hooks::RESOURCE_LIST
            | Hooks::RESOURCE_TEMPLATE_LIST
            | Hooks::PROMPT_LIST
    }

    fn on_call_tool<'a>(
        &'a self,
        call: ToolCall<'a>,
        next: Next<'a>,
    ) -> BoxFuture<'a, Result<ToolResult>> {
        Box::pin(async move {
            let (tool, started) = (call.tool(), call.context().now());
            let unknown = tool.is_none().then(|| call.name().to_owned());
            let result = next.run(call).await;
            let took = started.elapsed();
            let name = tool.map_or(unknown.as_deref().unwrap_or_default(), |tool| &tool.name);
            self.count(
                Operation::Tool,
                name,
                tool.is_some(),
                took,
                tool_failed(&result),
            );
            result
        })
    }

    fn on_read_resource<'a>(
        &'a self,
        read: ResourceRead<'a>,
        next: Next<'a>,
    ) -> BoxFuture<'a, Result<ResourceResult>> {
        Box::pin(async move {
            let (known, started) = (read.component(), read.context().now());
            let unknown = known
                .is_none()
                .then(|| without_query(read.uri()).to_owned());
            let result = next.run(read).await;
            let took = started.elapsed();
            let name = known.or(unknown.as_deref()).unwrap_or_default();
            self.count(
                Operation::Resource,
                name,
                known.is_some(),
                took,
                result.is_err(),
            );
            result
        })
    }

    fn on_get_prompt<'a>(
        &'a self,
        get: PromptGet<'a>,
        next: Next<'a>,
    ) -> BoxFuture<'a, Result<PromptResult>> {
        Box::pin(async move {
            let (prompt, started) = (get.prompt(), get.context().now());
            let unknown = prompt.is_none().then(|| get.name().to_owned());
            let result = next.run(get).await;
            let took = started.elapsed();
            let name = prompt.map_or(unknown.as_deref().unwrap_or_default(), |known| &known.name);
            self.count(
                Operation::Prompt,
                name,
                prompt.is_some(),
                took,
                result.is_err(),
            );
            result
        })
    }

    fn on_complete<'a>(
        &'a self,
        complete: Complete<'a>,
        next: Next<'a>,
    ) -> BoxFuture<'a, Result<Completion>> {
        let method = complete.context().method();
        self.measure(complete, next, Operation::Completion, method)
    }

    lists! {
        on_list_tools(ToolList) -> Tool;
        on_list_resources(ResourceList) -> Resource;
        on_list_resource_templates(ResourceTemplateList) -> ResourceTemplate;
        on_list_prompts(PromptList) -> Prompt;
    }
}
