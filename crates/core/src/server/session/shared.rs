//! A session that several replicas serve.
//!
//! Its record lies in the server's store. Each replica keeps a copy, looks at
//! the record before each message and while requests of it run, and changes it
//! by compare-and-set. What one replica hears and another one waits for goes by
//! the store too: the answer to a question of ours to a place of its own, a
//! cancellation through the record.

use std::{
    sync::{Mutex, PoisonError},
    time::Duration,
};

use bytes::Bytes;
use tokio::{
    sync::oneshot,
    time::{Instant, sleep},
};

use super::{Session, SessionState, gone, lock, outcome, record::Record};
use crate::{
    Result, Server,
    future::{First, race},
    protocol::RawJson,
    store::{Key, KeyValue, StoreError, StoreErrorKind, StoreResult},
    wire::{Frame, Inbound, Revision, parse},
};

pub(super) const SESSIONS: &str = "mcp.sessions";
const QUESTIONS: &str = "mcp.questions";
/// What stands in the place of an answer until it comes.
const OPEN: Bytes = Bytes::from_static(b"?");
/// How long a place is kept for an answer; who waits renews it.
const OPEN_FOR: Duration = Duration::from_secs(600);
/// How long an answer waits to be fetched.
const ANSWERED_FOR: Duration = Duration::from_secs(60);
/// How long one wait for an answer takes before the place is renewed.
const LOOK: Duration = Duration::from_secs(60);
/// How long to wait before a store that failed is asked again.
const PAUSE: Duration = Duration::from_secs(1);
/// How often a change is tried that others come before.
const ATTEMPTS: u32 = 64;

/// Where the record lies, and what was last seen of it.
#[derive(Debug)]
pub(super) struct SharedSession {
    pub(super) key: String,
    ttl: Duration,
    seen: Mutex<Seen>,
    changes_at_start: Option<String>,
}

#[derive(Debug)]
struct Seen {
    raw: Bytes,
    cancels: u64,
    listener: Option<String>,
    /// When the record was last given its whole time to live.
    renewed: Instant,
}

impl SharedSession {
    fn new(key: String, ttl: Duration, raw: Bytes, record: &Record) -> Self {
        let seen = Seen {
            raw,
            cancels: record.cancels,
            listener: record.listener.clone(),
            renewed: Instant::now(),
        };
        Self {
            key,
            ttl,
            seen: Mutex::new(seen),
            changes_at_start: record.changes.clone(),
        }
    }

    pub(super) fn changes_at_start(&self) -> Option<String> {
        self.changes_at_start.clone()
    }

    pub(super) fn at(&self) -> Key<'_> {
        Key::new(SESSIONS, &self.key)
    }

    fn seen(&self) -> std::sync::MutexGuard<'_, Seen> {
        self.seen.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn question(&self, id: u64) -> String {
        format!("{id:x}.{}", self.key)
    }
}

fn encode(record: &Record) -> StoreResult<Bytes> {
    let text = "the record of a session cannot be written as JSON";
    serde_json::to_vec(record)
        .map(Bytes::from)
        .map_err(|_| StoreError::new(StoreErrorKind::Invalid, text))
}

fn decode(raw: &Bytes) -> StoreResult<Record> {
    // Without the cause: it would quote what the client has sent.
    let text = "the record of a session cannot be read";
    serde_json::from_slice(raw).map_err(|_| StoreError::new(StoreErrorKind::Corrupt, text))
}

impl Server {
    /// The session that [`Session::share`] has put under this key; `None` when
    /// there is none, or it has ended.
    ///
    /// # Errors
    /// Those of the store.
    pub async fn shared_session(&self, key: String, ttl: Duration) -> StoreResult<Option<Session>> {
        let found = self.store().get(Key::new(SESSIONS, &key)).await?;
        let Some(raw) = found.map(|stored| stored.value) else {
            return Ok(None);
        };
        let record = decode(&raw)?;
        let Ok(revision) = record.revision.parse::<Revision>() else {
            return Ok(None);
        };
        let (info, capabilities) = (record.client_info.clone(), record.capabilities.clone());
        let session = SessionState::open(self, revision, info, capabilities);
        session.set_open();
        let _ = session.values_id.set(record.values.clone());
        session.apply(&record);
        let shared = SharedSession::new(key, ttl, raw, &record);
        session.become_shared(shared);
        Ok(Some(Session(session)))
    }
}

/// For transports that share sessions between replicas.
impl Session {
    /// Puts the session into the server's store, where
    /// [`Server::shared_session`] finds it by this key. It is gone when nobody
    /// has used it for `ttl`. The key has to tell whose session it is
    /// ([`Origin::store_key`](crate::Origin::store_key)).
    ///
    /// # Errors
    /// Those of the store; the session is then not shared.
    pub async fn share(&self, key: String, ttl: Duration) -> StoreResult<()> {
        let record = self.0.record();
        let raw = encode(&record)?;
        let at = Key::new(SESSIONS, &key);
        self.0.promise_end(&key, ttl).await?;
        self.0
            .server
            .store()
            .put(at, raw.clone(), Some(ttl))
            .await?;
        self.0
            .become_shared(SharedSession::new(key, ttl, raw, &record));
        Ok(())
    }

    /// Catches up with what other replicas did. False when the session has
    /// ended.
    ///
    /// # Errors
    /// Those of the store; what was known stays.
    pub async fn refresh(&self) -> StoreResult<bool> {
        let Some(shared) = self.0.shared.get() else {
            return Ok(true);
        };
        let store = self.0.server.store();
        let found = store.get(shared.at()).await?;
        let Some(raw) = found.map(|stored| stored.value) else {
            return Ok(false);
        };
        self.0.see(shared, &raw)?;
        if shared.seen().renewed.elapsed() >= shared.ttl / 8 {
            // If somebody else was faster, they have renewed it.
            let same = Some(raw.clone());
            store
                .compare_and_set(shared.at(), same.clone(), same, Some(shared.ttl))
                .await?;
            shared.seen().renewed = Instant::now();
            self.0.renew_end(&shared.key, shared.ttl).await?;
        }
        Ok(true)
    }

    /// Waits until another replica does something to the session, at most for
    /// this long, and catches up. False when the session has ended.
    ///
    /// # Errors
    /// Those of the store.
    pub async fn await_change(&self, at_most: Duration) -> StoreResult<bool> {
        let Some(shared) = self.0.shared.get() else {
            sleep(at_most).await;
            return Ok(true);
        };
        let seen = shared.seen().raw.clone();
        let store = self.0.server.store();
        match store.changed(shared.at(), Some(seen), at_most).await? {
            Some(stored) => self.0.see(shared, &stored.value).map(|()| true),
            None => Ok(false),
        }
    }

    /// The stream that gets what belongs to no request, as far as is known.
    pub fn listener(&self) -> Option<String> {
        self.0.shared.get()?.seen().listener.clone()
    }

    /// Says which stream gets what belongs to no request from now on.
    ///
    /// # Errors
    /// Those of the store.
    pub async fn set_listener(&self, listener: &str) -> StoreResult<()> {
        self.0
            .change(|record| record.listener = Some(listener.to_owned()))
            .await
    }
}

impl SessionState {
    fn become_shared(&self, shared: SharedSession) {
        // Ids that several replicas give may not meet: each starts somewhere
        // else below 2^52, which every peer keeps exactly.
        let mut start = [0; 4];
        super::super::fill_random(&mut start);
        let start = u64::from(u32::from_le_bytes(start)) << 20;
        self.next_id
            .store(start + 1, std::sync::atomic::Ordering::Relaxed);
        // A session is shared once.
        let _ = self.shared.set(shared);
    }

    fn see(&self, shared: &SharedSession, raw: &Bytes) -> StoreResult<()> {
        if shared.seen().raw == raw {
            return Ok(());
        }
        let record = decode(raw)?;
        self.apply(&record);
        let known = {
            let mut seen = shared.seen();
            seen.raw = raw.clone();
            seen.listener.clone_from(&record.listener);
            std::mem::replace(&mut seen.cancels, record.cancels)
        };
        for id in record.cancelled_since(known) {
            self.link.cancel(id);
        }
        Ok(())
    }

    /// Changes the record of a shared session, and the copy of it here.
    ///
    /// # Errors
    /// Those of the store. That the session has ended meanwhile is none.
    pub(super) async fn change(&self, change: impl Fn(&mut Record)) -> StoreResult<()> {
        let Some(shared) = self.shared.get() else {
            return Ok(());
        };
        let store = self.server.store();
        let mut raw = shared.seen().raw.clone();
        for attempt in 0..ATTEMPTS {
            let mut record = decode(&raw)?;
            change(&mut record);
            let new = encode(&record)?;
            let (old, at) = (Some(raw.clone()), shared.at());
            if store
                .compare_and_set(at, old, Some(new.clone()), Some(shared.ttl))
                .await?
            {
                return self.see(shared, &new);
            }
            sleep(Duration::from_millis(u64::from(attempt.min(20)))).await;
            match store.get(at).await? {
                Some(stored) => raw = stored.value,
                None => return Ok(()),
            }
        }
        let text = "others changed the session at every attempt";
        Err(StoreError::new(StoreErrorKind::Conflict, text))
    }

    /// Keeps a place where another replica can put the answer to a question.
    pub(super) async fn pose(&self, id: u64) {
        let Some(shared) = self.shared.get() else {
            return;
        };
        let question = shared.question(id);
        let at = Key::new(QUESTIONS, &question);
        let store = self.server.store();
        if let Err(error) = store.put(at, OPEN, Some(OPEN_FOR)).await {
            // An answer that arrives here is still heard.
            tracing::warn!(%error, "a question is open at this replica alone");
        }
    }

    /// Waits for the answer to a question, wherever it arrives.
    pub(super) async fn answer(
        &self,
        id: u64,
        mut here: oneshot::Receiver<Result<RawJson>>,
    ) -> Result<RawJson> {
        let Some(shared) = self.shared.get() else {
            return here.await.unwrap_or_else(|_| Err(gone()));
        };
        let question = shared.question(id);
        let at = Key::new(QUESTIONS, &question);
        let store = self.server.store();
        loop {
            let elsewhere = async {
                let found = store.changed(at, Some(OPEN), LOOK).await;
                if found.is_err() {
                    sleep(PAUSE).await;
                }
                found
            };
            let found = match race(&mut here, elsewhere).await {
                First::Left(answer) => {
                    // Expires by itself if the store fails.
                    let _ = store.delete(at).await;
                    return answer.unwrap_or_else(|_| Err(gone()));
                }
                First::Right(found) => found,
            };
            match found {
                Ok(Some(stored)) if stored.value != OPEN => {
                    // So that the question is not taken back.
                    lock(&self.pending).remove(&id);
                    let _ = store.delete(at).await;
                    return match parse(stored.value.to_vec()) {
                        Ok(Frame::One(message)) => outcome(&message),
                        _ => Err(gone()),
                    };
                }
                // Time to renew the place, or it was never there.
                Ok(found) => {
                    let old = found.map(|stored| stored.value);
                    let renewed = store.compare_and_set(at, old, Some(OPEN), Some(OPEN_FOR));
                    let _ = renewed.await;
                }
                Err(error) => tracing::debug!(%error, "waiting for an answer"),
            }
        }
    }

    /// Hands the answer of the client to the replica that waits for it. What
    /// nobody waits for is dropped.
    ///
    /// # Errors
    /// Those of the store.
    pub(super) async fn forward(&self, id: u64, message: &Inbound) -> StoreResult<()> {
        let Some(shared) = self.shared.get() else {
            return Ok(());
        };
        let question = shared.question(id);
        let at = Key::new(QUESTIONS, &question);
        let answer = Bytes::copy_from_slice(message.text().as_bytes());
        let store = self.server.store();
        store
            .compare_and_set(at, Some(OPEN), Some(answer), Some(ANSWERED_FOR))
            .await
            .map(|_| ())
    }
}
