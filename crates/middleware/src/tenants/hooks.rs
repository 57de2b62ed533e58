//! What happens around a request.

use std::{
    sync::atomic::Ordering,
    time::{Duration, SystemTime},
};

use purlin_core::{
    BoxFuture, Context, Error, ErrorKind, Principal, Rate, Result,
    measure::Samples,
    middleware::{AnyRequest, AnyResponse, Hooks, Middleware, Next},
    protocol::method,
    store::Key,
};

use tokio::time::timeout;

use super::{COLLECTION, Counts, Tenant, Tenants};

/// How long a call waits for the store.
const PATIENCE: Duration = Duration::from_millis(250);
/// When to come back after too many ran at one time.
const COME_BACK: Duration = Duration::from_secs(1);

impl Middleware for Tenants {
    fn hooks(&self) -> Hooks {
        Hooks::REQUEST
    }

    fn on_request<'a>(
        &'a self,
        request: AnyRequest<'a>,
        next: Next<'a>,
    ) -> BoxFuture<'a, Result<AnyResponse>> {
        Box::pin(async move {
            let tenant = self.tenant(request.context())?;
            let state = request.context().state();
            state.insert(tenant.clone());
            if let Some(allowance) = self.allowance(&tenant) {
                state.insert(allowance);
            }
            if !is_call(request.method()) {
                return next.run(request).await;
            }
            let _running = self.start(&tenant)?;
            if let Some(quota) = self.calls {
                self.count(&tenant, quota).await?;
            }
            next.run(request).await
        })
    }

    fn measure(&self, samples: &mut Samples) {
        let statistics = self.statistics();
        for (reason, count) in [
            ("no_tenant", statistics.without),
            ("quota", statistics.over_quota),
            ("busy", statistics.busy),
        ] {
            let help = "Requests of tenants that were refused.";
            samples.counter(
                "mcp_tenants_refused_total",
                help,
                &[("reason", reason)],
                count,
            );
        }
        let help = "Calls of tenants that passed uncounted.";
        samples.counter(
            "mcp_tenants_uncounted_total",
            help,
            &[],
            statistics.uncounted,
        );
        #[allow(clippy::cast_precision_loss, reason = "far below 2^53")]
        let running = statistics.running as f64;
        let help = "Tenants of whom something runs.";
        samples.gauge("mcp_tenants_running", help, &[], running);
    }
}

fn is_call(name: &str) -> bool {
    matches!(
        name,
        method::TOOLS_CALL | method::RESOURCES_READ | method::PROMPTS_GET
    )
}

impl Tenants {
    fn tenant(&self, cx: &Context) -> Result<Tenant> {
        let name = cx.principal().and_then(Principal::tenant);
        if name.is_some() || !self.required {
            return Ok(Tenant::new(name));
        }
        self.counts.without.fetch_add(1, Ordering::Relaxed);
        Err(match cx.principal() {
            Some(_) => Error::new(
                ErrorKind::Forbidden,
                "not permitted: the caller belongs to no tenant",
            ),
            None => Error::new(
                ErrorKind::Unauthenticated,
                "authentication is required, as a member of a tenant",
            ),
        })
    }

    fn start(&self, tenant: &Tenant) -> Result<Option<Running<'_>>> {
        let Some(places) = self.concurrency else {
            return Ok(None);
        };
        let mut running = self.counts.lock();
        let count = running.entry(tenant.clone()).or_insert(0);
        if *count >= places {
            self.counts.busy.fetch_add(1, Ordering::Relaxed);
            let text = "busy: too many requests of this tenant are running: try again later";
            return Err(Error::new(ErrorKind::Busy, text).with_retry_after(COME_BACK));
        }
        *count += 1;
        Ok(Some(Running {
            counts: &self.counts,
            tenant: tenant.clone(),
        }))
    }

    async fn count(&self, tenant: &Tenant, quota: Rate) -> Result<()> {
        let (period, left) = period(quota.period());
        let Some(calls) = self.counted(tenant, period, quota.period(), left).await else {
            self.counts.uncounted.fetch_add(1, Ordering::Relaxed);
            return Ok(());
        };
        if calls <= i64::from(quota.count()) {
            return Ok(());
        }
        self.counts.over_quota.fetch_add(1, Ordering::Relaxed);
        let seconds = left.as_secs_f64();
        let text = format!("the tenant has used its {quota} up: try again in {seconds:.0} s");
        Err(Error::new(ErrorKind::RateLimited, text).with_retry_after(left))
    }

    /// How many calls there were in a period with this one; nothing while the store is away.
    async fn counted(
        &self,
        tenant: &Tenant,
        number: u128,
        length: Duration,
        left: Duration,
    ) -> Option<i64> {
        if !self.outage.is_to_be_asked() {
            return None;
        }
        let key = tenant.key(&format!(" {number}"));
        // Kept a little longer, for clocks that differ.
        let ttl = left + length / 10 + Duration::from_secs(60);
        let added = self.store.add(Key::new(COLLECTION, &key), 1, Some(ttl));
        let problem = match timeout(PATIENCE, added).await {
            Ok(Ok(calls)) => {
                if self.outage.note_answer() {
                    tracing::warn!(target: "purlin::tenants", "the store of quotas is back");
                }
                return Some(calls);
            }
            // That others were faster is no outage: only this call is not counted.
            Ok(Err(error)) if !error.is_outage() => {
                tracing::error!(target: "purlin::tenants", %error, "a call of a tenant passes uncounted");
                return None;
            }
            Ok(Err(error)) => error.to_string(),
            Err(_) => "it took too long".to_owned(),
        };
        if self.outage.note_failure() {
            tracing::error!(target: "purlin::tenants", error = problem, "the store of quotas is away: calls of tenants pass uncounted");
        }
        None
    }
}

/// The number of the period, and how long it lasts yet.
fn period(length: Duration) -> (u128, Duration) {
    let since = SystemTime::now()
        .duration_since(SystemTime::UNIX_EPOCH)
        .unwrap_or_default();
    let into = since.as_nanos() % length.as_nanos().max(1);
    let into = Duration::from_nanos(u64::try_from(into).unwrap_or(u64::MAX));
    (
        since.as_nanos() / length.as_nanos().max(1),
        length.saturating_sub(into),
    )
}

/// A call that runs; dropping it gives its place back.
struct Running<'a> {
    counts: &'a Counts,
    tenant: Tenant,
}

impl Drop for Running<'_> {
    fn drop(&mut self) {
        let mut running = self.counts.lock();
        if let Some(count) = running.get_mut(&self.tenant) {
            *count -= 1;
            if *count == 0 {
                running.remove(&self.tenant);
            }
        }
    }
}
