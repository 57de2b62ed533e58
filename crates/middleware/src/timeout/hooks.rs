//! What happens around a request.

use std::{
    future::{Future, poll_fn},
    pin::{Pin, pin},
    task::{self, Poll},
    time::Duration,
};

use purlin_core::{
    BoxFuture, Context, Error, ErrorKind, Result,
    middleware::{AnyRequest, AnyResponse, Hooks, Middleware, Next},
};
use tokio::{
    runtime::Handle,
    time::{Instant, Sleep, sleep_until},
};

use super::{CEILING, Timeout};

/// How often a clock that stands is looked at.
const LOOK: Duration = Duration::from_secs(1);

impl Middleware for Timeout {
    fn hooks(&self) -> Hooks {
        Hooks::REQUEST
    }

    fn on_request<'a>(
        &'a self,
        request: AnyRequest<'a>,
        next: Next<'a>,
    ) -> BoxFuture<'a, Result<AnyResponse>> {
        Box::pin(async move {
            let (cx, limit) = (request.context(), self.limit_of(&request));
            let clock = Clock::start(cx, limit, self.renewed);
            // The ceiling is not below any limit.
            cx.limit_deadline(clock.start.at + if self.renewed { CEILING } else { limit });
            clock.run(next.run(request)).await
        })
    }
}

impl Timeout {
    fn limit_of(&self, request: &AnyRequest<'_>) -> Duration {
        let tool = request
            .as_tool_call()
            .filter(|_| !self.tools.is_empty())
            .and_then(|call| self.tools.get(call.name()));
        let method = || self.methods.get(request.method());
        *tool.or_else(method).unwrap_or(&self.limit)
    }
}

/// The time of one request. What its client's user takes to answer is left out.
struct Clock<'a> {
    cx: &'a Context,
    limit: Duration,
    renewed: bool,
    start: Moment,
    /// When the limit began: at the start, or when it was last renewed.
    from: Moment,
    /// How many messages had left then.
    heard: u32,
    /// Made when the request first has to wait; one that does not, needs none.
    timer: Option<Pin<Box<Sleep>>>,
    /// Whether the client was asked something when the timer was made.
    stood: bool,
}

/// A point in time, and for how long the client had been asked something until then.
#[derive(Clone, Copy)]
struct Moment {
    at: Instant,
    asked: Duration,
}

impl Moment {
    fn of(cx: &Context) -> Self {
        Self {
            at: cx.moment(),
            asked: cx.time_asking(),
        }
    }

    /// The end of `limit` of our time from here on, as far as is known now.
    fn after(self, limit: Duration, cx: &Context) -> Instant {
        self.at + limit + cx.time_asking().saturating_sub(self.asked)
    }
}

impl<'a> Clock<'a> {
    fn start(cx: &'a Context, limit: Duration, renewed: bool) -> Self {
        let now = Moment::of(cx);
        Self {
            cx,
            limit,
            renewed,
            start: now,
            from: now,
            heard: 0,
            timer: None,
            stood: false,
        }
    }

    /// When even a request that reports progress has to end.
    fn ceiling(&self) -> Instant {
        self.start.after(CEILING, self.cx)
    }

    fn end(&self) -> Instant {
        self.from.after(self.limit, self.cx).min(self.ceiling())
    }

    async fn run<T>(mut self, run: impl Future<Output = Result<T>>) -> Result<T> {
        let mut run = pin!(run);
        poll_fn(|task| {
            if let Poll::Ready(result) = run.as_mut().poll(task) {
                return Poll::Ready(result);
            }
            if Handle::try_current().is_err() {
                return Poll::Pending;
            }
            self.poll(task).map(|()| Err(timed_out(self.limit)))
        })
        .await
    }

    /// Ready when the time is over.
    fn poll(&mut self, task: &mut task::Context<'_>) -> Poll<()> {
        loop {
            let stands = self.cx.is_asking();
            if stands != self.stood {
                self.stood = stands;
                self.timer = None;
            }
            let timer = match &mut self.timer {
                Some(timer) => timer,
                None => {
                    // Who asks may be a task whose answer does not wake this one.
                    let at = match stands {
                        true => Instant::now() + LOOK,
                        false => self.end(),
                    };
                    self.timer.insert(Box::pin(sleep_until(at)))
                }
            };
            if timer.as_mut().poll(task).is_pending() {
                return Poll::Pending;
            }
            self.timer = None;
            if stands || Instant::now() < self.end() {
                continue;
            }
            if !self.is_renewed() {
                return Poll::Ready(());
            }
            self.from = Moment::of(self.cx);
            self.heard = self.cx.messages_sent();
        }
    }

    fn is_renewed(&self) -> bool {
        self.renewed && self.cx.messages_sent() > self.heard && Instant::now() < self.ceiling()
    }
}

fn timed_out(limit: Duration) -> Error {
    Error::new(ErrorKind::Timeout, format!("it took longer than {limit:?}"))
}
