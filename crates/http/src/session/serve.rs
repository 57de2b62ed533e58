//! POST and GET inside a session.

use std::{
    future::poll_fn,
    sync::Arc,
    task::{Context, Poll},
};

use http::{Response, StatusCode};
use purlin_core::{
    Exchange, Origin,
    wire::{Field, Frame, Inbound, MessageKind, Refusal, Reply, Revision},
};

use super::{
    Entry, EventId, STORE_AWAY,
    replicas::{Resumed, Tail, TailBody},
    stream::{Reader, STANDALONE, Start},
    work::{Said, Work},
};
use crate::{
    answer,
    body::Body,
    config::HttpConfig,
    guard::Rejection,
    head::{Head, Named},
    modern::GONE,
    post::{Answering, id_of},
    service::Endpoint,
    sse::KeepAlive,
};

/// Takes a POST: one message, or the batch of an old session.
pub(crate) fn take_post<'a>(
    endpoint: &'a Endpoint,
    entry: Arc<Entry>,
    frame: Frame,
    head: &Head<'_>,
    origin: Origin,
) -> Answering<'a> {
    if let Err(rejection) = check_version(head) {
        return answer::rejection_of(id_of(&frame), rejection).into();
    }
    let streams = head.accepted.sse;
    match frame {
        Frame::One(message) => {
            let is_request = message.kind() == MessageKind::Request;
            match entry.session().accept(message, origin) {
                Ok(Some(exchange)) => {
                    Answering::Session(Opening::one(endpoint, entry, exchange, streams))
                }
                Ok(None) => answer::empty(StatusCode::ACCEPTED).into(),
                Err(reply) if is_request => answer::in_session(reply).into(),
                Err(reply) => answer::json(StatusCode::BAD_REQUEST, reply.body).into(),
            }
        }
        Frame::Batch(_) if !entry.session().revision().has_batches() => {
            answer::reply(Refusal::batch().reply()).into()
        }
        Frame::Batch(messages) => {
            let (exchanges, refused) = accept_batch(&entry, messages, &origin);
            if exchanges.is_empty() && refused.is_empty() {
                return answer::empty(StatusCode::ACCEPTED).into();
            }
            Answering::Session(Opening::batch(endpoint, entry, exchanges, refused, streams))
        }
    }
}

/// Takes a POST in a session that other replicas serve too: what is meant for
/// one of them goes there.
pub(crate) fn take_shared<'a>(
    endpoint: &'a Endpoint,
    entry: Arc<Entry>,
    frame: Frame,
    head: &Head<'_>,
    origin: Origin,
) -> Answering<'a> {
    match frame {
        Frame::One(message) if message.kind() != MessageKind::Request => {
            if let Err(rejection) = check_version(head) {
                return answer::rejection_of(None, rejection).into();
            }
            Answering::Later(Box::pin(async move {
                match entry.session().deliver(message, origin).await {
                    // Middleware looks at a notification.
                    Ok(Some(exchange)) => drop(exchange.await),
                    Ok(None) => {}
                    Err(reply) => return answer::reply(reply),
                }
                answer::empty(StatusCode::ACCEPTED)
            }))
        }
        Frame::Batch(messages) if entry.session().revision().has_batches() => {
            if let Err(rejection) = check_version(head) {
                return answer::rejection_of(None, rejection).into();
            }
            let streams = head.accepted.sse;
            Answering::Later(Box::pin(async move {
                let (exchanges, refused) = deliver_batch(&entry, messages, &origin).await;
                if exchanges.is_empty() && refused.is_empty() {
                    return answer::empty(StatusCode::ACCEPTED);
                }
                let mut opening = Opening::batch(endpoint, entry, exchanges, refused, streams);
                poll_fn(|cx| opening.poll(cx)).await
            }))
        }
        frame => take_post(endpoint, entry, frame, head, origin),
    }
}

/// Resumes a stream that this replica does not have. `None`: nobody has it.
pub(crate) async fn resume_elsewhere(
    entry: &Arc<Entry>,
    head: &Head<'_>,
    config: &HttpConfig,
    draining: impl Future<Output = ()> + Send + 'static,
) -> Option<Response<Body>> {
    let (Some((replicas, key)), Field::One(id)) = (entry.place(), head.last_event_id) else {
        return None;
    };
    let id = EventId::parse(id).filter(|id| id.tag == entry.id().tag())?;
    if check_version(head).is_err() || entry.has_stream(id.stream) {
        return None;
    }
    let body = match Tail::resume(replicas, entry, key, id).await {
        Ok(Some(Resumed::There(tail))) => {
            entry.watch();
            Body::tail(TailBody::new(tail, Arc::clone(entry), config.keep_alive))
        }
        Ok(Some(Resumed::Here(stream))) => {
            let (entry, interval) = (Arc::clone(entry), config.keep_alive);
            let reader = Reader::new(stream, entry, Start::First, interval);
            Body::session(reader.until(draining))
        }
        Ok(None) => return None,
        Err(error) => {
            tracing::warn!(%error, "a stream cannot be looked up");
            return Some(answer::rejection(STORE_AWAY));
        }
    };
    Some(answer::events(body))
}

/// Answers a GET: the session's own messages, or the rest of a stream.
pub(crate) async fn answer_get(
    entry: &Arc<Entry>,
    head: &Head<'_>,
    config: &HttpConfig,
    draining: impl Future<Output = ()> + Send + 'static,
) -> Response<Body> {
    if let Err(rejection) = check_version(head) {
        return answer::rejection(rejection);
    }
    let reader = match head.last_event_id {
        Field::Absent => {
            let told = entry.told_so_far().await;
            Some(entry.listen(config.keep_alive, told).until(draining))
        }
        Field::One(id) => entry.resume(id, config.keep_alive).map(|(reader, stream)| {
            if stream == STANDALONE {
                reader.until(draining)
            } else {
                reader
            }
        }),
        Field::Many => None,
    };
    match reader {
        Some(reader) => answer::events(Body::session(reader)),
        None => {
            let reason = "that event is not known, or no longer kept";
            answer::rejection(Rejection::new(StatusCode::BAD_REQUEST, reason))
        }
    }
}

/// Inside a session the version header may be absent; what it says must be a
/// version that has sessions.
fn check_version(head: &Head<'_>) -> Result<(), Rejection> {
    match head.named_version() {
        Named::Nothing | Named::WithSessions => Ok(()),
        Named::Modern | Named::Unknown => {
            let reason = "`MCP-Protocol-Version` is not a version of this session";
            Err(Rejection::new(StatusCode::BAD_REQUEST, reason))
        }
    }
}

async fn deliver_batch(
    entry: &Entry,
    messages: Vec<Result<Inbound, Refusal>>,
    origin: &Origin,
) -> (Vec<Exchange>, Vec<Reply>) {
    let mut exchanges = Vec::new();
    let mut refused = Vec::new();
    for message in messages {
        match message {
            Ok(message) => match entry.session().deliver(message, origin.clone()).await {
                Ok(Some(exchange)) => exchanges.push(exchange),
                Ok(None) => {}
                Err(reply) => refused.push(reply),
            },
            Err(refusal) => refused.push(refusal.reply()),
        }
    }
    (exchanges, refused)
}

fn accept_batch(
    entry: &Entry,
    messages: Vec<Result<Inbound, Refusal>>,
    origin: &Origin,
) -> (Vec<Exchange>, Vec<Reply>) {
    let mut exchanges = Vec::new();
    let mut refused = Vec::new();
    for message in messages {
        match message {
            Ok(message) => match entry.session().accept(message, origin.clone()) {
                Ok(Some(exchange)) => exchanges.push(exchange),
                Ok(None) => {}
                Err(reply) => refused.push(reply),
            },
            Err(refusal) => refused.push(refusal.reply()),
        }
    }
    (exchanges, refused)
}

/// The requests of one POST whose answer has not begun.
///
/// All done before anybody speaks: JSON. Else an event stream that can be
/// resumed. If the connection goes away first, the requests go on.
pub(crate) struct Opening<'a> {
    endpoint: &'a Endpoint,
    entry: Arc<Entry>,
    work: Option<Work>,
    answers: Vec<Reply>,
    batch: bool,
    /// Whether the client reads event streams; if not, what would be said
    /// before the answers is dropped.
    streams: bool,
    upgrade: Option<KeepAlive>,
}

impl<'a> Opening<'a> {
    fn one(endpoint: &'a Endpoint, entry: Arc<Entry>, exchange: Exchange, streams: bool) -> Self {
        Self {
            endpoint,
            entry,
            work: Some(Work::new([exchange])),
            answers: Vec::new(),
            batch: false,
            streams,
            upgrade: None,
        }
    }

    fn batch(
        endpoint: &'a Endpoint,
        entry: Arc<Entry>,
        exchanges: Vec<Exchange>,
        refused: Vec<Reply>,
        streams: bool,
    ) -> Self {
        Self {
            endpoint,
            entry,
            work: Some(Work::new(exchanges)),
            answers: refused,
            batch: true,
            streams,
            upgrade: None,
        }
    }

    pub(crate) fn poll(&mut self, cx: &mut Context<'_>) -> Poll<Response<Body>> {
        let Some(work) = &mut self.work else {
            return Poll::Pending;
        };
        if self.endpoint.is_stopped() {
            self.work = None;
            return Poll::Ready(answer::rejection(GONE));
        }
        let answers = &mut self.answers;
        let mut said = Vec::new();
        let streams = self.streams;
        let done = work.poll(cx, &mut |what| match what {
            Said::Answer(reply) if said.is_empty() => answers.push(reply),
            what if streams => said.push(what),
            Said::Answer(reply) => answers.push(reply),
            Said::Message(_) | Said::Close => {}
        });
        if !said.is_empty() {
            let rest = self.work.take().filter(|_| done.is_pending());
            return Poll::Ready(self.stream(said, rest));
        }
        if done.is_ready() {
            self.work = None;
            return Poll::Ready(self.json());
        }
        // It has to wait, and may be cancelled meanwhile.
        self.entry.watch();
        if streams {
            let silence = self.endpoint.config.keep_alive;
            let upgrade = self.upgrade.get_or_insert_with(|| KeepAlive::new(silence));
            if upgrade.poll_due(cx).is_ready() {
                let rest = self.work.take();
                return Poll::Ready(self.stream(said, rest));
            }
        }
        Poll::Pending
    }

    /// The answers as JSON. A request that was cancelled has none.
    fn json(&mut self) -> Response<Body> {
        if !self.batch {
            return match self.answers.pop() {
                Some(reply) => answer::in_session(reply),
                None => answer::empty(StatusCode::ACCEPTED),
            };
        }
        let room = self
            .answers
            .iter()
            .map(|reply| reply.body.len() + 1)
            .sum::<usize>();
        let mut text = Vec::with_capacity(room + 1);
        for (index, reply) in self.answers.iter().enumerate() {
            text.push(if index == 0 { b'[' } else { b',' });
            text.extend_from_slice(&reply.body);
        }
        if text.is_empty() {
            return answer::empty(StatusCode::ACCEPTED);
        }
        text.push(b']');
        answer::json(StatusCode::OK, text)
    }

    /// An event stream with what there is so far and the `rest` to come.
    fn stream(&mut self, said: Vec<Said>, rest: Option<Work>) -> Response<Body> {
        // Older clients take the empty event for a broken message.
        let primes = self.entry.session().revision() >= Revision::V2025_11_25;
        let retry = primes.then_some(self.endpoint.config.retry);
        let answers = self.answers.drain(..).map(Said::Answer);
        let said = answers.chain(said).collect();
        let stream = self.entry.open_stream(retry, said, rest);
        self.entry.watch();
        let entry = Arc::clone(&self.entry);
        let reader = Reader::new(stream, entry, Start::First, self.endpoint.config.keep_alive);
        answer::events(Body::session(reader))
    }
}

impl Drop for Opening<'_> {
    fn drop(&mut self) {
        if let Some(work) = self.work.take() {
            self.entry.abandon(work);
        }
    }
}
