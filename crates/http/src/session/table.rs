//! All sessions of one endpoint.

use std::{
    collections::HashMap,
    sync::{Arc, PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard, Weak},
    time::Duration,
};

use http::StatusCode;
use purlin_core::Session;
use tokio::time::{Instant, sleep};

use super::{Entry, SessionId, entry::Place};
use crate::{
    config::{EventLimits, SessionLimits},
    guard::Rejection,
};

/// How often idle sessions are looked for; more often where they may be idle for
/// less.
const SWEEP_INTERVAL: Duration = Duration::from_secs(30);

/// The shortest time between two looks.
const MIN_SWEEP_INTERVAL: Duration = Duration::from_secs(1);

/// The sessions by id. Its lock is never held across an await.
///
/// While there are sessions, a task looks for idle ones: on a server that nobody
/// asks anything, they end as well.
#[derive(Debug)]
pub(crate) struct SessionTable {
    sessions: RwLock<Sessions>,
    limits: SessionLimits,
    events: EventLimits,
}

#[derive(Debug, Default)]
struct Sessions {
    by_id: HashMap<SessionId, Arc<Entry>>,
    /// How many sessions each authenticated principal has.
    by_principal: HashMap<Box<str>, usize>,
    /// How many those of each tenant have together.
    by_tenant: HashMap<Box<str>, usize>,
    /// Whether the task runs that looks for idle ones.
    are_swept: bool,
}

/// Why a session is not opened.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum OpenError {
    /// The endpoint has as many as it bears.
    Full,
    /// The caller has as many as one may have.
    TooMany,
    /// The system gave no random numbers.
    NoEntropy,
}

impl OpenError {
    /// What the caller is told.
    pub(crate) fn rejection(self) -> Rejection {
        match self {
            Self::Full => Rejection::new(
                StatusCode::SERVICE_UNAVAILABLE,
                "there are too many sessions",
            ),
            Self::TooMany => {
                Rejection::new(StatusCode::TOO_MANY_REQUESTS, "you have too many sessions")
            }
            Self::NoEntropy => Rejection::new(
                StatusCode::INTERNAL_SERVER_ERROR,
                "no session id could be made",
            ),
        }
    }
}

impl SessionTable {
    pub(crate) fn new(limits: SessionLimits, events: EventLimits) -> Self {
        Self {
            sessions: RwLock::default(),
            limits,
            events,
        }
    }

    /// Keeps a new session. `shared` gives its place among replicas, if it has
    /// one.
    pub(crate) fn open(
        self: &Arc<Self>,
        session: Session,
        principal: Option<Box<str>>,
        tenant: Option<&str>,
        shared: impl FnOnce(SessionId) -> Option<Place>,
    ) -> Result<SessionId, OpenError> {
        let id = SessionId::random().map_err(|_| OpenError::NoEntropy)?;
        let mut sessions = self.write();
        if sessions.by_id.len() >= self.limits.total {
            return Err(OpenError::Full);
        }
        let place = shared(id);
        // Replicas count together.
        if place.is_none() && sessions.are_too_many(self.limits, principal.as_deref(), tenant) {
            return Err(OpenError::TooMany);
        }
        let entry = Entry::new(id, session, principal, self.events, place).of_tenant(tenant);
        sessions.count(&entry);
        sessions.by_id.insert(id, Arc::new(entry));
        self.see_swept(&mut sessions);
        Ok(id)
    }

    /// Keeps a session that another replica has opened. The limit per principal
    /// was its affair.
    pub(crate) fn insert(self: &Arc<Self>, entry: Entry) -> Result<(), OpenError> {
        let mut sessions = self.write();
        let id = entry.id();
        if sessions.by_id.contains_key(&id) {
            return Ok(());
        }
        if sessions.by_id.len() >= self.limits.total {
            return Err(OpenError::Full);
        }
        sessions.count(&entry);
        sessions.by_id.insert(id, Arc::new(entry));
        self.see_swept(&mut sessions);
        Ok(())
    }

    /// The session with this id, if it is this caller's and known here, used or
    /// not.
    pub(crate) fn peek(&self, id: SessionId, principal: Option<&str>) -> Option<Arc<Entry>> {
        let sessions = self.read();
        let entry = sessions.by_id.get(&id);
        entry
            .filter(|entry| entry.principal() == principal)
            .cloned()
    }

    /// Takes a session out that has ended elsewhere.
    pub(crate) fn remove(&self, id: SessionId) {
        let entry = self.write().remove(id);
        if let Some(entry) = entry {
            entry.session().close();
        }
    }

    /// The session with this id, if it is this caller's; a foreign session
    /// looks like an unknown one.
    pub(crate) fn find(&self, id: &[u8], principal: Option<&str>) -> Option<Arc<Entry>> {
        let id = SessionId::parse(id)?;
        let sessions = self.read();
        let entry = sessions
            .by_id
            .get(&id)
            .filter(|entry| entry.principal() == principal)?;
        if self.is_over(entry, Instant::now()) {
            // The next sweep ends it.
            return None;
        }
        entry.touch();
        Some(Arc::clone(entry))
    }

    /// Whether nobody has used the session for too long. One that still has a
    /// connection or a running request is in use.
    fn is_over(&self, entry: &Arc<Entry>, now: Instant) -> bool {
        entry.idle(now) > self.limits.idle && Arc::strong_count(entry) == 1 && !entry.is_working()
    }

    /// How many there are, those included whose end was not noticed yet.
    pub(crate) fn len(&self) -> usize {
        self.read().by_id.len()
    }

    fn read(&self) -> RwLockReadGuard<'_, Sessions> {
        // Nothing of a user's runs under the lock, so what it guards is whole.
        self.sessions.read().unwrap_or_else(PoisonError::into_inner)
    }

    fn write(&self) -> RwLockWriteGuard<'_, Sessions> {
        self.sessions
            .write()
            .unwrap_or_else(PoisonError::into_inner)
    }

    /// Ends a session of this caller; false if there is none.
    pub(crate) fn close(&self, id: &[u8], principal: Option<&str>) -> bool {
        let Some(id) = SessionId::parse(id) else {
            return false;
        };
        let mut sessions = self.write();
        if sessions
            .by_id
            .get(&id)
            .is_none_or(|entry| entry.principal() != principal)
        {
            return false;
        }
        let entry = sessions.remove(id);
        drop(sessions);
        if let Some(entry) = entry {
            entry.session().close();
        }
        true
    }

    /// Starts the task that looks for idle sessions, unless it runs.
    fn see_swept(self: &Arc<Self>, sessions: &mut Sessions) {
        if !std::mem::replace(&mut sessions.are_swept, true) {
            let interval = self.limits.idle.clamp(MIN_SWEEP_INTERVAL, SWEEP_INTERVAL);
            tokio::spawn(sweep_each(interval, Arc::downgrade(self)));
        }
    }

    /// Whether there is nothing to look through any more. If so, the next session
    /// starts another task.
    fn rests(&self) -> bool {
        let mut sessions = self.write();
        sessions.are_swept = !sessions.by_id.is_empty();
        if !sessions.are_swept {
            // What a crowd took is not kept for the next one.
            sessions.by_id.shrink_to_fit();
        }
        !sessions.are_swept
    }

    /// Ends the sessions that nobody has used for too long.
    fn sweep(&self, now: Instant) -> Vec<Arc<Entry>> {
        let mut sessions = self.write();
        let over = sessions
            .by_id
            .iter()
            .filter(|(_, entry)| self.is_over(entry, now));
        let over: Vec<SessionId> = over.map(|(id, _)| *id).collect();
        // Ending a session may run destructors of users; not under the lock.
        let ended = over.into_iter().filter_map(|id| sessions.remove(id));
        ended.collect()
    }

    /// Waits until no request goes on without a connection. Cancellation safe
    /// only in that it may be dropped: it is for the end of the server.
    pub(crate) async fn finish(&self) {
        for entry in self.entries() {
            entry.finish().await;
        }
    }

    fn entries(&self) -> Vec<Arc<Entry>> {
        let sessions = self.read();
        sessions.by_id.values().cloned().collect()
    }
}

/// Ends sessions, and forgets what they leave in a store, unless it is away: then it
/// expires.
async fn tidy_up(ended: Vec<Arc<Entry>>) {
    let mut store_is_there = true;
    for entry in ended {
        entry.session().close();
        store_is_there = store_is_there && super::expire(&entry).await;
    }
}

/// Ends idle sessions until there are none, or the table is gone.
async fn sweep_each(interval: Duration, table: Weak<SessionTable>) {
    loop {
        sleep(interval).await;
        let Some(table) = table.upgrade() else {
            return;
        };
        let ended = table.sweep(Instant::now());
        tidy_up(ended).await;
        if table.rests() {
            return;
        }
    }
}

impl Sessions {
    fn remove(&mut self, id: SessionId) -> Option<Arc<Entry>> {
        let entry = self.by_id.remove(&id)?;
        one_less(&mut self.by_principal, entry.principal());
        one_less(&mut self.by_tenant, entry.tenant());
        Some(entry)
    }

    fn are_too_many(
        &self,
        limits: SessionLimits,
        principal: Option<&str>,
        tenant: Option<&str>,
    ) -> bool {
        let of = |counts: &HashMap<Box<str>, usize>, whose: Option<&str>| {
            whose.and_then(|whose| counts.get(whose).copied())
        };
        let per_tenant = limits.per_tenant.unwrap_or(usize::MAX);
        (principal.is_some()
            && of(&self.by_principal, principal).unwrap_or(0) >= limits.per_principal)
            || (tenant.is_some() && of(&self.by_tenant, tenant).unwrap_or(0) >= per_tenant)
    }

    fn count(&mut self, entry: &Entry) {
        if let Some(principal) = entry.principal() {
            *self.by_principal.entry(principal.into()).or_default() += 1;
        }
        if let Some(tenant) = entry.tenant() {
            *self.by_tenant.entry(tenant.into()).or_default() += 1;
        }
    }
}

fn one_less(counts: &mut HashMap<Box<str>, usize>, whose: Option<&str>) {
    if let Some(whose) = whose
        && let Some(count) = counts.get_mut(whose)
    {
        *count -= 1;
        if *count == 0 {
            counts.remove(whose);
        }
    }
}
