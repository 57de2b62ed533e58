//! One request of the stateless era: the request is a function, and its
//! connection is its life.
//!
//! There is no task, channel or lock of ours on this way: the exchange is
//! polled inside the response future. If it is done before it speaks, the
//! answer is JSON; if it speaks first, the answer becomes an event stream whose
//! body polls the exchange further. Either is dropped when the client goes
//! away, and dropping cancels.

use std::{
    pin::Pin,
    sync::Arc,
    task::{Context, Poll},
};

use bytes::Bytes;
use http::{Response, StatusCode};
use purlin_core::{
    Exchange,
    context::Outbox,
    protocol::{ErrorCode, ErrorObject},
    wire::Reply,
};

use crate::{
    answer,
    body::Body,
    guard::Rejection,
    service::Endpoint,
    sse::{self, KeepAlive},
};

/// What is answered when a request ended without an answer.
pub(crate) const GONE: Rejection = Rejection::new(
    StatusCode::SERVICE_UNAVAILABLE,
    "the request was cancelled by the server",
);

/// A request whose answer has not begun: a future of the whole answer, or of
/// the head of a stream that has more to come.
///
/// Dropping it cancels the request.
pub(crate) struct Opening<'a> {
    endpoint: &'a Arc<Endpoint>,
    exchange: Option<Exchange>,
    streams: bool,
    /// When a silent request is answered as a stream, so that comments keep the
    /// connection open. Armed when the request first waits.
    upgrade: Option<KeepAlive>,
}

impl<'a> Opening<'a> {
    /// `streams` says whether the client reads event streams; if it does not,
    /// what would be said before the answer is dropped.
    pub(crate) fn new(endpoint: &'a Arc<Endpoint>, exchange: Exchange, streams: bool) -> Self {
        Self {
            endpoint,
            exchange: Some(exchange),
            streams,
            upgrade: None,
        }
    }

    pub(crate) fn poll(&mut self, cx: &mut Context<'_>) -> Poll<Response<Body>> {
        let Some(exchange) = &mut self.exchange else {
            return Poll::Pending;
        };
        if let Poll::Ready(reply) = Pin::new(&mut *exchange).poll(cx) {
            return Poll::Ready(finish(exchange, reply, self.streams));
        }
        if self.endpoint.is_stopped() {
            let stopped = last_words(exchange);
            self.exchange = None;
            return Poll::Ready(answer::reply(stopped));
        }
        let outbox = exchange.outbox();
        if !self.streams {
            while outbox.try_pop().is_some() {}
            return Poll::Pending;
        }
        let first = match outbox.poll_pop(cx) {
            Poll::Ready(Some(message)) => sse::message(None, &message.body),
            // The queue was closed because nobody read it.
            Poll::Ready(None) => return Poll::Ready(answer::rejection(GONE)),
            Poll::Pending => {
                let silence = self.endpoint.config.keep_alive;
                let upgrade = self.upgrade.get_or_insert_with(|| KeepAlive::new(silence));
                match upgrade.poll_due(cx) {
                    Poll::Ready(comment) => comment,
                    Poll::Pending => return Poll::Pending,
                }
            }
        };
        let silence = self.endpoint.config.keep_alive;
        let keep_alive = self
            .upgrade
            .take()
            .unwrap_or_else(|| KeepAlive::new(silence));
        let stream = ModernStream {
            endpoint: Arc::clone(self.endpoint),
            exchange: self.exchange.take(),
            outbox,
            first: Some(first),
            keep_alive,
        };
        Poll::Ready(answer::events(Body::modern(stream)))
    }
}

/// The whole answer is known: JSON if the request said nothing on the way, else
/// all events in one piece.
fn finish(exchange: &Exchange, reply: Option<Reply>, streams: bool) -> Response<Body> {
    let Some(reply) = reply else {
        // A notification that middleware looks at has no id.
        let heard = exchange.id().is_empty();
        return if heard {
            answer::empty(StatusCode::ACCEPTED)
        } else {
            answer::rejection(GONE)
        };
    };
    let outbox = exchange.outbox();
    let Some(first) = outbox.try_pop().filter(|_| streams) else {
        return answer::reply(reply);
    };
    let mut text = Vec::new();
    sse::write_message(&mut text, None, &first.body);
    while let Some(message) = outbox.try_pop() {
        sse::write_message(&mut text, None, &message.body);
    }
    sse::write_message(&mut text, None, &reply.body);
    answer::events(Body::from(text))
}

/// The answer to a request that the end of the server cuts off.
fn last_words(exchange: &Exchange) -> Reply {
    let error = ErrorObject::new(ErrorCode::INTERNAL_ERROR, "the server is shutting down");
    Reply::error(Some(exchange.id()), &error).with_status(503)
}

/// The rest of a request that has begun to speak.
pub(crate) struct ModernStream {
    endpoint: Arc<Endpoint>,
    /// `None` after the answer.
    exchange: Option<Exchange>,
    outbox: Outbox,
    first: Option<Bytes>,
    keep_alive: KeepAlive,
}

impl ModernStream {
    pub(crate) fn poll_next(&mut self, cx: &mut Context<'_>) -> Poll<Option<Bytes>> {
        if let Some(first) = self.first.take() {
            return Poll::Ready(Some(first));
        }
        let Some(exchange) = &mut self.exchange else {
            return Poll::Ready(None);
        };
        let answer = Pin::new(&mut *exchange).poll(cx);
        let mut text = Vec::new();
        let closed = loop {
            match self.outbox.poll_pop(cx) {
                Poll::Ready(Some(message)) => sse::write_message(&mut text, None, &message.body),
                Poll::Ready(None) => break true,
                Poll::Pending => break false,
            }
        };
        if let Poll::Ready(reply) = answer {
            self.exchange = None;
            if let Some(reply) = reply {
                sse::write_message(&mut text, None, &reply.body);
            }
        } else if self.endpoint.is_stopped() {
            let stopped = last_words(exchange);
            self.exchange = None;
            sse::write_message(&mut text, None, &stopped.body);
        } else if closed {
            // Its reader fell too far behind: the stream ends, the request too.
            self.exchange = None;
        }
        if !text.is_empty() {
            self.keep_alive.restart();
            return Poll::Ready(Some(text.into()));
        }
        if self.exchange.is_none() {
            return Poll::Ready(None);
        }
        self.keep_alive.poll_due(cx).map(Some)
    }
}
