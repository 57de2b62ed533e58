//! What happens around each operation that can be repeated.

use std::sync::atomic::{AtomicU64, Ordering};

use purlin_core::{
    BoxFuture, Context, Error, PromptResult, ResourceResult, Result, ToolResult,
    measure::Samples,
    middleware::{
        Complete, Hooks, Input, Listing, Middleware, Next, PromptGet, PromptList, ResourceList,
        ResourceRead, ResourceTemplateList, ToolCall, ToolList,
    },
    protocol::{Completion, Prompt, Resource, ResourceTemplate, Tool},
};
use tokio::{runtime::Handle, time::sleep};

use super::{Retry, policy::is_idempotent};

impl Retry {
    fn run<'a, I, O>(
        &'a self,
        cx: &'a Context,
        input: I,
        next: Next<'a>,
    ) -> BoxFuture<'a, Result<O>>
    where
        I: Input<'a, Output = O> + Clone + Send + Sync + 'a,
        O: Send + 'a,
    {
        Box::pin(async move {
            add(&self.counts.requests);
            self.budget.earn();
            match next.run(input.clone()).await {
                Ok(output) => Ok(output),
                Err(error) => self.again(cx, input, next, error).await,
            }
        })
    }

    /// The attempts after the first.
    fn again<'a, I, O>(
        &'a self,
        cx: &'a Context,
        input: I,
        next: Next<'a>,
        mut error: Error,
    ) -> BoxFuture<'a, Result<O>>
    where
        I: Input<'a, Output = O> + Clone + Send + Sync + 'a,
        O: Send + 'a,
    {
        Box::pin(async move {
            for ceiling in self.waits() {
                let Some(wait) = self.wait_after(cx, &error, ceiling) else {
                    return Err(error);
                };
                if Handle::try_current().is_err() {
                    return Err(error);
                }
                if !self.budget.spend() {
                    add(&self.counts.over_budget);
                    return Err(error);
                }
                tracing::debug!(
                    target: "purlin::retry",
                    method = cx.method(), kind = ?error.kind(), ?wait, "trying again"
                );
                sleep(wait).await;
                add(&self.counts.repeated);
                match next.run(input.clone()).await {
                    Ok(output) => {
                        add(&self.counts.recovered);
                        return Ok(output);
                    }
                    Err(later) => error = later,
                }
            }
            add(&self.counts.exhausted);
            Err(error)
        })
    }
}

fn add(count: &AtomicU64) {
    count.fetch_add(1, Ordering::Relaxed);
}

macro_rules! repeated {
    ($($hook:ident($input:ident) -> $output:ty;)*) => {
        $(fn $hook<'a>(
            &'a self,
            input: $input<'a>,
            next: Next<'a>,
        ) -> BoxFuture<'a, Result<$output>> {
            self.run(input.context(), input, next)
        })*
    };
}

impl Middleware for Retry {
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

    fn measure(&self, samples: &mut Samples) {
        let counts = self.statistics();
        let help = "Attempts after the first";
        samples.counter("mcp_retries_total", help, &[], counts.repeated);
        let help = "Requests that succeeded after the first attempt";
        samples.counter("mcp_retries_recovered_total", help, &[], counts.recovered);
        let help = "Repeats that the budget did not allow";
        samples.counter(
            "mcp_retries_over_budget_total",
            help,
            &[],
            counts.over_budget,
        );
    }

    fn on_call_tool<'a>(
        &'a self,
        call: ToolCall<'a>,
        next: Next<'a>,
    ) -> BoxFuture<'a, Result<ToolResult>> {
        if !is_idempotent(call.tool()) {
            // It earns a part of a repeat for others all the same.
            self.budget.earn();
            return next.pass(call);
        }
        self.run(call.context(), call, next)
    }

    repeated! {
        on_read_resource(ResourceRead) -> ResourceResult;
        on_get_prompt(PromptGet) -> PromptResult;
        on_complete(Complete) -> Completion;
        on_list_tools(ToolList) -> Listing<Tool>;
        on_list_resources(ResourceList) -> Listing<Resource>;
        on_list_resource_templates(ResourceTemplateList) -> Listing<ResourceTemplate>;
        on_list_prompts(PromptList) -> Listing<Prompt>;
    }
}
