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

/// All gates at which somebody is or waits. A gate that nobody uses is
/// forgotten, so there are no more gates than requests.
#[derive(Debug, Default)]
pub(super) struct Gates(Mutex<HashMap<Door, Gate>>);

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

impl Gates {
    fn lock(&self) -> MutexGuard<'_, HashMap<Door, Gate>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// How many places are taken, and how many requests wait.
    pub(super) fn totals(&self) -> (usize, usize) {
        let gates = self.lock();
        let running = gates.values().map(|gate| gate.running).sum();
        (running, gates.values().map(|gate| gate.queued).sum())
    }

    /// How many gates there are.
    #[cfg(test)]
    pub(super) fn len(&self) -> usize {
        self.lock().len()
    }

    /// Takes a place, or one in the queue.
    pub(super) fn ask(
        self: &Arc<Self>,
        door: &Door,
        places: usize,
        queue: usize,
        caller: &Caller,
    ) -> Asked {
        let pushed_out;
        let queued = {
            let mut gates = self.lock();
            let gate = gates.entry(door.clone()).or_default();
            if gate.running < places && gate.queued == 0 {
                gate.running += 1;
                return Asked::Place(self.place(door));
            }
            pushed_out = match gate.make_room(queue, caller) {
                Ok(pushed_out) => pushed_out,
                Err(Full) => return Asked::Full,
            };
            let (id, grant) = gate.enqueue(caller);
            Queued {
                gates: Arc::clone(self),
                door: door.clone(),
                caller: caller.clone(),
                id,
                grant,
            }
        };
        // Outside of the lock: whoever waits for it wakes.
        drop(pushed_out);
        Asked::Queued(queued)
    }

    fn place(self: &Arc<Self>, door: &Door) -> Place {
        Place {
            gates: Arc::clone(self),
            door: Some(door.clone()),
        }
    }

    /// Gives a place that is free to whoever is next, or leaves it free.
    fn pass_on(self: &Arc<Self>, door: &Door) {
        loop {
            let next = {
                let mut gates = self.lock();
                let Some(gate) = gates.get_mut(door) else {
                    return;
                };
                match gate.next() {
                    Some(next) => next,
                    None => {
                        gate.running -= 1;
                        if gate.running == 0 {
                            gates.remove(door);
                        }
                        return;
                    }
                }
            };
            match next.grant.send(self.place(door)) {
                Ok(()) => return,
                // It left at this moment. The place is still ours to give.
                Err(mut place) => place.door = None,
            }
        }
    }
}

/// There is no room in the queue.
#[derive(Debug)]
struct Full;

impl Gate {
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
        let left = {
            let mut gates = self.gates.lock();
            gates
                .get_mut(&self.door)
                .and_then(|gate| gate.leave(&self.caller, self.id))
        };
        drop(left);
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        if let Some(door) = self.door.take() {
            self.gates.pass_on(&door);
        }
    }
}
