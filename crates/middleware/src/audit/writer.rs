//! The thread that has the sink to itself.

use std::{
    io,
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicBool, AtomicU64, Ordering},
        mpsc,
    },
    thread::JoinHandle,
    time::Duration,
};

use tokio::sync::{OwnedSemaphorePermit, Semaphore, oneshot};

use super::{AuditEvent, AuditSink, AuditStatistics, Head, chain::Chain};

/// How many records may wait for the sink; then requests wait.
const MAX_WAITING: usize = 1_024;
/// How many records are committed together.
const BATCH: usize = 256;

/// After how long without a record the sink does what it put off.
const IDLE: Duration = Duration::from_secs(1);

type Told = oneshot::Sender<io::Result<()>>;

struct Message {
    event: AuditEvent,
    told: Option<Told>,
    /// Given back when the record is written. A request that was cancelled has
    /// none: there are no more of those than requests in flight.
    _place: Option<OwnedSemaphorePermit>,
}

/// Hands records to the thread.
pub(super) struct Writer {
    messages: Option<mpsc::Sender<Message>>,
    places: Arc<Semaphore>,
    state: Arc<State>,
    thread: Option<JoinHandle<()>>,
}

#[derive(Default)]
struct State {
    head: Mutex<Option<Head>>,
    written: AtomicU64,
    lost: AtomicU64,
    failing: AtomicBool,
}

impl Writer {
    pub(super) fn start(sink: impl AuditSink, chain: Chain) -> io::Result<Self> {
        let (messages, incoming) = mpsc::channel();
        let state = Arc::new(State::default());
        *lock(&state.head) = sink.head();
        let shared = Arc::clone(&state);
        let thread = std::thread::Builder::new()
            .name("audit".to_owned())
            .spawn(move || run(&incoming, sink, chain, &shared))?;
        Ok(Self {
            messages: Some(messages),
            places: Arc::new(Semaphore::new(MAX_WAITING)),
            state,
            thread: Some(thread),
        })
    }

    pub(super) fn head(&self) -> Option<Head> {
        lock(&self.state.head).clone()
    }

    /// Whether the sink did not take the last record.
    pub(super) fn is_failing(&self) -> bool {
        self.state.failing.load(Ordering::Acquire)
    }

    pub(super) fn statistics(&self) -> AuditStatistics {
        AuditStatistics {
            written: self.state.written.load(Ordering::Relaxed),
            lost: self.state.lost.load(Ordering::Relaxed),
        }
    }

    /// Hands a record over and waits until it is committed.
    ///
    /// Cancellation safe: a record that was handed over is written.
    pub(super) async fn write(&self, event: AuditEvent) -> io::Result<()> {
        let (told, committed) = oneshot::channel();
        self.send(event, Some(told)).await;
        committed.await.unwrap_or_else(|_| Err(stopped()))
    }

    /// Hands a record over, as soon as there is a place for it.
    pub(super) async fn send(&self, event: AuditEvent, told: Option<Told>) {
        let place = Arc::clone(&self.places).acquire_owned().await.ok();
        self.push(event, told, place);
    }

    /// Hands a record over at once, for who cannot wait any more.
    pub(super) fn send_now(&self, event: AuditEvent) {
        self.push(event, None, None);
    }

    fn push(&self, event: AuditEvent, told: Option<Told>, place: Option<OwnedSemaphorePermit>) {
        let message = Message {
            event,
            told,
            _place: place,
        };
        let sent = self
            .messages
            .as_ref()
            .is_some_and(|messages| messages.send(message).is_ok());
        if !sent {
            self.state.lost.fetch_add(1, Ordering::Relaxed);
        }
    }
}

impl Drop for Writer {
    /// Waits until what was handed over is written.
    fn drop(&mut self) {
        self.messages = None;
        if let Some(thread) = self.thread.take() {
            // A sink that panicked has been told of when it did.
            let _ = thread.join();
        }
    }
}

fn stopped() -> io::Error {
    io::Error::other("the thread that writes the audit log has ended")
}

fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

fn run(
    incoming: &mpsc::Receiver<Message>,
    mut sink: impl AuditSink,
    mut chain: Chain,
    state: &State,
) {
    while let Some(first) = next(incoming, &mut sink) {
        let rest = incoming.try_iter().take(BATCH - 1);
        let batch: Vec<Message> = std::iter::once(first).chain(rest).collect();
        let results: Vec<_> = batch
            .iter()
            .map(|message| append(&mut sink, &mut chain, &message.event))
            .collect();
        let committed = sink.commit();
        for (message, result) in batch.into_iter().zip(results) {
            let result = result.and_then(|head| match &committed {
                Ok(()) => Ok(head),
                Err(error) => Err(io::Error::new(error.kind(), error.to_string())),
            });
            tell(message, result, state);
        }
    }
}

/// The next record; `None` when nobody can send one any more.
fn next(incoming: &mpsc::Receiver<Message>, sink: &mut impl AuditSink) -> Option<Message> {
    match incoming.recv_timeout(IDLE) {
        Ok(message) => return Some(message),
        Err(mpsc::RecvTimeoutError::Disconnected) => return None,
        Err(mpsc::RecvTimeoutError::Timeout) => {}
    }
    if let Err(error) = sink.idle() {
        tracing::error!(target: "purlin::audit", %error, "the audit log was not forced onto the disk");
    }
    incoming.recv().ok()
}

fn append(sink: &mut impl AuditSink, chain: &mut Chain, event: &AuditEvent) -> io::Result<Head> {
    let (line, head) = chain.next(event);
    sink.append(&line, &head)?;
    chain.advance(head.clone());
    Ok(head)
}

fn tell(message: Message, result: io::Result<Head>, state: &State) {
    let result = match result {
        Ok(head) => {
            *lock(&state.head) = Some(head);
            state.written.fetch_add(1, Ordering::Relaxed);
            state.failing.store(false, Ordering::Release);
            Ok(())
        }
        Err(error) => {
            tracing::error!(target: "purlin::audit", %error, "an audit record was not written");
            state.lost.fetch_add(1, Ordering::Relaxed);
            state.failing.store(true, Ordering::Release);
            Err(error)
        }
    };
    if let Some(told) = message.told {
        // Who asked may have been cancelled meanwhile.
        let _ = told.send(result);
    }
}
