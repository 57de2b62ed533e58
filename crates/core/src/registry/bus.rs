//! The bus on which a server says that something changed.
//!
//! Sessions, `subscriptions/listen` streams and the servers something is
//! mounted in all hang on it. Publishing never waits: each listener has a
//! bounded queue of its own.

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError, Weak},
};

/// What changed at a server.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Change {
    /// The list of tools.
    Tools,
    /// The list of prompts.
    Prompts,
    /// The lists of resources and of resource templates.
    Resources,
    /// The contents of one resource, by its URI.
    Resource(String),
    /// Any of these: changes of other processes were missed, and nobody knows
    /// which.
    Anything,
}

/// How far the word of a change goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Reach {
    /// To the clients of all replicas.
    Everybody,
    /// To the clients of this process; other replicas hear of it by themselves.
    Here,
    /// To the clients of this process: it stands at this place among the changes
    /// that the replicas share.
    Shared(Place),
}

/// A place among the changes that replicas share: in which series, and the how
/// manyth. Series 0 is none.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Place {
    pub(crate) series: u64,
    pub(crate) number: u64,
}

impl Place {
    /// Whether what is at the other place was there before, or is this one.
    pub(crate) fn covers(self, other: Self) -> bool {
        self.series == other.series && self.number >= other.number
    }
}

impl Change {
    /// Every list may have changed.
    pub(crate) const LISTS: [Self; 3] = [Self::Tools, Self::Prompts, Self::Resources];
}

/// Something that wants to know of changes.
pub(crate) trait Listener: Send + Sync {
    fn notify(&self, change: &Change, reach: Reach);
}

/// The listeners of one server, in the order they came. They are held weakly, and
/// leave when they are dropped: a reference that stays, weak as it is, would keep
/// the memory of a session that is gone.
#[derive(Default)]
pub(crate) struct Bus(Mutex<Listeners>);

#[derive(Default)]
struct Listeners {
    last: u64,
    by_number: BTreeMap<u64, Weak<dyn Listener>>,
}

/// The place of a listener.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Seat(u64);

/// A listener that leaves when this is dropped.
pub(crate) struct Seated<'a>(&'a Bus, Seat);

impl Bus {
    /// Whoever gets the seat has to [leave](Self::leave) it.
    pub(crate) fn join(&self, listener: Weak<dyn Listener>) -> Seat {
        let mut listeners = self.lock();
        listeners.last += 1;
        let number = listeners.last;
        listeners.by_number.insert(number, listener);
        Seat(number)
    }

    /// The same for as long as something runs.
    pub(crate) fn join_for_now(&self, listener: Weak<dyn Listener>) -> Seated<'_> {
        Seated(self, self.join(listener))
    }

    pub(crate) fn leave(&self, seat: Seat) {
        let left = self.lock().by_number.remove(&seat.0);
        drop(left);
    }

    pub(crate) fn publish(&self, change: &Change, reach: Reach) {
        // Only those told now are kept alive, and nobody is told under the lock.
        let listeners: Vec<Arc<dyn Listener>> = {
            let all = &mut self.lock().by_number;
            // The link of a mount that was undone is gone without a word.
            all.retain(|_, listener| listener.strong_count() > 0);
            all.values().filter_map(Weak::upgrade).collect()
        };
        for listener in listeners {
            listener.notify(change, reach);
        }
    }

    fn lock(&self) -> MutexGuard<'_, Listeners> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Seated<'_> {
    fn drop(&mut self) {
        self.0.leave(self.1);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Count(Mutex<usize>);

    impl Listener for Count {
        fn notify(&self, _change: &Change, _reach: Reach) {
            *self.0.lock().unwrap() += 1;
        }
    }

    #[test]
    fn who_left_is_told_nothing_and_leaves_nothing() {
        let (bus, count) = (Bus::default(), Arc::new(Count(Mutex::default())));
        let weak = || -> Weak<dyn Listener> { Arc::downgrade(&count) as Weak<dyn Listener> };
        let seat = bus.join(weak());
        let seated = bus.join_for_now(weak());
        bus.publish(&Change::Tools, Reach::Here);
        drop(seated);
        bus.publish(&Change::Tools, Reach::Here);
        bus.leave(seat);
        bus.publish(&Change::Tools, Reach::Here);
        assert_eq!(*count.0.lock().unwrap(), 3);
        assert_eq!(Arc::weak_count(&count), 0);
    }
}
