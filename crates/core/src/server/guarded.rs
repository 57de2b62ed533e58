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
    time::{Sleep, sleep},
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
    let mut deadline: Option<Pin<Box<Sleep>>> = None;
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
            deadline = None;
            return Poll::Pending;
        }
        let Some(limit) = limit.filter(|_| Handle::try_current().is_ok()) else {
            return Poll::Pending;
        };
        let left = || limit.saturating_sub(cx.waited());
        let timer = deadline.get_or_insert_with(|| Box::pin(sleep(left())));
        timer.as_mut().poll(task).map(|()| Err(timed_out(limit)))
    })
    .await
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
