//! The owner's end of a shared stream: what is said goes to the store, then to
//! whoever reads here.

use std::{
    collections::VecDeque,
    future::poll_fn,
    sync::{Arc, Weak},
    task::Poll,
    time::Duration,
};

use bytes::Bytes;
use purlin_core::store::StoreResult;
use tokio::time::{Instant, sleep};

use super::{Head, Replicas, StreamPlace, note};
use crate::session::{
    Entry,
    stream::{Source, Stream},
    work::Said,
};

/// How long a store that has failed is left alone. Meanwhile the stream goes on
/// for its reader here.
const PAUSE: Duration = Duration::from_secs(2);
/// How often the end of a stream is tried to be written to a store that fails.
const LAST_ATTEMPTS: u32 = 30;

/// Drives what feeds a stream, in a task of its session.
pub(crate) struct Pump {
    replicas: Arc<Replicas>,
    place: StreamPlace,
    stream: Arc<Stream>,
    /// To forget the stream when it is no longer ours.
    entry: Weak<Entry>,
    source: Option<Source>,
    standalone: bool,
    /// The changes that what was said so far has told, at least.
    changes: Option<String>,
    /// What is to be said first.
    said: Vec<Said>,
    /// The head as it is in the store.
    written: Option<(Head, Bytes)>,
    next: u64,
    /// Events that are not in the store yet.
    unsaved: Vec<(u64, Bytes)>,
    /// Events that are, with their size.
    kept: VecDeque<(u64, usize)>,
    bytes: usize,
    /// When a store that failed is asked again.
    resting: Option<Instant>,
}

/// Somebody else has the stream.
struct Lost;

impl Pump {
    pub(crate) fn new(
        replicas: &Arc<Replicas>,
        entry: &Arc<Entry>,
        session: &str,
        stream: &Arc<Stream>,
        source: Option<Source>,
    ) -> Self {
        Self {
            replicas: Arc::clone(replicas),
            place: replicas.place(session, stream.number()),
            stream: Arc::clone(stream),
            entry: Arc::downgrade(entry),
            standalone: matches!(source, Some(Source::Session(_))),
            source,
            changes: None,
            said: Vec::new(),
            written: None,
            next: 0,
            unsaved: Vec::new(),
            kept: VecDeque::new(),
            bytes: 0,
            resting: None,
        }
    }

    /// Begins with an event that carries only an id and the time to wait, and
    /// with what was said before there was a stream.
    pub(crate) fn beginning(mut self, retry: Option<Duration>, said: Vec<Said>) -> Self {
        if let Some(retry) = retry {
            let frame = self.stream.priming(self.next, retry);
            self.queue(frame);
        }
        self.said = said;
        self
    }

    /// Says which changes the client knows that will read the stream.
    pub(crate) fn after_changes(mut self, told: Option<String>) -> Self {
        self.changes = told;
        self
    }

    /// Continues a stream that another replica had.
    pub(super) fn continuing(mut self, head: Head, raw: Bytes) -> Self {
        self.next = head.next;
        self.changes.clone_from(&head.changes);
        self.written = Some((head, raw));
        self
    }

    /// Runs until nothing more is said, or the stream is somebody else's.
    pub(crate) async fn run(mut self) {
        let name = self.replicas.lease.living().await.to_owned();
        loop {
            let done = self.source.is_none();
            let pauses = self.take_said();
            let wrote = self.write(&name, done).await;
            if wrote.is_err() {
                return self.give_up();
            }
            self.show(pauses, done);
            if done {
                return self.finish(&name).await;
            }
            self.listen().await;
        }
    }

    /// Waits until something is said, or nothing more will be.
    async fn listen(&mut self) {
        let (source, said) = (&mut self.source, &mut self.said);
        let (entry, changes) = (&self.entry, &mut self.changes);
        let standalone = self.standalone;
        let done = poll_fn(|cx| {
            let Some(source) = source else {
                return Poll::Ready(true);
            };
            // Looked at before the messages are, which then tell all of these.
            if let Some(entry) = entry.upgrade().filter(|_| standalone) {
                *changes = entry.session().changes_told();
            }
            let done = source.poll(cx, &mut |what| said.push(what)).is_ready();
            if done || !said.is_empty() {
                Poll::Ready(done)
            } else {
                Poll::Pending
            }
        });
        if done.await {
            self.source = None;
        }
    }

    fn queue(&mut self, frame: Bytes) {
        self.unsaved.push((self.next, frame));
        self.next += 1;
    }

    /// Makes events of what was said; gives where the stream is to be closed.
    fn take_said(&mut self) -> Option<u64> {
        let mut pause = None;
        for said in std::mem::take(&mut self.said) {
            let body = match said {
                Said::Message(body) => body,
                Said::Answer(reply) => reply.body,
                Said::Close => {
                    pause = Some(self.next);
                    continue;
                }
            };
            let frame = self.stream.frame(self.next, &body);
            self.queue(frame);
        }
        pause
    }

    /// Writes what is new, unless the store is to be left alone.
    async fn write(&mut self, name: &str, done: bool) -> Result<(), Lost> {
        if self.resting.is_some_and(|until| Instant::now() < until) {
            return Ok(());
        }
        match self.save(name, done).await {
            Ok(saved) => {
                self.resting = None;
                saved
            }
            Err(error) => {
                note(&error);
                self.resting = Some(Instant::now() + PAUSE);
                Ok(())
            }
        }
    }

    async fn save(&mut self, name: &str, done: bool) -> StoreResult<Result<(), Lost>> {
        let age = self.replicas.events.age;
        self.place.write(&self.unsaved, age).await?;
        loop {
            let mut head = match &self.written {
                Some((head, _)) => head.clone(),
                None => Head::new(name, self.standalone, Vec::new()),
            };
            head.next = self.next;
            head.changes.clone_from(&self.changes);
            head.done = done;
            head.open = self.source.as_ref().map(Source::ids).unwrap_or_default();
            if self.stream.is_recalled() {
                head.reader = None;
            }
            let old = self.written.as_ref().map(|(_, raw)| raw);
            if let Some(raw) = self.place.replace(old, &head, age).await? {
                self.written = Some((head, raw));
                self.saved().await;
                return Ok(Ok(()));
            }
            let known = self
                .written
                .as_ref()
                .and_then(|(head, _)| head.reader.clone());
            match self.place.get().await? {
                Some((head, raw)) if head.owner == name && !head.done => {
                    // Else it was written by an attempt that seemed to fail.
                    if head.reader.is_some() && head.reader != known {
                        // It is read elsewhere now; the reader here ends.
                        self.stream.cut();
                    }
                    self.written = Some((head, raw));
                }
                // The same, of the last attempt.
                Some((head, raw)) if head.owner == name && head.last.is_empty() => {
                    self.written = Some((head, raw));
                    self.saved().await;
                    return Ok(Ok(()));
                }
                _ => return Ok(Err(Lost)),
            }
        }
    }

    /// Forgets the oldest events when too many are kept.
    async fn saved(&mut self) {
        for (event, frame) in &self.unsaved {
            self.kept.push_back((*event, frame.len()));
            self.bytes += frame.len();
        }
        let limits = self.replicas.events;
        let mut surplus = Vec::new();
        while self.kept.len() > limits.count || (self.bytes > limits.bytes && self.kept.len() > 1) {
            let Some((event, size)) = self.kept.pop_front() else {
                break;
            };
            self.bytes -= size;
            surplus.push(event);
        }
        if surplus.is_empty() {
            return;
        }
        if let Err(error) = self.place.forget(&surplus).await {
            // They expire by themselves.
            note(&error);
        }
    }

    /// Shows the reader here what was written, and what could not be.
    fn show(&mut self, pause: Option<u64>, done: bool) {
        let shown = self.stream.shown();
        for (event, frame) in &self.unsaved {
            if *event >= shown {
                self.stream.append(frame.clone());
            }
        }
        if self.resting.is_none() {
            self.unsaved.clear();
        }
        // What was shown and would not be kept need not wait for the store.
        let surplus = self
            .unsaved
            .len()
            .saturating_sub(self.replicas.events.count);
        self.unsaved.drain(..surplus);
        if let Some(event) = pause {
            self.stream.pause_at(event);
        }
        if done {
            self.stream.finish();
        }
    }

    /// Writes the end to a store that has failed so far. The reader here has it.
    async fn finish(&mut self, name: &str) {
        for _ in 0..LAST_ATTEMPTS {
            let Some(until) = self.resting else {
                return;
            };
            sleep(until.saturating_duration_since(Instant::now())).await;
            if self.write(name, true).await.is_err() {
                return;
            }
        }
    }

    /// Another replica has answered, or carries the messages of the session.
    fn give_up(&mut self) {
        tracing::debug!("a stream is no longer this replica's");
        // Dropping the requests cancels them.
        self.source = None;
        self.stream.cut();
        self.stream.finish();
        if let Some(entry) = self.entry.upgrade() {
            entry.forget_stream(self.stream.number());
        }
    }
}
