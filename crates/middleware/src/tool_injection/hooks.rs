//! What happens around calls and lists of tools.

use purlin_core::{
    BoxFuture, Result, ToolResult,
    middleware::{Hooks, Listing, Middleware, Next, ToolCall, ToolList},
    protocol::Tool,
};

use super::ToolInjection;

impl Middleware for ToolInjection {
    fn hooks(&self) -> Hooks {
        Hooks::TOOL_CALL | Hooks::TOOL_LIST
    }

    fn on_call_tool<'a>(
        &'a self,
        call: ToolCall<'a>,
        next: Next<'a>,
    ) -> BoxFuture<'a, Result<ToolResult>> {
        let Some(tool) = self.find(call.name()) else {
            return next.pass(call);
        };
        Box::pin(async move { tool.call(call.context(), call.arguments()).await })
    }

    fn on_list_tools<'a>(
        &'a self,
        list: ToolList<'a>,
        next: Next<'a>,
    ) -> BoxFuture<'a, Result<Listing<Tool>>> {
        Box::pin(async move {
            let cx = list.context();
            let mut tools = next.run(list).await?;
            tools.retain(|tool| self.find(&tool.name).is_none());
            for tool in &self.tools {
                if tool.is_listed_for(cx).await {
                    tools.push(tool.tool().clone());
                }
            }
            Ok(tools)
        })
    }
}
