//! How often a password may be guessed.
//!
//! Attempts are counted before they are judged, so that a thousand at once are no more than a few,
//! and by name and address, by address, and by name: 5, 30 and 50 in a quarter of an hour.

use std::{
    net::{IpAddr, Ipv6Addr},
    sync::Arc,
    time::Duration,
};

use purlin_core::store::{Key, KeyValue, StoreResult};

use super::super::storage::{Digest, Storage};

const COLLECTION: &str = "purlin.auth.attempts";
const WINDOW: Duration = Duration::from_secs(15 * 60);
const BY_NAME_AND_ADDRESS: i64 = 5;
const BY_ADDRESS: i64 = 30;
const BY_NAME: i64 = 50;

/// Counts attempts to log in, for all processes that share the store.
#[derive(Clone, Debug)]
pub(in super::super) struct Lockout {
    store: Arc<dyn KeyValue>,
}

/// Whether an attempt is judged.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in super::super) enum Attempt {
    Allowed,
    /// Allowed, and if it fails the next one is not.
    Last,
    Locked,
}

impl Lockout {
    pub(in super::super) fn new(storage: &Storage) -> Self {
        Self {
            store: Arc::clone(storage.store()),
        }
    }

    /// How long a lock holds at most.
    pub(in super::super) fn window(&self) -> Duration {
        WINDOW
    }

    /// Counts an attempt.
    pub(in super::super) async fn attempt(
        &self,
        name: &str,
        peer: Option<IpAddr>,
    ) -> StoreResult<Attempt> {
        let mut verdict = Attempt::Allowed;
        for (key, limit) in keys(name, peer) {
            let at = Key::new(COLLECTION, &key);
            let count = self.store.add(at, 1, Some(WINDOW)).await?;
            if count > limit {
                return Ok(Attempt::Locked);
            }
            if count == limit {
                verdict = Attempt::Last;
            }
        }
        Ok(verdict)
    }

    /// Forgets the attempts of somebody who has logged in. Those of the address are kept: whoever
    /// owns one account may guess at others.
    pub(in super::super) async fn succeeded(
        &self,
        name: &str,
        peer: Option<IpAddr>,
    ) -> StoreResult<()> {
        let [(own, _), _, _] = keys(name, peer);
        self.store
            .delete(Key::new(COLLECTION, &own))
            .await
            .map(drop)
    }
}

/// What is counted, and up to where.
fn keys(name: &str, peer: Option<IpAddr>) -> [(String, i64); 3] {
    let address = peer.map_or_else(|| "nobody".to_owned(), |peer| network(peer).to_string());
    let key = |text: String| Digest::of(text.as_bytes()).to_string();
    [
        (key(format!("both {address} {name}")), BY_NAME_AND_ADDRESS),
        (key(format!("address {address}")), BY_ADDRESS),
        (key(format!("name {name}")), BY_NAME),
    ]
}

/// Of IPv6 the first 64 bits, for the holder of an address chooses the rest.
fn network(address: IpAddr) -> IpAddr {
    match address.to_canonical() {
        IpAddr::V6(address) => Ipv6Addr::from_bits(address.to_bits() >> 64 << 64).into(),
        address => address,
    }
}
