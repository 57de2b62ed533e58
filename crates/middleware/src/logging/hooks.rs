//! What happens around a message.

use purlin_core::{
    BoxFuture, Result,
    middleware::{AnyMessage, AnyResponse, Hooks, Middleware, Next},
    protocol::method,
};
use tokio::time::Instant;

use super::Logging;

impl Middleware for Logging {
    fn hooks(&self) -> Hooks {
        Hooks::MESSAGE
    }

    fn on_message<'a>(
        &'a self,
        message: AnyMessage<'a>,
        next: Next<'a>,
    ) -> BoxFuture<'a, Result<AnyResponse>> {
        if !self.wants(message.method()) {
            return next.pass(message);
        }
        Box::pin(async move {
            let lines = self.start(&message);
            // A stream is shown before it is served: only a refusal is its end.
            let is_stream = message.method() == method::SUBSCRIPTIONS_LISTEN;
            let started = Instant::now();
            let result = next.run(message).await;
            if !is_stream || result.is_err() {
                self.end(lines, started.elapsed(), &result);
            }
            result
        })
    }
}
