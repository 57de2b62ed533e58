//! How much may run at one time: bulkheads.
//!
//! A [`Concurrency`] keeps one tool, one caller or one crowd from taking all
//! hands. What finds no place waits in a bounded queue for a bounded time, which
//! counts against the time its component has; what finds no place in the queue
//! is refused with the kind `Busy` and the time to come back.
//!
//! Waiting is fair between callers: places go around among those who wait, one
//! each, and when the queue is full a caller who waits with less pushes out the
//! latest of whoever waits with most. So a caller with a thousand requests delays
//! another by one request at most.
//!
//! A place belongs to a request and goes back when the request is answered or
//! dropped, at whatever moment that is. What a handler calls through its context
//! is part of its request and takes no further place, for it would wait for
//! itself.

mod gate;
mod hooks;
#[cfg(test)]
mod tests;

use std::{
    collections::HashMap,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use gate::Gates;

/// How many requests may wait at one gate.
const QUEUE: usize = 256;
/// How long one may wait.
const MAX_WAIT: Duration = Duration::from_secs(5);
/// When to come back after a refusal.
const COME_BACK: Duration = Duration::from_secs(1);

/// Bounds how many calls of tools, reads of resources and prompts run at one
/// time.
///
/// ```
/// use std::time::Duration;
/// use purlin_core::Server;
/// use purlin_middleware::Concurrency;
///
/// let bulkheads = Concurrency::new(64)
///     .each_principal(8)
///     .tool("report", 2)
///     .queue(128)
///     .max_wait(Duration::from_secs(2));
/// let server = Server::builder("orders", "1.0.0").middleware(bulkheads);
/// ```
///
/// A clone is a handle on the same places.
#[derive(Clone, Debug)]
pub struct Concurrency {
    server: Option<usize>,
    principal: Option<usize>,
    each_tool: Option<usize>,
    tools: HashMap<String, usize>,
    queue: usize,
    max_wait: Duration,
    come_back: Duration,
    gates: Arc<Gates>,
    counts: Arc<Counts>,
}

#[derive(Debug, Default)]
struct Counts {
    passed: AtomicU64,
    waited: AtomicU64,
    refused: AtomicU64,
    timed_out: AtomicU64,
}

/// What has been counted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct ConcurrencyStatistics {
    /// Requests that got their places.
    pub passed: u64,
    /// Those of them that had to wait.
    pub waited: u64,
    /// Requests that found the queue full or were pushed out of it.
    pub refused: u64,
    /// Requests that waited too long.
    pub timed_out: u64,
    /// Places taken now, over all gates.
    pub running: usize,
    /// Requests waiting now, over all gates.
    pub queued: usize,
}

impl Concurrency {
    /// At most so many at one time at the server it is added to; 0 counts as 1.
    pub fn new(places: usize) -> Self {
        Self {
            server: Some(places.max(1)),
            ..Self::none()
        }
    }

    /// No bound, to add one's own.
    pub fn none() -> Self {
        Self {
            server: None,
            principal: None,
            each_tool: None,
            tools: HashMap::new(),
            queue: QUEUE,
            max_wait: MAX_WAIT,
            come_back: COME_BACK,
            gates: Arc::default(),
            counts: Arc::default(),
        }
    }

    /// At most so many of each caller; 0 counts as 1. Callers are told apart as
    /// [`Caller`](purlin_core::access::Caller) says.
    #[must_use]
    pub fn each_principal(mut self, places: usize) -> Self {
        self.principal = Some(places.max(1));
        self
    }

    /// At most so many of each tool; 0 counts as 1.
    #[must_use]
    pub fn each_tool(mut self, places: usize) -> Self {
        self.each_tool = Some(places.max(1));
        self
    }

    /// At most so many of one tool, by the name it has at the server this is
    /// added to; 0 counts as 1.
    #[must_use]
    pub fn tool(mut self, name: impl Into<String>, places: usize) -> Self {
        self.tools.insert(name.into(), places.max(1));
        self
    }

    /// How many may wait at each gate; 256 by default. With 0 nobody waits.
    #[must_use]
    pub fn queue(mut self, requests: usize) -> Self {
        self.queue = requests;
        self
    }

    /// How long a request waits at most, over all its gates; 5 s by default. A
    /// component that may take less time has less time to wait.
    #[must_use]
    pub fn max_wait(mut self, wait: Duration) -> Self {
        self.max_wait = wait;
        self
    }

    /// When a refused client is told to come back; after a second by default.
    #[must_use]
    pub fn retry_after(mut self, wait: Duration) -> Self {
        self.come_back = wait;
        self
    }

    /// What has been counted so far.
    pub fn statistics(&self) -> ConcurrencyStatistics {
        let (running, queued) = self.gates.totals();
        ConcurrencyStatistics {
            passed: self.counts.passed.load(Ordering::Relaxed),
            waited: self.counts.waited.load(Ordering::Relaxed),
            refused: self.counts.refused.load(Ordering::Relaxed),
            timed_out: self.counts.timed_out.load(Ordering::Relaxed),
            running,
            queued,
        }
    }
}
