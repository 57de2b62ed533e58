//! Many requests on one connection: the pump, and the calls that wait for it.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use purlin_core::protocol::{
    CancelledParams, ErrorObject, RawJson, RequestId, decode_params, method,
};
use serde_json::value::RawValue;
use tokio::task::{AbortHandle, JoinSet};

use super::pending::Pending;
use super::{Outgoing, Reply};
use crate::Result;
use crate::envelope::{self, Message, Params, own_id};
use crate::inbox::{Direction, Inbox};
use crate::tasks::Tasks;
use crate::transport::Transport;

/// A connection that carries every request, answer and notification.
pub(crate) struct Duplex(Arc<Shared>);

struct Shared {
    transport: Arc<dyn Transport>,
    pending: Pending,
    inbox: Arc<Inbox>,
    /// Requests of the server that are being answered, so that it can cancel them.
    answering: Mutex<HashMap<RequestId, AbortHandle>>,
}

impl Duplex {
    /// Starts the pump as one of the connection's tasks.
    pub(crate) fn start(
        transport: Arc<dyn Transport>,
        inbox: &Arc<Inbox>,
        tasks: &Arc<Tasks>,
    ) -> Self {
        let shared = Arc::new(Shared {
            transport,
            pending: Pending::default(),
            inbox: Arc::clone(inbox),
            answering: Mutex::default(),
        });
        tasks.spawn(pump(Arc::clone(&shared)));
        Self(shared)
    }

    pub(crate) async fn exchange(&self, request: Outgoing<'_>) -> Result<Reply> {
        let shared = &self.0;
        let mut reply = shared.pending.register(request.id)?;
        let mut abandon = Abandon {
            shared,
            id: request.id,
            // Not before there is something to take back.
            tell: false,
        };
        tokio::select! {
            biased;
            () = shared.enqueue(request.body) => {}
            // Nothing answers what was not sent: the connection is closed.
            _ = &mut reply => return Err(shared.pending.failure()),
        }
        abandon.tell = request.cancellable;
        reply.await.map_err(|_| shared.pending.failure())
    }

    pub(crate) async fn notify(&self, body: Vec<u8>) -> Result<()> {
        if self.0.pending.is_closed() {
            return Err(self.0.pending.failure());
        }
        self.0.enqueue(body).await;
        Ok(())
    }

    pub(crate) async fn close(&self) {
        self.0.pending.close(Some("by this client".to_owned()));
        self.0.inbox.close(None);
        self.0.transport.close().await;
    }
}

impl Drop for Duplex {
    fn drop(&mut self) {
        self.0.pending.close(None);
        self.0.inbox.close(None);
    }
}

impl Shared {
    fn send(&self, message: Vec<u8>) {
        self.inbox.tap(Direction::Sent, &message);
        self.transport.send(message);
    }

    /// Sends a message when there is room for it.
    async fn enqueue(&self, message: Vec<u8>) {
        self.inbox.tap(Direction::Sent, &message);
        self.transport.enqueue(message).await;
    }

    fn answering(&self) -> MutexGuard<'_, HashMap<RequestId, AbortHandle>> {
        self.answering
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }
}

/// Takes a request back when its caller stops waiting before the answer is there.
struct Abandon<'a> {
    shared: &'a Shared,
    id: i64,
    tell: bool,
}

impl Drop for Abandon<'_> {
    fn drop(&mut self) {
        if self.shared.pending.forget(self.id) && self.tell {
            self.shared.send(cancelled(self.id));
        }
    }
}

/// The notification that a request is no longer wanted.
pub(crate) fn cancelled(id: i64) -> Vec<u8> {
    let mut params = Params::default();
    params.set("requestId", serde_json::Value::from(id));
    envelope::notification(method::NOTIFICATIONS_CANCELLED, &params)
}

/// Reads the connection until it ends, and answers the server's questions meanwhile.
async fn pump(shared: Arc<Shared>) {
    let mut questions = JoinSet::new();
    let reason = loop {
        tokio::select! {
            received = shared.transport.recv() => match received {
                Ok(Some(frame)) => dispatch(&shared, &frame, &mut questions),
                Ok(None) => break "the server closed it".to_owned(),
                Err(error) => break error.to_string(),
            },
            Some(_) = questions.join_next() => {}
        }
    };
    // The reason first: who listens by a request hears of it from either.
    shared.inbox.close(Some(&reason));
    shared.pending.close(Some(reason));
    // Whoever waits for room would do so for ever.
    shared.transport.close().await;
}

fn dispatch(shared: &Arc<Shared>, frame: &[u8], questions: &mut JoinSet<()>) {
    shared.inbox.tap(Direction::Received, frame);
    let messages = match envelope::parse(frame) {
        Ok(messages) => messages,
        // Some servers print to stdout. A line that is no message is nobody's answer.
        Err(problem) => return tracing::debug!(problem, "ignored"),
    };
    for message in messages {
        match message {
            Message::Response {
                id: Some(id),
                outcome,
            } => {
                if let Some(id) = own_id(&id) {
                    shared.pending.resolve(id, owned(outcome));
                }
            }
            Message::Response { id: None, outcome } => {
                tracing::debug!(?outcome, "an answer to no request in particular");
            }
            Message::Notification { method, params } => notified(shared, &method, params),
            Message::Request { id, method, params } => {
                if shared.inbox.takes_requests() {
                    answer(shared, id, method.into_owned(), params, questions);
                }
            }
        }
    }
}

fn owned(outcome: std::result::Result<&RawValue, ErrorObject>) -> Reply {
    outcome.map(|result| RawJson::from(result.to_owned()))
}

fn notified(shared: &Shared, method: &str, params: Option<&RawValue>) {
    if method == method::NOTIFICATIONS_CANCELLED
        && let Ok(CancelledParams {
            request_id: Some(id),
            ..
        }) = decode_params(params)
    {
        if let Some(question) = shared.answering().remove(&id) {
            question.abort();
        } else if let Some(id) = own_id(&id) {
            // The server ends a subscription so on connections where nothing else ends it.
            let empty = "{}".parse().expect("an empty object is JSON");
            shared.pending.resolve(id, Ok(empty));
        }
    }
    shared.inbox.notified(method, params, None);
}

fn answer(
    shared: &Arc<Shared>,
    id: RequestId,
    method: String,
    params: Option<&RawValue>,
    questions: &mut JoinSet<()>,
) {
    let params = params.map(RawValue::to_owned);
    let task = {
        let (shared, id) = (Arc::clone(shared), id.clone());
        async move {
            let outcome = shared.inbox.serve(&method, params.as_deref(), None).await;
            shared.answering().remove(&id);
            shared.enqueue(envelope::response(&id, &outcome)).await;
        }
    };
    // Held across the spawn, so that a question that is answered at once finds its entry.
    let mut answering = shared.answering();
    answering.insert(id, questions.spawn(task));
}
