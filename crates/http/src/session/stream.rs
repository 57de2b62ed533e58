//! One event stream of a session, and whoever reads it now.
//!
//! A stream outlives its connections. What feeds it (running requests, or the
//! session's own messages) is parked in the stream and driven by the reader,
//! inside the reader's poll; when the reader goes away, unfinished requests
//! move to a task of the session, because in this era a lost connection is not
//! a cancelled request. A client that comes back becomes the new reader and
//! starts where it stopped.

use std::{
    fmt,
    pin::Pin,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    task::{Context, Poll, Waker},
    time::Duration,
};

use bytes::Bytes;
use purlin_core::context::Outbox;
use tokio::time::Instant;

use super::{
    Entry, EventId, EventLog,
    work::{Said, Work},
};
use crate::{
    config::EventLimits,
    sse::{self, KeepAlive},
};

/// The number of the stream that carries what belongs to no request.
pub(crate) const STANDALONE: u64 = 0;

/// One stream: its events so far and where the next ones come from.
pub(crate) struct Stream {
    tag: u32,
    number: u64,
    state: Mutex<State>,
}

struct State {
    log: EventLog,
    /// `None` while somebody polls it, and after the end.
    source: Option<Source>,
    finished: bool,
    /// The handler closed the stream before this event; the reader ends there
    /// and the client comes back for the rest (SEP-1699).
    pause_at: Option<u64>,
    /// Counts readers; only the newest one reads.
    reader: u64,
    /// Whether a client has come back to this replica from another one.
    recalled: bool,
    waker: Option<Waker>,
}

/// Where the events of a stream come from.
pub(crate) enum Source {
    /// The requests of one POST.
    Work(Work),
    /// What the session says outside of requests.
    Session(Outbox),
}

impl fmt::Debug for Stream {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Stream")
            .field("number", &self.number)
            .finish_non_exhaustive()
    }
}

impl Stream {
    pub(crate) fn new(tag: u32, number: u64, limits: EventLimits, source: Option<Source>) -> Self {
        let state = State {
            log: EventLog::new(limits),
            finished: source.is_none(),
            source,
            pause_at: None,
            reader: 0,
            recalled: false,
            waker: None,
        };
        Self {
            tag,
            number,
            state: Mutex::new(state),
        }
    }

    /// A stream that is fed from outside, from the event with this number on.
    pub(crate) fn fed(tag: u32, number: u64, limits: EventLimits, next: u64) -> Self {
        let stream = Self::new(tag, number, limits, None);
        let mut state = stream.lock();
        state.finished = false;
        state.log = EventLog::starting_at(limits, next);
        drop(state);
        stream
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        // No user code runs under the lock, so a poisoned state is still whole.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn number(&self) -> u64 {
        self.number
    }

    /// Whether nothing more will come and what there is may be forgotten.
    pub(crate) fn is_stale(&self, now: Instant) -> bool {
        let state = self.lock();
        state.finished && state.log.is_stale(now)
    }

    /// Whether an event with this number was sent.
    pub(crate) fn has_sent(&self, event: u64) -> bool {
        event < self.lock().log.next()
    }

    pub(crate) fn is_finished(&self) -> bool {
        self.lock().finished
    }

    /// Opens the stream with an event that carries only an id and the time to
    /// wait before resuming.
    pub(crate) fn prime(&self, retry: Duration) {
        let event = self.shown();
        self.append(self.priming(event, retry));
    }

    /// The number of the next event.
    pub(crate) fn shown(&self) -> u64 {
        self.lock().log.next()
    }

    pub(crate) fn priming(&self, event: u64, retry: Duration) -> Bytes {
        sse::priming(&self.event_id(event), retry)
    }

    /// A message as the event with this number.
    pub(crate) fn frame(&self, event: u64, body: &[u8]) -> Bytes {
        sse::message(Some(&self.event_id(event)), body)
    }

    /// Adds the next event; the reader sends it.
    pub(crate) fn append(&self, frame: Bytes) {
        let mut state = self.lock();
        state.log.append(frame, Instant::now());
        state.wake();
    }

    /// Closes the stream before this event.
    pub(crate) fn pause_at(&self, event: u64) {
        let mut state = self.lock();
        state.pause_at = Some(event);
        state.wake();
    }

    /// Ends the turn of whoever reads.
    pub(crate) fn cut(&self) {
        let mut state = self.lock();
        state.reader += 1;
        state.recalled = false;
        state.wake();
    }

    /// A client has come back here: whoever reads elsewhere is to end.
    pub(crate) fn recall(&self) {
        self.lock().recalled = true;
    }

    pub(crate) fn is_recalled(&self) -> bool {
        self.lock().recalled
    }

    /// Records what was said; the reader sends it.
    pub(crate) fn say(&self, said: Said) {
        let mut state = self.lock();
        let body = match said {
            Said::Message(body) => body,
            Said::Answer(reply) => reply.body,
            Said::Close => {
                state.pause_at = Some(state.log.next());
                state.wake();
                return;
            }
        };
        let frame = self.frame(state.log.next(), &body);
        state.log.append(frame, Instant::now());
        state.wake();
    }

    pub(crate) fn finish(&self) {
        let mut state = self.lock();
        state.finished = true;
        state.wake();
    }

    fn event_id(&self, event: u64) -> String {
        let id = EventId {
            tag: self.tag,
            stream: self.number,
            event,
        };
        id.to_string()
    }

    /// Takes the source to poll it without the lock; whoever has it wakes the
    /// reader only if the reader is somebody else.
    fn lend_source(&self) -> Option<Source> {
        let mut state = self.lock();
        let source = state.source.take()?;
        state.waker = None;
        Some(source)
    }

    fn return_source(&self, source: Source, done: bool) {
        if done {
            return self.finish();
        }
        let mut state = self.lock();
        state.source = Some(source);
        // A reader that came in the meantime found nothing to poll.
        state.wake();
    }

    /// Drives a source that nobody reads to its end.
    pub(crate) async fn drive(&self, mut source: Source) {
        std::future::poll_fn(|cx| source.poll(cx, &mut |said| self.say(said))).await;
        self.finish();
    }
}

impl State {
    fn wake(&mut self) {
        if let Some(waker) = self.waker.take() {
            waker.wake();
        }
    }
}

impl Source {
    /// The ids of the requests that are not answered yet.
    pub(crate) fn ids(&self) -> Vec<String> {
        match self {
            Self::Work(work) => work.ids(),
            Self::Session(_) => Vec::new(),
        }
    }

    /// Hands over what is said; ready when nothing more will be.
    pub(crate) fn poll(&mut self, cx: &mut Context<'_>, said: &mut impl FnMut(Said)) -> Poll<()> {
        match self {
            Self::Work(work) => work.poll(cx, said),
            Self::Session(outbox) => loop {
                match outbox.poll_pop(cx) {
                    Poll::Ready(Some(message)) => said(Said::Message(message.body)),
                    Poll::Ready(None) => return Poll::Ready(()),
                    Poll::Pending => return Poll::Pending,
                }
            },
        }
    }
}

/// The one connection that reads a stream now.
pub(crate) struct Reader {
    stream: Arc<Stream>,
    entry: Arc<Entry>,
    turn: u64,
    /// The number of the next event to send.
    next: u64,
    keep_alive: KeepAlive,
    /// Ends the stream when the server shuts down; for streams that would not
    /// end by themselves.
    draining: Option<BoxFuture>,
}

type BoxFuture = Pin<Box<dyn Future<Output = ()> + Send>>;

/// Where a new reader starts.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Start {
    /// With the first event: the connection that opened the stream.
    First,
    /// With what comes from now on.
    Now,
    /// After the event with this number: a client that comes back.
    After(u64),
}

impl Reader {
    /// Becomes the reader of `stream`; an earlier one ends.
    pub(crate) fn new(
        stream: Arc<Stream>,
        entry: Arc<Entry>,
        start: Start,
        interval: Duration,
    ) -> Self {
        let mut state = stream.lock();
        let next = match start {
            Start::First => 0,
            Start::Now => state.log.next(),
            Start::After(event) => {
                state.pause_at = None;
                event.saturating_add(1)
            }
        };
        state.reader += 1;
        state.wake();
        let turn = state.reader;
        drop(state);
        Self {
            stream,
            entry,
            turn,
            next,
            keep_alive: KeepAlive::new(interval),
            draining: None,
        }
    }

    /// Ends when `draining` does.
    pub(crate) fn until(mut self, draining: impl Future<Output = ()> + Send + 'static) -> Self {
        self.draining = Some(Box::pin(draining));
        self
    }

    /// The next bytes to send; `None` at the end of the stream or of this
    /// reader's turn.
    pub(crate) fn poll_next(&mut self, cx: &mut Context<'_>) -> Poll<Option<Bytes>> {
        if let Poll::Ready(event) = self.poll_event(cx) {
            self.keep_alive.restart();
            return Poll::Ready(event);
        }
        if let Some(draining) = &mut self.draining
            && draining.as_mut().poll(cx).is_ready()
        {
            self.draining = None;
            return Poll::Ready(None);
        }
        self.keep_alive.poll_due(cx).map(Some)
    }

    fn poll_event(&mut self, cx: &mut Context<'_>) -> Poll<Option<Bytes>> {
        if let Poll::Ready(event) = self.poll_log(cx) {
            return Poll::Ready(event);
        }
        let Some(mut source) = self.stream.lend_source() else {
            return Poll::Pending;
        };
        let stream = &self.stream;
        let done = source.poll(cx, &mut |said| stream.say(said)).is_ready();
        self.stream.return_source(source, done);
        self.poll_log(cx)
    }

    /// What is already there; else remembers whom to wake.
    fn poll_log(&mut self, cx: &mut Context<'_>) -> Poll<Option<Bytes>> {
        let mut state = self.stream.lock();
        if state.reader != self.turn || state.pause_at.is_some_and(|at| self.next >= at) {
            return Poll::Ready(None);
        }
        if let Some((number, frame)) = state.log.from(self.next) {
            self.next = number + 1;
            return Poll::Ready(Some(frame));
        }
        if state.finished {
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

impl Drop for Reader {
    fn drop(&mut self) {
        let mut state = self.stream.lock();
        if state.reader != self.turn {
            return;
        }
        state.waker = None;
        // The session's own messages wait in its queue for the next reader.
        let source = state
            .source
            .take_if(|source| matches!(source, Source::Work(_)));
        drop(state);
        if let Some(source) = source {
            self.entry.detach(Arc::clone(&self.stream), source);
        }
    }
}
