//! Serving what arrives on one connection.
//!
//! A message is served in place as far as it goes without waiting; most calls
//! end there. One that has to wait moves to a task of its own.

use std::{
    future::{Future, poll_fn},
    pin::Pin,
    sync::{
        Arc, Condvar, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
    task::{self, Poll, Waker, ready},
    time::{Duration, Instant},
};

use tokio::runtime::Handle;

use super::{Connection, Work, connection::Received};
use crate::{
    BoxFuture, Server, Session,
    context::{Origin, Outbox},
    protocol::{ErrorCode, ErrorObject, method},
    wire::{Reply, notification},
};

/// Where messages go out.
pub(crate) trait Sink: Send + Sync + 'static {
    /// Sends one message. It does not wait.
    fn send(&self, message: Vec<u8>);

    /// Waits until the peer has read enough for more to be sent.
    fn room(&self) -> BoxFuture<'_, ()>;
}

/// How many requests may be at work on one connection before it takes no more.
const MAX_IN_FLIGHT: usize = 256;
/// How many requests may be in flight at all, those included that wait for the
/// client.
const MAX_WAITING: usize = 8 * 1024;
/// What is kept of the time at the end, to tell clients what will not be
/// answered.
const FAREWELL: Duration = Duration::from_millis(200);

/// What a connection is busy with.
#[derive(Debug, Default)]
struct InFlight {
    counts: Mutex<Counts>,
    fewer: Condvar,
}

#[derive(Debug, Default)]
struct Counts {
    all: usize,
    /// The client sends no more, so there is nothing to hold back.
    hung_up: bool,
    /// Those that wait for the client. Reading does not stop for them: what
    /// they wait for has to be read.
    waiting: usize,
}

impl Counts {
    fn working(&self) -> usize {
        self.all - self.waiting
    }
}

impl InFlight {
    fn lock(&self) -> MutexGuard<'_, Counts> {
        self.counts.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn wait_while(&self, wait: impl Fn(&Counts) -> bool) {
        let mut counts = self.lock();
        while wait(&counts) {
            counts = self
                .fewer
                .wait(counts)
                .unwrap_or_else(PoisonError::into_inner);
        }
    }

    /// Waits until nothing is in flight. False when something still is.
    fn wait_for_none(&self, limit: Duration) -> bool {
        let end = Instant::now() + limit;
        let mut counts = self.lock();
        while counts.all > 0 {
            let Some(left) = end.checked_duration_since(Instant::now()) else {
                return false;
            };
            (counts, _) = self
                .fewer
                .wait_timeout(counts, left)
                .unwrap_or_else(PoisonError::into_inner);
        }
        true
    }
}

/// Something in flight; its end counts it out, however it ends.
pub(crate) struct InFlightGuard {
    in_flight: Arc<InFlight>,
    waits: bool,
}

impl InFlightGuard {
    fn new(in_flight: &Arc<InFlight>) -> Self {
        in_flight.lock().all += 1;
        Self {
            in_flight: Arc::clone(in_flight),
            waits: false,
        }
    }

    /// Notes whether it waits for the client.
    fn set_waits(&mut self, waits: bool) {
        if waits == self.waits {
            return;
        }
        self.waits = waits;
        let mut counts = self.in_flight.lock();
        if waits {
            counts.waiting += 1;
            self.in_flight.fewer.notify_all();
        } else {
            counts.waiting -= 1;
        }
    }
}

impl Drop for InFlightGuard {
    fn drop(&mut self) {
        self.set_waits(false);
        self.in_flight.lock().all -= 1;
        self.in_flight.fewer.notify_all();
    }
}

/// Serves what arrives on one connection.
pub(crate) struct Driver<S> {
    connection: Connection,
    sink: Arc<S>,
    runtime: Handle,
    in_flight: Arc<InFlight>,
    /// What is cancelled from now on is told so.
    ending: Arc<AtomicBool>,
}

impl<S: Sink> Driver<S> {
    pub(crate) fn new(server: Server, origin: Origin, sink: Arc<S>, runtime: Handle) -> Self {
        Self {
            connection: Connection::new(server, origin),
            sink,
            runtime,
            in_flight: Arc::default(),
            ending: Arc::default(),
        }
    }

    /// Serves one text. What can be said at once goes to `now`, in order; the
    /// rest to the sink.
    pub(crate) fn handle(&self, text: Vec<u8>, now: &mut dyn FnMut(Vec<u8>)) {
        match self.connection.receive(text) {
            Received::Nothing => {}
            Received::Reply(reply) => now(reply.body),
            Received::Work(work) => self.start(work, now),
        }
    }

    fn start(&self, mut work: Work, now: &mut dyn FnMut(Vec<u8>)) {
        // If it is woken before its task polls it, that poll sees to it.
        let polled = Pin::new(&mut work).poll(&mut task::Context::from_waker(Waker::noop()));
        match polled {
            Poll::Ready(reply) => {
                if let Work::One(exchange) = &work {
                    exchange.take_said(now);
                }
                if let Some(reply) = reply {
                    now(reply.body);
                }
                if let Some(session) = work.take_opened() {
                    self.runtime
                        .spawn(pump(session.outbox(), Arc::clone(&self.sink)));
                }
            }
            Poll::Pending if self.in_flight.lock().all >= MAX_WAITING => {
                now(too_many(work.id()).body);
            }
            // What has been said stays in its queue: said here, it could be overtaken by what the
            // task says.
            Poll::Pending => {
                let mut guard = self.guard();
                guard.set_waits(work.waits_for_client());
                let task = Task {
                    outboxes: work.outboxes(),
                    work: Some(work),
                    opened: None,
                    guard,
                    ending: Arc::clone(&self.ending),
                };
                let sink = Arc::clone(&self.sink);
                self.runtime.spawn(async move {
                    if let Some(session) = task.run(&*sink).await {
                        pump(session.outbox(), sink).await;
                    }
                });
            }
        }
    }

    /// Counts something as in flight that was not served by a task.
    pub(crate) fn guard(&self) -> InFlightGuard {
        InFlightGuard::new(&self.in_flight)
    }

    /// Blocks this thread while too many requests are at work.
    pub(crate) fn wait_for_place(&self) {
        self.in_flight
            .wait_while(|counts| counts.working() >= MAX_IN_FLIGHT && !counts.hung_up);
    }

    /// Notes that the client sends no more: what is left to read is bounded.
    pub(crate) fn hang_up(&self) {
        self.in_flight.lock().hung_up = true;
        self.in_flight.fewer.notify_all();
    }

    /// Blocks this thread until nothing is in flight, for `limit` at most. What
    /// is in flight shortly before is cancelled, and answered with an error.
    pub(crate) fn drain(&self, limit: Duration) {
        let farewell = FAREWELL.min(limit / 2);
        if self.in_flight.wait_for_none(limit.saturating_sub(farewell)) {
            return;
        }
        self.ending.store(true, Ordering::Release);
        self.connection.close();
        self.in_flight.wait_for_none(farewell);
    }

    /// Ends the connection: everything in flight is cancelled.
    pub(crate) fn close(&self) {
        self.connection.close();
    }
}

/// A request that has to wait, in a task of its own.
struct Task {
    work: Option<Work>,
    /// The session that the request has opened.
    opened: Option<Session>,
    outboxes: Vec<Outbox>,
    guard: InFlightGuard,
    ending: Arc<AtomicBool>,
}

impl Task {
    /// Serves it to its end.
    ///
    /// The handler goes on while the peer does not read, so that limits and
    /// cancellation reach it; what it says then stays in its own bounded queue.
    ///
    /// Gives the session that it has opened: the client knows of it now.
    async fn run(mut self, sink: &impl Sink) -> Option<Session> {
        let mut reply = None;
        // None once there is room, until something is sent.
        let mut room = Some(sink.room());
        poll_fn(|cx| {
            if let Poll::Ready(ended) = self.poll_work(cx) {
                reply = ended;
            }
            loop {
                if let Some(waiting) = &mut room {
                    ready!(waiting.as_mut().poll(cx));
                    room = None;
                }
                // The end was looked for first, so that nothing said before it is lost.
                let Some(message) = self.poll_said(cx).or_else(|| self.cut_off()) else {
                    return match self.work {
                        Some(_) => Poll::Pending,
                        None => Poll::Ready(()),
                    };
                };
                sink.send(message);
                room = Some(sink.room());
            }
        })
        .await;
        if let Some(reply) = reply {
            sink.send(reply.body);
        }
        self.opened
    }

    fn poll_work(&mut self, cx: &mut task::Context<'_>) -> Poll<Option<Reply>> {
        let Some(work) = &mut self.work else {
            return Poll::Pending;
        };
        match Pin::new(&mut *work).poll(cx) {
            Poll::Pending => {
                self.guard.set_waits(work.waits_for_client());
                Poll::Pending
            }
            Poll::Ready(reply) => {
                let told = reply.or_else(|| self.farewell());
                // A cancelled handler is dropped now, whether or not the peer reads.
                self.opened = self.work.take().and_then(|mut work| work.take_opened());
                Poll::Ready(told)
            }
        }
    }

    /// What is said of a request that the end of the server cut off.
    fn farewell(&self) -> Option<Reply> {
        let id = self.work.as_ref()?.id()?;
        self.ending
            .load(Ordering::Acquire)
            .then(|| failed(Some(id), "the server is ending"))
    }

    /// Ends a subscription that has lost changes, and says so: the client is to
    /// subscribe and list anew (specification 2026-07-28, "Cancellation", the one
    /// thing a server cancels).
    fn cut_off(&mut self) -> Option<Vec<u8>> {
        let work = self.work.take_if(|work| work.is_cut_off())?;
        let params = format!(r#"{{"requestId":{}}}"#, work.id()?);
        Some(notification(
            method::NOTIFICATIONS_CANCELLED,
            params.as_bytes(),
        ))
    }

    fn poll_said(&self, cx: &mut task::Context<'_>) -> Option<Vec<u8>> {
        self.outboxes.iter().find_map(|outbox| {
            while let Poll::Ready(Some(outgoing)) = outbox.poll_pop(cx) {
                if !outgoing.close {
                    return Some(outgoing.body);
                }
            }
            None
        })
    }
}

fn too_many(id: Option<&str>) -> Reply {
    failed(id, "too many requests are in flight")
}

fn failed(id: Option<&str>, problem: &'static str) -> Reply {
    Reply::error(id, &ErrorObject::new(ErrorCode::INTERNAL_ERROR, problem))
}

/// Sends the messages of a session that belong to no request.
async fn pump(outbox: Outbox, sink: Arc<impl Sink>) {
    while let Some(outgoing) = outbox.pop().await {
        sink.room().await;
        if !outgoing.close {
            sink.send(outgoing.body);
        }
    }
}
