//! What a memory store holds, and in which order it goes.

use std::{
    collections::{BTreeMap, HashMap},
    sync::Arc,
    time::Duration,
};

use bytes::Bytes;
use tokio::time::Instant;

use super::WhenFull;
use crate::store::{Key, MAX_TTL, StoreError, StoreErrorKind, StoreResult, Stored};

/// How many expired values one write clears away, so that none of them takes long.
const CLEARED_AT_ONCE: usize = 16;

/// Values by place, with their orders of expiry and of use.
#[derive(Debug)]
pub(super) struct Shelf {
    pub(super) max_entries: usize,
    pub(super) max_bytes: usize,
    pub(super) when_full: WhenFull,
    collections: HashMap<Arc<str>, HashMap<Arc<str>, Entry>>,
    /// Only what expires. The serial tells apart what expires at one time.
    by_expiry: BTreeMap<(Instant, u64), Place>,
    /// The serial of an entry is that of its last use.
    by_use: BTreeMap<u64, Place>,
    bytes: usize,
    serial: u64,
}

#[derive(Debug, Clone)]
struct Place {
    collection: Arc<str>,
    key: Arc<str>,
}

#[derive(Debug)]
struct Entry {
    value: Bytes,
    expiry: Option<(Instant, u64)>,
    used: u64,
}

impl Shelf {
    pub(super) fn new(max_entries: usize, max_bytes: usize) -> Self {
        Self {
            max_entries,
            max_bytes,
            when_full: WhenFull::default(),
            collections: HashMap::new(),
            by_expiry: BTreeMap::new(),
            by_use: BTreeMap::new(),
            bytes: 0,
            serial: 0,
        }
    }

    pub(super) fn len(&self) -> usize {
        self.by_use.len()
    }

    pub(super) fn bytes(&self) -> usize {
        self.bytes
    }

    pub(super) fn get(&mut self, at: Key<'_>, now: Instant) -> Option<Stored> {
        let entry = self
            .collections
            .get_mut(at.collection)?
            .get_mut(at.key)
            .filter(|entry| entry.is_alive(now))?;
        self.serial += 1;
        if let Some(place) = self.by_use.remove(&entry.used) {
            self.by_use.insert(self.serial, place);
        }
        entry.used = self.serial;
        let expires_in = entry.expiry.map(|(at, _)| at - now);
        Some(Stored::new(entry.value.clone(), expires_in))
    }

    pub(super) fn put(
        &mut self,
        at: Key<'_>,
        value: Bytes,
        ttl: Option<Duration>,
        now: Instant,
    ) -> StoreResult<()> {
        self.clear(now, CLEARED_AT_ONCE);
        if ttl.is_some_and(|ttl| ttl.is_zero()) {
            self.forget(at);
            return Ok(());
        }
        self.make_room(at, size(at, &value), now)?;
        self.forget(at);
        self.insert(at, value, ttl, now);
        Ok(())
    }

    /// Takes out what is there, if it has not expired.
    pub(super) fn remove(&mut self, at: Key<'_>, now: Instant) -> Option<Bytes> {
        let entry = self.forget(at)?;
        entry.is_alive(now).then_some(entry.value)
    }

    fn insert(&mut self, at: Key<'_>, value: Bytes, ttl: Option<Duration>, now: Instant) {
        self.serial += 1;
        let used = self.serial;
        let place = self.place(at);
        self.bytes += size(at, &value);
        self.by_use.insert(used, place.clone());
        let expiry = ttl.map(|ttl| (now + ttl.min(MAX_TTL), used));
        if let Some(expiry) = expiry {
            self.by_expiry.insert(expiry, place.clone());
        }
        let entry = Entry {
            value,
            expiry,
            used,
        };
        self.collections
            .entry(place.collection)
            .or_default()
            .insert(place.key, entry);
    }

    /// The collection's name is kept once for all of its keys.
    fn place(&self, at: Key<'_>) -> Place {
        let known = self.collections.get_key_value(at.collection);
        Place {
            collection: known.map_or_else(|| at.collection.into(), |(name, _)| Arc::clone(name)),
            key: at.key.into(),
        }
    }

    fn forget(&mut self, at: Key<'_>) -> Option<Entry> {
        let collection = self.collections.get_mut(at.collection)?;
        let entry = collection.remove(at.key)?;
        if collection.is_empty() {
            self.collections.remove(at.collection);
        }
        self.by_use.remove(&entry.used);
        if let Some(expiry) = &entry.expiry {
            self.by_expiry.remove(expiry);
        }
        self.bytes -= size(at, &entry.value);
        Some(entry)
    }

    /// Clears away at most so many expired values.
    fn clear(&mut self, now: Instant, at_most: usize) {
        for _ in 0..at_most {
            let Some(first) = self.by_expiry.first_entry() else {
                return;
            };
            if first.key().0 > now {
                return;
            }
            let place = first.remove();
            self.forget(place.as_key());
        }
    }

    /// Makes room for a value of `size` that replaces what is there.
    fn make_room(&mut self, at: Key<'_>, size: usize, now: Instant) -> StoreResult<()> {
        if size > self.max_bytes {
            let text = "the value is larger than the whole store may be";
            return Err(StoreError::new(StoreErrorKind::TooLarge, text));
        }
        if self.fits(at, size) {
            return Ok(());
        }
        self.clear(now, usize::MAX);
        while !self.fits(at, size) {
            if self.when_full == WhenFull::Refuse {
                let text = "the store is full: raise its limits, or let it forget the oldest";
                return Err(StoreError::new(StoreErrorKind::Quota, text));
            }
            let Some((_, oldest)) = self.by_use.pop_first() else {
                break;
            };
            self.forget(oldest.as_key());
        }
        Ok(())
    }

    fn fits(&self, at: Key<'_>, size_of_new: usize) -> bool {
        let old = self
            .collections
            .get(at.collection)
            .and_then(|collection| collection.get(at.key));
        let (entries, bytes) = match old {
            Some(old) => (self.len(), self.bytes - size(at, &old.value)),
            None => (self.len() + 1, self.bytes),
        };
        entries <= self.max_entries && bytes + size_of_new <= self.max_bytes
    }
}

impl Entry {
    fn is_alive(&self, now: Instant) -> bool {
        self.expiry.is_none_or(|(expiry, _)| expiry > now)
    }
}

impl Place {
    fn as_key(&self) -> Key<'_> {
        Key::new(&self.collection, &self.key)
    }
}

fn size(at: Key<'_>, value: &Bytes) -> usize {
    at.collection.len() + at.key.len() + value.len()
}
