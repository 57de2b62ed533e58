//! What happens around the call of a tool.

use purlin_core::{
    BoxFuture, Result, ToolResult,
    middleware::{Hooks, Middleware, Next, ToolCall},
};

use super::{ResponseLimit, cut::fit};

impl Middleware for ResponseLimit {
    fn hooks(&self) -> Hooks {
        Hooks::TOOL_CALL
    }

    fn on_call_tool<'a>(
        &'a self,
        call: ToolCall<'a>,
        next: Next<'a>,
    ) -> BoxFuture<'a, Result<ToolResult>> {
        Box::pin(async move {
            let limit = self.limit_of(call.name());
            let result = next.run(call).await?;
            let size = result.encoded_len();
            Ok(if size <= limit {
                result
            } else {
                fit(result, size, limit)
            })
        })
    }
}
