//! What the store knows of one event stream.

use std::{sync::Arc, time::Duration};

use bytes::Bytes;
use purlin_core::store::{Key, KeyValue, StoreError, StoreErrorKind, StoreResult};
use serde::{Deserialize, Serialize};

const HEADS: &str = "mcp.streams";
const EVENTS: &str = "mcp.events";
/// How long the head of a stream that goes on stays without being written.
const OPEN_FOR: Duration = Duration::from_secs(60 * 60);
/// How many events are read at once.
const PAGE: u64 = 64;

/// The state of a stream, written by its owner and by whoever takes over.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Head {
    /// The replica that runs what the stream is about.
    pub(crate) owner: String,
    /// The number of the next event.
    pub(crate) next: u64,
    /// The ids of requests that are not answered, as JSON text.
    pub(crate) open: Vec<String>,
    /// Nothing more will come.
    pub(crate) done: bool,
    /// It carries what belongs to no request.
    pub(crate) standalone: bool,
    /// Whoever reads the stream elsewhere than at its owner.
    pub(crate) reader: Option<String>,
    /// What was answered in place of an owner that is gone.
    pub(crate) last: Vec<String>,
    /// The changes that it has told, if it carries them.
    #[serde(default)]
    pub(crate) changes: Option<String>,
}

impl Head {
    pub(crate) fn new(owner: &str, standalone: bool, open: Vec<String>) -> Self {
        Self {
            owner: owner.to_owned(),
            next: 0,
            open,
            done: false,
            standalone,
            reader: None,
            last: Vec::new(),
            changes: None,
        }
    }

    pub(super) fn encode(&self) -> StoreResult<Bytes> {
        let text = "the head of a stream cannot be written as JSON";
        serde_json::to_vec(self)
            .map(Bytes::from)
            .map_err(|_| StoreError::new(StoreErrorKind::Invalid, text))
    }

    fn decode(raw: &Bytes) -> StoreResult<Self> {
        let text = "the head of a stream cannot be read";
        serde_json::from_slice(raw).map_err(|_| StoreError::new(StoreErrorKind::Corrupt, text))
    }
}

/// A head as it was found: what it says, and the bytes a change is compared
/// with.
pub(super) type Found = (Head, Bytes);

/// Where one stream lies.
#[derive(Debug)]
pub(super) struct StreamPlace {
    store: Arc<dyn KeyValue>,
    key: String,
}

impl StreamPlace {
    pub(super) fn new(store: Arc<dyn KeyValue>, session: &str, stream: u64) -> Self {
        // The number has a fixed length, so no key is the start of another.
        let key = format!("{stream:016x}{session}");
        Self { store, key }
    }

    fn head(&self) -> Key<'_> {
        Key::new(HEADS, &self.key)
    }

    fn event(&self, event: u64) -> String {
        format!("{event:016x}{}", self.key)
    }

    pub(super) async fn get(&self) -> StoreResult<Option<Found>> {
        let found = self.store.get(self.head()).await?;
        let found =
            found.map(|stored| Head::decode(&stored.value).map(|head| (head, stored.value)));
        found.transpose()
    }

    /// Waits for a head that differs from `seen`, at most for so long.
    pub(super) async fn changed(
        &self,
        seen: &Bytes,
        at_most: Duration,
    ) -> StoreResult<Option<Found>> {
        let seen = Some(seen.clone());
        let found = self.store.changed(self.head(), seen, at_most).await?;
        let found =
            found.map(|stored| Head::decode(&stored.value).map(|head| (head, stored.value)));
        found.transpose()
    }

    /// Replaces the head if it is still `old`; gives what is there then.
    pub(super) async fn replace(
        &self,
        old: Option<&Bytes>,
        new: &Head,
        kept: Duration,
    ) -> StoreResult<Option<Bytes>> {
        let raw = new.encode()?;
        let ttl = if new.done { kept } else { OPEN_FOR.max(kept) };
        let (old, at) = (old.cloned(), self.head());
        let replaced = self
            .store
            .compare_and_set(at, old, Some(raw.clone()), Some(ttl));
        Ok(replaced.await?.then_some(raw))
    }

    pub(super) async fn write(&self, events: &[(u64, Bytes)], kept: Duration) -> StoreResult<()> {
        let keys: Vec<String> = events.iter().map(|(event, _)| self.event(*event)).collect();
        let entries: Vec<(Key<'_>, Bytes)> = keys
            .iter()
            .zip(events)
            .map(|(key, (_, frame))| (Key::new(EVENTS, key), frame.clone()))
            .collect();
        for page in entries.chunks(usize::try_from(PAGE).unwrap_or(1)) {
            self.store.put_many(page, Some(kept)).await?;
        }
        Ok(())
    }

    pub(super) async fn forget(&self, events: &[u64]) -> StoreResult<()> {
        let keys: Vec<String> = events.iter().map(|event| self.event(*event)).collect();
        let keys: Vec<Key<'_>> = keys.iter().map(|key| Key::new(EVENTS, key)).collect();
        self.store.delete_many(&keys).await.map(|_| ())
    }

    /// The events of a range that are still kept, with their numbers.
    pub(super) async fn read(&self, mut from: u64, to: u64) -> StoreResult<Vec<(u64, Bytes)>> {
        // More are never kept.
        from = from.max(to.saturating_sub(1_000));
        let mut events = Vec::new();
        while from < to {
            let end = to.min(from + PAGE);
            let keys: Vec<String> = (from..end).map(|event| self.event(event)).collect();
            let keys: Vec<Key<'_>> = keys.iter().map(|key| Key::new(EVENTS, key)).collect();
            let found = self.store.get_many(&keys).await?;
            let found = (from..end).zip(found);
            events.extend(found.filter_map(|(event, stored)| Some((event, stored?.value))));
            from = end;
        }
        Ok(events)
    }
}
