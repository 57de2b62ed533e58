//! The task that carries changes to the store and from it.

use std::{sync::Arc, time::Duration};

use bytes::Bytes;
use tokio::time::sleep;

use super::{
    Queued, Sharing,
    ring::{Ring, Since, Told},
};
use crate::{
    future::{First, race},
    registry::{Change, Place, Reach},
    server::WeakServer,
    store::{Attempts, KeyValue, StoreResult},
};

/// How long one wait for changes takes.
const LOOK: Duration = Duration::from_secs(60);
/// How long a store that failed is left alone.
const PAUSE: Duration = Duration::from_secs(1);

/// Carries changes until the server is gone. Dropped at any moment it leaves
/// whole what it had begun.
pub(super) async fn carry(sharing: Arc<Sharing>, server: WeakServer) {
    let mut seen = None;
    loop {
        let step = step(&sharing, &server, &mut seen).await;
        sharing.looked.send_replace(true);
        match step {
            Ok(()) => {
                if std::mem::take(&mut sharing.state().away) {
                    tracing::info!("changes are shared with other replicas again");
                }
            }
            Err(error) => {
                if !std::mem::replace(&mut sharing.state().away, true) {
                    tracing::warn!(%error, "changes are not shared with other replicas: they will be later");
                }
                tell_at_once(&sharing, &server);
                sleep(PAUSE).await;
            }
        }
        if server.upgrade().is_none() {
            return;
        }
    }
}

/// The record as it was seen: `None` before the first look.
type Seen = Option<Option<Bytes>>;

/// Writes what is queued, or waits for what others write, and tells it.
async fn step(sharing: &Sharing, server: &WeakServer, seen: &mut Seen) -> StoreResult<()> {
    let Some(known) = seen.clone() else {
        let found = sharing.store.get(sharing.at()).await?;
        absorb(sharing, server, seen, found.map(|it| it.value));
        return Ok(());
    };
    let batch = Vec::from(std::mem::take(&mut sharing.state().queue));
    if !batch.is_empty() {
        let added = add(sharing, server, seen, &batch).await;
        if added.is_err() {
            put_back(sharing, batch);
        }
        return added;
    }
    let changed = sharing.store.changed(sharing.at(), known, LOOK);
    match race(sharing.queued.notified(), changed).await {
        First::Left(()) => Ok(()),
        First::Right(found) => {
            let found = found?.map(|stored| stored.value);
            absorb(sharing, server, seen, found);
            Ok(())
        }
    }
}

/// Adds changes of this process to the record.
async fn add(
    sharing: &Sharing,
    server: &WeakServer,
    seen: &mut Seen,
    batch: &[Queued],
) -> StoreResult<()> {
    let mut attempts = Attempts::default();
    loop {
        let old = seen.clone().flatten();
        let mut ring = old
            .as_deref()
            .and_then(Ring::decode)
            .unwrap_or_else(Ring::new);
        for Queued { count, change } in batch {
            // An attempt that seemed to fail may have written it.
            if !ring.has(&sharing.process, *count) {
                ring.push(Told::new(&sharing.process, *count, change));
            }
        }
        let new = ring.encode()?;
        let (at, store) = (sharing.at(), &sharing.store);
        if store
            .compare_and_set(at, old, Some(new.clone()), None)
            .await?
        {
            absorb(sharing, server, seen, Some(new));
            if let Some(last) = batch.last() {
                sharing.state().forget_told(last.count);
            }
            return Ok(());
        }
        attempts.failed().await?;
        let found = store.get(at).await?;
        absorb(sharing, server, seen, found.map(|stored| stored.value));
    }
}

/// Keeps for later what could not be written.
fn put_back(sharing: &Sharing, batch: Vec<Queued>) {
    let mut state = sharing.state();
    let newer = std::mem::take(&mut state.queue);
    state.queue.extend(batch);
    for queued in newer {
        if state.queue.len() < super::MAX_CHANGES {
            state.queue.push_back(queued);
        } else {
            state.push(queued.change);
        }
    }
}

/// Tells the clients here what is new in the record.
fn absorb(sharing: &Sharing, server: &WeakServer, seen: &mut Seen, found: Option<Bytes>) {
    let first = seen.is_none();
    if seen.as_ref() == Some(&found) {
        return;
    }
    let ring = found.as_deref().and_then(Ring::decode);
    *seen = Some(found);
    let tidings = {
        let mut state = sharing.state();
        let known = state.begun;
        state.ring.clone_from(&ring);
        let end = ring.as_ref().map(Ring::end).unwrap_or_default();
        // Who listens already when the first look succeeds has listened in vain so
        // far: it failed before.
        let lost = first && state.away;
        let tidings = match ring.as_ref().map(|ring| ring.since(known)) {
            _ if lost => vec![Tiding::anything(end)],
            _ if first => Vec::new(),
            Some(Since::Told(told)) => {
                let told = told.into_iter();
                let own = |told: &Told| told.is_by(&sharing.process);
                told.map(|(place, told)| {
                    let told_here = own(told) && state.told_here.remove(&told.count());
                    Tiding {
                        place,
                        change: (!told_here).then(|| told.change()),
                        own: own(told),
                    }
                })
                .collect()
            }
            Some(Since::Lost) => vec![Tiding::anything(end)],
            None if known.series == 0 => Vec::new(),
            None => vec![Tiding::anything(end)],
        };
        if tidings.is_empty() {
            (state.begun, state.done) = (end, end);
        }
        tidings
    };
    for tiding in tidings {
        tiding.tell(sharing, server);
    }
}

/// One thing to be told.
struct Tiding {
    place: Place,
    /// `None` when it has been told.
    change: Option<Change>,
    own: bool,
}

impl Tiding {
    fn anything(place: Place) -> Self {
        Self {
            place,
            change: Some(Change::Anything),
            own: false,
        }
    }

    fn tell(self, sharing: &Sharing, server: &WeakServer) {
        sharing.state().begun = self.place;
        if let (Some(change), Some(server)) = (&self.change, server.upgrade()) {
            server.tell_shared(change, self.own, self.place);
        }
        sharing.state().done = self.place;
    }
}

/// Tells the clients here what the store does not take now.
fn tell_at_once(sharing: &Sharing, server: &WeakServer) {
    let untold = sharing.state().take_untold();
    if let Some(server) = server.upgrade() {
        for change in untold {
            server.0.bus.publish(&change, Reach::Here);
        }
    }
}
