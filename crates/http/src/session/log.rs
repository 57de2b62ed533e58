//! What one stream has sent, kept for a client that comes back.

use std::collections::VecDeque;

use bytes::Bytes;
use tokio::time::Instant;

use crate::config::EventLimits;

/// The events of one stream, numbered from 0, the oldest of which may be gone.
///
/// The newest event always stays, however large: it is the answer.
#[derive(Debug)]
pub(crate) struct EventLog {
    limits: EventLimits,
    /// The number of the next event.
    next: u64,
    events: VecDeque<Kept>,
    bytes: usize,
}

#[derive(Debug)]
struct Kept {
    at: Instant,
    frame: Bytes,
}

impl EventLog {
    pub(crate) fn new(limits: EventLimits) -> Self {
        Self {
            limits,
            next: 0,
            events: VecDeque::new(),
            bytes: 0,
        }
    }

    /// A log that goes on where another one was: its next event has this number.
    pub(crate) fn starting_at(limits: EventLimits, next: u64) -> Self {
        Self {
            next,
            ..Self::new(limits)
        }
    }

    /// The number the next event will get.
    pub(crate) fn next(&self) -> u64 {
        self.next
    }

    /// Adds the next event, encoded.
    pub(crate) fn append(&mut self, frame: Bytes, now: Instant) {
        self.next += 1;
        self.bytes += frame.len();
        self.events.push_back(Kept { at: now, frame });
        while self.events.len() > 1 && self.is_over(now) {
            if let Some(oldest) = self.events.pop_front() {
                self.bytes -= oldest.frame.len();
            }
        }
    }

    fn is_over(&self, now: Instant) -> bool {
        let aged = |kept: &Kept| now.saturating_duration_since(kept.at) > self.limits.age;
        self.events.len() > self.limits.count
            || self.bytes > self.limits.bytes
            || self.events.front().is_some_and(aged)
    }

    /// Whether everything here is too old to be kept.
    pub(crate) fn is_stale(&self, now: Instant) -> bool {
        let aged = |kept: &Kept| now.saturating_duration_since(kept.at) > self.limits.age;
        self.events.back().is_none_or(aged)
    }

    /// The first event with this number or a later one, and its number.
    pub(crate) fn from(&self, number: u64) -> Option<(u64, Bytes)> {
        let first = self.next - self.events.len() as u64;
        let number = number.max(first);
        let index = usize::try_from(number - first).ok()?;
        let kept = self.events.get(index)?;
        Some((number, kept.frame.clone()))
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use bytes::Bytes;
    use tokio::time::Instant;

    use super::{EventLimits, EventLog};

    const LIMITS: EventLimits = EventLimits {
        count: 3,
        bytes: 10,
        age: Duration::from_secs(300),
        streams: 1,
    };

    fn log(frames: &[&'static str], now: Instant) -> EventLog {
        let mut log = EventLog::new(LIMITS);
        for frame in frames {
            log.append(Bytes::from_static(frame.as_bytes()), now);
        }
        log
    }

    fn kept(log: &EventLog, mut number: u64) -> Vec<(u64, Bytes)> {
        let mut found = Vec::new();
        while let Some((at, frame)) = log.from(number) {
            found.push((at, frame));
            number = at + 1;
        }
        found
    }

    #[test]
    fn replay_starts_after_the_last_seen_event() {
        let log = log(&["a", "b", "c"], Instant::now());
        assert_eq!(kept(&log, 1), [(1, "b".into()), (2, "c".into())]);
        assert_eq!(kept(&log, 3), []);
        assert_eq!(kept(&log, u64::MAX), []);
    }

    #[test]
    fn count_and_bytes_are_bounded_and_the_newest_stays() {
        let now = Instant::now();
        assert_eq!(
            kept(&log(&["a", "b", "c", "d"], now), 0)[0],
            (1, "b".into())
        );
        assert_eq!(
            kept(&log(&["12345678", "9ab"], now), 0),
            [(1, "9ab".into())]
        );
        let large = log(&["a", "larger than all"], now);
        assert_eq!(kept(&large, 0), [(1, "larger than all".into())]);
    }

    #[test]
    fn old_events_go() {
        let start = Instant::now();
        let later = start + Duration::from_secs(301);
        let mut log = log(&["a"], start);
        assert!(!log.is_stale(start) && log.is_stale(later));
        log.append("b".into(), later);
        assert_eq!(kept(&log, 0), [(1, "b".into())]);
    }
}
