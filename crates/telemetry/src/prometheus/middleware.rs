//! Counting, as a middleware.

use std::time::Instant;

use purlin_core::{
    BoxFuture, Result,
    middleware::{AnyRequest, AnyResponse, Hooks, Middleware, Next},
};

use super::{Label, OTHER, Prometheus, method_label};

impl Middleware for Prometheus {
    fn hooks(&self) -> Hooks {
        Hooks::REQUEST
    }

    fn on_request<'a>(
        &'a self,
        request: AnyRequest<'a>,
        next: Next<'a>,
    ) -> BoxFuture<'a, Result<AnyResponse>> {
        let method = method_label(request.method());
        let tool = request.as_tool_call().map(|call| match call.tool() {
            Some(tool) => self.tool_label(&tool.name),
            None => [("tool_name", OTHER.to_owned())],
        });
        Box::pin(async move {
            let mut counting = Counting {
                counted: self,
                method,
                tool,
                failed: true,
                started: Instant::now(),
            };
            self.0.in_flight.inc();
            let result = next.run(request).await;
            counting.failed = match &result {
                Ok(AnyResponse::Tool(result)) => result.is_error(),
                Ok(_) => false,
                Err(_) => true,
            };
            result
        })
    }
}

/// A request that is being served. It is counted when this is dropped, so one
/// that was cancelled is counted too, as failed.
struct Counting<'a> {
    counted: &'a Prometheus,
    method: Label,
    tool: Option<Label>,
    failed: bool,
    started: Instant,
}

impl Drop for Counting<'_> {
    fn drop(&mut self) {
        let counted = &self.counted.0;
        counted.in_flight.dec();
        counted.requests.get_or_create(&self.method).inc();
        if self.failed {
            counted.request_errors.get_or_create(&self.method).inc();
        }
        let Some(tool) = &self.tool else { return };
        counted.calls.get_or_create(tool).inc();
        // Made with the first call, so that a rate of errors can be worked out.
        let errors = counted.errors.get_or_create_owned(tool);
        if self.failed {
            errors.inc();
        }
        let seconds = self.started.elapsed().as_secs_f64();
        counted.durations.get_or_create(tool).observe(seconds);
    }
}
