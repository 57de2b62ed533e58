//! Running code that may panic, hang or ask.

use std::{
    any::Any,
    future::poll_fn,
    panic::{AssertUnwindSafe, catch_unwind},
    pin::{Pin, pin},
    sync::atomic::{AtomicU64, Ordering},
    task::Poll,
    time::Duration,
};

use tokio::{
    runtime::Handle,
    time::{Instant, Sleep, sleep},
};

use crate::{BoxFuture, Context, Error, ErrorKind, Result, context::Rounds};

/// Runs a handler: a panic becomes an error, `limit` bounds its time, a
/// question to the client ends it.
///
/// The timer is made when the handler first has to wait; one that does not
/// wait needs none.
pub(crate) async fn guarded<'a, T>(
    cx: &Context,
    limit: Option<Duration>,
    start: impl FnOnce() -> BoxFuture<'a, Result<T>>,
) -> Result<T> {
    let mut future = catch_unwind(AssertUnwindSafe(start)).map_err(|panic| panicked(&*panic))?;
    let mut clock = Clock::default();
    poll_fn(|task| {
        match catch_unwind(AssertUnwindSafe(|| future.as_mut().poll(task))) {
            Ok(Poll::Ready(result)) => return Poll::Ready(result),
            Ok(Poll::Pending) => {}
            Err(panic) => return Poll::Ready(Err(panicked(&*panic))),
        }
        let request = cx.request();
        if request.rounds.get().is_some_and(Rounds::notice) {
            return Poll::Ready(Err(input_required()));
        }
        // While the client's user is thinking, the clock stands.
        if cx
            .session_state()
            .is_some_and(|session| session.is_asking(request))
        {
            clock.stand();
            return Poll::Pending;
        }
        let Some(limit) = limit.filter(|_| Handle::try_current().is_ok()) else {
            return Poll::Pending;
        };
        let left = || limit.saturating_sub(cx.waited());
        let expired = clock.running(left).poll(task);
        expired.map(|()| Err(timed_out(limit)))
    })
    .await
}

/// The time a handler has taken, without the time it waited for the client's
/// user.
#[derive(Default)]
struct Clock {
    used: Duration,
    timer: Option<(Instant, Pin<Box<Sleep>>)>,
}

impl Clock {
    /// The timer of what is left of `limit`, which is asked for when the timer is
    /// made.
    fn running(&mut self, limit: impl FnOnce() -> Duration) -> Pin<&mut Sleep> {
        let used = self.used;
        let start = || {
            let left = limit().saturating_sub(used);
            (Instant::now(), Box::pin(sleep(left)))
        };
        self.timer.get_or_insert_with(start).1.as_mut()
    }

    fn stand(&mut self) {
        if let Some((since, _)) = self.timer.take() {
            self.used += since.elapsed();
        }
    }
}

/// Runs what surrounds handlers: middleware may ask the client too, and waits
/// for an answer that only the next run can bring.
pub(crate) async fn until_asking<T>(
    cx: &Context,
    run: impl Future<Output = Result<T>>,
) -> Result<T> {
    let mut run = pin!(run);
    poll_fn(|task| match run.as_mut().poll(task) {
        Poll::Pending if cx.request().rounds.get().is_some_and(Rounds::notice) => {
            Poll::Ready(Err(input_required()))
        }
        polled => polled,
    })
    .await
}

fn input_required() -> Error {
    Error::new(
        ErrorKind::InputRequired,
        "input from the client is required",
    )
}

fn timed_out(limit: Duration) -> Error {
    Error::new(ErrorKind::Timeout, format!("it took longer than {limit:?}"))
}

/// How many handlers of this process have panicked.
static PANICS: AtomicU64 = AtomicU64::new(0);

pub(crate) fn panics() -> u64 {
    PANICS.load(Ordering::Relaxed)
}

pub(crate) fn panicked(panic: &(dyn Any + Send)) -> Error {
    PANICS.fetch_add(1, Ordering::Relaxed);
    let text = panic
        .downcast_ref::<&str>()
        .map(|text| (*text).to_owned())
        .or_else(|| panic.downcast_ref::<String>().cloned())
        .unwrap_or_else(|| "a panic without a text".to_owned());
    tracing::error!(panic = text, "a handler panicked");
    Error::new(ErrorKind::Panicked, "internal error").with_source(text)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::{
        DynamicTool, Origin, Server, ToolResult, TransportKind,
        protocol::Tool,
        wire::{Frame, parse},
    };

    /// Calls a tool that never ends and says every minute that it goes on; the
    /// seconds until it is stopped.
    async fn stopped_after(server: Server, own: Option<Duration>) -> u64 {
        let tool = Tool::new("work", json!({ "type": "object" }).into());
        let mut tool = DynamicTool::new(tool, |cx: Context, _| async move {
            for minute in 0.. {
                cx.progress(minute, 1_000_000);
                sleep(Duration::from_secs(60)).await;
            }
            Ok(ToolResult::text("never"))
        });
        if let Some(own) = own {
            tool = tool.timeout(own);
        }
        server.add_tool(tool).unwrap();
        let message = json!({
            "jsonrpc": "2.0", "id": 1, "method": "tools/call",
            "params": { "name": "work", "_meta": {
                "progressToken": "p",
                "io.modelcontextprotocol/protocolVersion": "2026-07-28",
                "io.modelcontextprotocol/clientCapabilities": {},
            } },
        });
        let Ok(Frame::One(message)) = parse(message.to_string().into_bytes()) else {
            panic!("the text is one message");
        };
        let origin = Origin::new(TransportKind::Memory);
        let accepted = server.accept_modern(message, None, origin).ok().flatten();
        let start = Instant::now();
        let reply = accepted.expect("the request is served").await.unwrap();
        let text = String::from_utf8(reply.body).unwrap();
        assert!(text.contains("the tool was stopped"), "{text}");
        start.elapsed().as_secs()
    }

    #[tokio::test(start_paused = true)]
    async fn no_call_outlasts_the_ceiling_progress_or_not() {
        let server = || Server::builder("test", "0.0.0");
        let hour = Duration::from_secs(3600);
        assert_eq!(stopped_after(server(), None).await, 60);
        assert_eq!(stopped_after(server().timeout(None), None).await, 600);
        assert_eq!(stopped_after(server(), Some(hour)).await, 600);
        let raised = server().timeout_ceiling(2 * hour);
        assert_eq!(stopped_after(raised, Some(hour)).await, 3600);
    }

    #[tokio::test(start_paused = true)]
    async fn the_clock_stands_and_goes_on_where_it_stood() {
        let limit = Duration::from_secs(60);
        let mut clock = Clock::default();
        let mut task = std::task::Context::from_waker(std::task::Waker::noop());
        assert!(clock.running(|| limit).poll(&mut task).is_pending());
        tokio::time::advance(Duration::from_secs(40)).await;
        clock.stand();
        tokio::time::advance(Duration::from_secs(1000)).await;
        assert!(clock.running(|| limit).poll(&mut task).is_pending());
        tokio::time::advance(Duration::from_secs(21)).await;
        assert!(clock.running(|| limit).poll(&mut task).is_ready());
    }
}
