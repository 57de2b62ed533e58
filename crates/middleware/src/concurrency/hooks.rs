//! What happens around a request.

use std::{array, future::ready, sync::atomic::Ordering, time::Duration};

use purlin_core::{
    BoxFuture, Context, Error, ErrorKind, Result, Within,
    access::Caller,
    measure::Samples,
    middleware::{Hooks, Input, Middleware, Next, PromptGet, ResourceRead, ToolCall},
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
        // Names that no tool has get no gate of their own.
        let tool = call.tool().map(|_| call.name());
        let entered = self.enter(call.context(), tool);
        self.run(entered, ToolCall::time_limit, call, next)
    }

    fn on_read_resource<'a>(
        &'a self,
        read: ResourceRead<'a>,
        next: Next<'a>,
    ) -> BoxFuture<'a, Result<ResourceResult>> {
        let entered = self.enter(read.context(), None);
        self.run(entered, ResourceRead::time_limit, read, next)
    }

    fn on_get_prompt<'a>(
        &'a self,
        get: PromptGet<'a>,
        next: Next<'a>,
    ) -> BoxFuture<'a, Result<PromptResult>> {
        let entered = self.enter(get.context(), None);
        self.run(entered, PromptGet::time_limit, get, next)
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
    /// Runs what has entered, once it has all its places. `limit` tells how long
    /// its component may take, which is asked only where it has to wait.
    fn run<'a, I>(
        &'a self,
        entered: Result<Entered<'a>>,
        limit: impl Fn(&I) -> Option<Duration>,
        input: I,
        next: Next<'a>,
    ) -> BoxFuture<'a, Result<I::Output>>
    where
        I: Input<'a> + Send + 'a,
        I::Output: Send,
    {
        match entered {
            Err(error) => Box::pin(ready(Err(error))),
            Ok(Entered::Now(places)) => Box::pin(async move {
                let result = next.run(input).await;
                drop(places);
                result
            }),
            Ok(Entered::Later(waiting)) => {
                let limit = limit(&input);
                Box::pin(async move {
                    let _places = self.wait(*waiting, limit).await?;
                    next.run(input).await
                })
            }
        }
    }

    /// Takes a place at each gate, from the narrowest to the widest: all
    /// requests take them in one order, so no two wait for each other.
    fn enter<'a>(&'a self, cx: &'a Context, tool: Option<&str>) -> Result<Entered<'a>> {
        let mut places = Places::default();
        // What its handler calls does not wait for the handler.
        let Some(within) = cx.enter(&*self.gates) else {
            return Ok(Entered::Now(places));
        };
        places.within = Some(within);
        let mut doors = self.doors(cx, tool);
        match self.pass(&mut doors, cx, &mut places)? {
            None => {
                self.counts.passed.fetch_add(1, Ordering::Relaxed);
                Ok(Entered::Now(places))
            }
            Some(queued) => Ok(Entered::Later(Box::new(Waiting {
                cx,
                places,
                queued,
                doors,
            }))),
        }
    }

    /// Passes gates up to the first at which it has to wait.
    fn pass(
        &self,
        doors: &mut Doors,
        cx: &Context,
        places: &mut Places<'_>,
    ) -> Result<Option<Queued>> {
        for (door, room) in doors.flatten() {
            match self.gates.ask(&door, room, self.queue, || Caller::of(cx)) {
                Asked::Place(place) => places.add(place),
                Asked::Full => return Err(self.full()),
                Asked::Queued(queued) => return Ok(Some(queued)),
            }
        }
        Ok(None)
    }

    fn doors(&self, cx: &Context, tool: Option<&str>) -> Doors {
        let principal = self
            .principal
            .map(|places| (Door::Caller(Caller::of(cx)), places));
        let tool = tool.and_then(|name| {
            let places = self.tools.get(name).copied().or(self.each_tool)?;
            Some((Door::Tool(name.to_owned()), places))
        });
        let server = self.server.map(|places| (Door::Server, places));
        [principal, tool, server].into_iter()
    }

    /// Waits for its places.
    async fn wait<'a>(
        &self,
        mut waiting: Waiting<'a>,
        limit: Option<Duration>,
    ) -> Result<Places<'a>> {
        let time = Time::start(waiting.cx, self.max_wait, limit);
        loop {
            let place = self.turn(waiting.queued, &time).await?;
            waiting.places.add(place);
            let passed = self.pass(&mut waiting.doors, waiting.cx, &mut waiting.places)?;
            match passed {
                Some(queued) => waiting.queued = queued,
                None => break,
            }
        }
        self.counts.passed.fetch_add(1, Ordering::Relaxed);
        self.counts.waited.fetch_add(1, Ordering::Relaxed);
        waiting.cx.charge(time.started.elapsed());
        Ok(waiting.places)
    }

    /// Waits for its turn at one gate.
    async fn turn(&self, queued: Queued, time: &Time) -> Result<Place> {
        match timeout_at(time.end(), queued.wait()).await {
            Ok(Some(place)) => Ok(place),
            Ok(None) => Err(self.full()),
            Err(_) => {
                self.counts.timed_out.fetch_add(1, Ordering::Relaxed);
                Err(time.over(self.come_back))
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

/// The gates of one request, and how many places they have.
type Doors = array::IntoIter<Option<(Door, usize)>, 3>;

/// The places of one request; none where it has them already.
#[derive(Default)]
struct Places<'a> {
    taken: [Option<Place>; 3],
    within: Option<Within<'a>>,
}

impl Places<'_> {
    fn add(&mut self, place: Place) {
        if let Some(free) = self.taken.iter_mut().find(|taken| taken.is_none()) {
            *free = Some(place);
        }
    }
}

/// How far a request has come.
enum Entered<'a> {
    Now(Places<'a>),
    Later(Box<Waiting<'a>>),
}

/// A request that has to wait.
struct Waiting<'a> {
    cx: &'a Context,
    places: Places<'a>,
    queued: Queued,
    /// The gates behind that one.
    doors: Doors,
}

/// How long one request may wait over all its gates, from the first at which it
/// has to.
struct Time {
    started: Instant,
    max: Duration,
    limit: Option<Duration>,
}

impl Time {
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

    fn end(&self) -> Instant {
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
