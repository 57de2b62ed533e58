//! Handing counts over.

use std::{
    collections::HashMap,
    sync::{Arc, Weak, atomic::Ordering},
    time::Duration,
};

use purlin_core::Result;
use tokio::time::{MissedTickBehavior, interval};

use super::{Counts, Usage, UsageCounts, UsageKey};

impl Usage {
    /// Hands over what has been counted, one record after the other.
    ///
    /// What was not taken when this fails, or is dropped, goes back to the
    /// counts. The record that was being handed over at that moment may have
    /// been taken all the same: it is then counted twice, and never not at all.
    ///
    /// # Errors
    /// The first one of the sink.
    pub async fn flush(&self) -> Result<()> {
        let _one_at_a_time = self.counts.flushing.lock().await;
        let mut batch = Batch::take(&self.counts, self.capacity);
        while let Some((key, counts)) = batch.first() {
            if let Err(error) = self.sink.record(&key, &counts).await {
                let left = batch.left.len() as u64;
                self.counts.failed.fetch_add(left, Ordering::Relaxed);
                return Err(error);
            }
            batch.left.remove(&key);
            self.counts.flushed.fetch_add(1, Ordering::Relaxed);
        }
        Ok(())
    }

    /// Flushes again and again, until all other handles on the counts are gone;
    /// then once more. Spawn it, and call [`flush`](Self::flush) when the server
    /// stops. A sink that fails is told to the log and asked again.
    pub fn keep_flushing(self, every: Duration) -> impl Future<Output = ()> + Send + 'static {
        let counts = Arc::downgrade(&self.counts);
        let (sink, capacity) = (Arc::clone(&self.sink), self.capacity);
        drop(self);
        async move {
            let mut ticks = interval(every.max(Duration::from_millis(1)));
            ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
            // The first tick comes at once.
            ticks.tick().await;
            loop {
                ticks.tick().await;
                let Some(counts) = Weak::upgrade(&counts) else {
                    return;
                };
                let usage = Self {
                    sink: Arc::clone(&sink),
                    capacity,
                    counts,
                };
                if let Err(error) = usage.flush().await {
                    let cause = error.public_text(false);
                    tracing::error!(target: "purlin::usage", error = %cause.escape_debug(), "usage could not be handed over: it is kept");
                }
            }
        }
    }
}

/// Counts on their way to the sink; what is left goes back when this is dropped.
struct Batch<'a> {
    counts: &'a Counts,
    capacity: usize,
    left: HashMap<UsageKey, UsageCounts>,
}

impl<'a> Batch<'a> {
    fn take(counts: &'a Counts, capacity: usize) -> Self {
        let left = std::mem::take(&mut *counts.lock());
        Self {
            counts,
            capacity,
            left,
        }
    }

    fn first(&self) -> Option<(UsageKey, UsageCounts)> {
        let (key, counts) = self.left.iter().next()?;
        Some((key.clone(), *counts))
    }
}

impl Drop for Batch<'_> {
    fn drop(&mut self) {
        for (key, counts) in self.left.drain() {
            self.counts.count(key, &counts, self.capacity);
        }
    }
}
