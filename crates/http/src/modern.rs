//! One request of the stateless era: the request is a function, and its
//! connection is its life.
//!
//! There is no task, channel or lock of ours on this way: the exchange is
//! polled inside the response future. If it is done before it speaks, the
//! answer is JSON; if it speaks first, the answer becomes an event stream whose
//! body polls the exchange further. Either is dropped when the client goes
//! away, and dropping cancels.

use std::{
    future::poll_fn,
    pin::Pin,
    task::{Context, Poll},
    time::Duration,
};

use bytes::Bytes;
use http::{Response, StatusCode};
use purlin_core::{
    server::{Exchange, Outbox},
    wire::Reply,
};

use crate::{
    answer,
    body::Body,
    guard::Rejection,
    sse::{self, KeepAlive},
};

/// What is answered when a request ended without an answer.
const GONE: Rejection =
    Rejection::new(StatusCode::SERVICE_UNAVAILABLE, "the request was cancelled by the server");

/// Serves a request to its answer or to the first word of its stream.
///
/// `streams` says whether the client reads event streams; if it does not, what
/// would be said before the answer is dropped.
///
/// # Cancellation
/// Dropping the future cancels the request.
pub(crate) async fn serve(exchange: Exchange, streams: bool, silence: Duration) -> Response<Body> {
    let mut opening = Opening {
        exchange: Some(exchange),
        streams,
        silence,
        upgrade: None,
    };
    poll_fn(|cx| opening.poll(cx)).await
}

/// A request whose answer has not begun.
struct Opening {
    exchange: Option<Exchange>,
    streams: bool,
    silence: Duration,
    /// When a silent request is answered as a stream, so that comments keep the
    /// connection open. Armed when the request first waits.
    upgrade: Option<KeepAlive>,
}

impl Opening {
    fn poll(&mut self, cx: &mut Context<'_>) -> Poll<Response<Body>> {
        let Some(exchange) = &mut self.exchange else {
            return Poll::Pending;
        };
        if let Poll::Ready(reply) = Pin::new(&mut *exchange).poll(cx) {
            return Poll::Ready(finish(exchange, reply, self.streams));
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
                let silence = self.silence;
                let upgrade = self.upgrade.get_or_insert_with(|| KeepAlive::new(silence));
                match upgrade.poll_due(cx) {
                    Poll::Ready(comment) => comment,
                    Poll::Pending => return Poll::Pending,
                }
            }
        };
        let keep_alive = self.upgrade.take().unwrap_or_else(|| KeepAlive::new(self.silence));
        let stream = ModernStream {
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
        return answer::rejection(GONE);
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

/// The rest of a request that has begun to speak.
pub(crate) struct ModernStream {
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
        let answer = Pin::new(exchange).poll(cx);
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
