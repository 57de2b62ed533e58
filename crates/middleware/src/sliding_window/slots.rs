//! Counts of each key in slots of time.

use std::{collections::HashMap, hash::Hash, time::Duration};

use purlin_core::Rate;
use tokio::time::Instant;

/// Into how many slots a window is cut.
const SLOTS: usize = 16;
/// How many slots may still lie in a window: one begins before it.
const KEPT: usize = SLOTS + 1;

#[derive(Debug)]
pub(super) struct Windows<K> {
    count: u32,
    slot: Duration,
    /// When slot 0 began.
    start: Instant,
    capacity: usize,
    windows: HashMap<K, Window>,
}

/// The counts of one key, in a ring.
#[derive(Debug, Default)]
struct Window {
    /// The newest slot that something was counted in.
    newest: u64,
    counts: [u32; KEPT],
}

impl<K: Hash + Eq + Clone> Windows<K> {
    pub(super) fn new(rate: Rate, capacity: usize) -> Self {
        let slots = u32::try_from(SLOTS).unwrap_or(u32::MAX);
        // Rounded up, so that all slots together are no shorter than the window.
        let slot = rate.period().div_ceil(slots);
        Self {
            count: rate.count(),
            slot,
            start: Instant::now(),
            capacity,
            windows: HashMap::new(),
        }
    }

    pub(super) fn len(&self) -> usize {
        self.windows.len()
    }

    /// Counts one more, or says how long to wait.
    pub(super) fn admit(&mut self, key: K, now: Instant) -> Result<(), Duration> {
        let slot = self.slot_of(now);
        if !self.windows.contains_key(&key) {
            self.make_room(slot);
        }
        let window = self.windows.entry(key).or_default();
        window.roll_to(slot);
        if window.total() < u64::from(self.count) {
            *window.at(slot) += 1;
            return Ok(());
        }
        let oldest = window.oldest(slot);
        let free = self.begin_of(oldest + KEPT as u64);
        Err(free.saturating_duration_since(now))
    }

    fn slot_of(&self, now: Instant) -> u64 {
        let since = now.saturating_duration_since(self.start).as_nanos();
        u64::try_from(since / self.slot.as_nanos().max(1)).unwrap_or(u64::MAX / 2)
    }

    fn begin_of(&self, slot: u64) -> Instant {
        let nanos = self.slot.as_nanos().saturating_mul(u128::from(slot));
        self.start + Duration::from_nanos(u64::try_from(nanos).unwrap_or(u64::MAX / 2))
    }

    /// Forgets who has nothing in the window, and if they are too few, the half
    /// that has least.
    fn make_room(&mut self, slot: u64) {
        if self.windows.len() < self.capacity {
            return;
        }
        self.windows
            .retain(|_, window| window.newest + KEPT as u64 > slot);
        if self.windows.len() <= self.capacity / 2 {
            return;
        }
        let mut totals: Vec<u64> = self.windows.values().map(Window::total).collect();
        let (_, middle, _) = totals.select_nth_unstable(self.windows.len() / 2);
        let middle = *middle;
        let mut surplus = self.windows.len() - self.capacity / 2;
        self.windows.retain(|_, window| {
            let leaves = surplus > 0 && window.total() <= middle;
            surplus -= usize::from(leaves);
            !leaves
        });
    }
}

impl Window {
    fn at(&mut self, slot: u64) -> &mut u32 {
        let index = usize::try_from(slot % KEPT as u64).unwrap_or_default();
        &mut self.counts[index]
    }

    fn total(&self) -> u64 {
        self.counts.iter().map(|count| u64::from(*count)).sum()
    }

    /// Empties the slots that have left the window.
    fn roll_to(&mut self, slot: u64) {
        if slot >= self.newest + KEPT as u64 {
            self.counts = [0; KEPT];
        } else {
            for passed in self.newest + 1..=slot {
                *self.at(passed) = 0;
            }
        }
        self.newest = self.newest.max(slot);
    }

    /// The oldest slot with something in it.
    fn oldest(&mut self, slot: u64) -> u64 {
        let first = (slot + 1).saturating_sub(KEPT as u64);
        (first..=slot)
            .find(|slot| *self.at(*slot) > 0)
            .unwrap_or(slot)
    }
}

/// Division that rounds up to the nanosecond.
trait DivCeil {
    fn div_ceil(self, parts: u32) -> Self;
}

impl DivCeil for Duration {
    fn div_ceil(self, parts: u32) -> Self {
        let part = self / parts;
        if part * parts < self {
            return part + Self::from_nanos(1);
        }
        part
    }
}
