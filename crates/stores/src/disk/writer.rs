//! The one thread that writes.
//!
//! What has come together while a commit was on its way goes into the next one. If that fails, each
//! operation is tried in a transaction of its own, so that one that does not fit takes no other with
//! it.

use std::{sync::Arc, thread};

use purlin_core::store::{StoreError, StoreErrorKind, StoreResult};
use tokio::sync::{mpsc, oneshot};

use super::{
    engine::Engine,
    fault::Fault,
    tables::{Step, Tables},
};

/// How many operations wait for the writer; more wait to be let in.
const QUEUE: usize = 1_024;
/// How many operations share a commit.
const BATCH: usize = 256;

pub(super) struct Writer {
    /// `None` when it is being dropped.
    queue: Option<mpsc::Sender<Box<dyn Work>>>,
    thread: Option<thread::JoinHandle<()>>,
}

impl std::fmt::Debug for Writer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Writer")
    }
}

/// The thread does what is still in its queue and closes the file, so that whoever dropped the store
/// can open it again.
impl Drop for Writer {
    fn drop(&mut self) {
        drop(self.queue.take());
        if let Some(thread) = self.thread.take() {
            _ = thread.join();
        }
    }
}

/// An operation that waits for its commit.
trait Work: Send {
    /// Does it. It may have to be done again in another transaction.
    fn act(&mut self, tables: &mut Tables<'_>) -> Step<()>;
    /// Tells the caller, after the commit or instead of it.
    fn answer(self: Box<Self>, committed: Step<()>);
}

struct Job<T, F> {
    act: F,
    outcome: Option<StoreResult<T>>,
    answer: oneshot::Sender<StoreResult<T>>,
}

impl<T, F> Work for Job<T, F>
where
    T: Send,
    F: FnMut(&mut Tables<'_>) -> Step<StoreResult<T>> + Send,
{
    fn act(&mut self, tables: &mut Tables<'_>) -> Step<()> {
        self.outcome = Some((self.act)(tables)?);
        Ok(())
    }

    fn answer(self: Box<Self>, committed: Step<()>) {
        let outcome = match (committed, self.outcome) {
            (Ok(()), Some(outcome)) => outcome,
            (Ok(()), None) => Err(Fault::Io.into()),
            (Err(fault), _) => Err(fault.into()),
        };
        // Whoever asked may have gone; what was written stays written.
        _ = self.answer.send(outcome);
    }
}

impl Writer {
    pub(super) fn start(engine: Arc<Engine>) -> StoreResult<Self> {
        let (queue, work) = mpsc::channel(QUEUE);
        let spawned = thread::Builder::new()
            .name("purlin-disk".to_owned())
            .spawn(move || run(&engine, work));
        let thread = spawned.map_err(|error| {
            let text = "the thread that writes the store cannot be started";
            StoreError::new(StoreErrorKind::Unavailable, text).with_source(error)
        })?;
        Ok(Self {
            queue: Some(queue),
            thread: Some(thread),
        })
    }

    /// Hands an operation to the thread and waits for its commit. Once handed over it happens,
    /// whether or not somebody still waits.
    pub(super) async fn write<T: Send + 'static>(
        &self,
        act: impl FnMut(&mut Tables<'_>) -> Step<StoreResult<T>> + Send + 'static,
    ) -> StoreResult<T> {
        let (answer, answered) = oneshot::channel();
        let job = Job {
            act,
            outcome: None,
            answer,
        };
        let gone = || {
            let text = "the thread that writes the store has ended";
            StoreError::new(StoreErrorKind::Unavailable, text)
        };
        let queue = self.queue.as_ref().ok_or_else(gone)?;
        queue.send(Box::new(job)).await.map_err(|_| gone())?;
        answered.await.map_err(|_| gone())?
    }
}

fn run(engine: &Engine, mut queue: mpsc::Receiver<Box<dyn Work>>) {
    while let Some(first) = queue.blocking_recv() {
        let mut batch = vec![first];
        while batch.len() < BATCH
            && let Ok(next) = queue.try_recv()
        {
            batch.push(next);
        }
        let committed = commit(engine, &mut batch);
        if committed.is_ok() || batch.len() == 1 {
            answer(batch, committed);
            continue;
        }
        for work in batch {
            let mut alone = vec![work];
            let committed = commit(engine, &mut alone);
            answer(alone, committed);
        }
    }
}

fn answer(batch: Vec<Box<dyn Work>>, committed: Step<()>) {
    for work in batch {
        work.answer(committed);
    }
}

/// Commits a batch, and brings the file back into order if that fails.
fn commit(engine: &Engine, batch: &mut [Box<dyn Work>]) -> Step<()> {
    let mut act = || engine.write(|tables| batch.iter_mut().try_for_each(|work| work.act(tables)));
    let written = match act() {
        Some(written) => written,
        None => match engine.reopen(false) {
            Ok(()) => act().unwrap_or(Err(Fault::Io)),
            Err(error) => {
                tracing::warn!(%error, "the store is closed");
                Err(Fault::Io)
            }
        },
    };
    if let Err(fault) = written {
        // After an error the file has to be closed. When it is damaged, all of it is looked at.
        if let Err(error) = engine.reopen(fault == Fault::Damaged) {
            tracing::warn!(%error, "the store cannot be opened again");
        }
    }
    written
}
