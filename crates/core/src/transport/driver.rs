//! Serving what arrives on one connection.
//!
//! A message is served in place as far as it goes without waiting; most calls
//! end there. One that has to wait moves to a task of its own.

use std::{
    future::{Future, poll_fn},
    pin::Pin,
    sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError},
    task::{self, Poll, Waker},
    time::{Duration, Instant},
};

use tokio::runtime::Handle;

use super::{Connection, Work, connection::Received};
use crate::{
    BoxFuture, Server,
    context::{Outbox, TransportKind},
    wire::Reply,
};

/// Where messages go out.
pub(crate) trait Sink: Send + Sync + 'static {
    /// Sends one message. It does not wait.
    fn send(&self, message: Vec<u8>);

    /// Waits until the peer has read enough for more to be sent.
    fn room(&self) -> BoxFuture<'_, ()>;
}

/// How many requests may be waiting on one connection.
const MAX_IN_FLIGHT: usize = 256;

/// How many tasks of a connection are running.
#[derive(Debug, Default)]
struct InFlight {
    count: Mutex<usize>,
    fewer: Condvar,
}

impl InFlight {
    fn lock(&self) -> MutexGuard<'_, usize> {
        self.count.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Something in flight; its end counts it out, however it ends.
pub(crate) struct InFlightGuard(Arc<InFlight>);

impl InFlightGuard {
    fn new(in_flight: &Arc<InFlight>) -> Self {
        *in_flight.lock() += 1;
        Self(Arc::clone(in_flight))
    }
}

impl Drop for InFlightGuard {
    fn drop(&mut self) {
        *self.0.lock() -= 1;
        self.0.fewer.notify_all();
    }
}

/// Serves what arrives on one connection.
pub(crate) struct Driver<S> {
    connection: Connection,
    sink: Arc<S>,
    runtime: Handle,
    in_flight: Arc<InFlight>,
}

impl<S: Sink> Driver<S> {
    pub(crate) fn new(
        server: Server,
        transport: TransportKind,
        sink: Arc<S>,
        runtime: Handle,
    ) -> Self {
        Self {
            connection: Connection::new(server, transport),
            sink,
            runtime,
            in_flight: Arc::default(),
        }
    }

    /// Serves one text. What can be said at once goes to `now`, in order; the
    /// rest to the sink.
    pub(crate) fn handle(&self, text: Vec<u8>, now: &mut dyn FnMut(Vec<u8>)) {
        match self.connection.receive(text) {
            Received::Nothing => {}
            Received::Reply(reply) => now(reply.body),
            Received::Opened(session, reply) => {
                now(reply.body);
                self.runtime
                    .spawn(pump(session.outbox(), Arc::clone(&self.sink)));
            }
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
            }
            // What has been said stays in its queue: said here, it could be overtaken by what the
            // task says.
            Poll::Pending => {
                let running = InFlightGuard::new(&self.in_flight);
                let sink = Arc::clone(&self.sink);
                self.runtime.spawn(async move {
                    let outboxes = work.outboxes();
                    serve(work, outboxes, &*sink).await;
                    drop(running);
                });
            }
        }
    }

    /// Counts something as in flight that was not served by a task.
    pub(crate) fn guard(&self) -> InFlightGuard {
        InFlightGuard::new(&self.in_flight)
    }

    /// Blocks this thread while too many requests are waiting.
    pub(crate) fn wait_for_place(&self) {
        let mut count = self.in_flight.lock();
        while *count >= MAX_IN_FLIGHT {
            count = self
                .in_flight
                .fewer
                .wait(count)
                .unwrap_or_else(PoisonError::into_inner);
        }
    }

    /// Blocks this thread until nothing is in flight, for `limit` at most.
    pub(crate) fn drain(&self, limit: Duration) {
        let end = Instant::now() + limit;
        let mut count = self.in_flight.lock();
        while *count > 0 {
            let Some(left) = end.checked_duration_since(Instant::now()) else {
                return;
            };
            (count, _) = self
                .in_flight
                .fewer
                .wait_timeout(count, left)
                .unwrap_or_else(PoisonError::into_inner);
        }
    }

    /// Ends the connection: everything in flight is cancelled.
    pub(crate) fn close(&self) {
        self.connection.close();
    }
}

/// One thing that happened to work in progress.
enum Event {
    Said(Vec<u8>),
    Ended(Option<Reply>),
}

async fn serve(mut work: Work, outboxes: Vec<Outbox>, sink: &impl Sink) {
    loop {
        // While the peer does not read, what the handler says stays in its own bounded queue.
        sink.room().await;
        let event = poll_fn(|cx| {
            // The end is looked for first, and the queues after it, so that nothing said before is lost.
            let ended = Pin::new(&mut work).poll(cx);
            for outbox in &outboxes {
                while let Poll::Ready(Some(outgoing)) = outbox.poll_pop(cx) {
                    if outgoing.close {
                        continue;
                    }
                    if let Poll::Ready(reply) = ended {
                        sink.send(outgoing.body);
                        return drain_and_end(&outboxes, reply, sink);
                    }
                    return Poll::Ready(Event::Said(outgoing.body));
                }
            }
            ended.map(Event::Ended)
        })
        .await;
        match event {
            Event::Said(message) => sink.send(message),
            Event::Ended(reply) => {
                if let Some(reply) = reply {
                    sink.send(reply.body);
                }
                return;
            }
        }
    }
}

/// What was said before the end goes out before the answer.
fn drain_and_end(outboxes: &[Outbox], reply: Option<Reply>, sink: &impl Sink) -> Poll<Event> {
    for outbox in outboxes {
        while let Some(outgoing) = outbox.try_pop() {
            if !outgoing.close {
                sink.send(outgoing.body);
            }
        }
    }
    Poll::Ready(Event::Ended(reply))
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
