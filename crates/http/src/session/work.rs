//! The requests of one POST in a session: one, or the members of a batch.

use std::{
    pin::Pin,
    task::{Context, Poll},
};

use purlin_core::{Exchange, context::Outbox, wire::Reply};

/// What a request says while it runs, in order.
#[derive(Debug)]
pub(crate) enum Said {
    /// A notification, or a request of ours.
    Message(Vec<u8>),
    /// The stream is to be closed; the client will come back for the rest.
    Close,
    /// The answer to one of the requests.
    Answer(Reply),
}

/// Requests being served. Polling it runs the handlers in place.
pub(crate) struct Work {
    running: Vec<Running>,
}

struct Running {
    exchange: Exchange,
    outbox: Outbox,
}

impl Work {
    pub(crate) fn new(exchanges: impl IntoIterator<Item = Exchange>) -> Self {
        let running = exchanges.into_iter().map(|exchange| Running {
            outbox: exchange.outbox(),
            exchange,
        });
        Self {
            running: running.collect(),
        }
    }

    /// The ids of the requests that are not answered yet, as JSON text.
    pub(crate) fn ids(&self) -> Vec<String> {
        let ids = self.running.iter().map(|running| running.exchange.id());
        ids.map(ToOwned::to_owned).collect()
    }

    /// Drives every request as far as it goes and hands over what they said.
    /// Ready when all are done.
    pub(crate) fn poll(&mut self, cx: &mut Context<'_>, said: &mut impl FnMut(Said)) -> Poll<()> {
        self.running
            .retain_mut(|running| running.poll(cx, said).is_pending());
        if self.running.is_empty() {
            Poll::Ready(())
        } else {
            Poll::Pending
        }
    }
}

impl Running {
    fn poll(&mut self, cx: &mut Context<'_>, said: &mut impl FnMut(Said)) -> Poll<()> {
        let answer = Pin::new(&mut self.exchange).poll(cx);
        // After the handler had its turn, so that what it has just said counts
        // and the waker is known to the queue when it speaks from elsewhere.
        while let Poll::Ready(Some(message)) = self.outbox.poll_pop(cx) {
            if !message.body.is_empty() {
                said(Said::Message(message.body));
            }
            if message.close {
                said(Said::Close);
            }
        }
        answer.map(|answer| {
            if let Some(reply) = answer {
                said(Said::Answer(reply));
            }
        })
    }
}
