//! What becomes of a session when other replicas serve it too.

use std::{
    sync::{Arc, PoisonError, Weak, atomic::Ordering},
    time::{Duration, SystemTime, UNIX_EPOCH},
};

use bytes::Bytes;
use purlin_core::{Origin, Session};
use tokio::{runtime::Handle, time::sleep};

use super::{Entry, Place};
use crate::session::{
    replicas::{Pump, conclude},
    stream::{Source, Stream},
    work::Said,
};

/// How many event streams of one session may go on at one of its replicas. A
/// task drives each, with a connection or without.
const MAX_SHARED: usize = 256;

impl Entry {
    /// The same for a stream that other replicas can read. A task drives it from
    /// the start, for what is said is written before it is sent.
    pub(super) fn open_shared_stream(
        self: &Arc<Self>,
        (replicas, key): &Place,
        retry: Option<Duration>,
        said: Vec<Said>,
        source: Option<Source>,
    ) -> Arc<Stream> {
        let stream = self.new_shared_stream();
        let pump = Pump::new(replicas, self, key, &stream, source);
        if !self.spawn(pump.beginning(retry, said).run(), MAX_SHARED) {
            // Its requests are cancelled; the reader need not wait for them.
            stream.finish();
        }
        stream
    }

    fn new_shared_stream(&self) -> Arc<Stream> {
        let mut streams = self.streams();
        self.forget(&mut streams);
        let number = stream_number();
        let stream = Arc::new(Stream::fed(self.id.tag(), number, self.limits, 0));
        streams.by_number.insert(number, Arc::clone(&stream));
        stream
    }

    pub(super) fn shared_standalone(
        self: &Arc<Self>,
        (replicas, key): &Place,
        told: Option<String>,
    ) -> Arc<Stream> {
        let known = {
            let streams = self.streams();
            let stream = streams
                .standalone
                .and_then(|number| streams.by_number.get(&number));
            stream.filter(|stream| !stream.is_finished()).cloned()
        };
        if let Some(stream) = known {
            stream.recall();
            return stream;
        }
        // What waits here went to a stream of another replica.
        let elsewhere = self.session.listener().is_some();
        self.session.catch_up(told.as_deref(), elsewhere);
        let stream = self.new_shared_stream();
        let outbox = Source::Session(self.session.outbox());
        let pump = Pump::new(replicas, self, key, &stream, Some(outbox));
        self.pump_standalone(pump.after_changes(told), &stream);
        stream
    }

    /// What a client that begins to listen here knows of changes; looked up where
    /// other replicas serve the session too, and the stream is not here.
    pub(crate) async fn told_so_far(&self) -> Option<String> {
        let (replicas, key) = self.place.as_ref()?;
        if self.streams().standalone.is_some() {
            return None;
        }
        replicas.told_so_far(self, key).await
    }

    /// Takes over the messages that belong to no request, in a stream that
    /// another replica had: `events` were not seen yet.
    pub(crate) fn adopt(&self, next: u64, events: Vec<(u64, Bytes)>, number: u64) -> Arc<Stream> {
        let first = events.first().map_or(next, |(event, _)| *event);
        let stream = Arc::new(Stream::fed(self.id.tag(), number, self.limits, first));
        for (_, frame) in events {
            stream.append(frame);
        }
        let mut streams = self.streams();
        streams.by_number.insert(number, Arc::clone(&stream));
        stream
    }

    /// Carries the messages that belong to no request, from now on here.
    pub(crate) fn pump_standalone(self: &Arc<Self>, pump: Pump, stream: &Arc<Stream>) {
        let number = stream.number();
        self.streams().standalone = Some(number);
        let (session, listener) = (self.session.clone(), self.listener(number));
        self.carry(async move {
            if let Err(error) = session.set_listener(&listener).await {
                tracing::warn!(%error, "other replicas do not know who listens");
            }
            pump.run().await;
        });
        self.watch();
    }

    /// Whether this replica has the stream with this number.
    pub(crate) fn has_stream(&self, number: u64) -> bool {
        self.streams().by_number.contains_key(&number)
    }

    /// Forgets a stream that is another replica's now.
    pub(crate) fn forget_stream(&self, number: u64) {
        let mut streams = self.streams();
        streams.by_number.remove(&number);
        if streams.standalone == Some(number) {
            streams.standalone = None;
        }
    }

    /// Looks what other replicas do to the session, for as long as something of
    /// it goes on here: they may end it, cancel a request, or take its stream.
    pub(crate) fn watch(self: &Arc<Self>) {
        if self.place.is_none() || self.watching.swap(true, Ordering::AcqRel) {
            return;
        }
        let (session, entry) = (self.session.clone(), Arc::downgrade(self));
        self.carry(async move {
            while let Some(goes_on) = look(&session, &entry).await {
                if !goes_on {
                    session.close();
                    if let Some(entry) = entry.upgrade() {
                        conclude(&entry).await;
                    }
                    return;
                }
            }
        });
    }

    /// Has the resources watched here that the session subscribed to elsewhere.
    /// No request waits for that.
    pub(crate) fn watch_subscriptions(&self, origin: &Origin) {
        let origin = self.origin.get_or_init(|| origin.clone());
        if self.session.has_unwatched() {
            let (session, origin) = (self.session.clone(), origin.clone());
            self.carry(async move { session.watch_subscriptions(&origin).await });
        }
    }

    /// Whether something goes on that has to hear of other replicas. If not, the
    /// watch ends.
    fn is_busy(self: &Arc<Self>) -> bool {
        // The table and whoever asks have one each; connections have the others.
        let busy = Arc::strong_count(self) > 2 || self.is_working();
        if !busy {
            self.watching.store(false, Ordering::Release);
        }
        busy
    }

    /// Ends the stream here when another replica has taken it.
    fn check_listener(&self) {
        let own = self.streams().standalone;
        let listener = self.session.listener();
        if let (Some(number), Some(listener)) = (own, listener)
            && listener != self.listener(number)
        {
            let stream = self.streams().by_number.get(&number).cloned();
            if let Some(stream) = stream {
                stream.cut();
                stream.finish();
            }
            self.forget_stream(number);
        }
    }

    fn listener(&self, stream: u64) -> String {
        let place = self.place.as_ref();
        place.map_or_else(String::new, |(replicas, _)| replicas.listener(stream))
    }

    fn carry(&self, future: impl Future<Output = ()> + Send + 'static) {
        let Ok(runtime) = Handle::try_current() else {
            return;
        };
        let mut carriers = self.carriers.lock().unwrap_or_else(PoisonError::into_inner);
        while carriers.try_join_next().is_some() {}
        carriers.spawn_on(future, &runtime);
    }
}

/// How long one look at the record of a session takes at most.
const LOOK: Duration = Duration::from_secs(10);

/// Waits for what other replicas do. `Some(false)`: the session has ended;
/// `None`: nothing goes on here any more.
async fn look(session: &Session, entry: &Weak<Entry>) -> Option<bool> {
    let changed = session.await_change(LOOK).await;
    if let Err(error) = &changed {
        tracing::debug!(%error, "a session could not be looked at");
        sleep(Duration::from_secs(1)).await;
    }
    let entry = entry.upgrade()?;
    if matches!(changed, Ok(false)) {
        return Some(false);
    }
    entry.check_listener();
    if let Some(origin) = entry.origin.get() {
        entry.watch_subscriptions(origin);
    }
    entry.is_busy().then_some(true)
}

/// A number that no other stream of the session has, on whatever replica, and
/// that is larger than those of earlier ones: milliseconds and 22 random bits.
fn stream_number() -> u64 {
    let since = SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .unwrap_or_default();
    let millis = u64::try_from(since.as_millis()).unwrap_or_default();
    let mut random = [0; 4];
    purlin_core::__private::fill_random(&mut random);
    millis << 22 | u64::from(u32::from_ne_bytes(random) >> 10)
}
