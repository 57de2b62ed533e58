//! One session as the transport keeps it: its streams, and its requests whose
//! connection is gone.

mod shared;

use std::{
    collections::BTreeMap,
    fmt,
    future::poll_fn,
    sync::{
        Arc, Mutex, MutexGuard, OnceLock, PoisonError,
        atomic::{AtomicBool, AtomicU64, Ordering},
    },
    time::Duration,
};

use purlin_core::{Origin, Session};
use tokio::{runtime::Handle, task::JoinSet, time::Instant};

use super::{
    EventId, SessionId,
    replicas::Replicas,
    stream::{Reader, STANDALONE, Source, Start, Stream},
    work::{Said, Work},
};
use crate::config::EventLimits;

/// How many POSTs of one session may go on without a connection; the requests
/// of further ones are cancelled, or a client could pile up work by hanging up.
const MAX_DETACHED: usize = 64;

/// One session of the table.
pub(crate) struct Entry {
    id: SessionId,
    session: Session,
    /// Whoever opened the session; nobody else may use it.
    principal: Option<Box<str>>,
    /// The tenant of whoever opened it.
    tenant: Option<Box<str>>,
    opened: Instant,
    /// Milliseconds from `opened` to the last use.
    used: AtomicU64,
    limits: EventLimits,
    streams: Mutex<Streams>,
    /// Requests that go on without a connection. They end with the session.
    detached: Mutex<JoinSet<()>>,
    /// Where other replicas find the session.
    place: Option<Place>,
    /// The tasks that carry messages between replicas. They end with the
    /// session too, and do not keep it.
    carriers: Mutex<JoinSet<()>>,
    watching: AtomicBool,
    /// Where a message of the session came from: on whose behalf resources are
    /// watched.
    origin: OnceLock<Origin>,
}

/// The other replicas, and the key of a session in their store.
pub(crate) type Place = (Arc<Replicas>, String);

#[derive(Default)]
struct Streams {
    last: u64,
    by_number: BTreeMap<u64, Arc<Stream>>,
    /// The stream for what belongs to no request, if it is shared.
    standalone: Option<u64>,
}

impl fmt::Debug for Entry {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Entry")
            .field("id", &self.id)
            .finish_non_exhaustive()
    }
}

impl Entry {
    pub(crate) fn new(
        id: SessionId,
        session: Session,
        principal: Option<Box<str>>,
        limits: EventLimits,
        place: Option<Place>,
    ) -> Self {
        Self {
            id,
            session,
            principal,
            tenant: None,
            opened: Instant::now(),
            used: AtomicU64::new(0),
            limits,
            streams: Mutex::default(),
            detached: Mutex::default(),
            place,
            carriers: Mutex::default(),
            watching: AtomicBool::new(false),
            origin: OnceLock::new(),
        }
    }

    pub(crate) fn id(&self) -> SessionId {
        self.id
    }

    pub(crate) fn place(&self) -> Option<&Place> {
        self.place.as_ref()
    }

    /// What the keys of its caller begin with, where it is shared.
    pub(crate) fn owner_key(&self) -> Option<&str> {
        let (_, key) = self.place.as_ref()?;
        key.strip_suffix(&*self.id.to_string())
    }

    pub(crate) fn session(&self) -> &Session {
        &self.session
    }

    pub(crate) fn principal(&self) -> Option<&str> {
        self.principal.as_deref()
    }

    /// Says which tenant its owner belongs to.
    pub(crate) fn of_tenant(mut self, tenant: Option<&str>) -> Self {
        self.tenant = tenant.map(Into::into);
        self
    }

    pub(crate) fn tenant(&self) -> Option<&str> {
        self.tenant.as_deref()
    }

    /// Notes that the session was used now.
    pub(crate) fn touch(&self) {
        let since = self.opened.elapsed().as_millis();
        self.used
            .store(u64::try_from(since).unwrap_or(u64::MAX), Ordering::Relaxed);
    }

    /// How long the session has not been used.
    pub(crate) fn idle(&self, now: Instant) -> Duration {
        let used = Duration::from_millis(self.used.load(Ordering::Relaxed));
        now.saturating_duration_since(self.opened)
            .saturating_sub(used)
    }

    /// Whether requests go on without a connection.
    pub(crate) fn is_working(&self) -> bool {
        let mut detached = self.detached();
        while detached.try_join_next().is_some() {}
        !detached.is_empty()
    }

    /// Waits for the requests that go on without a connection.
    pub(crate) async fn finish(&self) {
        let mut detached = std::mem::take(&mut *self.detached());
        while detached.join_next().await.is_some() {}
    }

    fn detached(&self) -> MutexGuard<'_, JoinSet<()>> {
        self.detached.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn streams(&self) -> MutexGuard<'_, Streams> {
        self.streams.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A new stream for the requests of one POST: an event with the time to wait
    /// before resuming, what was said, and the `rest` to come.
    pub(crate) fn open_stream(
        self: &Arc<Self>,
        retry: Option<Duration>,
        said: Vec<Said>,
        rest: Option<Work>,
    ) -> Arc<Stream> {
        let source = rest.map(Source::Work);
        if let Some(place) = &self.place {
            return self.open_shared_stream(place, retry, said, source);
        }
        let mut streams = self.streams();
        self.forget(&mut streams);
        streams.last += 1;
        let number = streams.last;
        let stream = Arc::new(Stream::new(self.id.tag(), number, self.limits, source));
        streams.by_number.insert(number, Arc::clone(&stream));
        drop(streams);
        if let Some(retry) = retry {
            stream.prime(retry);
        }
        for said in said {
            stream.say(said);
        }
        stream
    }

    /// Drops finished streams that are too old or too many.
    fn forget(&self, streams: &mut Streams) {
        let now = Instant::now();
        streams.by_number.retain(|_, stream| !stream.is_stale(now));
        let finished = streams
            .by_number
            .values()
            .filter(|stream| stream.is_finished());
        let surplus = finished
            .clone()
            .count()
            .saturating_sub(self.limits.streams - 1);
        let oldest: Vec<u64> = finished
            .take(surplus)
            .map(|stream| stream.number())
            .collect();
        for number in oldest {
            streams.by_number.remove(&number);
        }
    }

    /// Reads the stream of messages that belong to no request. The newest
    /// reader gets them, earlier ones end: a message goes to one stream. `told` is
    /// what [`told_so_far`](Self::told_so_far) has found.
    pub(crate) fn listen(self: &Arc<Self>, interval: Duration, told: Option<String>) -> Reader {
        if let Some(place) = &self.place {
            let stream = self.shared_standalone(place, told);
            return Reader::new(stream, Arc::clone(self), Start::Now, interval);
        }
        let mut streams = self.streams();
        let stream = Arc::clone(streams.by_number.entry(STANDALONE).or_insert_with(|| {
            let source = Source::Session(self.session.outbox());
            Arc::new(Stream::new(
                self.id.tag(),
                STANDALONE,
                self.limits,
                Some(source),
            ))
        }));
        drop(streams);
        Reader::new(stream, Arc::clone(self), Start::Now, interval)
    }

    /// Resumes the stream of an event after that event. `None` for an id that
    /// this session did not give or no longer knows.
    pub(crate) fn resume(self: &Arc<Self>, id: &[u8], interval: Duration) -> Option<(Reader, u64)> {
        let EventId { tag, stream, event } = EventId::parse(id)?;
        if tag != self.id.tag() {
            return None;
        }
        let found = Arc::clone(self.streams().by_number.get(&stream)?);
        if !found.has_sent(event) {
            return None;
        }
        found.recall();
        let reader = Reader::new(found, Arc::clone(self), Start::After(event), interval);
        Some((reader, stream))
    }

    /// Lets requests go on whose connection is gone; their stream keeps what
    /// they say.
    pub(crate) fn detach(&self, stream: Arc<Stream>, source: Source) {
        self.spawn(async move { stream.drive(source).await }, MAX_DETACHED);
    }

    /// Lets requests go on whose connection went away before they spoke. They
    /// have no stream that anybody knows, so what they say is dropped.
    pub(crate) fn abandon(&self, mut work: Work) {
        let rest = async move { poll_fn(|cx| work.poll(cx, &mut drop)).await };
        self.spawn(rest, MAX_DETACHED);
    }

    /// False when the future was dropped, for there are `most` already.
    fn spawn(&self, future: impl Future<Output = ()> + Send + 'static, most: usize) -> bool {
        // Outside of a runtime (while one shuts down) there is no going on.
        let Ok(runtime) = Handle::try_current() else {
            return false;
        };
        let mut detached = self.detached();
        while detached.try_join_next().is_some() {}
        if detached.len() >= most {
            tracing::debug!("a session has left too many requests behind; one is cancelled");
            return false;
        }
        detached.spawn_on(future, &runtime);
        true
    }
}

impl Drop for Entry {
    fn drop(&mut self) {
        self.session.close();
    }
}
