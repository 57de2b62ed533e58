//! Who may hear of a resource is judged each time that it changes, and not once
//! when the session subscribes: policies may have changed their mind.

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex},
};

use tokio::runtime::Handle;

use super::{SessionState, WeakSession, changes::tidings, lock};
use crate::{
    Context, Origin,
    access::Verdict,
    context::Priority,
    registry::Change,
    server::{
        dispatch::may_watch,
        listen::{MayHear, may_hear},
    },
};

/// Who subscribed, and the changes that policies are still asked about.
#[derive(Default)]
pub(super) struct Rejudged(Mutex<State>);

#[derive(Default)]
struct State {
    caller: Option<Caller>,
    /// Of each resource one, so there are never more than subscriptions.
    changes: BTreeMap<String, Priority>,
    /// Whether a task asks.
    asks: bool,
}

#[derive(Clone)]
struct Caller {
    origin: Origin,
    session: WeakSession,
    /// Where the task runs: changes may come from any thread.
    runtime: Option<Handle>,
}

impl SessionState {
    /// Notes who has subscribed.
    pub(crate) fn note_subscriber(self: &Arc<Self>, origin: &Origin) {
        let caller = Caller {
            origin: origin.clone(),
            session: WeakSession::of(self),
            runtime: Handle::try_current().ok(),
        };
        let before = lock(&self.rejudged.0).caller.replace(caller);
        drop(before);
    }

    /// Tells of a resource, if whoever subscribed may hear of it now.
    pub(super) fn tell_update(&self, uri: &str, priority: Priority) {
        let Some(caller) = lock(&self.rejudged.0).caller.clone() else {
            return;
        };
        match may_hear(&self.server, &caller.origin, uri) {
            MayHear::Yes => self.say_updated(uri, priority),
            MayHear::No => {}
            MayHear::Ask => self.judge_later(caller, uri, priority),
        }
    }

    fn say_updated(&self, uri: &str, priority: Priority) {
        let change = Change::Resource(uri.to_owned());
        self.queue.push(tidings(&change), priority);
    }

    /// Has policies asked by a task, of which there is one as long as something
    /// waits. It does not keep the session.
    fn judge_later(&self, caller: Caller, uri: &str, priority: Priority) {
        let Some(runtime) = caller.runtime else {
            tracing::debug!("nobody can ask the policies of a resource that has changed");
            return;
        };
        let starts = {
            let mut state = lock(&self.rejudged.0);
            state.changes.insert(uri.to_owned(), priority);
            !std::mem::replace(&mut state.asks, true)
        };
        if starts {
            runtime.spawn(ask_all(caller.session, caller.origin));
        }
    }

    fn next_unjudged(&self) -> Option<(String, Priority)> {
        let mut state = lock(&self.rejudged.0);
        let next = state.changes.pop_first();
        state.asks = next.is_some();
        next
    }
}

/// Asks about all that waits. Between two questions the session may end.
async fn ask_all(session: WeakSession, origin: Origin) {
    while let Some(session) = session.upgrade() {
        let state = Arc::clone(&session.0);
        let Some((uri, priority)) = state.next_unjudged() else {
            return;
        };
        let cx: Option<Context> = state.on_behalf(&origin);
        let Some(cx) = cx else {
            continue;
        };
        if let Verdict::Granted = may_watch(&cx, &uri).await {
            state.say_updated(&uri, priority);
        }
    }
}
