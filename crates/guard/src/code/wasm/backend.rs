//! JavaScript in WebAssembly, as the executor sees it.

use std::sync::Arc;

use tokio::sync::{OwnedSemaphorePermit, Semaphore, mpsc};
use tokio::task::{JoinHandle, spawn_blocking};

use super::machine::Machine;
use super::script;
use crate::BoxFuture;
use crate::code::backend::{Backend, End, Job, Session};
use crate::code::unavailable::Missing;
use crate::code::{Piece, Tier, Unavailable};

/// How many pieces of output wait to be taken.
const PIECES: usize = 8;

/// What runs scripts, or what is missing for that.
pub(in crate::code) async fn prepare(at_once: usize) -> Result<Arc<dyn Backend>, Vec<Missing>> {
    // Translating the engine takes a while, so it does not happen on the threads of tasks.
    let machine = spawn_blocking(Machine::get).await;
    match machine {
        Ok(Ok(machine)) => Ok(Arc::new(JavaScript {
            machine,
            places: Arc::new(Semaphore::new(at_once.clamp(1, Semaphore::MAX_PERMITS))),
        })),
        Ok(Err(why)) => Err(vec![Missing::new("the WebAssembly engine", why)]),
        Err(error) => Err(vec![gone(&error)]),
    }
}

fn gone(error: &tokio::task::JoinError) -> Missing {
    Missing::new(
        "a thread for the WebAssembly engine",
        format!("the runtime ended it: {error}"),
    )
}

/// Runs each script in a machine of its own, on a thread that may block.
struct JavaScript {
    machine: &'static Machine,
    /// One for each run at a time. A turn ends when a run is dropped; the place is free again when
    /// its machine has noticed that, one slice of work later.
    places: Arc<Semaphore>,
}

impl std::fmt::Debug for JavaScript {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("JavaScript").finish_non_exhaustive()
    }
}

impl JavaScript {
    async fn place(&self) -> Result<OwnedSemaphorePermit, Unavailable> {
        let place = Arc::clone(&self.places).acquire_owned().await;
        place.map_err(|_| Missing::new("a place for the run", "nobody closes them").into())
    }
}

impl Backend for JavaScript {
    fn tier(&self) -> Tier {
        Tier::WebAssembly
    }

    fn source_name(&self) -> &str {
        "main.js"
    }

    fn start(&self, job: Job) -> BoxFuture<'_, Result<Box<dyn Session>, Unavailable>> {
        Box::pin(async move {
            let place = self.place().await?;
            let machine = self.machine;
            let (sender, pieces) = mpsc::channel(PIECES);
            let end = spawn_blocking(move || {
                let end = script::run(machine, job, sender);
                drop(place);
                end
            });
            let session: Box<dyn Session> = Box::new(Running {
                pieces,
                end: Some(end),
                ended: None,
            });
            Ok(session)
        })
    }
}

/// A run on its way. Dropping it closes the channel, which the machine notices.
struct Running {
    pieces: mpsc::Receiver<Piece>,
    end: Option<JoinHandle<End>>,
    ended: Option<Result<End, Unavailable>>,
}

impl Session for Running {
    fn next(&mut self) -> BoxFuture<'_, Option<Piece>> {
        Box::pin(async move {
            if let Some(piece) = self.pieces.recv().await {
                return Some(piece);
            }
            if let Some(end) = &mut self.end {
                let end = end.await.map_err(|error| gone(&error).into());
                self.end = None;
                self.ended = Some(end);
            }
            None
        })
    }

    fn end(&mut self) -> Result<End, Unavailable> {
        let never = || Err(Missing::new("the end of the run", "it was not waited for").into());
        self.ended.take().unwrap_or_else(never)
    }
}
