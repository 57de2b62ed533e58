//! What happens around a request.

use std::{
    future::{Future, poll_fn},
    pin::{Pin, pin},
    task::Poll,
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
            let started = Instant::now();
            if !self.renewed {
                cx.limit_deadline(started + limit);
            }
            let clock = Clock {
                cx,
                limit,
                renewed: self.renewed,
                end: started + CEILING,
                heard: 0,
                timer: None,
            };
            clock.run(started, next.run(request)).await
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

/// The time of one request.
struct Clock<'a> {
    cx: &'a Context,
    limit: Duration,
    renewed: bool,
    /// When even a request that reports progress has to end.
    end: Instant,
    /// How many messages had left when the timer was set.
    heard: u32,
    /// Made when the request first has to wait; one that does not, needs none.
    timer: Option<Pin<Box<Sleep>>>,
}

impl Clock<'_> {
    async fn run<T>(mut self, started: Instant, run: impl Future<Output = Result<T>>) -> Result<T> {
        let mut run = pin!(run);
        let mut from = Some(started);
        poll_fn(|task| {
            if let Poll::Ready(result) = run.as_mut().poll(task) {
                return Poll::Ready(result);
            }
            if Handle::try_current().is_err() {
                return Poll::Pending;
            }
            // While the client's user is thinking, the clock stands.
            if self.cx.is_asking() {
                self.timer = None;
                from = None;
                return Poll::Pending;
            }
            loop {
                let timer = match &mut self.timer {
                    Some(timer) => timer,
                    None => {
                        let start = from.take().unwrap_or_else(|| self.restart());
                        let at = (start + self.limit).min(self.end);
                        self.heard = self.cx.messages_sent();
                        self.timer.insert(Box::pin(sleep_until(at)))
                    }
                };
                if timer.as_mut().poll(task).is_pending() {
                    return Poll::Pending;
                }
                if !self.is_renewed() {
                    return Poll::Ready(Err(timed_out(self.limit)));
                }
                from = Some(Instant::now());
                self.timer = None;
            }
        })
        .await
    }

    /// The client has answered: the time of its user does not count.
    fn restart(&mut self) -> Instant {
        let now = Instant::now();
        self.end = now + CEILING;
        now
    }

    fn is_renewed(&self) -> bool {
        self.renewed && self.cx.messages_sent() > self.heard && Instant::now() < self.end
    }
}

fn timed_out(limit: Duration) -> Error {
    Error::new(ErrorKind::Timeout, format!("it took longer than {limit:?}"))
}
