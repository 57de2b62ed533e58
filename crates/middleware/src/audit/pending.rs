//! A request whose record has yet to be written.

use std::sync::Arc;

use purlin_core::{
    Context, Error, ErrorKind, Result,
    access::Caller,
    middleware::{AnyRequest, AnyResponse},
};
use tokio::time::Instant;

use super::{
    Audit, AuditEvent, Outcome,
    writer::{Place, Writer, Written},
};
use crate::{line::without_query, outcome::failed};

/// A request that is running, and the place of its record. Dropped before its end, it
/// was cancelled, and its record says so.
pub(super) struct Pending {
    writer: Arc<Writer>,
    record: Option<(Place, AuditEvent)>,
    started: Instant,
}

impl Pending {
    pub(super) fn of(audit: &Audit, request: &AnyRequest<'_>, place: Place) -> Self {
        let mut event = caller(AuditEvent::new(request.method()), request.context());
        event = event.optional("target", request.target().map(without_query));
        if audit.arguments {
            let arguments = match (request.as_tool_call(), request.as_prompt_get()) {
                (Some(call), _) => call.redacted_arguments(),
                (_, Some(get)) => get.redacted_arguments(),
                _ => None,
            };
            let redacted = arguments.map(|arguments| audit.redactor.json(&arguments).into_owned());
            event = event.optional("arguments", redacted.as_deref());
        }
        Self {
            writer: Arc::clone(&audit.writer),
            record: Some((place, event)),
            started: Instant::now(),
        }
    }

    /// Hands over the record of a request that has ended.
    pub(super) fn end(mut self, result: &Result<AnyResponse>) -> Written {
        let (place, event) = self.record.take().expect("only this and a drop take it");
        let event = event.took(self.started.elapsed());
        let event = match result {
            Err(error) => describe(event, error),
            Ok(_) if failed(result) => event.outcome(Outcome::Error).field("kind", "Tool"),
            Ok(_) => event.outcome(Outcome::Ok),
        };
        self.writer.send(place, event)
    }
}

impl Drop for Pending {
    fn drop(&mut self) {
        if let Some((place, event)) = self.record.take() {
            let event = event.took(self.started.elapsed());
            // Nobody is there who could wait for it.
            drop(self.writer.send(place, event.outcome(Outcome::Cancelled)));
        }
    }
}

fn caller(event: AuditEvent, cx: &Context) -> AuditEvent {
    if let Some(principal) = cx.principal() {
        return event.by(principal);
    }
    match Caller::of(cx) {
        Caller::Address(address) => event.field("address", &address.to_string()),
        _ => event,
    }
}

fn describe(event: AuditEvent, error: &Error) -> AuditEvent {
    let outcome = match error.kind() {
        ErrorKind::Unauthenticated | ErrorKind::Forbidden | ErrorKind::RateLimited => {
            Outcome::Denied
        }
        ErrorKind::Cancelled => Outcome::Cancelled,
        // The client is asked, and comes back with its answer.
        ErrorKind::InputRequired => Outcome::Ok,
        _ => Outcome::Error,
    };
    let id = error
        .data()
        .and_then(|data| data.get(Error::CORRELATION_ID)?.as_str());
    event
        .outcome(outcome)
        .field("kind", &format!("{:?}", error.kind()))
        .optional("correlation_id", id)
}
