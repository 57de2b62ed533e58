//! What happens around a request.

use std::io;

use purlin_core::{
    BoxFuture, Result,
    measure::Samples,
    middleware::{AnyRequest, AnyResponse, Hooks, Middleware, Next},
};

use super::{Audit, AuditEvent, Outcome, pending::Pending, unwritable};

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
            let pending = Pending::of(self, &request);
            let result = next.run(request).await;
            let Some(event) = pending.end(&result) else {
                return result;
            };
            if self.required {
                self.writer.write(event).await.map_err(unwritable)?;
            } else {
                self.writer.send(event, None).await;
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
        let event = AuditEvent::new("audit/resumed").outcome(Outcome::Ok);
        let written: io::Result<()> = self.writer.write(event).await;
        written.map_err(unwritable)
    }
}
