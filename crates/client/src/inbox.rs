//! What arrives unasked: notifications, and requests of the server.
//!
//! Every link hands them here, whatever stream they came on.

use std::collections::HashMap;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use purlin_core::protocol::{
    ElicitationCompleteParams, ErrorCode, ErrorObject, InputRequest, InputResponse,
    ListChangedParams, LogMessageParams, Meta, ProgressParams, ProgressToken, RawJson, RequestId,
    ResourceUpdatedParams, SubscriptionsAcknowledgedParams, decode_params, method,
};
use serde_json::value::RawValue;
use tokio::sync::{mpsc, oneshot};

use crate::asked::{self, Answers};
use crate::cache::Kept;
use crate::changes::{Change, Queue};
use crate::error::ClientError;
use crate::proxy::Caller;
use crate::visits::Visits;

/// Which way a frame went.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Direction {
    /// From this client to the server.
    Sent,
    /// From the server to this client.
    Received,
}

pub(crate) type Callback<T> = Arc<dyn Fn(&T) + Send + Sync>;
pub(crate) type Tap = Box<dyn Fn(Direction, &[u8]) + Send + Sync>;
pub(crate) type NotificationCallback = Box<dyn Fn(&str, Option<&RawValue>) + Send + Sync>;

/// Who wants to know what happens during a call, or at any time.
#[derive(Clone, Default)]
pub(crate) struct Observers {
    pub(crate) progress: Option<Callback<ProgressParams>>,
    pub(crate) log: Option<Callback<LogMessageParams>>,
    /// Who answers what the server asks because of the call.
    pub(crate) questions: Option<Relay>,
}

/// The way to whoever made a call.
#[derive(Clone)]
pub(crate) struct Relay {
    pub(crate) caller: Caller,
    pub(crate) ask: mpsc::Sender<Asked>,
}

/// A question of the server for whoever made the call.
pub(crate) struct Asked {
    pub(crate) question: InputRequest,
    pub(crate) reply: oneshot::Sender<InputResponse>,
}

impl Observers {
    pub(crate) fn is_empty(&self) -> bool {
        self.progress.is_none() && self.log.is_none() && self.questions.is_none()
    }
}

#[derive(Default)]
pub(crate) struct Inbox {
    pub(crate) answers: Answers,
    pub(crate) observers: Observers,
    pub(crate) on_change: Option<Callback<Change>>,
    pub(crate) on_notification: Option<NotificationCallback>,
    pub(crate) tap: Option<Tap>,
    /// What is kept of the server, once it is known which that is.
    pub(crate) kept: Option<Arc<Kept>>,
    /// The URLs that a user visits because calls need it.
    pub(crate) visits: Arc<Visits>,
    /// Set once a stateless revision is agreed: its servers send no requests.
    stateless: AtomicBool,
    routes: Mutex<Routes>,
}

#[derive(Default)]
struct Routes {
    calls: HashMap<i64, Observers>,
    subscriptions: HashMap<i64, Arc<Queue>>,
    /// Streams over a session, where changes carry no subscription id.
    listeners: HashMap<i64, Arc<Queue>>,
}

impl Inbox {
    fn routes(&self) -> MutexGuard<'_, Routes> {
        self.routes.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn tap(&self, direction: Direction, frame: &[u8]) {
        if let Some(tap) = &self.tap {
            tap(direction, frame);
        }
    }

    pub(crate) fn refuse_requests(&self) {
        self.stateless.store(true, Ordering::Release);
    }

    /// Whether requests of the server are to be answered.
    pub(crate) fn takes_requests(&self) -> bool {
        !self.stateless.load(Ordering::Acquire)
    }

    /// Answers a request of the session era. `stream` is the call on whose own stream it came, if
    /// it has one.
    pub(crate) async fn serve(
        &self,
        method: &str,
        params: Option<&RawValue>,
        stream: Option<i64>,
    ) -> Result<RawJson, ErrorObject> {
        let Some(question) = asked::question(method, params)? else {
            return Ok("{}".parse().expect("an empty object is JSON"));
        };
        let relay = self.relay_of(stream)?;
        let answer = self.answer(question, relay.as_ref()).await?;
        RawJson::encode(&answer)
            .map_err(|error| ErrorObject::new(ErrorCode::INTERNAL_ERROR, error.to_string()))
    }

    /// Answers a question, or has the one who made the call answer it.
    pub(crate) async fn answer(
        &self,
        question: InputRequest,
        relay: Option<&Relay>,
    ) -> Result<InputResponse, ErrorObject> {
        let Some(relay) = relay.filter(|_| self.answers.relayed) else {
            return self.answers.answer(question).await;
        };
        let gone = |()| ErrorObject::new(ErrorCode::INTERNAL_ERROR, "nobody is left to answer");
        let (reply, answer) = oneshot::channel();
        let asked = Asked { question, reply };
        relay.ask.send(asked).await.map_err(|_| gone(()))?;
        answer.await.map_err(|_| gone(()))
    }

    /// Who answers a request of the server. Where the stream does not say which call it is about,
    /// all have to be of one caller: no user answers for another.
    fn relay_of(&self, stream: Option<i64>) -> Result<Option<Relay>, ErrorObject> {
        let routes = self.routes();
        if let Some(stream) = stream {
            let call = routes.calls.get(&stream);
            return Ok(call.and_then(|call| call.questions.clone()));
        }
        let mut calls = routes.calls.values().filter_map(|it| it.questions.as_ref());
        let Some(one) = calls.next() else {
            return Ok(None);
        };
        if calls.any(|other| other.caller != one.caller) {
            return Err(ErrorObject::new(
                ErrorCode::INTERNAL_ERROR,
                "several clients have calls in flight, and the question does not say which it is \
                 about",
            ));
        }
        Ok(Some(one.clone()))
    }

    /// Routes progress and logs of one call to its observers until the guard is dropped.
    pub(crate) fn watch(self: &Arc<Self>, id: i64, observers: &Observers) -> Option<Watch> {
        if observers.is_empty() {
            return None;
        }
        self.routes().calls.insert(id, observers.clone());
        Some(Watch {
            inbox: Arc::clone(self),
            id,
            of: Routed::Call,
        })
    }

    /// Routes what is tagged with a subscription to its queue until the guard is dropped.
    pub(crate) fn subscribe(self: &Arc<Self>, id: i64, queue: &Arc<Queue>) -> Watch {
        self.routes().subscriptions.insert(id, Arc::clone(queue));
        Watch {
            inbox: Arc::clone(self),
            id,
            of: Routed::Subscription,
        }
    }

    /// Routes every change of a session to the queue until the guard is dropped.
    pub(crate) fn listen(self: &Arc<Self>, id: i64, queue: &Arc<Queue>) -> Watch {
        self.routes().listeners.insert(id, Arc::clone(queue));
        Watch {
            inbox: Arc::clone(self),
            id,
            of: Routed::Listener,
        }
    }

    /// Everything may have changed: nobody told what did.
    pub(crate) fn missed(&self) {
        for change in [Change::Tools, Change::Prompts, Change::Resources] {
            if let Some(kept) = &self.kept {
                kept.changed(&change);
            }
            if let Some(observer) = &self.on_change {
                observer(&change);
            }
        }
        let routes = self.routes();
        routes.listeners.values().for_each(|queue| queue.push_all());
    }

    /// The connection is gone: nothing will change any more. A reason makes that an error.
    pub(crate) fn close(&self, reason: Option<&str>) {
        let routes = std::mem::take(&mut *self.routes());
        for queue in routes
            .subscriptions
            .values()
            .chain(routes.listeners.values())
        {
            queue.finish(reason.map(ClientError::closed_because));
        }
    }

    /// Delivers a notification. `stream` is the call on whose own stream it came, if it has one.
    pub(crate) fn notified(&self, method: &str, params: Option<&RawValue>, stream: Option<i64>) {
        if let Some(observer) = &self.on_notification {
            observer(method, params);
        }
        // A notification that does not decode has nobody to be told about it; it is dropped.
        match method {
            method::NOTIFICATIONS_PROGRESS => {
                decode_params(params)
                    .map(|progress| self.progressed(&progress))
                    .ok();
            }
            method::NOTIFICATIONS_MESSAGE => {
                decode_params(params)
                    .map(|message| self.logged(&message, stream))
                    .ok();
            }
            method::NOTIFICATIONS_SUBSCRIPTIONS_ACKNOWLEDGED => {
                decode_params(params).map(|ack| self.acknowledged(ack)).ok();
            }
            method::NOTIFICATIONS_ELICITATION_COMPLETE => {
                decode_params(params)
                    .map(|done: ElicitationCompleteParams| {
                        self.visits.complete(&done.elicitation_id);
                    })
                    .ok();
            }
            _ => {
                if let Some((change, meta)) = change_of(method, params) {
                    self.changed(change, meta.as_ref());
                }
            }
        }
    }

    fn progressed(&self, progress: &ProgressParams) {
        let id = match &progress.progress_token {
            ProgressToken::Number(id) => Some(*id),
            ProgressToken::String(text) => text.parse().ok(),
        };
        let routed = id.and_then(|id| self.routes().calls.get(&id)?.progress.clone());
        for observer in routed.iter().chain(&self.observers.progress) {
            observer(progress);
        }
    }

    fn logged(&self, message: &LogMessageParams, stream: Option<i64>) {
        // A log message does not say which request it belongs to. Where the stream does not say it
        // either, every call in flight is told.
        let routed: Vec<_> = match stream {
            Some(id) => self
                .routes()
                .calls
                .get(&id)
                .and_then(|call| call.log.clone())
                .into_iter()
                .collect(),
            None => self
                .routes()
                .calls
                .values()
                .filter_map(|call| call.log.clone())
                .collect(),
        };
        for observer in routed.iter().chain(&self.observers.log) {
            observer(message);
        }
    }

    fn acknowledged(&self, ack: SubscriptionsAcknowledgedParams) {
        let queue = ack
            .meta
            .as_ref()
            .and_then(subscription_of)
            .and_then(|id| self.routes().subscriptions.get(&id).cloned());
        if let Some(queue) = queue {
            queue.acknowledge(ack.notifications);
        }
    }

    fn changed(&self, change: Change, meta: Option<&Meta>) {
        if let Some(kept) = &self.kept {
            kept.changed(&change);
        }
        if let Some(observer) = &self.on_change {
            observer(&change);
        }
        let routes = self.routes();
        match meta.and_then(subscription_of) {
            Some(id) => {
                if let Some(queue) = routes.subscriptions.get(&id) {
                    queue.push(change);
                }
            }
            None => {
                for queue in routes.listeners.values() {
                    queue.push(change.clone());
                }
            }
        }
    }
}

fn subscription_of(meta: &Meta) -> Option<i64> {
    match meta.subscription_id()? {
        RequestId::Number(id) => Some(id),
        RequestId::String(text) => text.parse().ok(),
    }
}

fn change_of(method: &str, params: Option<&RawValue>) -> Option<(Change, Option<Meta>)> {
    let change = match method {
        method::NOTIFICATIONS_TOOLS_LIST_CHANGED => Change::Tools,
        method::NOTIFICATIONS_PROMPTS_LIST_CHANGED => Change::Prompts,
        method::NOTIFICATIONS_RESOURCES_LIST_CHANGED => Change::Resources,
        method::NOTIFICATIONS_RESOURCES_UPDATED => {
            let updated: ResourceUpdatedParams = decode_params(params).ok()?;
            return Some((Change::Resource(updated.uri), updated.meta));
        }
        _ => return None,
    };
    let changed: ListChangedParams = decode_params(params).ok()?;
    Some((change, changed.meta))
}

/// Takes a route away again.
pub(crate) struct Watch {
    inbox: Arc<Inbox>,
    id: i64,
    of: Routed,
}

enum Routed {
    Call,
    Subscription,
    Listener,
}

impl Drop for Watch {
    fn drop(&mut self) {
        let mut routes = self.inbox.routes();
        match self.of {
            Routed::Call => drop(routes.calls.remove(&self.id)),
            Routed::Subscription => drop(routes.subscriptions.remove(&self.id)),
            Routed::Listener => drop(routes.listeners.remove(&self.id)),
        }
    }
}
