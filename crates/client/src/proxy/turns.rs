//! Who may use a connection whose questions do not say which call they are about.
//!
//! Over HTTP a question of the server comes on the stream of the call that caused it, and in the
//! stateless era it comes inside of that call's result. On a connection of the session era that
//! carries everything (a child process, a socket, memory, HTTP+SSE) nothing ties the two. There,
//! calls of different clients of the proxy take turns, so that whatever is asked can only be about
//! the one whose turn it is. Calls of one session run at the same time, as its client is asked
//! either way. A client of the stateless era is asked in the answer to its request, so each of its
//! requests has a turn of its own.
//!
//! A call that was given up may have caused a question that is still on its way. The turn ends
//! when the server has shown (by answering a ping) that it knows of the cancellation.

use std::collections::VecDeque;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use purlin_core::Context;
use purlin_core::protocol::method;
use tokio::sync::oneshot;

use crate::client::{Client, Inner};
use crate::envelope::{self, Params};
use crate::link::Outgoing;

/// How long a server may take to show that it knows of a cancellation.
const PATIENCE: Duration = Duration::from_secs(5);

/// Who makes a call, as far as questions are concerned.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Caller {
    /// The client of a session, by its connection.
    Session(u64),
    /// A request that is asked in its answer.
    Request(u64),
}

impl Caller {
    pub(super) fn of(cx: &Context) -> Self {
        static REQUESTS: AtomicU64 = AtomicU64::new(0);
        match cx.connection() {
            Some(session) if !cx.revision().is_modern() => Self::Session(session),
            _ => Self::Request(REQUESTS.fetch_add(1, Ordering::Relaxed)),
        }
    }
}

/// Whose turn it is on one connection, and who waits.
#[derive(Default)]
pub(crate) struct Turns(Mutex<State>);

#[derive(Default)]
struct State {
    holder: Option<Caller>,
    /// How many calls the holder has in flight, and how many of them it is being asked about.
    calls: usize,
    asked: usize,
    /// At most as many as there are requests in flight on this side.
    waiting: VecDeque<(Caller, oneshot::Sender<Turn>)>,
}

impl State {
    /// A holder that is being asked may need further calls for its answer, and waits for nobody.
    fn admits(&self, caller: Caller) -> bool {
        match self.holder {
            None => true,
            Some(holder) => holder == caller && (self.waiting.is_empty() || self.asked > 0),
        }
    }

    /// Gives the turn to whoever waited longest, and to all else that it waits with.
    fn pass_on(&mut self) -> Vec<oneshot::Sender<Turn>> {
        self.waiting.retain(|(_, waiting)| !waiting.is_closed());
        self.holder = self.waiting.front().map(|(caller, _)| *caller);
        let all = std::mem::take(&mut self.waiting).into_iter();
        let (next, rest): (Vec<_>, Vec<_>) =
            all.partition(|(caller, _)| Some(*caller) == self.holder);
        self.waiting = rest.into();
        self.calls = next.len();
        next.into_iter().map(|(_, waiting)| waiting).collect()
    }
}

impl Turns {
    fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Waits for a turn, where turns are needed.
pub(super) async fn take(client: &Client, caller: Caller) -> Option<Turn> {
    let inner = &client.0;
    let tells = inner.is_stateless() || inner.link.has_headers();
    if tells || !inner.inbox.answers.relayed {
        return None;
    }
    let waiting = {
        let mut state = inner.turns.state();
        if state.admits(caller) {
            state.holder = Some(caller);
            state.calls += 1;
            return Some(Turn::new(inner).begun());
        }
        let (turn, waiting) = oneshot::channel();
        state.waiting.push_back((caller, turn));
        waiting
    };
    // The queue belongs to the client, which is borrowed.
    waiting.await.ok().map(Turn::begun)
}

/// The right to make a call, until it is dropped.
pub(super) struct Turn {
    inner: Arc<Inner>,
    /// Whether the server may still ask because of the call.
    begun: bool,
}

impl Turn {
    fn new(inner: &Arc<Inner>) -> Self {
        Self {
            inner: Arc::clone(inner),
            begun: false,
        }
    }

    fn begun(mut self) -> Self {
        self.begun = true;
        self
    }

    /// The server has answered: it asks nothing any more because of the call.
    pub(super) fn done(mut self) {
        self.begun = false;
    }

    /// The caller is being asked, until the guard is dropped.
    pub(super) fn asking(&self) -> Asking<'_> {
        self.inner.turns.state().asked += 1;
        Asking(&self.inner.turns)
    }
}

pub(super) struct Asking<'a>(&'a Turns);

impl Drop for Asking<'_> {
    fn drop(&mut self) {
        self.0.state().asked -= 1;
    }
}

impl Drop for Turn {
    fn drop(&mut self) {
        let inner = Arc::clone(&self.inner);
        if !self.begun {
            return end(&inner);
        }
        let (weak, link) = (Arc::downgrade(&inner), Arc::clone(&inner.link));
        let id = inner.next_id();
        let body = envelope::request(id, method::PING, &Params::default());
        let revision = inner.revision();
        inner.tasks.spawn(async move {
            let ping = Outgoing::plain(id, method::PING, body, Some(revision));
            if let Err(error) = link.within(PATIENCE, link.exchange(ping)).await {
                tracing::debug!(%error, "the server does not show that it knows of a cancellation");
            }
            if let Some(inner) = weak.upgrade() {
                end(&inner);
            }
        });
    }
}

/// Ends one call of the holder.
fn end(inner: &Arc<Inner>) {
    let next = {
        let mut state = inner.turns.state();
        state.calls = state.calls.saturating_sub(1);
        if state.calls > 0 {
            return;
        }
        state.pass_on()
    };
    for waiting in next {
        // Whoever stopped waiting just now made no call.
        drop(waiting.send(Turn::new(inner)));
    }
}
