//! Gates with places, and fair queues before them.

use std::{
    collections::{HashMap, VecDeque},
    fmt,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use purlin_core::access::Caller;
use tokio::sync::oneshot;

/// What a gate is before.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) enum Door {
    Caller(Caller),
    Tool(String),
    Server,
}

/// The gate of the server, and all others at which somebody is or waits. Another
/// gate that nobody uses is forgotten, so there are no more gates than requests.
#[derive(Debug, Default)]
pub(super) struct Gates {
    server: Mutex<Gate>,
    others: Mutex<HashMap<Door, Gate>>,
}

/// One gate.
#[derive(Debug, Default)]
struct Gate {
    running: usize,
    queued: usize,
    /// Whose turn it is: callers who wait, in the order they are served.
    turns: VecDeque<Caller>,
    waiting: HashMap<Caller, VecDeque<Waiter>>,
    next_id: u64,
}

#[derive(Debug)]
struct Waiter {
    id: u64,
    /// Dropped to push the waiter out.
    grant: oneshot::Sender<Place>,
}

/// A place that is taken; dropping it passes it on.
pub(super) struct Place {
    gates: Arc<Gates>,
    door: Option<Door>,
}

impl fmt::Debug for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Place").field(&self.door).finish()
    }
}

/// What asking for a place leads to.
#[derive(Debug)]
pub(super) enum Asked {
    Place(Place),
    Queued(Queued),
    Full,
}

/// A place in the queue; dropping it leaves the queue.
pub(super) struct Queued {
    gates: Arc<Gates>,
    door: Door,
    caller: Caller,
    id: u64,
    grant: oneshot::Receiver<Place>,
}

impl fmt::Debug for Queued {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Queued").field(&self.door).finish()
    }
}

fn lock<T>(of: &Mutex<T>) -> MutexGuard<'_, T> {
    of.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Gates {
    /// Does something at a gate, while nobody else does.
    fn at<T>(&self, door: &Door, work: impl FnOnce(&mut Gate) -> T) -> T {
        if *door == Door::Server {
            return work(&mut lock(&self.server));
        }
        let mut gates = lock(&self.others);
        if let Some(gate) = gates.get_mut(door) {
            let done = work(gate);
            if gate.is_unused() {
                gates.remove(door);
            }
            return done;
        }
        let mut gate = Gate::default();
        let done = work(&mut gate);
        if !gate.is_unused() {
            gates.insert(door.clone(), gate);
        }
        done
    }

    /// How many places are taken, and how many requests wait.
    pub(super) fn totals(&self) -> (usize, usize) {
        let (mut running, mut queued) = {
            let server = lock(&self.server);
            (server.running, server.queued)
        };
        for gate in lock(&self.others).values() {
            running += gate.running;
            queued += gate.queued;
        }
        (running, queued)
    }

    /// How many gates are in use.
    #[cfg(test)]
    pub(super) fn len(&self) -> usize {
        usize::from(!lock(&self.server).is_unused()) + lock(&self.others).len()
    }

    /// Takes a place, or one in the queue, for which alone the caller is asked for.
    pub(super) fn ask(
        self: &Arc<Self>,
        door: &Door,
        places: usize,
        queue: usize,
        caller: impl Fn() -> Caller,
    ) -> Asked {
        let (place, pushed_out) = self.at(door, |gate| gate.ask(places, queue, &caller));
        // Outside of the lock: whoever waits for it wakes.
        drop(pushed_out);
        match place {
            Turn::Now => Asked::Place(self.place(door)),
            Turn::Full => Asked::Full,
            Turn::Later(id, grant) => Asked::Queued(Queued {
                gates: Arc::clone(self),
                door: door.clone(),
                caller: caller(),
                id,
                grant,
            }),
        }
    }

    fn place(self: &Arc<Self>, door: &Door) -> Place {
        Place {
            gates: Arc::clone(self),
            door: Some(door.clone()),
        }
    }

    /// Gives a place that is free to whoever is next, or leaves it free.
    fn pass_on(self: &Arc<Self>, door: &Door) {
        while let Some(next) = self.at(door, Gate::next_or_free) {
            match next.grant.send(self.place(door)) {
                Ok(()) => return,
                // It left at this moment. The place is still ours to give.
                Err(mut place) => place.door = None,
            }
        }
    }
}

/// When a request has its turn at a gate.
#[derive(Debug)]
enum Turn {
    Now,
    Later(u64, oneshot::Receiver<Place>),
    Full,
}

/// There is no room in the queue.
#[derive(Debug)]
struct Full;

impl Gate {
    fn is_unused(&self) -> bool {
        self.running == 0 && self.queued == 0
    }

    /// Takes a place, or one in the queue; with whoever was pushed out of it.
    fn ask(
        &mut self,
        places: usize,
        queue: usize,
        caller: impl Fn() -> Caller,
    ) -> (Turn, Option<Waiter>) {
        if self.running < places && self.queued == 0 {
            self.running += 1;
            return (Turn::Now, None);
        }
        let caller = caller();
        match self.make_room(queue, &caller) {
            Err(Full) => (Turn::Full, None),
            Ok(pushed_out) => {
                let (id, grant) = self.enqueue(&caller);
                (Turn::Later(id, grant), pushed_out)
            }
        }
    }

    /// Who gets a place that is free; without anybody it stays so.
    fn next_or_free(&mut self) -> Option<Waiter> {
        let next = self.next();
        self.running -= usize::from(next.is_none());
        next
    }

    /// Makes room in the queue: for a caller who waits with less than another,
    /// the latest of the one who waits with most is pushed out.
    fn make_room(&mut self, queue: usize, caller: &Caller) -> Result<Option<Waiter>, Full> {
        if self.queued < queue {
            return Ok(None);
        }
        let own = self.waiting.get(caller).map_or(0, VecDeque::len);
        let greediest = self
            .waiting
            .iter()
            .max_by_key(|(_, waiters)| waiters.len())
            .filter(|(_, waiters)| waiters.len() > own + 1)
            .map(|(greediest, _)| greediest.clone())
            .ok_or(Full)?;
        let latest = self
            .waiting
            .get_mut(&greediest)
            .and_then(VecDeque::pop_back);
        self.queued -= usize::from(latest.is_some());
        Ok(latest)
    }

    fn enqueue(&mut self, caller: &Caller) -> (u64, oneshot::Receiver<Place>) {
        let (grant, granted) = oneshot::channel();
        let id = self.next_id;
        self.next_id += 1;
        self.queued += 1;
        let waiters = self.waiting.entry(caller.clone()).or_default();
        if waiters.is_empty() {
            self.turns.push_back(caller.clone());
        }
        waiters.push_back(Waiter { id, grant });
        (id, granted)
    }

    /// Whose turn it is; the caller's next request has its turn after all others.
    fn next(&mut self) -> Option<Waiter> {
        let caller = self.turns.pop_front()?;
        let waiters = self.waiting.get_mut(&caller)?;
        let waiter = waiters.pop_front()?;
        self.queued -= 1;
        if waiters.is_empty() {
            self.waiting.remove(&caller);
        } else {
            self.turns.push_back(caller);
        }
        Some(waiter)
    }

    /// Takes out one who no longer waits.
    fn leave(&mut self, caller: &Caller, id: u64) -> Option<Waiter> {
        let waiters = self.waiting.get_mut(caller)?;
        let at = waiters.iter().position(|waiter| waiter.id == id)?;
        let waiter = waiters.remove(at);
        self.queued -= 1;
        if waiters.is_empty() {
            self.waiting.remove(caller);
            self.turns.retain(|turn| turn != caller);
        }
        waiter
    }
}

impl Queued {
    /// Waits for the place; `None` when pushed out of the queue.
    pub(super) async fn wait(mut self) -> Option<Place> {
        (&mut self.grant).await.ok()
    }
}

impl Drop for Queued {
    fn drop(&mut self) {
        // A place that was granted and not taken goes back with the channel,
        // outside of the lock.
        let leave = |gate: &mut Gate| gate.leave(&self.caller, self.id);
        drop(self.gates.at(&self.door, leave));
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        if let Some(door) = self.door.take() {
            self.gates.pass_on(&door);
        }
    }
}
