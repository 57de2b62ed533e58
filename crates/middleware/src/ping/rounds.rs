//! The task that pings.

use std::{
    collections::HashSet,
    fmt,
    sync::{
        Arc, Mutex, MutexGuard, PoisonError, Weak,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use purlin_core::WeakSession;
use tokio::{runtime::Handle, task::AbortHandle, time::sleep};

/// The sessions of a server and the task that pings them.
pub(super) struct Rounds {
    interval: Duration,
    state: Mutex<State>,
    sent: AtomicU64,
}

#[derive(Default)]
struct State {
    /// As many as the transports keep; the gone ones until the next round.
    sessions: HashSet<WeakSession>,
    task: Option<AbortHandle>,
}

impl fmt::Debug for Rounds {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Rounds")
            .field("interval", &self.interval)
            .field("sessions", &self.lock().sessions.len())
            .finish()
    }
}

impl Rounds {
    pub(super) fn new(interval: Duration) -> Self {
        Self {
            interval,
            state: Mutex::default(),
            sent: AtomicU64::new(0),
        }
    }

    pub(super) fn sent(&self) -> u64 {
        self.sent.load(Ordering::Relaxed)
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Whether the task is there.
    #[cfg(test)]
    pub(super) fn is_running(&self) -> bool {
        let task = &self.lock().task;
        task.as_ref().is_some_and(|task| !task.is_finished())
    }

    /// Pings this session too from now on.
    pub(super) fn join(self: &Arc<Self>, session: WeakSession) {
        let Ok(runtime) = Handle::try_current() else {
            return;
        };
        let mut state = self.lock();
        state.sessions.replace(session);
        if state.task.is_none() {
            let (rounds, interval) = (Arc::downgrade(self), self.interval);
            let task = runtime.spawn(run(rounds, interval));
            state.task = Some(task.abort_handle());
        }
    }

    /// Ends the task.
    pub(super) fn stop(&self) {
        let task = self.lock().task.take();
        if let Some(task) = task {
            task.abort();
        }
    }

    /// Pings everybody once. False when there is nobody: the task is to end.
    fn round(&self) -> bool {
        let mut state = self.lock();
        let mut sent = 0;
        state.sessions.retain(|session| {
            let Some(session) = session.upgrade() else {
                return false;
            };
            if session.is_closed() || session.server().is_draining() {
                return false;
            }
            session.ping();
            sent += 1;
            true
        });
        // What a crowd took is not kept for the next one.
        let room = 2 * state.sessions.len();
        state.sessions.shrink_to(room);
        self.sent.fetch_add(sent, Ordering::Relaxed);
        let goes_on = !state.sessions.is_empty();
        if !goes_on {
            state.task = None;
        }
        goes_on
    }
}

async fn run(rounds: Weak<Rounds>, interval: Duration) {
    loop {
        sleep(interval).await;
        match rounds.upgrade() {
            Some(rounds) if rounds.round() => {}
            _ => return,
        }
    }
}
