//! The thread that has the sink to itself.

use std::{
    io,
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering},
        mpsc,
    },
    time::Duration,
};

use tokio::{
    runtime::Handle,
    sync::{OwnedSemaphorePermit, Semaphore, oneshot},
};

use super::{AuditEvent, AuditSink, AuditStatistics, Head, chain::Chain, ended::Ended};

/// How many places there are at most. The queue has as many, so that whoever has a
/// place never finds it full.
pub(super) const MAX_PLACES: usize = 16_384;
/// How many records are committed together.
const BATCH: usize = 256;
/// After how long without a record the sink does what it put off.
const IDLE: Duration = Duration::from_secs(1);
/// How long the end of a process waits for what is to be written.
const LAST: Duration = Duration::from_secs(5);

type Told = oneshot::Sender<io::Result<()>>;

/// Whether a record was written, once that is known.
pub(super) type Written = oneshot::Receiver<io::Result<()>>;

/// Room for one record: from before its request runs until it is written.
pub(super) struct Place {
    _permit: OwnedSemaphorePermit,
}

enum What {
    Record(AuditEvent),
    Close,
}

/// What the thread is to do. Dropped before it was done, it counts as lost.
struct Message {
    what: What,
    told: Option<Told>,
    state: Arc<State>,
    settled: bool,
    _place: Option<Place>,
}

impl Message {
    fn settle(mut self, result: io::Result<()>) {
        self.settled = true;
        if let Some(told) = self.told.take() {
            // Who asked may have been cancelled meanwhile.
            let _ = told.send(result);
        }
    }
}

impl Drop for Message {
    fn drop(&mut self) {
        if !self.settled && matches!(self.what, What::Record(_)) {
            self.state.lost.fetch_add(1, Ordering::Relaxed);
        }
    }
}

/// Hands records to the thread.
pub(super) struct Writer {
    // A box each, for the queue has room for all from the start.
    messages: Option<mpsc::SyncSender<Box<Message>>>,
    places: Arc<Semaphore>,
    capacity: AtomicUsize,
    closing: AtomicBool,
    state: Arc<State>,
    ended: Arc<Ended>,
}

#[derive(Default)]
struct State {
    head: Mutex<Option<Head>>,
    written: AtomicU64,
    lost: AtomicU64,
    refused: AtomicU64,
    failing: AtomicBool,
}

impl Writer {
    pub(super) fn start(sink: impl AuditSink, chain: Chain) -> io::Result<Self> {
        // One more for the end.
        let (messages, incoming) = mpsc::sync_channel(MAX_PLACES + 1);
        let state = Arc::new(State::default());
        *lock(&state.head) = sink.head();
        let (ended, end) = Ended::new();
        let thread = Thread {
            incoming,
            sink,
            chain,
            state: Arc::clone(&state),
        };
        std::thread::Builder::new()
            .name("audit".to_owned())
            .spawn(move || {
                let _end = end;
                thread.run();
            })?;
        Ok(Self {
            messages: Some(messages),
            places: Arc::new(Semaphore::new(MAX_PLACES)),
            capacity: AtomicUsize::new(MAX_PLACES),
            closing: AtomicBool::new(false),
            state,
            ended,
        })
    }

    /// How many places there are from now on.
    pub(super) fn set_capacity(&self, places: usize) {
        let places = places.clamp(1, MAX_PLACES);
        let before = self.capacity.swap(places, Ordering::AcqRel);
        if places > before {
            self.places.add_permits(places - before);
        } else {
            self.places.forget_permits(before - places);
        }
    }

    pub(super) fn head(&self) -> Option<Head> {
        lock(&self.state.head).clone()
    }

    /// Whether the sink did not take the last record.
    pub(super) fn is_failing(&self) -> bool {
        self.state.failing.load(Ordering::Acquire) || self.ended.is_now()
    }

    pub(super) fn statistics(&self) -> AuditStatistics {
        AuditStatistics {
            written: self.state.written.load(Ordering::Relaxed),
            lost: self.state.lost.load(Ordering::Relaxed),
            refused: self.state.refused.load(Ordering::Relaxed),
        }
    }

    /// A place, if there is one at once.
    pub(super) fn try_place(&self) -> Option<Place> {
        let place = Arc::clone(&self.places).try_acquire_owned();
        place.ok().map(|_permit| Place { _permit })
    }

    /// A place, as soon as there is one; `None` once the log is closed.
    pub(super) async fn place(&self) -> Option<Place> {
        let place = Arc::clone(&self.places).acquire_owned();
        place.await.ok().map(|_permit| Place { _permit })
    }

    /// Something found no place.
    pub(super) fn refuse(&self) {
        // Once for each power of two, so that a crowd does not fill the log.
        let refused = self.state.refused.fetch_add(1, Ordering::Relaxed) + 1;
        if refused.is_power_of_two() {
            tracing::error!(target: "purlin::audit", refused, "the audit log is full");
        }
    }

    /// Hands a record over. It is written even if nobody waits for that.
    pub(super) fn send(&self, place: Place, event: AuditEvent) -> Written {
        self.push(Some(place), What::Record(event))
    }

    fn push(&self, place: Option<Place>, what: What) -> Written {
        let (told, written) = oneshot::channel();
        let message = Box::new(Message {
            what,
            told: Some(told),
            state: Arc::clone(&self.state),
            settled: false,
            _place: place,
        });
        if let Some(messages) = &self.messages {
            // There is room for whoever has a place; after the end it counts as lost.
            let _ = messages.try_send(message);
        }
        written
    }

    pub(super) fn is_closed(&self) -> bool {
        self.places.is_closed()
    }

    /// Writes what was handed over, and ends.
    pub(super) async fn close(&self) -> io::Result<()> {
        let first = !self.closing.swap(true, Ordering::AcqRel);
        self.places.close();
        let told = first.then(|| self.push(None, What::Close));
        let ended = Arc::clone(&self.ended);
        let has_ended = match Handle::try_current() {
            Ok(runtime) => runtime.spawn_blocking(move || ended.wait(LAST)).await,
            Err(_) => Ok(ended.wait(LAST)),
        };
        if !has_ended.unwrap_or_default() {
            let text = "the audit log has not ended after 5 s";
            return Err(io::Error::new(io::ErrorKind::TimedOut, text));
        }
        match told {
            Some(told) => outcome(told).await,
            None => Ok(()),
        }
    }
}

/// What became of a record.
pub(super) async fn outcome(written: Written) -> io::Result<()> {
    written.await.unwrap_or_else(|_| Err(stopped()))
}

impl Drop for Writer {
    /// What was handed over is written. A thread of a runtime has better things to do than
    /// to wait for that: the runtime waits at its own end.
    fn drop(&mut self) {
        self.messages = None;
        let last = Last(Arc::clone(&self.ended));
        match Handle::try_current() {
            Ok(runtime) => drop(runtime.spawn_blocking(move || drop(last))),
            Err(_) => drop(last),
        }
    }
}

/// Waits when it is dropped, so that it does even if a runtime that ends no longer runs it.
struct Last(Arc<Ended>);

impl Drop for Last {
    fn drop(&mut self) {
        if !self.0.wait(LAST) {
            tracing::error!(target: "purlin::audit", "the audit log has not ended after 5 s: its last records may be missing");
        }
    }
}

pub(super) fn stopped() -> io::Error {
    io::Error::other("the audit log is closed, or the thread that writes it has failed")
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

struct Thread<S> {
    incoming: mpsc::Receiver<Box<Message>>,
    sink: S,
    chain: Chain,
    state: Arc<State>,
}

impl<S: AuditSink> Thread<S> {
    fn run(mut self) {
        while let Some(first) = self.next() {
            let rest = self.incoming.try_iter().take(BATCH - 1);
            let batch = std::iter::once(first).chain(rest);
            let batch: Vec<Message> = batch.map(|message| *message).collect();
            let is_last = batch.iter().any(|it| matches!(it.what, What::Close));
            self.write(batch);
            if is_last {
                // Requests that were running have handed theirs over meanwhile.
                let rest = self.incoming.try_iter().map(|message| *message);
                let rest = rest.collect();
                self.write(rest);
                return;
            }
        }
    }

    fn write(&mut self, batch: Vec<Message>) {
        let results: Vec<_> = batch.iter().map(|it| self.append(&it.what)).collect();
        let committed = self.sink.commit();
        for (message, result) in batch.into_iter().zip(results) {
            let result = result.and_then(|head| match &committed {
                Ok(()) => Ok(head),
                Err(error) => Err(io::Error::new(error.kind(), error.to_string())),
            });
            self.tell(message, result);
        }
    }

    /// The next record; `None` when nobody can send one any more.
    fn next(&mut self) -> Option<Box<Message>> {
        match self.incoming.recv_timeout(IDLE) {
            Ok(message) => return Some(message),
            Err(mpsc::RecvTimeoutError::Disconnected) => return None,
            Err(mpsc::RecvTimeoutError::Timeout) => {}
        }
        if let Err(error) = self.sink.idle() {
            tracing::error!(target: "purlin::audit", %error, "the audit log was not forced onto the disk");
        }
        self.incoming.recv().ok()
    }

    fn append(&mut self, what: &What) -> io::Result<Option<Head>> {
        let What::Record(event) = what else {
            return Ok(None);
        };
        let (line, head) = self.chain.next(event);
        self.sink.append(&line, &head)?;
        self.chain.advance(head.clone());
        Ok(Some(head))
    }

    fn tell(&self, message: Message, result: io::Result<Option<Head>>) {
        let state = &self.state;
        let result = match result {
            Ok(Some(head)) => {
                *lock(&state.head) = Some(head);
                state.written.fetch_add(1, Ordering::Relaxed);
                state.failing.store(false, Ordering::Release);
                Ok(())
            }
            Ok(None) => Ok(()),
            Err(error) => {
                tracing::error!(target: "purlin::audit", %error, "an audit record was not written");
                if matches!(message.what, What::Record(_)) {
                    state.lost.fetch_add(1, Ordering::Relaxed);
                }
                state.failing.store(true, Ordering::Release);
                Err(error)
            }
        };
        message.settle(result);
    }
}
