//! Reading a stream that another replica owns.

use std::{
    pin::Pin,
    sync::Arc,
    task::{Context, Poll},
    time::Duration,
};

use bytes::{Bytes, BytesMut};
use purlin_core::{
    protocol::{ErrorCode, ErrorObject},
    store::StoreResult,
    wire::Reply,
};

use super::{Head, Pump, Replicas, StreamPlace, note};
use crate::{
    session::{
        Entry, EventId,
        stream::{Source, Stream},
    },
    sse::{self, KeepAlive},
};

/// How long a silent owner is waited for before its lease is looked at.
const LOOK: Duration = Duration::from_secs(2);

/// A client that comes back to another replica than the one that answers it.
pub(crate) struct Tail {
    replicas: Arc<Replicas>,
    place: StreamPlace,
    /// What the owner knows this reader by.
    token: String,
    tag: u32,
    stream: u64,
    /// The first event the client has not seen.
    next: u64,
    head: Head,
    raw: Bytes,
    /// Whether the head has been looked at since it was found.
    fresh: bool,
    ended: bool,
}

/// Where a client that comes back finds its stream.
pub(crate) enum Resumed {
    /// At this replica, which carries the messages of the session from now on.
    Here(Arc<Stream>),
    /// At another one.
    There(Box<Tail>),
}

impl Tail {
    /// Finds the stream of an event; `None` when it is not known, or no longer.
    pub(crate) async fn resume(
        replicas: &Arc<Replicas>,
        entry: &Arc<Entry>,
        session: &str,
        id: EventId,
    ) -> StoreResult<Option<Resumed>> {
        let place = replicas.place(session, id.stream);
        let name = replicas.lease.living().await;
        loop {
            let Some((mut head, raw)) = place.get().await? else {
                return Ok(None);
            };
            let next = id.event.saturating_add(1);
            if head.done && next > head.next + head.last.len() as u64 {
                return Ok(None);
            }
            let takes = head.standalone && !head.done;
            let owner_lives = head.owner != name && replicas.lease.lives(&head.owner).await?;
            let token = format!("{:032x}", random());
            if takes {
                head.owner = name.to_owned();
                head.reader = None;
            } else {
                head.reader = Some(token.clone());
            }
            let age = replicas.events.age;
            let Some(raw) = place.replace(Some(&raw), &head, age).await? else {
                continue;
            };
            if takes {
                let events = place.read(next, head.next).await?;
                entry
                    .session()
                    .catch_up(head.changes.as_deref(), owner_lives);
                let stream = entry.adopt(head.next, events, id.stream);
                let outbox = Source::Session(entry.session().outbox());
                let pump = Pump::new(replicas, entry, session, &stream, Some(outbox));
                entry.pump_standalone(pump.continuing(head, raw), &stream);
                return Ok(Some(Resumed::Here(stream)));
            }
            return Ok(Some(Resumed::There(Box::new(Self {
                replicas: Arc::clone(replicas),
                place,
                token,
                tag: id.tag,
                stream: id.stream,
                next,
                head,
                raw,
                fresh: true,
                ended: false,
            }))));
        }
    }

    /// The next bytes to send, and the rest; `None` at the end.
    pub(crate) async fn next(mut self: Box<Self>) -> (Box<Self>, Option<Bytes>) {
        while !self.ended {
            match self.step().await {
                Ok(bytes) if bytes.is_empty() => {}
                Ok(bytes) => return (self, Some(bytes)),
                Err(error) => {
                    // The client comes back again, and hears then that it has
                    // to wait.
                    note(&error);
                    self.ended = true;
                }
            }
        }
        (self, None)
    }

    async fn step(&mut self) -> StoreResult<Bytes> {
        if !std::mem::take(&mut self.fresh) {
            let Some((head, raw)) = self.place.changed(&self.raw, LOOK).await? else {
                self.ended = true;
                return Ok(Bytes::new());
            };
            let same = raw == self.raw;
            (self.head, self.raw) = (head, raw);
            if same {
                self.look_after().await?;
            }
        }
        if self.head.reader.as_ref() != Some(&self.token) {
            self.ended = true;
            return Ok(Bytes::new());
        }
        self.read().await
    }

    /// Answers for an owner that is gone.
    async fn look_after(&mut self) -> StoreResult<()> {
        let own = self.head.owner == self.replicas.lease.name();
        if self.head.done || (!own && self.replicas.lease.lives(&self.head.owner).await?) {
            return Ok(());
        }
        let mut head = self.head.clone();
        head.done = true;
        let open = std::mem::take(&mut head.open);
        head.last = open.iter().map(|id| died(id)).collect();
        // The client may have seen events that never came to the store.
        head.next = head.next.max(self.next);
        let age = self.replicas.events.age;
        if let Some(raw) = self.place.replace(Some(&self.raw), &head, age).await? {
            tracing::warn!(requests = open.len(), "answered for a replica that is gone");
            (self.head, self.raw) = (head, raw);
        }
        Ok(())
    }

    /// What the head says there is.
    async fn read(&mut self) -> StoreResult<Bytes> {
        let mut bytes = BytesMut::new();
        for (_, frame) in self.place.read(self.next, self.head.next).await? {
            bytes.extend_from_slice(&frame);
        }
        self.next = self.next.max(self.head.next);
        if self.head.done {
            self.ended = true;
            let skip = self.next - self.head.next;
            let numbered = (self.head.next..).zip(&self.head.last);
            for (event, body) in numbered.skip(usize::try_from(skip).unwrap_or(usize::MAX)) {
                let id = EventId {
                    tag: self.tag,
                    stream: self.stream,
                    event,
                };
                let frame = sse::message(Some(&id.to_string()), body.as_bytes());
                bytes.extend_from_slice(&frame);
            }
        }
        Ok(bytes.freeze())
    }
}

/// One step of a tail, which comes back with what is to be sent.
type Step = Pin<Box<dyn Future<Output = (Box<Tail>, Option<Bytes>)> + Send>>;

/// A tail as the body of a response.
pub(crate) struct TailBody {
    step: Step,
    ended: bool,
    keep_alive: KeepAlive,
    /// Keeps the session in use.
    _entry: Arc<Entry>,
}

impl TailBody {
    pub(crate) fn new(tail: Box<Tail>, entry: Arc<Entry>, interval: Duration) -> Self {
        Self {
            step: Box::pin(tail.next()),
            ended: false,
            keep_alive: KeepAlive::new(interval),
            _entry: entry,
        }
    }

    /// The next bytes to send; `None` at the end.
    pub(crate) fn poll_next(&mut self, cx: &mut Context<'_>) -> Poll<Option<Bytes>> {
        if self.ended {
            return Poll::Ready(None);
        }
        match self.step.as_mut().poll(cx) {
            Poll::Ready((tail, Some(bytes))) => {
                self.step = Box::pin(tail.next());
                self.keep_alive.restart();
                Poll::Ready(Some(bytes))
            }
            Poll::Ready((_, None)) => {
                self.ended = true;
                Poll::Ready(None)
            }
            Poll::Pending => self.keep_alive.poll_due(cx).map(Some),
        }
    }
}

/// The answer to a request whose replica has died.
fn died(id: &str) -> String {
    let text = "the replica that served this request is gone; whether it took effect is not known";
    let error = ErrorObject::new(ErrorCode::INTERNAL_ERROR, text);
    let reply = Reply::error(Some(id), &error);
    String::from_utf8_lossy(&reply.body).into_owned()
}

fn random() -> u128 {
    let mut random = [0; 16];
    purlin_core::__private::fill_random(&mut random);
    u128::from_ne_bytes(random)
}
