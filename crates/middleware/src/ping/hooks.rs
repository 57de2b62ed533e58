//! What happens when a session has begun.

use purlin_core::{
    BoxFuture, Result,
    measure::Samples,
    middleware::{AnyNotification, AnyResponse, Hooks, Middleware, Next},
    protocol::method,
};

use super::Ping;

impl Middleware for Ping {
    fn hooks(&self) -> Hooks {
        Hooks::NOTIFICATION
    }

    fn measure(&self, samples: &mut Samples) {
        let help = "Pings that were sent to clients of sessions";
        samples.counter("mcp_pings_total", help, &[], self.sent());
    }

    fn on_notification<'a>(
        &'a self,
        notification: AnyNotification<'a>,
        next: Next<'a>,
    ) -> BoxFuture<'a, Result<AnyResponse>> {
        let begins = notification.method() == method::NOTIFICATIONS_INITIALIZED;
        let session = notification.context().weak_session();
        if let Some(session) = session.filter(|_| begins) {
            self.rounds.join(session);
        }
        next.pass(notification)
    }
}
