//! What happens around a request.

use std::future::ready;

use purlin_core::{
    BoxFuture, Result,
    access::Caller,
    measure::Samples,
    middleware::{AnyRequest, AnyResponse, Hooks, Middleware, Next, ToolCall},
    tool::ToolResult,
};

use super::SlidingWindow;

impl Middleware for SlidingWindow {
    fn hooks(&self) -> Hooks {
        match self.tools {
            Some(_) => Hooks::TOOL_CALL,
            None => Hooks::REQUEST,
        }
    }

    fn on_request<'a>(
        &'a self,
        request: AnyRequest<'a>,
        next: Next<'a>,
    ) -> BoxFuture<'a, Result<AnyResponse>> {
        match self.admit(Caller::of(request.context())) {
            Ok(()) => Box::pin(next.run(request)),
            Err(error) => Box::pin(ready(Err(error))),
        }
    }

    fn on_call_tool<'a>(
        &'a self,
        call: ToolCall<'a>,
        next: Next<'a>,
    ) -> BoxFuture<'a, Result<ToolResult>> {
        let counted = self
            .tools
            .as_ref()
            .is_some_and(|tools| tools.iter().any(|name| name == call.name()));
        if !counted {
            return Box::pin(next.run(call));
        }
        match self.admit(Caller::of(call.context())) {
            Ok(()) => Box::pin(next.run(call)),
            Err(error) => Box::pin(ready(Err(error))),
        }
    }

    fn measure(&self, samples: &mut Samples) {
        let statistics = self.statistics();
        let help = "Requests that a sliding window let pass.";
        samples.counter("mcp_window_passed_total", help, &[], statistics.passed);
        let help = "Requests that a sliding window refused.";
        samples.counter("mcp_window_refused_total", help, &[], statistics.refused);
        #[allow(clippy::cast_precision_loss, reason = "far below 2^53")]
        let callers = statistics.callers as f64;
        let help = "Callers that sliding windows remember.";
        samples.gauge("mcp_window_callers", help, &[], callers);
    }
}
