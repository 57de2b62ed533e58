//! What happens around a request.

use purlin_core::{
    BoxFuture, Error, ErrorKind, Result,
    measure::Samples,
    middleware::{AnyRequest, AnyResponse, Hooks, Middleware, Next},
};
use tokio::time::timeout;

use super::{
    Audit, AuditEvent, COME_BACK, Outcome, WhenFull,
    pending::Pending,
    unwritable,
    writer::{Place, outcome, stopped},
};

impl Middleware for Audit {
    fn hooks(&self) -> Hooks {
        Hooks::REQUEST
    }

    fn measure(&self, samples: &mut Samples) {
        let counts = self.statistics();
        let help = "Audit records that were written";
        samples.counter("mcp_audit_records_total", help, &[], counts.written);
        let help = "Audit records that the sink did not take";
        samples.counter("mcp_audit_lost_total", help, &[], counts.lost);
        let help = "Requests and events that the audit log had no place for";
        samples.counter("mcp_audit_refused_total", help, &[], counts.refused);
    }

    fn on_request<'a>(
        &'a self,
        request: AnyRequest<'a>,
        next: Next<'a>,
    ) -> BoxFuture<'a, Result<AnyResponse>> {
        if !self.methods.contains(request.method()) {
            return next.pass(request);
        }
        Box::pin(async move {
            self.check().await?;
            // What a handler calls does not wait for a place: the handler has one.
            let within = request.context().enter(&*self.writer);
            let place = self.place(within.is_some()).await?;
            let pending = Pending::of(self, &request, place);
            let result = next.run(request).await;
            // From here on the record is the thread's: nothing that is dropped loses it.
            let written = pending.end(&result);
            if self.required {
                outcome(written).await.map_err(unwritable)?;
            }
            result
        })
    }
}

impl Audit {
    /// Refuses requests that could not be recorded.
    async fn check(&self) -> Result<()> {
        if !self.required || !self.writer.is_failing() {
            return Ok(());
        }
        // Whether the sink works again, only a record can tell.
        let place = self.place(true).await?;
        let event = AuditEvent::new("audit/resumed").outcome(Outcome::Ok);
        let written = self.writer.send(place, event);
        outcome(written).await.map_err(unwritable)
    }

    /// A place for a record, before what it tells of happens.
    pub(super) async fn place(&self, may_wait: bool) -> Result<Place> {
        if let Some(place) = self.writer.try_place() {
            return Ok(place);
        }
        if let (WhenFull::Wait(patience), true) = (self.when_full, may_wait)
            && let Ok(Some(place)) = timeout(patience, self.writer.place()).await
        {
            return Ok(place);
        }
        if self.writer.is_closed() {
            return Err(unwritable(stopped()));
        }
        self.writer.refuse();
        Err(Error::new(ErrorKind::Busy, "the audit log is full")
            .with_public_text("busy: nothing is done without a record of it: try again later")
            .with_code("audit_full")
            .with_retry_after(COME_BACK))
    }
}
