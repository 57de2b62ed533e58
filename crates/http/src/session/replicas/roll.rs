//! Which sessions somebody has, at all replicas together.
//!
//! A roll is one record with the keys of the sessions. It is looked through when it is
//! full: who is on it and has ended is struck off, so nothing is counted for long that
//! an end which nobody noticed has left.

use purlin_core::{
    Origin, Principal, Server, TransportKind,
    store::{Attempts, Collection, Key, KeyValue, MANY, StoreResult},
};
use std::time::Duration;

const ROLLS: &str = "mcp.session_rolls";
/// A roll to which nothing is added for so long begins anew.
const KEPT: Duration = Duration::from_secs(24 * 60 * 60);

/// The roll of a tenant; no roll of a caller begins with this letter.
pub(super) fn of_tenant(tenant: &str) -> String {
    // The key of a caller without a name under this tenant: one length, whatever the
    // tenant is called.
    let origin =
        Origin::new(TransportKind::Http).with_principal(Principal::new("").with_tenant(tenant));
    format!("t{}", origin.store_key(""))
}

/// The sessions of one caller, or of one tenant.
pub(super) struct Roll<'a> {
    pub(super) server: &'a Server,
    pub(super) of: &'a str,
    /// How long a session lives unused.
    pub(super) idle: Duration,
}

impl Roll<'_> {
    /// Puts a session on the roll. False when there are as many as there may be.
    pub(super) async fn enter(&self, session: &str, limit: usize) -> StoreResult<bool> {
        let (store, at) = (self.server.store(), Key::new(ROLLS, self.of));
        let mut attempts = Attempts::default();
        loop {
            let found = store.get(at).await?.map(|stored| stored.value);
            let known = found
                .as_deref()
                .and_then(|raw| serde_json::from_slice(raw).ok());
            let mut keys: Vec<String> = known.unwrap_or_default();
            if keys.len() >= limit {
                keys = self.living(keys).await?;
            }
            if keys.len() >= limit {
                return Ok(false);
            }
            keys.push(session.to_owned());
            let new = Some(serde_json::json!(keys).to_string().into());
            let kept = Some(KEPT.max(self.idle * 2));
            if store.compare_and_set(at, found, new, kept).await? {
                return Ok(true);
            }
            attempts.failed().await?;
        }
    }

    async fn living(&self, keys: Vec<String>) -> StoreResult<Vec<String>> {
        let mut living = Vec::with_capacity(keys.len());
        for some in keys.chunks(MANY) {
            let alive = self.server.shared_sessions(some).await?;
            let some = some.iter().zip(alive).filter(|(_, alive)| *alive);
            living.extend(some.map(|(key, _)| key.clone()));
        }
        Ok(living)
    }

    /// Takes a session off that has ended.
    pub(super) async fn leave(&self, session: &str) -> StoreResult<()> {
        let rolls = Collection::<Vec<String>>::new(self.server.store(), ROLLS);
        let rolls = rolls.with_ttl(KEPT.max(self.idle * 2));
        let strike = |keys: Option<Vec<String>>| {
            let mut keys = keys?;
            keys.retain(|key| key != session);
            (!keys.is_empty()).then_some(keys)
        };
        rolls.update(self.of, strike).await.map(|_| ())
    }
}
