//! What happens around a request.

use purlin_core::{
    BoxFuture, Result,
    middleware::{AnyRequest, AnyResponse, Hooks, Middleware, Next},
    protocol::method,
};
use tokio::time::Instant;

use super::Timing;
use crate::outcome::failed;

impl Middleware for Timing {
    fn hooks(&self) -> Hooks {
        Hooks::REQUEST
    }

    fn on_request<'a>(
        &'a self,
        request: AnyRequest<'a>,
        next: Next<'a>,
    ) -> BoxFuture<'a, Result<AnyResponse>> {
        // A stream is shown before it is served: there is no time to tell.
        let is_stream = request.method() == method::SUBSCRIPTIONS_LISTEN;
        if is_stream || !self.is_heard() {
            return next.pass(request);
        }
        Box::pin(async move {
            let method = request.method();
            let started = Instant::now();
            let result = next.run(request).await;
            self.write(method, started.elapsed(), failed(&result));
            result
        })
    }
}
