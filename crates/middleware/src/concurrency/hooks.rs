//! What happens around a request.

use std::{sync::atomic::Ordering, time::Duration};

use purlin_core::{
    BoxFuture, Context, Error, ErrorKind, Result, Within,
    access::Caller,
    measure::Samples,
    middleware::{Hooks, Middleware, Next, PromptGet, ResourceRead, ToolCall},
    prompt::PromptResult,
    resource::ResourceResult,
    tool::ToolResult,
};
use tokio::time::{Instant, timeout_at};

use super::{
    Concurrency,
    gate::{Asked, Door, Place, Queued},
};

/// How many gates a request passes at most.
const DOORS: usize = 3;

impl Middleware for Concurrency {
    fn hooks(&self) -> Hooks {
        Hooks::TOOL_CALL | Hooks::RESOURCE_READ | Hooks::PROMPT_GET
    }

    fn on_call_tool<'a>(
        &'a self,
        call: ToolCall<'a>,
        next: Next<'a>,
    ) -> BoxFuture<'a, Result<ToolResult>> {
        Box::pin(async move {
            // Names that no tool has get no gate of their own.
            let tool = call.tool().map(|_| call.name());
            let limit = || call.time_limit();
            let _places = self.enter(call.context(), tool, limit).await?;
            next.run(call).await
        })
    }

    fn on_read_resource<'a>(
        &'a self,
        read: ResourceRead<'a>,
        next: Next<'a>,
    ) -> BoxFuture<'a, Result<ResourceResult>> {
        Box::pin(async move {
            let limit = || read.time_limit();
            let _places = self.enter(read.context(), None, limit).await?;
            next.run(read).await
        })
    }

    fn on_get_prompt<'a>(
        &'a self,
        get: PromptGet<'a>,
        next: Next<'a>,
    ) -> BoxFuture<'a, Result<PromptResult>> {
        Box::pin(async move {
            let limit = || get.time_limit();
            let _places = self.enter(get.context(), None, limit).await?;
            next.run(get).await
        })
    }

    fn measure(&self, samples: &mut Samples) {
        let statistics = self.statistics();
        let help = "Requests that got a place.";
        samples.counter("mcp_concurrency_passed_total", help, &[], statistics.passed);
        let help = "Requests that waited for a place.";
        samples.counter("mcp_concurrency_waited_total", help, &[], statistics.waited);
        for (reason, count) in [
            ("full", statistics.refused),
            ("timeout", statistics.timed_out),
        ] {
            let help = "Requests that got no place.";
            samples.counter(
                "mcp_concurrency_refused_total",
                help,
                &[("reason", reason)],
                count,
            );
        }
        #[allow(clippy::cast_precision_loss, reason = "far below 2^53")]
        let (running, queued) = (statistics.running as f64, statistics.queued as f64);
        samples.gauge("mcp_concurrency_running", "Places taken.", &[], running);
        let help = "Requests waiting for a place.";
        samples.gauge("mcp_concurrency_queued", help, &[], queued);
    }
}

impl Concurrency {
    /// Takes a place at each gate, from the narrowest to the widest: all
    /// requests take them in one order, so no two wait for each other.
    async fn enter<'a>(
        &'a self,
        cx: &'a Context,
        tool: Option<&str>,
        limit: impl Fn() -> Option<Duration>,
    ) -> Result<Places<'a>> {
        // What its handler calls does not wait for the handler.
        let Some(within) = cx.enter(&*self.gates) else {
            return Ok(Places::default());
        };
        let caller = Caller::of(cx);
        let mut taken = [const { None }; DOORS];
        let mut wait = None;
        for ((door, room), taken) in self.doors(&caller, tool).zip(&mut taken) {
            *taken = Some(match self.gates.ask(&door, room, self.queue, &caller) {
                Asked::Place(place) => place,
                Asked::Full => return Err(self.full()),
                Asked::Queued(queued) => {
                    let wait = wait.get_or_insert_with(|| Wait::start(cx, self.max_wait, limit()));
                    self.wait(queued, wait).await?
                }
            });
        }
        self.counts.passed.fetch_add(1, Ordering::Relaxed);
        if let Some(wait) = wait {
            self.counts.waited.fetch_add(1, Ordering::Relaxed);
            cx.charge(wait.started.elapsed());
        }
        Ok(Places {
            _taken: taken,
            _within: Some(within),
        })
    }

    fn doors(
        &self,
        caller: &Caller,
        tool: Option<&str>,
    ) -> impl Iterator<Item = (Door, usize)> + use<> {
        let principal = self
            .principal
            .map(|places| (Door::Caller(caller.clone()), places));
        let tool = tool.and_then(|name| {
            let places = self.tools.get(name).copied().or(self.each_tool)?;
            Some((Door::Tool(name.to_owned()), places))
        });
        let server = self.server.map(|places| (Door::Server, places));
        let doors: [_; DOORS] = [principal, tool, server];
        doors.into_iter().flatten()
    }

    async fn wait(&self, queued: Queued, wait: &Wait) -> Result<Place> {
        match timeout_at(wait.until(), queued.wait()).await {
            Ok(Some(place)) => Ok(place),
            Ok(None) => Err(self.full()),
            Err(_) => {
                self.counts.timed_out.fetch_add(1, Ordering::Relaxed);
                Err(wait.over(self.come_back))
            }
        }
    }

    fn full(&self) -> Error {
        self.counts.refused.fetch_add(1, Ordering::Relaxed);
        busy("too many requests are waiting already", self.come_back)
    }
}

fn busy(problem: &'static str, come_back: Duration) -> Error {
    let seconds = come_back.as_secs_f64();
    let text = format!("busy: {problem}: try again in {seconds:.1} s");
    Error::new(ErrorKind::Busy, text).with_retry_after(come_back)
}

/// The places of one request; none where it has them already.
#[derive(Default)]
struct Places<'a> {
    _taken: [Option<Place>; DOORS],
    _within: Option<Within<'a>>,
}

/// How long one request may wait over all its gates, from the first at which it
/// has to.
struct Wait {
    started: Instant,
    max: Duration,
    limit: Option<Duration>,
}

impl Wait {
    /// `limit` is how long the component may take. Whoever stands around may wait
    /// for less time.
    fn start(cx: &Context, max: Duration, limit: Option<Duration>) -> Self {
        let started = Instant::now();
        let left = |at: Instant| at.saturating_duration_since(started);
        let left = cx.deadline().map(left);
        let limit = [limit, left].into_iter().flatten().min();
        Self {
            started,
            max,
            limit,
        }
    }

    fn until(&self) -> Instant {
        self.started + self.limit.map_or(self.max, |limit| self.max.min(limit))
    }

    /// The error when it has waited so long.
    fn over(&self, come_back: Duration) -> Error {
        match self.limit {
            Some(limit) if limit <= self.max => {
                let text = format!("it took longer than {limit:?}: all of it in a queue");
                Error::new(ErrorKind::Timeout, text)
            }
            _ => busy("no place became free in time", come_back),
        }
    }
}
