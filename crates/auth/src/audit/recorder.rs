//! Where events go.

use std::fmt;

use super::{AuthEvent, AuthOutcome};

/// Somebody who is told of events.
///
/// It is called on the way of a request, so it must neither block nor fail.
///
/// ```
/// use purlin_auth::audit::{AuthEvent, AuthEventKind, AuthEvents, AuthOutcome};
///
/// let (sender, events) = std::sync::mpsc::channel();
/// let recorder = move |event: &AuthEvent| drop(sender.send(event.clone()));
/// recorder.record(&AuthEvent::new(AuthEventKind::Lockout, AuthOutcome::Refused));
/// assert_eq!(events.recv().unwrap().kind(), AuthEventKind::Lockout);
/// ```
pub trait AuthEvents: Send + Sync + 'static {
    /// Takes note of an event.
    fn record(&self, event: &AuthEvent);
}

impl<F: Fn(&AuthEvent) + Send + Sync + 'static> AuthEvents for F {
    fn record(&self, event: &AuthEvent) {
        self(event);
    }
}

impl fmt::Debug for dyn AuthEvents {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("AuthEvents")
    }
}

/// Events as events of `tracing`, under the target `purlin::auth`: what was granted at the level
/// `INFO`, everything else at `WARN`.
#[derive(Clone, Copy, Debug, Default)]
pub struct TracingEvents;

impl AuthEvents for TracingEvents {
    fn record(&self, event: &AuthEvent) {
        let address = event.address().map(tracing::field::display);
        let kind = event.kind().name();
        let outcome = event.outcome().name();
        let (client, subject, reason) = (event.client(), event.subject(), event.reason());
        let left_out = (event.left_out() > 0).then(|| event.left_out());
        if event.outcome() == AuthOutcome::Granted {
            tracing::info!(target: "purlin::auth", kind, outcome, client, subject, address, reason, left_out);
        } else {
            tracing::warn!(target: "purlin::auth", kind, outcome, client, subject, address, reason, left_out);
        }
    }
}
