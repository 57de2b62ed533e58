//! Records of one type, under the digests of tokens.

use std::{fmt, marker::PhantomData, sync::Arc, time::Duration};

use bytes::Bytes;
use purlin_core::{
    KeyRing,
    store::{Key, KeyValue, StoreResult},
};
use serde::{Serialize, de::DeserializeOwned};

use super::{Digest, Keys, seal};

/// A store, and the keys for what the authorization server keeps there.
#[derive(Clone, Debug)]
pub(crate) struct Storage {
    store: Arc<dyn KeyValue>,
    keys: Keys,
}

impl Storage {
    pub(crate) fn new(store: Arc<dyn KeyValue>, keys: Keys) -> Self {
        Self { store, keys }
    }

    /// The records of one purpose. Each purpose has a collection and a sealing key of its own.
    pub(crate) fn records<T>(&self, purpose: &str) -> Records<T> {
        Records {
            store: Arc::clone(&self.store),
            name: format!("purlin.auth.{purpose}").into(),
            ring: self.keys.ring(&format!("seal {purpose}")),
            of: PhantomData,
        }
    }

    /// The store, for limits, which hold no secret.
    pub(crate) fn store(&self) -> &Arc<dyn KeyValue> {
        &self.store
    }

    pub(crate) fn keys(&self) -> &Keys {
        &self.keys
    }
}

/// Records of one purpose.
///
/// Each operation is one step of the store, so dropping its future leaves a whole record or none.
pub(crate) struct Records<T> {
    store: Arc<dyn KeyValue>,
    name: Arc<str>,
    ring: KeyRing,
    of: PhantomData<fn() -> T>,
}

/// A record as it was read, for changing it in one step.
pub(crate) struct Found<T> {
    pub(crate) value: T,
    /// How long it will still be there.
    pub(crate) expires_in: Option<Duration>,
    sealed: Bytes,
}

impl<T: Serialize + DeserializeOwned> Records<T> {
    /// The record of a token.
    pub(crate) async fn get(&self, token: &str) -> StoreResult<Option<Found<T>>> {
        self.get_by(Digest::of(token.as_bytes())).await
    }

    /// The record of a token whose digest alone is known.
    pub(crate) async fn get_by(&self, digest: Digest) -> StoreResult<Option<Found<T>>> {
        let key = digest.to_string();
        let at = self.at(&key);
        let stored = self.store.get(at).await?;
        Ok(stored.and_then(|stored| {
            Some(Found {
                value: seal::open(&self.ring, at, &stored.value)?,
                expires_in: stored.expires_in,
                sealed: stored.value,
            })
        }))
    }

    /// Writes over what is there.
    pub(crate) async fn put(&self, token: &str, value: &T, ttl: Duration) -> StoreResult<()> {
        let key = key(token);
        let at = self.at(&key);
        let sealed = seal::seal(&self.ring, at, value)?;
        self.store.put(at, sealed, Some(ttl)).await
    }

    /// Writes unless something is there, and says whether it did.
    pub(crate) async fn insert(&self, token: &str, value: &T, ttl: Duration) -> StoreResult<bool> {
        self.set(Digest::of(token.as_bytes()), None, Some(value), ttl)
            .await
    }

    /// Reads and deletes in one step: of all who ask at once, one gets it.
    pub(crate) async fn take(&self, token: &str) -> StoreResult<Option<T>> {
        let key = key(token);
        let at = self.at(&key);
        let taken = self.store.take(at).await?;
        Ok(taken.and_then(|sealed| seal::open(&self.ring, at, &sealed)))
    }

    /// Writes `new` (`None` deletes) if the record is still the one that was found, in one step.
    /// Says whether it did.
    pub(crate) async fn replace(
        &self,
        token: &str,
        found: &Found<T>,
        new: Option<&T>,
        ttl: Duration,
    ) -> StoreResult<bool> {
        self.replace_by(Digest::of(token.as_bytes()), found, new, ttl)
            .await
    }

    /// As [`replace`](Self::replace), for a token whose digest alone is known.
    pub(crate) async fn replace_by(
        &self,
        digest: Digest,
        found: &Found<T>,
        new: Option<&T>,
        ttl: Duration,
    ) -> StoreResult<bool> {
        self.set(digest, Some(found.sealed.clone()), new, ttl).await
    }

    /// Waits until the record is another one than was found, at most this long.
    pub(crate) async fn changed(
        &self,
        digest: Digest,
        found: &Found<T>,
        at_most: Duration,
    ) -> StoreResult<()> {
        let key = digest.to_string();
        let seen = Some(found.sealed.clone());
        self.store.changed(self.at(&key), seen, at_most).await?;
        Ok(())
    }

    async fn set(
        &self,
        digest: Digest,
        expected: Option<Bytes>,
        new: Option<&T>,
        ttl: Duration,
    ) -> StoreResult<bool> {
        let key = digest.to_string();
        let at = self.at(&key);
        let new = new.map(|new| seal::seal(&self.ring, at, new)).transpose()?;
        self.store
            .compare_and_set(at, expected, new, Some(ttl))
            .await
    }
}

impl<T> Records<T> {
    fn at<'a>(&'a self, key: &'a str) -> Key<'a> {
        Key::new(&self.name, key)
    }
}

fn key(token: &str) -> String {
    Digest::of(token.as_bytes()).to_string()
}

impl<T> Clone for Records<T> {
    fn clone(&self) -> Self {
        Self {
            store: Arc::clone(&self.store),
            name: Arc::clone(&self.name),
            ring: self.ring.clone(),
            of: PhantomData,
        }
    }
}

impl<T> fmt::Debug for Records<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Records")
            .field("name", &self.name)
            .finish_non_exhaustive()
    }
}

/// Never shows the record.
impl<T> fmt::Debug for Found<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Found([redacted])")
    }
}
