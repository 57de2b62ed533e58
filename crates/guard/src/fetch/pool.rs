//! Connections that nobody uses at the moment, kept for the next request.
//!
//! This is a list of our own, because the rules of the guard decide who may take from it: names are
//! looked up and judged for each hop as if nothing were kept, and a connection is taken only if it
//! leads to an address of that very answer. The pool of hyper-util asks by scheme and host alone,
//! before anybody is looked up, so a name that leads elsewhere by now would go on using what was
//! opened under the old answer.
//!
//! A list belongs to one fetcher (and to one tenant of it), so whatever is in it was opened with
//! the same trust, by those who may know of one another.

use std::collections::VecDeque;
use std::future::poll_fn;
use std::net::IpAddr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::Poll;
use std::time::Duration;

use tokio::runtime::{self, Handle};
use tokio::task::AbortHandle;

use super::Limits;
use super::clock::Clock;
use super::connection::Connection;
use super::target::{Host, Scheme, Target};

/// What is kept, the oldest first.
#[derive(Debug)]
pub(super) struct IdlePool {
    entries: Mutex<VecDeque<Entry>>,
    most: usize,
    time: Duration,
}

#[derive(Debug)]
struct Entry {
    scheme: Scheme,
    host: Host,
    port: u16,
    slot: Arc<Slot>,
    /// Watches the connection while nobody uses it.
    watch: AbortHandle,
    /// Whose reactor tells of it: nothing is heard of it elsewhere.
    runtime: runtime::Id,
}

/// Where a connection is, unless it is closed or taken.
#[derive(Debug)]
struct Slot(Mutex<Option<Connection>>);

impl IdlePool {
    pub(super) fn new(limits: &Limits) -> Self {
        Self {
            entries: Mutex::default(),
            most: limits.idle,
            time: limits.idle_time,
        }
    }

    /// Whether anything is kept at all.
    pub(super) fn is_on(&self) -> bool {
        self.most > 0 && !self.time.is_zero()
    }

    /// A connection to the origin of a URL and to one of these addresses, if there is one of which
    /// there is no doubt. The one that was used last comes first.
    pub(super) async fn take(&self, target: &Target, addresses: &[IpAddr]) -> Option<Connection> {
        while let Some(mut connection) = self.pick(target, addresses) {
            if connection.is_quiet().await {
                return Some(connection.reuse());
            }
        }
        None
    }

    fn pick(&self, target: &Target, addresses: &[IpAddr]) -> Option<Connection> {
        let here = Handle::try_current().ok()?.id();
        let mut kept = self.lock();
        for at in (0..kept.len()).rev() {
            let it = &kept[at];
            if it.runtime == here && it.is_for(target) && it.slot.leads_to(addresses) {
                let it = kept.remove(at)?;
                drop(kept);
                return it.slot.empty();
            }
        }
        None
    }

    /// Keeps a connection, and no more than `most` with its host. What is not quiet is closed.
    pub(super) async fn keep(
        &self,
        mut connection: Connection,
        target: &Target,
        most: usize,
        clock: &dyn Clock,
    ) {
        let Ok(runtime) = Handle::try_current() else {
            return;
        };
        if !self.is_on() || !connection.is_quiet().await {
            return;
        }
        let slot = Arc::new(Slot(Mutex::new(Some(connection))));
        let watched = watch(Emptied(Arc::clone(&slot)), clock.sleep(self.time));
        let it = Entry {
            scheme: target.scheme(),
            host: target.host().clone(),
            port: target.port(),
            slot,
            watch: runtime.spawn(watched).abort_handle(),
            runtime: runtime.id(),
        };
        let mut kept = self.lock();
        kept.push_back(it);
        let mut closed = leave(&mut kept, self.most, |_| true);
        closed.extend(leave(&mut kept, most, |it| it.host == *target.host()));
        // Closing may take its time.
        drop(kept);
        drop(closed);
    }

    /// Leaves no more than `most` connections with a host.
    pub(super) fn make_room(&self, host: &Host, most: usize) {
        let closed = leave(&mut self.lock(), most, |it| it.host == *host);
        drop(closed);
    }

    fn lock(&self) -> MutexGuard<'_, VecDeque<Entry>> {
        self.entries.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Takes the oldest of some out until there are no more of them than `most`, and those that were
/// closed meanwhile.
fn leave(
    kept: &mut VecDeque<Entry>,
    most: usize,
    concerned: impl Fn(&Entry) -> bool,
) -> Vec<Entry> {
    kept.retain(|it| !it.slot.is_empty());
    let mut over = kept
        .iter()
        .filter(|it| concerned(it))
        .count()
        .saturating_sub(most);
    let mut taken = Vec::new();
    let mut at = 0;
    while over > 0 && at < kept.len() {
        if concerned(&kept[at]) {
            taken.extend(kept.remove(at));
            over -= 1;
        } else {
            at += 1;
        }
    }
    taken
}

/// Closes a connection when its time is over, when it is closed, or when somebody says anything.
async fn watch(it: Emptied, late: super::BoxFuture<'static, ()>) {
    let ended = poll_fn(|task| {
        let mut connection = it.0.lock();
        match connection
            .as_mut()
            .is_some_and(|connection| connection.poll_quiet(task))
        {
            true => Poll::Pending,
            false => Poll::Ready(()),
        }
    });
    tokio::select! {
        () = ended => (),
        () = late => (),
    }
}

/// Empties a slot when it is dropped, for whatever reason: its runtime may be gone too.
struct Emptied(Arc<Slot>);

impl Drop for Emptied {
    fn drop(&mut self) {
        drop(self.0.empty());
    }
}

impl Drop for Entry {
    fn drop(&mut self) {
        self.watch.abort();
        drop(self.slot.empty());
    }
}

impl Entry {
    fn is_for(&self, target: &Target) -> bool {
        self.scheme == target.scheme() && self.port == target.port() && self.host == *target.host()
    }
}

impl Slot {
    fn lock(&self) -> MutexGuard<'_, Option<Connection>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn is_empty(&self) -> bool {
        self.lock().is_none()
    }

    fn empty(&self) -> Option<Connection> {
        self.lock().take()
    }

    fn leads_to(&self, addresses: &[IpAddr]) -> bool {
        let connection = self.lock();
        connection
            .as_ref()
            .is_some_and(|connection| addresses.contains(&connection.to().ip()))
    }
}
