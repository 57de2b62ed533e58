//! Those who wait for a change.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use tokio::sync::{Notify, futures::OwnedNotified};

use crate::store::Key;

type Place = (Box<str>, Box<str>);

/// Who waits at which place. There is one entry per place that somebody waits at, so it is bounded
/// by the calls that are running.
#[derive(Debug, Default)]
pub(super) struct Waiting(Mutex<HashMap<Place, Waiters>>);

#[derive(Debug, Default)]
struct Waiters {
    count: usize,
    notify: Arc<Notify>,
}

/// One who waits, until it is dropped.
#[derive(Debug)]
pub(super) struct Waiter<'a> {
    notified: OwnedNotified,
    _seat: Seat<'a>,
}

/// What a waiter has to give back.
#[derive(Debug)]
struct Seat<'a> {
    waiting: &'a Waiting,
    place: Place,
}

impl Waiting {
    pub(super) fn wake(&self, at: Key<'_>) {
        let waiting = self.lock();
        // Nobody waits most of the time; then this costs no copy of the key.
        if waiting.is_empty() {
            return;
        }
        if let Some(waiters) = waiting.get(&place(at)) {
            waiters.notify.notify_waiters();
        }
    }

    /// Whatever happens at the place from now on wakes the waiter.
    pub(super) fn register(&self, at: Key<'_>) -> Waiter<'_> {
        let place = place(at);
        let mut waiting = self.lock();
        let waiters = waiting.entry(place.clone()).or_default();
        waiters.count += 1;
        Waiter {
            notified: Arc::clone(&waiters.notify).notified_owned(),
            _seat: Seat {
                waiting: self,
                place,
            },
        }
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<Place, Waiters>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Waiter<'_> {
    pub(super) async fn woken(self) {
        self.notified.await;
    }
}

impl Drop for Seat<'_> {
    fn drop(&mut self) {
        let mut waiting = self.waiting.lock();
        if let Some(waiters) = waiting.get_mut(&self.place) {
            waiters.count -= 1;
            if waiters.count == 0 {
                waiting.remove(&self.place);
            }
        }
    }
}

fn place(at: Key<'_>) -> Place {
    (at.collection.into(), at.key.into())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn who_waits_is_woken_and_leaves_nothing_behind() {
        let waiting = Waiting::default();
        let at = Key::new("c", "k");
        let (first, second) = (waiting.register(at), waiting.register(at));
        drop(waiting.register(Key::new("c", "other")));
        assert_eq!(waiting.lock().len(), 1);
        waiting.wake(at);
        first.woken().await;
        second.woken().await;
        assert!(waiting.lock().is_empty());
    }
}
