//! The states of one breaker, without any clock of its own.

use std::time::Duration;

use tokio::time::Instant;

/// Into how many slots a window is cut.
const SLOTS: usize = 10;
/// When to come back while others try the dependency.
const WHILE_TRIED: Duration = Duration::from_secs(1);

/// Whether requests pass.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum BreakerState {
    /// They pass.
    Closed,
    /// They are refused.
    Open,
    /// A few are let through to try.
    HalfOpen,
}

/// What the end of a request says of its dependency.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Outcome {
    /// It works.
    Success,
    /// It does not.
    Failure,
    /// Nothing.
    Unknown,
}

/// When a breaker opens and closes.
#[derive(Clone, Debug)]
pub(super) struct Policy {
    pub(super) percent: u8,
    pub(super) calls: u32,
    pub(super) window: Duration,
    pub(super) pause: Duration,
    pub(super) probes: u32,
}

impl Default for Policy {
    fn default() -> Self {
        Self {
            percent: 50,
            calls: 20,
            window: Duration::from_secs(10),
            pause: Duration::from_secs(30),
            probes: 3,
        }
    }
}

#[derive(Debug)]
pub(super) struct Machine {
    policy: Policy,
    phase: Phase,
    /// Counts the phases: what was let through in an earlier one says nothing
    /// any more.
    generation: u64,
}

#[derive(Debug)]
enum Phase {
    Closed(Window),
    Open { until: Instant },
    HalfOpen { running: u32, succeeded: u32 },
}

/// A request that was let through.
#[derive(Clone, Copy, Debug)]
pub(super) struct Ticket {
    generation: u64,
}

impl Machine {
    pub(super) fn new(policy: Policy, now: Instant) -> Self {
        Self {
            policy,
            phase: Phase::Closed(Window::new(now)),
            generation: 0,
        }
    }

    pub(super) fn state(&self) -> BreakerState {
        match self.phase {
            Phase::Closed(_) => BreakerState::Closed,
            Phase::Open { .. } => BreakerState::Open,
            Phase::HalfOpen { .. } => BreakerState::HalfOpen,
        }
    }

    /// Whether forgetting it changes nothing.
    pub(super) fn is_blank(&self) -> bool {
        matches!(&self.phase, Phase::Closed(window) if window.has_no_failure())
    }

    /// Lets a request through, or says when to come back. While it is closed it
    /// does not ask for the time.
    pub(super) fn admit(&mut self, now: impl FnOnce() -> Instant) -> Result<Ticket, Duration> {
        if let Phase::Open { until } = self.phase {
            let now = now();
            if now < until {
                return Err(until - now);
            }
            self.enter(Phase::HalfOpen {
                running: 0,
                succeeded: 0,
            });
        }
        if let Phase::HalfOpen { running, succeeded } = &mut self.phase {
            if *running + *succeeded >= self.policy.probes {
                return Err(WHILE_TRIED.min(self.policy.pause));
            }
            *running += 1;
        }
        Ok(Ticket {
            generation: self.generation,
        })
    }

    /// Learns how a request that was let through ended.
    pub(super) fn record(&mut self, now: Instant, ticket: Ticket, outcome: Outcome) {
        if ticket.generation != self.generation {
            return;
        }
        let opens = match &mut self.phase {
            Phase::Closed(window) => {
                window.count(now, self.policy.window, outcome);
                window.is_bad(&self.policy)
            }
            Phase::HalfOpen { running, succeeded } => {
                *running -= 1;
                *succeeded += u32::from(outcome == Outcome::Success);
                outcome == Outcome::Failure
            }
            Phase::Open { .. } => false,
        };
        if opens {
            let until = now + self.policy.pause;
            self.enter(Phase::Open { until });
        } else if matches!(self.phase, Phase::HalfOpen { succeeded, .. } if succeeded >= self.policy.probes)
        {
            self.enter(Phase::Closed(Window::new(now)));
        }
    }

    fn enter(&mut self, phase: Phase) {
        self.phase = phase;
        self.generation += 1;
    }
}

/// How requests ended, in a ring of slots.
#[derive(Debug)]
struct Window {
    start: Instant,
    newest: u64,
    slots: [Counts; SLOTS],
    /// Of all slots.
    total: Counts,
}

#[derive(Clone, Copy, Debug, Default)]
struct Counts {
    ended: u64,
    failed: u64,
}

impl Counts {
    fn add(&mut self, failed: u64) {
        self.ended += 1;
        self.failed += failed;
    }
}

impl Window {
    fn new(now: Instant) -> Self {
        Self {
            start: now,
            newest: 0,
            slots: [Counts::default(); SLOTS],
            total: Counts::default(),
        }
    }

    fn count(&mut self, now: Instant, window: Duration, outcome: Outcome) {
        if outcome == Outcome::Unknown {
            return;
        }
        // 64 bits of nanoseconds are 584 years, and are divided far sooner than 128.
        let nanos = |time: Duration| u64::try_from(time.as_nanos()).unwrap_or(u64::MAX);
        let slot = (nanos(window) / 10).max(1);
        let index = nanos(now.saturating_duration_since(self.start)) / slot;
        let passed = index.saturating_sub(self.newest).min(SLOTS as u64);
        for slot in 0..passed {
            let left = std::mem::take(self.at(index - slot));
            self.total.ended -= left.ended;
            self.total.failed -= left.failed;
        }
        self.newest = self.newest.max(index);
        let failed = u64::from(outcome == Outcome::Failure);
        self.at(index).add(failed);
        self.total.add(failed);
    }

    fn at(&mut self, slot: u64) -> &mut Counts {
        let index = usize::try_from(slot % SLOTS as u64).unwrap_or_default();
        &mut self.slots[index]
    }

    fn is_bad(&self, policy: &Policy) -> bool {
        let Counts { ended, failed } = self.total;
        ended >= u64::from(policy.calls) && failed * 100 >= ended * u64::from(policy.percent)
    }

    fn has_no_failure(&self) -> bool {
        self.total.failed == 0
    }
}
