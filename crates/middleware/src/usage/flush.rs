//! Handing counts over.

use std::{
    collections::HashMap,
    sync::{Arc, atomic::Ordering},
    time::Duration,
};

use purlin_core::{Lifespan, Result};
use tokio::{task::AbortHandle, time::timeout};

use super::{Counts, Usage, UsageCounts, UsageKey};

/// How long the last flush may take.
const LAST: Duration = Duration::from_secs(5);

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

    /// Flushes again and again, until all other handles on the counts are gone; then
    /// once more. A sink that fails is told to the log and asked again.
    ///
    /// A task that runs this ends with its runtime, without a last flush: for a server,
    /// [`flushing`](Self::flushing) is what sees to that.
    pub fn keep_flushing(self, every: Duration) -> impl Future<Output = ()> + Send + 'static {
        let every = every.max(Duration::from_millis(1));
        let mut others = self.handles.subscribe();
        let usage = Self {
            // Not a handle that this itself would wait for.
            handles: Arc::default(),
            ..self
        };
        async move {
            while timeout(every, others.changed()).await.is_err() {
                usage.flush_or_tell().await;
            }
            usage.flush_at_the_end().await;
        }
    }

    /// Flushes again and again while a server runs, and once more when it has ended
    /// and no call runs any more.
    ///
    /// ```
    /// use std::{sync::Arc, time::Duration};
    /// use purlin_core::{Server, store::MemoryStore};
    /// use purlin_middleware::{Usage, usage::StoreSink};
    ///
    /// let usage = Usage::new(StoreSink::new(Arc::new(MemoryStore::default())));
    /// let server = Server::builder("orders", "1.0.0")
    ///     .middleware(usage.clone())
    ///     .with_lifespan(usage.flushing(Duration::from_secs(60)));
    /// ```
    pub fn flushing(self, every: Duration) -> Flushing {
        Flushing { usage: self, every }
    }

    async fn flush_or_tell(&self) {
        if let Err(error) = self.flush().await {
            let cause = error.public_text(false);
            tracing::error!(target: "purlin::usage", error = %cause.escape_debug(), "usage could not be handed over: it is kept");
        }
    }

    /// What is not taken now is lost, and the log says how much.
    async fn flush_at_the_end(&self) {
        let flushed = timeout(LAST, self.flush()).await;
        if !matches!(flushed, Ok(Ok(()))) {
            let keys = self.statistics().keys;
            tracing::error!(target: "purlin::usage", keys, "usage could not be handed over at the end: it is lost");
        }
    }
}

/// Hands counts over as long as a server runs; [`Usage::flushing`] makes it.
#[derive(Debug)]
pub struct Flushing {
    usage: Usage,
    every: Duration,
}

/// The task that flushes, which ends with this.
#[derive(Debug)]
pub struct FlushingTask(AbortHandle);

impl Lifespan for Flushing {
    type Value = FlushingTask;

    async fn open(&self) -> Result<FlushingTask> {
        let task = tokio::spawn(self.usage.clone().keep_flushing(self.every));
        Ok(FlushingTask(task.abort_handle()))
    }

    async fn close(&self, task: Arc<FlushingTask>) {
        // What it had in hand goes back to the counts.
        drop(task);
        self.usage.flush_at_the_end().await;
    }
}

impl Drop for FlushingTask {
    fn drop(&mut self) {
        self.0.abort();
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
