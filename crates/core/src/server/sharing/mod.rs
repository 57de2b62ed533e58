//! Changes that one replica makes and the clients of all hear of.
//!
//! A change goes through the server's store: [`take`](Sharing::take) queues it, a
//! task adds it to a record of the last changes ([`Ring`]) by compare-and-set, and
//! the task of each replica, this one included, reads the record when it changes
//! and tells its clients. So all replicas tell the same changes in the same order,
//! each at a [`Place`] that a stream can be continued from elsewhere.
//!
//! Nothing is passed over in silence. While the store is away, the clients here are
//! told at once and the others when it is back. Who has missed more than the record
//! keeps, or finds another record than before, announces everything
//! ([`Change::Anything`]).
//!
//! None of this runs unless a transport asks for it
//! ([`Server::share_changes`]).

mod ring;
mod task;

use std::{
    collections::{BTreeSet, VecDeque},
    fmt,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use tokio::{
    runtime::Handle,
    sync::{Notify, watch},
    task::AbortHandle,
};

use super::{Server, WeakServer, random_id};
use crate::{
    context::digest,
    registry::{Change, Place, Reach},
    store::{Key, KeyValue},
};
use ring::{MAX_CHANGES, Ring, Since};

const COLLECTION: &str = "mcp.changes";
/// The longest name of a server that is a key as it is.
const MAX_NAME: usize = 256;

/// The changes of one server, as they are shared with other replicas.
pub(crate) struct Sharing {
    store: Arc<dyn KeyValue>,
    key: String,
    /// What tells the changes of this process from those of others.
    process: String,
    state: Mutex<State>,
    /// Something was queued.
    queued: Notify,
    /// Whether the record has been looked for since the beginning.
    looked: watch::Sender<bool>,
    task: Mutex<Option<AbortHandle>>,
}

#[derive(Default)]
struct State {
    /// Changes of this process that are not in the record yet, at most
    /// [`MAX_CHANGES`]; when there are more, they become one of anything.
    queue: VecDeque<Queued>,
    count: u64,
    /// Those of them that clients here have been told already.
    told_here: BTreeSet<u64>,
    /// The store has failed: clients here are told at once.
    away: bool,
    /// The record as it was read last.
    ring: Option<Ring>,
    /// The place up to which changes were handed to clients here, the last of
    /// them perhaps not to all.
    begun: Place,
    /// The place up to which all clients here have them.
    done: Place,
}

#[derive(Clone, Debug)]
struct Queued {
    count: u64,
    change: Change,
}

impl fmt::Debug for Sharing {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Sharing").finish_non_exhaustive()
    }
}

impl Server {
    /// Shares changes with the other replicas of this server: those that have its
    /// name and its store ([`with_store`](Self::with_store)). What one of them
    /// tells, `notify_…` and everything that changes the lists, the clients of all
    /// hear, once.
    ///
    /// For transports. The first call counts. A task carries the changes; it is
    /// started here, or by the first change or client if there is no runtime yet,
    /// and ends with the server.
    pub fn share_changes(&self) {
        let name = self.name();
        let sharing = self.0.sharing.get_or_init(|| {
            let key = if name.len() > MAX_NAME {
                digest(name.as_bytes())
            } else {
                name
            };
            Arc::new(Sharing::new(self.store(), key))
        });
        sharing.begin(&self.downgrade());
    }

    /// Waits until changes of other replicas are heard here, so that a client that
    /// is told it listens does. Ready at once where nothing is shared.
    pub async fn changes_heard(&self) {
        if let Some(sharing) = self.0.sharing.get() {
            sharing.begin(&self.downgrade());
            let mut looked = sharing.looked.subscribe();
            // The sender lives as long as the server.
            let _ = looked.wait_for(|looked| *looked).await;
        }
    }

    pub(crate) fn sharing(&self) -> Option<&Sharing> {
        self.0.sharing.get().map(|sharing| &**sharing)
    }
}

impl Drop for super::Inner {
    fn drop(&mut self) {
        if let Some(sharing) = self.sharing.get() {
            sharing.end();
        }
    }
}

impl Sharing {
    fn new(store: Arc<dyn KeyValue>, key: String) -> Self {
        Self {
            store,
            key,
            process: random_id(),
            state: Mutex::default(),
            queued: Notify::new(),
            looked: watch::Sender::new(false),
            task: Mutex::default(),
        }
    }

    fn at(&self) -> Key<'_> {
        Key::new(COLLECTION, &self.key)
    }

    fn state(&self) -> MutexGuard<'_, State> {
        // No user code runs under the lock, so what it guards is whole.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Starts the task, if it does not run and can. False when it cannot.
    fn begin(self: &Arc<Self>, server: &WeakServer) -> bool {
        let mut task = self.task.lock().unwrap_or_else(PoisonError::into_inner);
        if task.as_ref().is_some_and(|task| !task.is_finished()) {
            return true;
        }
        let Ok(runtime) = Handle::try_current() else {
            return false;
        };
        let carrying = task::carry(Arc::clone(self), server.clone());
        *task = Some(runtime.spawn(carrying).abort_handle());
        true
    }

    fn end(&self) {
        let task = self.task.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(task) = &*task {
            task.abort();
        }
    }

    /// Queues a change of this process. True when clients here will hear of it
    /// through the store; false when they are to be told now.
    pub(super) fn take(self: &Arc<Self>, server: &Server, change: &Change) -> bool {
        let runs = self.begin(&server.downgrade());
        let mut state = self.state();
        let through_store = runs && !state.away;
        if !state.will_tell(change, through_store) {
            state.push(change.clone());
        }
        if !through_store {
            state.tell_at_once();
        }
        drop(state);
        self.queued.notify_one();
        through_store
    }

    /// The place up to which all clients here have been told.
    pub(crate) fn told(&self) -> Place {
        self.state().done
    }

    /// What a client has to be told that knows everything `from` some place on and
    /// hears everything that comes after `to`, or after this moment; and the place up
    /// to which it knows it then. Without `from` nobody knows what it knows.
    pub(crate) fn missed(&self, from: Option<Place>, to: Option<Place>) -> (Vec<Change>, Place) {
        let state = self.state();
        let to = to.unwrap_or(state.begun);
        let Some(from) = from else {
            return (vec![Change::Anything], to);
        };
        if from.covers(to) {
            return (Vec::new(), from);
        }
        let since = state.ring.as_ref().map(|ring| ring.since(from));
        let missed = match since {
            Some(Since::Told(told)) => {
                let told = told.into_iter().filter(|(place, _)| to.covers(*place));
                told.map(|(_, told)| told.change()).collect()
            }
            Some(Since::Lost) => vec![Change::Anything],
            // There never was a record, or it was lost and that has been told.
            None => Vec::new(),
        };
        (missed, to)
    }
}

impl State {
    /// Whether what is queued says the same already, to the clients here too if
    /// they still have to be told.
    fn will_tell(&self, change: &Change, here_too: bool) -> bool {
        let mut same = self.queue.iter().filter(|queued| queued.change == *change);
        same.any(|queued| !here_too || !self.told_here.contains(&queued.count))
    }

    fn push(&mut self, change: Change) {
        let change = if self.queue.len() >= MAX_CHANGES {
            self.queue.clear();
            self.told_here.clear();
            Change::Anything
        } else {
            change
        };
        self.count += 1;
        let count = self.count;
        self.queue.push_back(Queued { count, change });
    }

    /// Notes that what is queued is told without waiting for the store.
    fn tell_at_once(&mut self) {
        let counts = self.queue.iter().map(|queued| queued.count);
        self.told_here.extend(counts);
    }

    /// Forgets who was told of changes up to this one: they are in the record.
    fn forget_told(&mut self, last: u64) {
        self.told_here = self.told_here.split_off(&(last + 1));
    }

    /// What was queued and not told to the clients here; told it is from now on.
    fn take_untold(&mut self) -> Vec<Change> {
        let told = &self.told_here;
        let untold = self.queue.iter().filter(|it| !told.contains(&it.count));
        let untold = untold.map(|queued| queued.change.clone()).collect();
        self.tell_at_once();
        untold
    }
}

impl Server {
    /// Tells the clients here of a change that stands in the record.
    fn tell_shared(&self, change: &Change, own: bool, place: Place) {
        if !own {
            self.clear(change);
        }
        self.0.bus.publish(change, Reach::Shared(place));
    }
}

#[cfg(test)]
mod tests;
