//! What happens around a call.

use purlin_core::{
    BoxFuture, Principal, Result,
    measure::Samples,
    middleware::{Hooks, Middleware, Next, ToolCall},
    tool::ToolResult,
};
use tokio::time::Instant;

use super::{Usage, UsageCounts, UsageKey};

/// What calls of tools that do not exist are counted as.
const UNKNOWN: &str = "";

impl Middleware for Usage {
    fn hooks(&self) -> Hooks {
        Hooks::TOOL_CALL
    }

    fn on_call_tool<'a>(
        &'a self,
        call: ToolCall<'a>,
        next: Next<'a>,
    ) -> BoxFuture<'a, Result<ToolResult>> {
        Box::pin(async move {
            let mut meter = Meter::start(self, &call);
            let result = next.run(call).await;
            if let Ok(result) = &result {
                meter.counts.errors = u64::from(result.is_error());
                meter.counts.bytes_out = result.encoded_len() as u64;
            }
            result
        })
    }

    fn measure(&self, samples: &mut Samples) {
        let statistics = self.statistics();
        #[allow(clippy::cast_precision_loss, reason = "far below 2^53")]
        let keys = statistics.keys as f64;
        let help = "Keys of usage that wait to be handed over.";
        samples.gauge("mcp_usage_keys", help, &[], keys);
        let help = "Records of usage handed over.";
        samples.counter("mcp_usage_flushed_total", help, &[], statistics.flushed);
        let help = "Records of usage that were not taken, and are handed over again.";
        samples.counter("mcp_usage_failed_total", help, &[], statistics.failed);
    }
}

/// A call that runs; it is counted when this is dropped, as one that failed
/// unless it is known to have ended well.
struct Meter<'a> {
    usage: &'a Usage,
    key: UsageKey,
    counts: UsageCounts,
    started: Instant,
}

impl<'a> Meter<'a> {
    fn start(usage: &'a Usage, call: &ToolCall<'_>) -> Self {
        let principal = call.context().principal();
        // Names of clients' own are not kept.
        let tool = call.tool().map_or(UNKNOWN, |_| call.name()).to_owned();
        Self {
            usage,
            key: UsageKey {
                tenant: principal.and_then(Principal::tenant).map(str::to_owned),
                caller: principal.map(|principal| principal.identity().to_string()),
                tool,
            },
            counts: UsageCounts {
                calls: 1,
                errors: 1,
                bytes_in: call.arguments().map_or(0, str::len) as u64,
                ..UsageCounts::default()
            },
            started: Instant::now(),
        }
    }
}

impl Drop for Meter<'_> {
    fn drop(&mut self) {
        let micros = self.started.elapsed().as_micros();
        self.counts.micros = u64::try_from(micros).unwrap_or(u64::MAX);
        let key = std::mem::take(&mut self.key);
        let usage = self.usage;
        usage.counts.count(key, &self.counts, usage.capacity);
    }
}
