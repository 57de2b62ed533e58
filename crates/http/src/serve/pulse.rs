//! What a connection is doing, and how long it may go on doing it.
//!
//! Timers cost more than the work of a small call, so a connection has one,
//! and requests only write down what happens: the timer is looked at again when
//! it fires, and set anew to the deadline that holds by then.

use std::{
    pin::Pin,
    sync::atomic::{AtomicU32, AtomicU64, Ordering},
    task::{Context, Poll},
    time::Duration,
};

use tokio::time::{Instant, Sleep, sleep_until};

/// How long a connection may stay in each state.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Patience {
    /// From the first byte of a request, or from the start, to the end of its
    /// headers.
    pub(crate) head: Duration,
    /// Between requests.
    pub(crate) idle: Duration,
    /// With bytes to write that the client does not take.
    pub(crate) write: Duration,
}

/// A time that never comes, in milliseconds.
const NEVER: u64 = u64::MAX;

/// The state of one connection, written by its socket and its service.
#[derive(Debug)]
pub(crate) struct Pulse {
    patience: Patience,
    opened: Instant,
    /// Requests being answered.
    busy: AtomicU32,
    /// When the state between requests began, in milliseconds from `opened`,
    /// doubled; odd while a request head is arriving.
    waiting: AtomicU64,
    /// Since when nothing could be written, in milliseconds from `opened`.
    stalled: AtomicU64,
}

impl Pulse {
    pub(crate) fn new(patience: Patience) -> Self {
        Self {
            patience,
            opened: Instant::now(),
            busy: AtomicU32::new(0),
            // A new connection owes us a request.
            waiting: AtomicU64::new(1),
            stalled: AtomicU64::new(NEVER),
        }
    }

    fn now(&self) -> u64 {
        // Doubled it must still fit; that is 292 million years.
        u64::try_from(self.opened.elapsed().as_millis()).map_or(NEVER / 2, |now| now.min(NEVER / 4))
    }

    /// Bytes arrived.
    pub(crate) fn received(&self) {
        if self.busy.load(Ordering::Relaxed) == 0 && self.waiting.load(Ordering::Relaxed) & 1 == 0 {
            self.waiting.store(self.now() << 1 | 1, Ordering::Relaxed);
        }
    }

    /// A request has begun.
    pub(crate) fn begin(&self) {
        self.busy.fetch_add(1, Ordering::Relaxed);
    }

    /// A request has been answered.
    pub(crate) fn end(&self) {
        self.waiting.store(self.now() << 1, Ordering::Relaxed);
        self.busy.fetch_sub(1, Ordering::Relaxed);
    }

    /// A write went through, or did not.
    pub(crate) fn wrote(&self, through: bool) {
        let stalled = self.stalled.load(Ordering::Relaxed) != NEVER;
        if through && stalled {
            self.stalled.store(NEVER, Ordering::Relaxed);
        } else if !through && !stalled {
            self.stalled.store(self.now(), Ordering::Relaxed);
        }
    }

    /// When the connection has to be given up if nothing changes.
    fn deadline(&self) -> Option<Instant> {
        let stalled = self.stalled.load(Ordering::Relaxed);
        if stalled != NEVER {
            return Some(self.opened + Duration::from_millis(stalled) + self.patience.write);
        }
        if self.busy.load(Ordering::Relaxed) > 0 {
            return None;
        }
        let waiting = self.waiting.load(Ordering::Relaxed);
        let since = self.opened + Duration::from_millis(waiting >> 1);
        let patience = if waiting & 1 == 1 {
            self.patience.head
        } else {
            self.patience.idle
        };
        Some(since + patience)
    }

    /// Whether no request has begun to arrive.
    pub(crate) fn is_idle(&self) -> bool {
        self.busy.load(Ordering::Relaxed) == 0 && self.waiting.load(Ordering::Relaxed) & 1 == 0
    }
}

/// The timer of one connection.
#[derive(Debug)]
pub(crate) struct Deadline {
    sleep: Pin<Box<Sleep>>,
    registered: bool,
}

impl Deadline {
    pub(crate) fn new(pulse: &Pulse) -> Self {
        let first = pulse.deadline().unwrap_or_else(Instant::now);
        Self {
            sleep: Box::pin(sleep_until(first)),
            registered: false,
        }
    }

    /// Ready when the connection has to be given up. Always call it with the
    /// same waker: it looks at the timer only when that may have changed.
    pub(crate) fn poll(&mut self, cx: &mut Context<'_>, pulse: &Pulse) -> Poll<()> {
        loop {
            if self.sleep.is_elapsed() {
                let now = Instant::now();
                let next = pulse.deadline().unwrap_or(now + pulse.patience.idle);
                if next <= now {
                    return Poll::Ready(());
                }
                self.reset(next);
            } else if let Some(next) = pulse.deadline()
                && next < self.sleep.deadline()
            {
                self.reset(next);
            }
            if self.registered {
                return Poll::Pending;
            }
            self.registered = true;
            if self.sleep.as_mut().poll(cx).is_pending() {
                return Poll::Pending;
            }
        }
    }

    fn reset(&mut self, next: Instant) {
        self.sleep.as_mut().reset(next);
        self.registered = false;
    }
}

#[cfg(test)]
mod tests {
    use std::{future::poll_fn, time::Duration};

    use tokio::time::Instant;

    use super::{Deadline, Patience, Pulse};

    const PATIENCE: Patience = Patience {
        head: Duration::from_secs(10),
        idle: Duration::from_secs(60),
        write: Duration::from_secs(30),
    };

    /// How many seconds after the one before, and what happens.
    type Step = (u64, fn(&Pulse));

    /// Runs `steps`, each some seconds after the one before, and tells after
    /// how many seconds in all the connection is given up.
    async fn given_up(steps: &[Step]) -> u64 {
        let pulse = Pulse::new(PATIENCE);
        let start = Instant::now();
        let mut deadline = Deadline::new(&pulse);
        for (after, step) in steps {
            let wait = tokio::time::sleep(Duration::from_secs(*after));
            tokio::pin!(wait);
            let early = poll_fn(|cx| {
                if wait.as_mut().poll(cx).is_ready() {
                    return std::task::Poll::Ready(false);
                }
                deadline.poll(cx, &pulse).map(|()| true)
            });
            if early.await {
                return start.elapsed().as_secs();
            }
            step(&pulse);
        }
        poll_fn(|cx| deadline.poll(cx, &pulse)).await;
        start.elapsed().as_secs()
    }

    #[tokio::test(start_paused = true)]
    async fn a_new_connection_owes_a_request() {
        assert_eq!(given_up(&[]).await, 10);
        assert_eq!(
            given_up(&[(5, Pulse::received), (4, Pulse::received)]).await,
            10
        );
    }

    #[tokio::test(start_paused = true)]
    async fn a_running_request_has_no_deadline_here() {
        let steps: &[Step] = &[(1, Pulse::begin), (5000, Pulse::end)];
        assert_eq!(given_up(steps).await, 5061);
    }

    #[tokio::test(start_paused = true)]
    async fn the_next_head_has_its_own_time() {
        let steps: &[Step] = &[
            (1, Pulse::begin),
            (1, Pulse::end),
            (20, Pulse::received),
            (5, Pulse::received),
        ];
        assert_eq!(given_up(steps).await, 32);
    }

    #[tokio::test(start_paused = true)]
    async fn a_client_that_never_reads_is_given_up() {
        let stall: fn(&Pulse) = |pulse| pulse.wrote(false);
        let steps: &[Step] = &[(1, Pulse::begin), (4, stall), (10, stall)];
        assert_eq!(given_up(steps).await, 35);
        let steps: &[Step] = &[
            (1, Pulse::begin),
            (4, stall),
            (10, |pulse| pulse.wrote(true)),
            (100, stall),
        ];
        assert_eq!(given_up(steps).await, 145);
    }
}
