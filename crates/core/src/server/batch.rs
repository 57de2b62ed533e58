//! Batches, which exist in sessions of 2025-03-26 only.

use std::{
    future::Future,
    pin::Pin,
    task::{self, Poll},
};

use super::{Exchange, Session};
use crate::{
    context::{Origin, Outbox},
    wire::{Inbound, Refusal, Reply},
};

/// The requests of one batch being served together: a future of the encoded
/// array of answers, `None` when nothing in the batch wants one.
#[derive(Debug)]
#[must_use = "a batch does nothing unless polled"]
pub struct Batch {
    exchanges: Vec<Exchange>,
    replies: Vec<Reply>,
}

impl Session {
    /// Takes a batch. Answers come in the order in which they are ready.
    ///
    /// # Errors
    /// The answer to send when this session's revision has no batches.
    pub fn accept_batch(
        &self,
        batch: Vec<Result<Inbound, Refusal>>,
        origin: &Origin,
    ) -> Result<Batch, Reply> {
        if !self.revision().has_batches() {
            return Err(Refusal::batch().reply());
        }
        let mut this = Batch {
            exchanges: Vec::new(),
            replies: Vec::new(),
        };
        for message in batch {
            let accepted = match message {
                Ok(message) => self.accept(message, origin.clone()),
                Err(refusal) => Err(refusal.reply()),
            };
            match accepted {
                Ok(exchange) => this.exchanges.extend(exchange),
                Err(reply) => this.replies.push(reply),
            }
        }
        Ok(this)
    }
}

impl Batch {
    /// Whether nothing happens until the client does something.
    pub(crate) fn waits_for_client(&self) -> bool {
        self.exchanges.iter().all(Exchange::waits_for_client)
    }

    /// The streams of its requests.
    pub fn outboxes(&self) -> impl Iterator<Item = Outbox> + '_ {
        self.exchanges.iter().map(Exchange::outbox)
    }
}

impl Future for Batch {
    type Output = Option<Reply>;

    fn poll(mut self: Pin<&mut Self>, cx: &mut task::Context<'_>) -> Poll<Option<Reply>> {
        let Self { exchanges, replies } = &mut *self;
        exchanges.retain_mut(|exchange| match Pin::new(&mut *exchange).poll(cx) {
            Poll::Pending => true,
            Poll::Ready(reply) => {
                // What it said last goes into the array too: its stream ends with it.
                exchange.take_said(&mut |message| replies.push(Reply::ok(message)));
                replies.extend(reply);
                false
            }
        });
        if !exchanges.is_empty() {
            return Poll::Pending;
        }
        if replies.is_empty() {
            return Poll::Ready(None);
        }
        let bodies: Vec<_> = replies
            .drain(..)
            .map(|reply| reply.body.into_boxed_slice())
            .collect();
        Poll::Ready(Some(Reply::ok(crate::registry::join(&bodies))))
    }
}
