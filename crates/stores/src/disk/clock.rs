//! The time by which records expire.
//!
//! It follows the clock of the machine forward and never back. While the store is open at least as
//! much of it passes as really does, and the file remembers how late it was: a clock that is set
//! back, with or without a restart, makes nothing live longer than it was given. One that is set
//! forward takes what would have expired until then, and no more.

use std::{
    fmt,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering::Relaxed},
    },
    time::{Duration, Instant, SystemTime, UNIX_EPOCH},
};

/// The clock of the machine, in milliseconds since 1970.
#[derive(Clone)]
pub(super) struct Wall(Arc<dyn Fn() -> u64 + Send + Sync>);

/// The time of a file, in milliseconds since 1970.
#[derive(Debug)]
pub(super) struct Clock {
    wall: Wall,
    started: Instant,
    /// What the time was at the start, as far as is known by now.
    start: AtomicU64,
}

impl Clock {
    pub(super) fn new(wall: Wall) -> Self {
        Self {
            wall,
            started: Instant::now(),
            start: AtomicU64::new(0),
        }
    }

    pub(super) fn now(&self) -> u64 {
        self.not_before(0)
    }

    /// Now, which is no earlier than `time` ever again.
    pub(super) fn not_before(&self, time: u64) -> u64 {
        let passed = millis(self.started.elapsed());
        let start = time.max((self.wall.0)()).saturating_sub(passed);
        let start = self.start.fetch_max(start, Relaxed).max(start);
        start.saturating_add(passed)
    }
}

impl Default for Wall {
    fn default() -> Self {
        let now = || SystemTime::now().duration_since(UNIX_EPOCH);
        Self(Arc::new(move || now().map_or(0, millis)))
    }
}

impl fmt::Debug for Wall {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Wall")
    }
}

fn millis(time: Duration) -> u64 {
    u64::try_from(time.as_millis()).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests {
    use purlin_core::store::{Key, KeyValue};

    use super::*;
    use crate::{Disk, disk::DiskBuilder};

    const HOUR: u64 = 3_600_000;
    const DECADE: u64 = 10 * 365 * 24 * HOUR;
    /// Some moment in 2026.
    const TODAY: u64 = 1_780_000_000_000;

    const SHORT: Key<'_> = Key::new("c", "one hour");
    const LONG: Key<'_> = Key::new("c", "eleven years");
    const ETERNAL: Key<'_> = Key::new("c", "for good");

    /// A machine whose clock is set by hand, and a directory that is gone with it.
    struct Machine {
        clock: Arc<AtomicU64>,
        directory: std::path::PathBuf,
    }

    impl Machine {
        fn new(test: &str) -> Self {
            let name = format!("purlin-clock-{}-{test}", std::process::id());
            Self {
                clock: Arc::new(AtomicU64::new(TODAY)),
                directory: std::env::temp_dir().join(name),
            }
        }

        fn set(&self, time: u64) {
            self.clock.store(time, Relaxed);
        }

        async fn open(&self) -> Disk {
            let clock = Arc::clone(&self.clock);
            let wall = Wall(Arc::new(move || clock.load(Relaxed)));
            let builder = Disk::builder(&self.directory);
            DiskBuilder { wall, ..builder }.open().await.unwrap()
        }
    }

    impl Drop for Machine {
        fn drop(&mut self) {
            _ = std::fs::remove_dir_all(&self.directory);
        }
    }

    async fn fill(store: &Disk) {
        for (at, ttl) in [
            (SHORT, Some(HOUR)),
            (LONG, Some(DECADE + DECADE / 10)),
            (ETERNAL, None),
        ] {
            let ttl = ttl.map(Duration::from_millis);
            store.put(at, "v".into(), ttl).await.unwrap();
        }
    }

    /// What is left of a record, in milliseconds; `None` for one that is not there.
    async fn left(store: &Disk, at: Key<'_>) -> Option<u64> {
        let found = store.get(at).await.unwrap();
        found.map(|found| found.expires_in.map_or(u64::MAX, millis))
    }

    #[tokio::test]
    async fn a_clock_set_back_lets_nothing_live_longer() {
        for jump in [HOUR, DECADE, TODAY] {
            let machine = Machine::new("back");
            let store = machine.open().await;
            fill(&store).await;
            machine.set(TODAY - jump);
            assert!(left(&store, SHORT).await.unwrap() <= HOUR);
            drop(store);
            let store = machine.open().await;
            assert!(left(&store, SHORT).await.unwrap() <= HOUR);
            // What is written now has its time as well, and goes when that is over.
            fill(&store).await;
            assert!(left(&store, SHORT).await.unwrap() <= HOUR);
            machine.set(TODAY + HOUR + HOUR / 2);
            assert_eq!(left(&store, SHORT).await, None);
            assert!(left(&store, LONG).await.is_some());
            assert_eq!(left(&store, ETERNAL).await, Some(u64::MAX));
        }
    }

    #[tokio::test]
    async fn a_clock_set_forward_takes_what_would_have_expired_and_no_more() {
        for jump in [HOUR, DECADE] {
            let machine = Machine::new("forward");
            let store = machine.open().await;
            fill(&store).await;
            // And a minute, in which the records were written.
            machine.set(TODAY + jump + HOUR / 60);
            assert_eq!(left(&store, SHORT).await, None);
            assert!(left(&store, LONG).await.unwrap() > DECADE / 20);
            assert_eq!(left(&store, ETERNAL).await, Some(u64::MAX));
            // Set right again, before and after a restart, it works as it did.
            machine.set(TODAY);
            refill(&store).await;
            drop(store);
            refill(&machine.open().await).await;
        }
    }

    async fn refill(store: &Disk) {
        fill(store).await;
        assert!(left(store, SHORT).await.unwrap() <= HOUR);
        assert!(left(store, LONG).await.unwrap() > DECADE);
        assert!(store.delete(SHORT).await.unwrap());
    }

    #[test]
    fn time_passes_without_the_clock_of_the_machine() {
        let clock = Clock::new(Wall(Arc::new(|| 0)));
        let then = clock.not_before(TODAY);
        assert!(then >= TODAY);
        while clock.now() == then {
            std::hint::spin_loop();
        }
        assert!(clock.now() > then && clock.now() < TODAY + HOUR);
    }
}
