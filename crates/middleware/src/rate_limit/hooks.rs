//! What happens around a request.

use std::{future::ready, sync::atomic::Ordering};

use purlin_core::{
    BoxFuture, Result,
    access::{Caller, Charge, SharedLimits},
    measure::Samples,
    middleware::{AnyRequest, AnyResponse, Hooks, Middleware, Next},
};

use super::{RateLimit, rule::Counted};

impl Middleware for RateLimit {
    fn hooks(&self) -> Hooks {
        Hooks::REQUEST
    }

    fn on_request<'a>(
        &'a self,
        request: AnyRequest<'a>,
        next: Next<'a>,
    ) -> BoxFuture<'a, Result<AnyResponse>> {
        if let Some(shared) = &self.shared {
            return Box::pin(async move {
                self.admit_shared(&request, shared).await?;
                next.run(request).await
            });
        }
        match self.admit(&request) {
            Ok(()) => next.pass(request),
            Err(error) => Box::pin(ready(Err(error))),
        }
    }

    fn measure(&self, samples: &mut Samples) {
        let statistics = self.statistics();
        let help = "Requests that a limit let pass.";
        samples.counter("mcp_limiter_passed_total", help, &[], statistics.passed);
        for (rule, refused) in &statistics.refused {
            let help = "Requests that a limit refused.";
            samples.counter(
                "mcp_limiter_refused_total",
                help,
                &[("rule", rule)],
                *refused,
            );
        }
        #[allow(clippy::cast_precision_loss, reason = "far below 2^53")]
        let keys = statistics.keys as f64;
        samples.gauge("mcp_limiter_keys", "Keys that limits remember.", &[], keys);
        if let Some(shared) = &self.shared {
            measure_shared(shared, samples);
        }
    }
}

fn measure_shared(shared: &SharedLimits, samples: &mut Samples) {
    let statistics = shared.statistics();
    let help = "Requests counted by this process alone, for the store of limits was away.";
    samples.counter(
        "mcp_limiter_fallbacks_total",
        help,
        &[],
        statistics.fallbacks,
    );
    let help = "How often the store of limits went away.";
    samples.counter("mcp_limiter_outages_total", help, &[], statistics.outages);
    let help = "Whether the store of limits is away.";
    let away = if statistics.away { 1.0 } else { 0.0 };
    samples.gauge("mcp_limiter_store_away", help, &[], away);
}

impl RateLimit {
    /// Counts a request in this process.
    fn admit(&self, request: &AnyRequest<'_>) -> Result<()> {
        let cx = request.context();
        let caller = Caller::of(cx);
        for rule in self.rules.iter().filter(|rule| rule.concerns(request)) {
            let counted = match rule.key(cx, &caller) {
                None => continue,
                Some(Counted::Caller) => rule.limiter.admit_at(&caller, cx.moment()),
                Some(Counted::Text(text)) => rule.limiter.admit_at(&text, cx.moment()),
            };
            counted.map_err(|error| rule.refuse(error))?;
        }
        self.passed.fetch_add(1, Ordering::Relaxed);
        Ok(())
    }

    /// Counts a request in the store, in one call for all rules.
    async fn admit_shared(&self, request: &AnyRequest<'_>, shared: &SharedLimits) -> Result<()> {
        let cx = request.context();
        let caller = Caller::of(cx);
        let (mut rules, mut charges) = (Vec::new(), Vec::new());
        for rule in self.rules.iter().filter(|rule| rule.concerns(request)) {
            let key = match rule.key(cx, &caller) {
                None => continue,
                Some(Counted::Text(text)) => text,
                Some(Counted::Caller) => match caller.key() {
                    Some(key) => key,
                    // Only this process can tell it apart.
                    None => {
                        let counted = rule.limiter.admit(&caller);
                        counted.map_err(|error| rule.refuse(error))?;
                        continue;
                    }
                },
            };
            rules.push(rule);
            charges.push(Charge::new(&rule.name, key, &rule.limiter));
        }
        let counted = shared.admit_all(&charges).await;
        counted.map_err(|(index, error)| rules[index].refuse(error))?;
        self.passed.fetch_add(1, Ordering::Relaxed);
        Ok(())
    }
}
