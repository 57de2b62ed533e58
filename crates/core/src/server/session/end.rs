//! The end of a session: what it leaves, and who tells of it.
//!
//! A session in one process ends when the last handle on it is dropped. One that
//! replicas share ends everywhere, and each of them may notice; a mark beside its
//! record, which one of them takes, makes it one end.

use std::{
    sync::Weak,
    time::{Duration, SystemTime, UNIX_EPOCH},
};

use super::{Session, SessionState, lock, opening::Stage, shared::SESSIONS};
use crate::{
    access::Allowance,
    context::VALUES,
    server::{Server, SessionEnd},
    store::{Key, KeyValue, StoreResult},
};

const ENDS: &str = "mcp.session_ends";

impl Session {
    /// Ends the session, everywhere if it is shared, and forgets its values.
    ///
    /// `owner` is what the keys of its caller begin with
    /// ([`Origin::store_key`](crate::Origin::store_key) of nothing); without it, values
    /// are forgotten that were used in this process.
    ///
    /// # Errors
    /// Those of the store; the session has then ended here alone. Values that could not
    /// be forgotten expire.
    pub async fn end(&self, owner: Option<&str>) -> StoreResult<()> {
        self.close();
        if let Some(shared) = self.0.shared.get() {
            self.0.server.store().delete(shared.at()).await?;
        }
        self.conclude(owner).await
    }

    /// Forgets the values of a session that has ended, and reports its end unless
    /// another replica has.
    ///
    /// # Errors
    /// Those of the store.
    pub async fn conclude(&self, owner: Option<&str>) -> StoreResult<()> {
        let store = || self.0.server.store();
        let of_owner = || Some(format!("{}s{}", owner?, self.0.values_id.get()?));
        let key = self.0.values_key.get().cloned().or_else(of_owner);
        if let Some(key) = key {
            let store = match self.0.values_of.get() {
                Some(allowance) => allowance.around(store()),
                None => store(),
            };
            store.delete(Key::new(VALUES, &key)).await?;
        }
        if let Some(seats) = self.0.seats.get() {
            seats.leave().await?;
        }
        let Some(shared) = self.0.shared.get() else {
            return Ok(());
        };
        if let Some(mark) = store().take(Key::new(ENDS, &shared.key)).await? {
            let opened = std::str::from_utf8(&mark)
                .ok()
                .and_then(|it| it.parse().ok());
            let duration = now().saturating_sub(opened.map_or(now(), Duration::from_millis));
            self.0.report(duration);
        }
        Ok(())
    }
}

impl Server {
    /// Which of the sessions that were shared under these keys have not ended.
    ///
    /// # Errors
    /// Those of the store, and when there are more than
    /// [`MANY`](crate::store::MANY) keys.
    pub async fn shared_sessions(&self, keys: &[String]) -> StoreResult<Vec<bool>> {
        let keys: Vec<_> = keys.iter().map(|key| Key::new(SESSIONS, key)).collect();
        let found = self.store().get_many(&keys).await?;
        Ok(found.iter().map(Option::is_some).collect())
    }
}

impl SessionState {
    /// Notes where the values lie that the session uses here.
    pub(crate) fn note_values(&self, key: &str, allowance: Option<&Allowance>) {
        if self.values_key.get().is_none() {
            // It is always the same.
            let _ = self.values_key.set(key.to_owned());
            if let Some(allowance) = allowance {
                let _ = self.values_of.set(allowance.clone());
            }
        }
    }

    /// Leaves the mark that whoever tells of the end takes. It outlives the record.
    pub(super) async fn promise_end(&self, key: &str, ttl: Duration) -> StoreResult<()> {
        let opened = now().as_millis().to_string();
        let (at, store) = (Key::new(ENDS, key), self.server.store());
        store.put(at, opened.into(), Some(marked_for(ttl))).await
    }

    /// Keeps the mark for as long as the record.
    pub(super) async fn renew_end(&self, key: &str, ttl: Duration) -> StoreResult<()> {
        let (at, store) = (Key::new(ENDS, key), self.server.store());
        let Some(mark) = store.get(at).await?.map(|stored| stored.value) else {
            return Ok(());
        };
        let same = Some(mark);
        store
            .compare_and_set(at, same.clone(), same, Some(marked_for(ttl)))
            .await
            .map(|_| ())
    }

    fn report(&self, duration: Duration) {
        self.server.session_ended(&SessionEnd {
            revision: self.revision,
            duration,
        });
    }
}

impl Drop for SessionState {
    fn drop(&mut self) {
        if let Some(seat) = self.seat.get() {
            self.server.bus().leave(*seat);
        }
        if let Some(handle) = self.handle.get() {
            *lock(&handle.0) = Weak::new();
        }
        // One that is shared may go on elsewhere, and one that was refused was none.
        if self.shared.get().is_none() && self.stage() == Stage::Open {
            self.report(self.opened.elapsed());
        }
    }
}

/// Long enough for the last replica to notice that the record has expired.
fn marked_for(ttl: Duration) -> Duration {
    ttl * 2 + Duration::from_secs(600)
}

fn now() -> Duration {
    SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .unwrap_or_default()
}
