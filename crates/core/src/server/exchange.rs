//! One request being served.

use std::{
    fmt,
    future::Future,
    panic::{AssertUnwindSafe, catch_unwind},
    pin::Pin,
    sync::Arc,
    task::{self, Poll},
};

use super::{dispatch, fault, guarded::panicked};
use crate::{
    BoxFuture, Context,
    context::{Outbox, abandon},
    protocol::method,
    wire::Reply,
};

/// One request being served: a future of the encoded answer.
///
/// The handler runs in place, inside `poll`; nothing is spawned. Dropping the
/// exchange cancels the request. `None` means that no answer is to be sent: the
/// request was cancelled, or was a notification.
#[must_use = "an exchange does nothing unless polled"]
pub struct Exchange {
    context: Context,
    future: BoxFuture<'static, Option<Reply>>,
    /// Where the request can be cancelled by notification, once it waits.
    entered: bool,
    done: bool,
}

impl fmt::Debug for Exchange {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Exchange")
            .field("context", &self.context)
            .field("done", &self.done)
            .finish_non_exhaustive()
    }
}

impl Exchange {
    /// Serves a message; `None` for a notification nobody wants to see.
    pub(crate) fn start(context: Context) -> Option<Self> {
        if context.message().id().is_some() {
            return Some(Self::of_request(context));
        }
        if !dispatch::observes_notifications(context.server()) {
            return None;
        }
        let served = context.clone();
        let future = Box::pin(async move {
            dispatch::observe(&served).await;
            None
        });
        Some(Self::new(context, future))
    }

    /// Serves a request.
    pub(crate) fn of_request(context: Context) -> Self {
        let served = context.clone();
        let future = Box::pin(async move { Some(dispatch::serve(&served).await) });
        Self::new(context, future)
    }

    fn new(context: Context, future: BoxFuture<'static, Option<Reply>>) -> Self {
        Self {
            context,
            future,
            entered: false,
            done: false,
        }
    }

    /// The id of the request, as JSON text.
    pub fn id(&self) -> &str {
        self.context.request_id()
    }

    /// The method of the request.
    pub fn method(&self) -> &str {
        self.context.method()
    }

    /// The request.
    pub fn context(&self) -> &Context {
        &self.context
    }

    /// The messages that go out on the stream of this request before its
    /// answer.
    pub fn outbox(&self) -> Outbox {
        Outbox::of_request(Arc::clone(self.context.request()))
    }

    /// Hands over what has been said so far.
    pub(crate) fn take_said(&self, now: &mut dyn FnMut(Vec<u8>)) {
        while let Some(outgoing) = self.context.request().queue().try_pop() {
            if !outgoing.close {
                now(outgoing.body);
            }
        }
    }

    /// Whether nothing happens until the client does something: it answers a
    /// question, or ends a subscription.
    pub(crate) fn waits_for_client(&self) -> bool {
        self.method() == method::SUBSCRIPTIONS_LISTEN
            || self
                .context
                .session_state()
                .is_some_and(|session| session.is_asking(self.context.request()))
    }

    /// Whether it is a subscription whose reader fell so far behind that changes
    /// were lost.
    pub(crate) fn is_cut_off(&self) -> bool {
        self.method() == method::SUBSCRIPTIONS_LISTEN && self.outbox().is_closed()
    }

    fn finish(&mut self, reply: Option<Reply>) -> Poll<Option<Reply>> {
        if !self.done && self.context.is_cancelled() {
            // After a cancellation nothing is sent for the request, queued or not.
            self.context.request().queue().discard();
        }
        self.done = true;
        self.leave();
        // Work that was spawned and waits for the end learns of it.
        self.context.request().cancel.set();
        Poll::Ready(reply)
    }

    fn leave(&mut self) {
        if std::mem::take(&mut self.entered)
            && let Some(link) = self.context.request().origin.link()
        {
            link.leave(self.context.request_id());
        }
    }
}

impl Future for Exchange {
    type Output = Option<Reply>;

    fn poll(mut self: Pin<&mut Self>, cx: &mut task::Context<'_>) -> Poll<Option<Reply>> {
        let this = &mut *self;
        if this.done || this.context.is_cancelled() {
            return this.finish(None);
        }
        this.context.request().moment.forget();
        match catch_unwind(AssertUnwindSafe(|| this.future.as_mut().poll(cx))) {
            Ok(Poll::Ready(reply)) => return this.finish(reply),
            Ok(Poll::Pending) => {}
            // Handlers are guarded on their own: this was middleware, or a bug of ours.
            Err(panic) => {
                let error = panicked(&*panic);
                let wanted = this.context.message().id().is_some();
                let reply = wanted.then(|| fault::error_reply(&this.context, &error));
                return this.finish(reply);
            }
        }
        this.context.request().cancel.register(cx.waker());
        if this.context.is_cancelled() {
            return this.finish(None);
        }
        if !this.entered
            && let Some(link) = this.context.request().origin.link()
        {
            link.enter(this.context.request_id(), this.context.request());
            this.entered = true;
        }
        Poll::Pending
    }
}

impl Drop for Exchange {
    fn drop(&mut self) {
        self.leave();
        if !self.done {
            self.context.request().cancel.set();
            abandon(&self.context);
        }
    }
}

#[cfg(test)]
mod tests {
    use std::task::Waker;

    use serde_json::json;

    use super::*;
    use crate::{
        DynamicTool, Origin, Server, TransportKind,
        protocol::Tool,
        wire::{Frame, parse},
    };

    #[test]
    fn nothing_of_a_cancelled_request_is_sent_not_even_what_was_said_before() {
        let server = Server::builder("test", "0.0.0");
        let schema = json!({ "type": "object" });
        let tool = DynamicTool::new(
            Tool::new("talk", schema.into()),
            |cx: Context, _| async move {
                cx.progress(1, 2);
                std::future::pending().await
            },
        );
        server.add_tool(tool).unwrap();
        let message = json!({
            "jsonrpc": "2.0", "id": 1, "method": "tools/call",
            "params": { "name": "talk", "_meta": {
                "progressToken": "p",
                "io.modelcontextprotocol/protocolVersion": "2026-07-28",
                "io.modelcontextprotocol/clientCapabilities": {},
            } },
        });
        let Ok(Frame::One(message)) = parse(message.to_string().into_bytes()) else {
            panic!("the text is one message");
        };
        let origin = Origin::new(TransportKind::Memory);
        let accepted = server.accept_modern(message, None, origin).ok().flatten();
        let mut exchange = accepted.expect("the request is served");
        let outbox = exchange.outbox();
        let mut task = task::Context::from_waker(Waker::noop());
        assert!(Pin::new(&mut exchange).poll(&mut task).is_pending());
        exchange.context.request().cancel.set();
        assert_eq!(Pin::new(&mut exchange).poll(&mut task), Poll::Ready(None));
        assert_eq!(outbox.try_pop(), None);
        exchange.context.progress(2, 2);
        assert_eq!(outbox.try_pop(), None);
    }
}
