//! What happens around a request.

use std::{
    sync::{Arc, Mutex, PoisonError, atomic::Ordering},
    time::Duration,
};

use purlin_core::{
    BoxFuture, Context, Error, ErrorKind, Result,
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
            let (cx, limit) = (call.context(), call.time_limit());
            let _places = self.enter(cx, tool, limit).await?;
            next.run(call).await
        })
    }

    fn on_read_resource<'a>(
        &'a self,
        read: ResourceRead<'a>,
        next: Next<'a>,
    ) -> BoxFuture<'a, Result<ResourceResult>> {
        Box::pin(async move {
            let (cx, limit) = (read.context(), read.time_limit());
            let _places = self.enter(cx, None, limit).await?;
            next.run(read).await
        })
    }

    fn on_get_prompt<'a>(
        &'a self,
        get: PromptGet<'a>,
        next: Next<'a>,
    ) -> BoxFuture<'a, Result<PromptResult>> {
        Box::pin(async move {
            let (cx, limit) = (get.context(), get.time_limit());
            let _places = self.enter(cx, None, limit).await?;
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
    async fn enter(
        &self,
        cx: &Context,
        tool: Option<&str>,
        limit: Option<Duration>,
    ) -> Result<Places> {
        let Some(held) = Held::enter(cx, Arc::as_ptr(&self.gates) as usize) else {
            return Ok(Places::default());
        };
        let caller = Caller::of(cx);
        let mut places = Vec::new();
        // Whoever stands around may wait for less time than the component has.
        let left = cx
            .deadline()
            .map(|at| at.saturating_duration_since(Instant::now()));
        let limit = [limit, left].into_iter().flatten().min();
        let mut wait = Wait::new(self.max_wait, limit);
        for (door, room) in self.doors(&caller, tool) {
            let asked = self.gates.ask(&door, room, self.queue, &caller);
            places.push(match asked {
                Asked::Place(place) => place,
                Asked::Full => return Err(self.full()),
                Asked::Queued(queued) => self.wait(queued, &mut wait).await?,
            });
        }
        self.counts.passed.fetch_add(1, Ordering::Relaxed);
        if let Some(started) = wait.started {
            self.counts.waited.fetch_add(1, Ordering::Relaxed);
            cx.charge(started.elapsed());
        }
        Ok(Places {
            _places: places,
            _held: Some(held),
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
        [principal, tool, server].into_iter().flatten()
    }

    async fn wait(&self, queued: Queued, wait: &mut Wait) -> Result<Place> {
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
struct Places {
    _places: Vec<Place>,
    _held: Option<Held>,
}

/// How long one request may wait over all its gates.
struct Wait {
    started: Option<Instant>,
    max: Duration,
    limit: Option<Duration>,
}

impl Wait {
    fn new(max: Duration, limit: Option<Duration>) -> Self {
        Self {
            started: None,
            max,
            limit,
        }
    }

    fn until(&mut self) -> Instant {
        let bound = self.limit.map_or(self.max, |limit| self.max.min(limit));
        *self.started.get_or_insert_with(Instant::now) + bound
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

/// What a request holds places of, so that what its handler calls does not wait
/// for the handler. It is taken back when the request leaves.
struct Held {
    held: Arc<Mutex<Vec<usize>>>,
    gates: usize,
}

struct Holding(Arc<Mutex<Vec<usize>>>);

impl Held {
    /// `None` when the request holds places of these gates already.
    fn enter(cx: &Context, gates: usize) -> Option<Self> {
        let state = cx.state();
        let holding = state.get::<Holding>().unwrap_or_else(|| {
            let holding = Arc::new(Holding(Arc::default()));
            state.insert_shared(Arc::clone(&holding));
            holding
        });
        let held = Arc::clone(&holding.0);
        let mut list = held.lock().unwrap_or_else(PoisonError::into_inner);
        if list.contains(&gates) {
            return None;
        }
        list.push(gates);
        drop(list);
        Some(Self { held, gates })
    }
}

impl Drop for Held {
    fn drop(&mut self) {
        let mut list = self.held.lock().unwrap_or_else(PoisonError::into_inner);
        list.retain(|gates| *gates != self.gates);
    }
}
