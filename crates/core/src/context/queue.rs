//! The bounded queue between a handler that speaks and the stream its words
//! leave on.

use std::{
    collections::VecDeque,
    fmt,
    future::poll_fn,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    task::{Poll, Waker},
};

use super::RequestState;
use crate::server::SessionState;

/// How many messages a stream may hold back.
const MAX_MESSAGES: usize = 64;
/// How many announcements a stream may hold back: twice those of a client that
/// listens to everything it may.
const MAX_ANNOUNCED: usize = 2 * (1_000 + 3);
/// How many bytes a stream may hold back.
const MAX_BYTES: usize = 1024 * 1024;

/// One message on its way out, or the wish to close the stream.
#[derive(Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Outgoing {
    /// One encoded JSON-RPC message without a line end; empty with `close`.
    pub body: Vec<u8>,
    /// The handler asks to close this stream now; the client is to come back
    /// for the rest (SEP-1699).
    pub close: bool,
}

/// What may happen to a message that finds the queue full.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Priority {
    /// It replaces the newest waiting progress, or is dropped.
    Progress,
    /// It is dropped.
    Log,
    /// It may not be lost: the stream is closed instead.
    Needed,
    /// It is one of all the changes that a client listens to, which are announced at
    /// once. It is dropped when as many of them wait already that it must be among
    /// these.
    Announced,
}

#[derive(Default)]
struct State {
    items: VecDeque<(Outgoing, Option<Priority>)>,
    bytes: usize,
    closed: bool,
    waker: Option<Waker>,
}

/// A bounded queue with one consumer.
#[derive(Default)]
pub(crate) struct Queue(Mutex<State>);

impl fmt::Debug for Queue {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let state = self.lock();
        f.debug_struct("Queue")
            .field("messages", &state.items.len())
            .field("closed", &state.closed)
            .finish()
    }
}

impl Queue {
    fn lock(&self) -> MutexGuard<'_, State> {
        // No user code runs under the lock, so a poisoned state is still whole.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Queues a message. False when it was dropped.
    pub(crate) fn push(&self, body: Vec<u8>, priority: Priority) -> bool {
        let mut state = self.lock();
        if state.closed {
            return false;
        }
        let full = match priority {
            Priority::Announced => state.items.len() >= MAX_MESSAGES + MAX_ANNOUNCED,
            _ => state.items.len() >= MAX_MESSAGES || state.bytes + body.len() > MAX_BYTES,
        };
        if full && priority != Priority::Needed {
            return priority == Priority::Progress && state.replace_progress(body);
        }
        // A queue may be full of logs and still take what is needed, up to a point.
        if full && (state.items.len() >= 2 * MAX_MESSAGES || state.bytes > 4 * MAX_BYTES) {
            state.closed = true;
            state.wake();
            return false;
        }
        state.bytes += body.len();
        state
            .items
            .push_back((Outgoing { body, close: false }, Some(priority)));
        state.wake();
        true
    }

    /// Queues the wish to close the stream.
    pub(crate) fn push_close(&self) {
        let mut state = self.lock();
        state.items.push_back((
            Outgoing {
                body: Vec::new(),
                close: true,
            },
            None,
        ));
        state.wake();
    }

    /// Ends the queue: what is in it may still be taken.
    pub(crate) fn close(&self) {
        let mut state = self.lock();
        state.closed = true;
        state.wake();
    }

    /// Drops everything that waits in it.
    pub(crate) fn clear(&self) {
        let mut state = self.lock();
        state.items.clear();
        state.bytes = 0;
    }

    /// Whether nothing is taken any more.
    pub(crate) fn is_closed(&self) -> bool {
        self.lock().closed
    }

    /// Ends the queue with everything in it: nobody wants it any more.
    pub(crate) fn discard(&self) {
        let mut state = self.lock();
        state.closed = true;
        state.items.clear();
        state.bytes = 0;
        state.wake();
    }

    pub(crate) fn try_pop(&self) -> Option<Outgoing> {
        self.lock().pop()
    }

    fn poll_pop(&self, cx: &mut std::task::Context<'_>) -> Poll<Option<Outgoing>> {
        let mut state = self.lock();
        if let Some(item) = state.pop() {
            return Poll::Ready(Some(item));
        }
        if state.closed {
            return Poll::Ready(None);
        }
        if !state
            .waker
            .as_ref()
            .is_some_and(|waker| waker.will_wake(cx.waker()))
        {
            state.waker = Some(cx.waker().clone());
        }
        Poll::Pending
    }
}

impl State {
    fn pop(&mut self) -> Option<Outgoing> {
        let (item, _) = self.items.pop_front()?;
        self.bytes -= item.body.len();
        Some(item)
    }

    fn replace_progress(&mut self, body: Vec<u8>) -> bool {
        let newest = self
            .items
            .iter_mut()
            .rev()
            .find(|(_, priority)| *priority == Some(Priority::Progress));
        let Some((item, _)) = newest else {
            return false;
        };
        self.bytes = self.bytes - item.body.len() + body.len();
        item.body = body;
        true
    }

    fn wake(&mut self) {
        if let Some(waker) = self.waker.take() {
            waker.wake();
        }
    }
}

/// The outgoing messages of one stream: those of a request, or those of a
/// session that belong to no request. For transports; it has one consumer.
#[derive(Clone)]
pub struct Outbox(Source);

#[derive(Clone)]
enum Source {
    Request(Arc<RequestState>),
    Session(Arc<SessionState>),
}

impl fmt::Debug for Outbox {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Outbox").field(self.queue()).finish()
    }
}

impl Outbox {
    pub(crate) fn of_request(request: Arc<RequestState>) -> Self {
        Self(Source::Request(request))
    }

    pub(crate) fn of_session(session: Arc<SessionState>) -> Self {
        Self(Source::Session(session))
    }

    fn queue(&self) -> &Queue {
        match &self.0 {
            Source::Request(request) => request.queue(),
            Source::Session(session) => session.queue(),
        }
    }

    /// The next message, if one is waiting.
    pub fn try_pop(&self) -> Option<Outgoing> {
        self.queue().try_pop()
    }

    /// Polls for the next message; `None` when the stream has ended.
    pub fn poll_pop(&self, cx: &mut std::task::Context<'_>) -> Poll<Option<Outgoing>> {
        self.queue().poll_pop(cx)
    }

    /// Waits for the next message; `None` when the stream has ended.
    ///
    /// Cancellation safe: a message is taken only by the poll that returns it.
    pub async fn pop(&self) -> Option<Outgoing> {
        poll_fn(|cx| self.poll_pop(cx)).await
    }

    /// Whether the stream has ended, or was closed because its reader fell too
    /// far behind.
    pub fn is_closed(&self) -> bool {
        self.queue().is_closed()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_full_queue_keeps_the_newest_progress_and_drops_logs() {
        let queue = Queue::default();
        for n in 0..1000_u32 {
            queue.push(n.to_string().into_bytes(), Priority::Progress);
        }
        assert!(!queue.push(b"log".to_vec(), Priority::Log));
        let mut taken = Vec::new();
        while let Some(item) = queue.try_pop() {
            taken.push(String::from_utf8(item.body).unwrap());
        }
        assert_eq!(taken.len(), MAX_MESSAGES);
        assert_eq!(
            (taken[0].as_str(), taken[MAX_MESSAGES - 1].as_str()),
            ("0", "999")
        );
    }

    #[test]
    fn a_reader_that_never_reads_loses_the_stream() {
        let queue = Queue::default();
        let pushed = (0..1000)
            .filter(|_| queue.push(b"{}".to_vec(), Priority::Needed))
            .count();
        assert_eq!(pushed, 2 * MAX_MESSAGES);
        assert!(queue.lock().closed);
    }
}
