//! What a session is subscribed to, here and in its record, and what that counts for.

use std::{
    panic::resume_unwind,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
};

use tokio::runtime::Handle;

use super::{SessionState, gone, lock, record::Record};
use crate::{Context, Error, ErrorKind, Result, access::Seats, registry::Watching};

/// How many resources one session may subscribe to.
const MAX_SUBSCRIPTIONS: usize = 1_000;
/// How many bytes their URIs may have in a session that replicas share, where
/// the whole record is read with each message.
const MAX_SHARED_BYTES: usize = 64 * 1024;

impl SessionState {
    /// Subscribes to a resource.
    ///
    /// # Errors
    /// When there are too many already, or the session is shared and its store
    /// is not there.
    pub(crate) async fn subscribe(
        self: &Arc<Self>,
        cx: &Context,
        uri: &str,
        watching: Watching,
    ) -> Result<()> {
        self.check_subscription(uri)?;
        let (session, seats) = (Arc::clone(self), self.seats(cx));
        let counted = seats.is_some();
        let uri = uri.to_owned();
        let adding = async move { session.add_subscription(uri, watching, seats).await };
        self.as_one(counted, adding).await
    }

    async fn add_subscription(
        &self,
        uri: String,
        watching: Watching,
        seats: Option<Arc<Seats>>,
    ) -> Result<()> {
        let known = lock(&self.subscriptions).contains(&uri);
        let seats = seats.filter(|_| !known);
        if let Some(seats) = &seats {
            seats.take(&self.server, 1).await?;
        }
        let is_new = AtomicBool::new(true);
        let add = |record: &mut Record| {
            let new = record.subscriptions.insert(uri.clone());
            is_new.store(new, Ordering::Relaxed);
        };
        let changed = self.change(add).await;
        let new_here = changed.is_ok() && lock(&self.subscriptions).insert(uri.clone());
        let is_new = match self.shared.get() {
            Some(_) => is_new.load(Ordering::Relaxed),
            None => new_here,
        };
        if let Some(seats) = seats.filter(|_| changed.is_err() || !is_new) {
            seats.give_back(1).await?;
        }
        changed?;
        // What it drops is code of the user, which is not run under the lock.
        let before = lock(&self.watching).insert(uri, watching);
        drop(before);
        Ok(())
    }

    /// Runs a change of two records, of what there is and of what is counted, to its
    /// end: a request that is cancelled between the two would leave them apart.
    async fn as_one(
        &self,
        counted: bool,
        change: impl Future<Output = Result<()>> + Send + 'static,
    ) -> Result<()> {
        // In one process nothing of it waits.
        if !counted || self.shared.get().is_none() {
            return change.await;
        }
        let Ok(runtime) = Handle::try_current() else {
            return change.await;
        };
        match runtime.spawn(change).await {
            Ok(outcome) => outcome,
            Err(error) if error.is_panic() => resume_unwind(error.into_panic()),
            Err(_) => Err(gone()),
        }
    }

    fn seats(&self, cx: &Context) -> Option<Arc<Seats>> {
        if self.seats.get().is_none() {
            let shared = self.shared.get().map(|shared| &*shared.key);
            let seats = Seats::of_session(cx, shared)?;
            // If somebody was faster, this one holds nothing.
            let _ = self.seats.set(Arc::new(seats));
        }
        self.seats.get().cloned()
    }

    fn check_subscription(&self, uri: &str) -> Result<()> {
        let subscriptions = lock(&self.subscriptions);
        if subscriptions.len() >= MAX_SUBSCRIPTIONS && !subscriptions.contains(uri) {
            let problem =
                format!("a session may subscribe to at most {MAX_SUBSCRIPTIONS} resources");
            return Err(Error::new(ErrorKind::InvalidParams, problem));
        }
        let bytes: usize = subscriptions.iter().map(String::len).sum();
        if self.shared.get().is_some() && bytes + uri.len() > MAX_SHARED_BYTES {
            let problem = "the URIs of all subscriptions of the session are too long together";
            return Err(Error::new(ErrorKind::InvalidParams, problem));
        }
        Ok(())
    }

    /// # Errors
    /// When the session is shared and its store is not there.
    pub(crate) async fn unsubscribe(self: &Arc<Self>, cx: &Context, uri: &str) -> Result<()> {
        let (session, seats) = (Arc::clone(self), self.seats(cx));
        let counted = seats.is_some();
        let uri = uri.to_owned();
        let removing = async move { session.remove_subscription(&uri, seats).await };
        self.as_one(counted, removing).await
    }

    async fn remove_subscription(&self, uri: &str, seats: Option<Arc<Seats>>) -> Result<()> {
        let was_there = AtomicBool::new(false);
        let remove = |record: &mut Record| {
            let removed = record.subscriptions.remove(uri);
            was_there.store(removed, Ordering::Relaxed);
        };
        self.change(remove).await?;
        let was_here = lock(&self.subscriptions).remove(uri);
        let was_there = match self.shared.get() {
            Some(_) => was_there.load(Ordering::Relaxed),
            None => was_here,
        };
        if let Some(seats) = seats.filter(|_| was_there) {
            seats.give_back(1).await?;
        }
        let watching = lock(&self.watching).remove(uri);
        drop(watching);
        Ok(())
    }
}
