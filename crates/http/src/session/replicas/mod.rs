//! Sessions that several replicas serve: any of them answers any request,
//! whichever opened the session.
//!
//! What they share lies in the server's store, under keys that begin with the
//! caller: the record of the session (core knows it), and for each event stream
//! a [`Head`] and its events. A stream has one owner, the replica that runs its
//! requests. The owner writes events before it shows them, and every change of a
//! head is a compare-and-set, so a stream has one order and a request one answer
//! wherever it is read. An owner says every few seconds that it lives
//! ([`Lease`]); once it has not for a while, the replica to which a client comes
//! back answers for it, with an error.
//!
//! Nothing of this is on the way of a request unless
//! [`HttpConfig::replicated`](crate::HttpConfig::replicated) asks for it.

mod head;
mod lease;
mod pump;
mod roll;
mod tail;

use std::{fmt, sync::Arc, time::Duration};

use http::StatusCode;
use purlin_core::{
    Origin, Principal, Server,
    store::{KeyValue, StoreError},
};

pub(crate) use head::Head;
use head::StreamPlace;
use lease::Lease;
pub(crate) use pump::Pump;
use roll::Roll;
pub(crate) use tail::{Resumed, Tail, TailBody};

use super::{Entry, OpenError, SessionId, SessionTable};
use crate::{
    config::{EventLimits, SessionLimits},
    guard::Rejection,
    post,
};

/// What is answered when a session cannot be looked up: not 404, for then the
/// client would throw it away.
pub(crate) const STORE_AWAY: Rejection = Rejection::new(
    StatusCode::SERVICE_UNAVAILABLE,
    "sessions cannot be looked up at the moment: try again later",
);

/// This replica among others.
pub(crate) struct Replicas {
    server: Server,
    store: Arc<dyn KeyValue>,
    lease: Lease,
    /// How long a session lives unused.
    idle: Duration,
    events: EventLimits,
}

impl fmt::Debug for Replicas {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Replicas")
            .field("store", &self.store)
            .finish_non_exhaustive()
    }
}

impl Replicas {
    pub(crate) fn new(server: &Server, idle: Duration, events: EventLimits) -> Self {
        let store = server.store();
        server.share_changes();
        Self {
            server: server.clone(),
            lease: Lease::new(Arc::clone(&store)),
            store,
            idle,
            events,
        }
    }

    /// Makes the table know what the store knows of this caller's session.
    pub(crate) async fn locate(
        self: &Arc<Self>,
        table: &Arc<SessionTable>,
        id: &[u8],
        origin: &Origin,
    ) -> Result<(), Rejection> {
        let Some(id) = SessionId::parse(id) else {
            return Ok(());
        };
        let owner = post::owner(origin);
        match table.peek(id, owner.as_deref()) {
            Some(entry) => {
                match entry.session().refresh().await {
                    Ok(true) => {
                        entry.touch();
                        entry.watch_subscriptions(origin);
                    }
                    Ok(false) => {
                        table.remove(id);
                        conclude(&entry).await;
                    }
                    // It goes on with what it knows.
                    Err(error) => note(&error),
                }
                Ok(())
            }
            None => self.load(table, id, origin, owner).await,
        }
    }

    async fn load(
        self: &Arc<Self>,
        table: &Arc<SessionTable>,
        id: SessionId,
        origin: &Origin,
        owner: Option<Box<str>>,
    ) -> Result<(), Rejection> {
        self.server.changes_heard().await;
        let key = origin.store_key(&id.to_string());
        let found = self.server.shared_session(key.clone(), self.idle).await;
        match found {
            Ok(Some(session)) => {
                let place = (Arc::clone(self), key);
                let known = owner.clone();
                let tenant = origin.principal().and_then(Principal::tenant);
                let entry = Entry::new(id, session, owner, self.events, Some(place));
                let entry = entry.of_tenant(tenant);
                table.insert(entry).map_err(OpenError::rejection)?;
                if let Some(entry) = table.peek(id, known.as_deref()) {
                    entry.watch_subscriptions(origin);
                }
                Ok(())
            }
            Ok(None) => Ok(()),
            Err(error) => {
                note(&error);
                Err(STORE_AWAY)
            }
        }
    }

    /// What a client that begins to listen here has been told of changes: what its
    /// stream at another replica has, or what there was when it opened the session.
    pub(crate) async fn told_so_far(&self, entry: &Entry, session: &str) -> Option<String> {
        let Some(listener) = entry.session().listener() else {
            return entry.session().changes_at_start();
        };
        let (_, number) = listener.split_once('/')?;
        let number = u64::from_str_radix(number, 16).ok()?;
        let head = self.place(session, number).get().await;
        let (head, _) = head.inspect_err(note).ok()??;
        head.changes
    }

    /// The roll of whom the keys of a session's caller begin with.
    fn roll<'a>(&'a self, of: &'a str) -> Roll<'a> {
        Roll {
            server: &self.server,
            of,
            idle: self.idle,
        }
    }

    /// Says that this replica ends: others need not wait for it.
    pub(crate) async fn leave(&self) {
        self.lease.give_up().await;
    }

    /// How the record of a session names a stream of this replica.
    pub(crate) fn listener(&self, stream: u64) -> String {
        format!("{}/{stream:x}", self.lease.name())
    }

    fn place(&self, session: &str, stream: u64) -> StreamPlace {
        StreamPlace::new(Arc::clone(&self.store), session, stream)
    }
}

/// Lets other replicas find a session that was opened here.
pub(crate) async fn publish(entry: &Entry, limits: SessionLimits) -> Result<(), Rejection> {
    let Some((replicas, key)) = entry.place() else {
        return Ok(());
    };
    let rolls = rolls(entry, Some(limits));
    for (index, (of, limit)) in rolls.iter().enumerate() {
        let entered = replicas.roll(of).enter(key, *limit).await;
        let refusal = match entered {
            Ok(true) => continue,
            Ok(false) => OpenError::TooMany.rejection(),
            Err(error) => {
                note(&error);
                STORE_AWAY
            }
        };
        strike_off(entry, &rolls[..index]).await;
        return Err(refusal);
    }
    replicas.server.changes_heard().await;
    let shared = entry.session().share(key.clone(), replicas.idle);
    shared.await.map_err(|error| {
        note(&error);
        STORE_AWAY
    })
}

/// Ends a session everywhere.
pub(crate) async fn end(entry: &Entry) -> Result<(), Rejection> {
    let ended = entry.session().end(entry.owner_key()).await;
    if let Err(error) = ended {
        note(&error);
        // Without replicas it is values alone that are left; they expire.
        return entry.place().map_or(Ok(()), |_| Err(STORE_AWAY));
    }
    strike_off(entry, &rolls(entry, None)).await;
    Ok(())
}

/// Tidies up behind a session that has ended elsewhere, or expired.
pub(crate) async fn conclude(entry: &Entry) -> bool {
    let concluded = entry.session().conclude(entry.owner_key()).await;
    if let Err(error) = &concluded {
        note(error);
        return false;
    }
    strike_off(entry, &rolls(entry, None)).await;
    true
}

/// Tidies up behind a session that nobody has used here for too long. False when the
/// store is not there.
pub(crate) async fn expire(entry: &Entry) -> bool {
    if entry.place().is_none() {
        return conclude(entry).await;
    }
    match entry.session().refresh().await {
        // It goes on elsewhere.
        Ok(true) => true,
        Ok(false) => conclude(entry).await,
        Err(error) => {
            note(&error);
            false
        }
    }
}

/// The rolls that a session is on, and how long each may be. Without limits, those it
/// may be on.
fn rolls(entry: &Entry, limits: Option<SessionLimits>) -> Vec<(String, usize)> {
    let mut rolls = Vec::new();
    if let Some(owner) = entry.owner_key().filter(|_| entry.principal().is_some()) {
        let limit = limits.map_or(0, |limits| limits.per_principal);
        rolls.push((owner.to_owned(), limit));
    }
    let per_tenant = limits.map_or(Some(0), |limits| limits.per_tenant);
    if let (Some(tenant), Some(limit)) = (entry.tenant(), per_tenant) {
        rolls.push((roll::of_tenant(tenant), limit));
    }
    rolls
}

async fn strike_off(entry: &Entry, rolls: &[(String, usize)]) {
    let Some((replicas, key)) = entry.place() else {
        return;
    };
    for (of, _) in rolls {
        if let Err(error) = replicas.roll(of).leave(key).await {
            // It is struck off when the roll is full.
            note(&error);
        }
    }
}

fn note(error: &StoreError) {
    tracing::warn!(%error, "the store of sessions does not answer");
}
