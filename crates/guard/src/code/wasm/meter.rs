//! The clock of a run, which is looked at between slices of work.

use std::time::{Duration, Instant};

use super::stop::Stop;

/// How much fuel a slice of work has. That is between a fraction of a millisecond and some tens of
/// them in an optimised program: fuel is counted for blocks of instructions, not for each one.
pub(super) const SLICE: u64 = 20_000_000;

/// The clock of a run.
#[derive(Debug)]
pub(super) struct Meter {
    from: Instant,
    wall: Duration,
    cpu: Duration,
    /// How long the machine stood still: in timers, and until its output was taken.
    idle: Duration,
}

impl Meter {
    pub(super) fn new(wall: Duration, cpu: Duration) -> Self {
        Self {
            from: Instant::now(),
            wall,
            cpu,
            idle: Duration::ZERO,
        }
    }

    /// Whether there is time left.
    pub(super) fn check(&self) -> Result<(), Stop> {
        let wall = self.from.elapsed();
        if wall >= self.wall {
            return Err(Stop::Timeout);
        }
        match wall.saturating_sub(self.idle) >= self.cpu {
            true => Err(Stop::Cpu),
            false => Ok(()),
        }
    }

    /// Counts the time of something as idle.
    pub(super) fn pause<T>(&mut self, wait: impl FnOnce() -> T) -> T {
        let from = Instant::now();
        let result = wait();
        self.idle += from.elapsed();
        result
    }

    /// What is left of the time on the wall.
    pub(super) fn left(&self) -> Duration {
        self.wall.saturating_sub(self.from.elapsed())
    }

    /// How long the run takes so far.
    pub(super) fn wall(&self) -> Duration {
        self.from.elapsed()
    }

    /// How long the machine was at work so far.
    pub(super) fn cpu(&self) -> Duration {
        self.from.elapsed().saturating_sub(self.idle)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LONG: Duration = Duration::from_secs(3600);

    #[test]
    fn what_is_over_first_is_named() {
        assert_eq!(Meter::new(LONG, LONG).check(), Ok(()));
        assert_eq!(Meter::new(LONG, Duration::ZERO).check(), Err(Stop::Cpu));
        assert_eq!(Meter::new(Duration::ZERO, LONG).check(), Err(Stop::Timeout));
    }

    #[test]
    fn standing_still_is_no_work() {
        let mut meter = Meter::new(LONG, LONG);
        let waited = Instant::now();
        meter.pause(|| std::thread::sleep(Duration::from_millis(20)));
        let waited = waited.elapsed();
        assert!(meter.cpu() + waited <= meter.wall() + Duration::from_millis(1));
        assert!(meter.left() < LONG);
    }
}
