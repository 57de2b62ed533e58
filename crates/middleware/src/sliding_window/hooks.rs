//! What happens around a request.

use std::{future::ready, sync::atomic::Ordering};

use purlin_core::{
    BoxFuture, Result,
    access::Caller,
    measure::Samples,
    middleware::{AnyRequest, AnyResponse, Hooks, Middleware, Next},
};

use super::{Key, SlidingWindow};

impl Middleware for SlidingWindow {
    fn hooks(&self) -> Hooks {
        Hooks::REQUEST
    }

    fn on_request<'a>(
        &'a self,
        request: AnyRequest<'a>,
        next: Next<'a>,
    ) -> BoxFuture<'a, Result<AnyResponse>> {
        match self.admit(&request) {
            Ok(()) => next.pass(request),
            Err(error) => Box::pin(ready(Err(error))),
        }
    }

    fn measure(&self, samples: &mut Samples) {
        let statistics = self.statistics();
        let help = "Requests that a sliding window let pass.";
        samples.counter("mcp_window_passed_total", help, &[], statistics.passed);
        for (rule, refused) in &statistics.refused {
            let help = "Requests that a sliding window refused.";
            let labels = [("rule", rule.as_str())];
            samples.counter("mcp_window_refused_total", help, &labels, *refused);
        }
        #[allow(clippy::cast_precision_loss, reason = "far below 2^53")]
        let keys = statistics.keys as f64;
        let help = "Keys that sliding windows remember.";
        samples.gauge("mcp_window_keys", help, &[], keys);
    }
}

impl SlidingWindow {
    fn admit(&self, request: &AnyRequest<'_>) -> Result<()> {
        let cx = request.context();
        let caller = Caller::of(cx);
        for rule in self.rules.iter().filter(|rule| rule.concerns(request)) {
            if let Some(counted) = rule.key(cx, &caller) {
                let counted = rule.limiter.admit(Key::of(counted, &caller), cx.moment());
                counted.map_err(|error| rule.refuse(error))?;
            }
        }
        self.passed.fetch_add(1, Ordering::Relaxed);
        Ok(())
    }
}
