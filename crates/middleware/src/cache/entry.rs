//! The entries, and until when they are good.

use std::{
    collections::HashMap,
    hash::{BuildHasher, RandomState},
    sync::{
        Arc, PoisonError, RwLock,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use moka::{Expiry, sync::Cache as Moka};
use purlin_core::{
    middleware::Listing,
    prompt::PromptResult,
    protocol::{Prompt, Resource, ResourceTemplate, Tool},
    resource::ResourceResult,
    tool::ToolResult,
};
use tokio::time::Instant;

use super::key::Key;

/// How many single names are remembered as forgotten, in 16 bytes each; beyond that
/// all answers under such names are forgotten, lists not.
pub(super) const MAX_FORGOTTEN: usize = 10_000;
/// What an entry takes beside its answer and its key, about, in bytes.
const OVERHEAD: usize = 256;

/// What is kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum Kind {
    Tools,
    Resources,
    Templates,
    Prompts,
    Call,
    Read,
    Get,
}

impl Kind {
    pub(super) const ALL: [Self; 7] = [
        Self::Tools,
        Self::Resources,
        Self::Templates,
        Self::Prompts,
        Self::Call,
        Self::Read,
        Self::Get,
    ];
    pub(super) const LISTS: [Self; 4] =
        [Self::Tools, Self::Resources, Self::Templates, Self::Prompts];

    pub(super) fn is_list(self) -> bool {
        Self::LISTS.contains(&self)
    }

    pub(super) fn as_str(self) -> &'static str {
        match self {
            Self::Tools => "tools",
            Self::Resources => "resources",
            Self::Templates => "templates",
            Self::Prompts => "prompts",
            Self::Call => "call",
            Self::Read => "read",
            Self::Get => "get",
        }
    }
}

/// An answer.
#[derive(Clone, Debug)]
pub(super) enum Answer {
    Tool(ToolResult),
    Resource(ResourceResult),
    Prompt(PromptResult),
    Tools(Listing<Tool>),
    Resources(Listing<Resource>),
    Templates(Listing<ResourceTemplate>),
    Prompts(Listing<Prompt>),
}

#[derive(Debug)]
struct Entry {
    answer: Answer,
    size: usize,
    ttl: Duration,
    expires: Instant,
    /// The moment its answer was begun, by the clock of changes.
    begun: u64,
}

#[derive(Debug, Default)]
pub(super) struct Counts {
    pub(super) hits: [AtomicU64; Kind::ALL.len()],
    pub(super) misses: [AtomicU64; Kind::ALL.len()],
    pub(super) stored: AtomicU64,
    pub(super) too_large: AtomicU64,
    pub(super) joined: AtomicU64,
}

#[derive(Debug)]
pub(super) struct Entries {
    moka: Moka<Arc<str>, Arc<Entry>>,
    /// The clock of changes: an entry that was begun before a change is not good
    /// after it.
    clock: AtomicU64,
    cleared: [AtomicU64; Kind::ALL.len()],
    /// When single names were forgotten, by their hashes: names are as long as
    /// whoever tells of a change makes them. That two names have one hash costs an
    /// answer, and nothing else.
    forgotten: RwLock<HashMap<u64, u64>>,
    hashes: RandomState,
    pub(super) counts: Counts,
}

impl Entries {
    pub(super) fn new(max_total: u64) -> Self {
        let weigh = |key: &Arc<str>, entry: &Arc<Entry>| {
            u32::try_from(entry.size + key.len() + OVERHEAD).unwrap_or(u32::MAX)
        };
        Self {
            moka: Moka::builder()
                .max_capacity(max_total)
                .weigher(weigh)
                .expire_after(Lifetime)
                .build(),
            // Entries are begun at 0 at the earliest, and that is good.
            clock: AtomicU64::new(0),
            cleared: Default::default(),
            forgotten: RwLock::default(),
            hashes: RandomState::new(),
            counts: Counts::default(),
        }
    }

    /// The moment by the clock of changes.
    pub(super) fn now(&self) -> u64 {
        self.clock.load(Ordering::Acquire)
    }

    pub(super) fn get(&self, key: &Key) -> Option<Answer> {
        let entry = self.moka.get(&key.text)?;
        if entry.expires <= Instant::now() || !self.is_good(key, entry.begun) {
            self.moka.invalidate(&key.text);
            return None;
        }
        Some(entry.answer.clone())
    }

    pub(super) fn put(&self, key: &Key, begun: u64, ttl: Duration, answer: Answer, size: usize) {
        if !self.is_good(key, begun) {
            return;
        }
        let entry = Entry {
            answer,
            size,
            ttl,
            expires: Instant::now() + ttl,
            begun,
        };
        self.moka.insert(Arc::clone(&key.text), Arc::new(entry));
        self.counts.stored.fetch_add(1, Ordering::Relaxed);
    }

    /// Whether nothing has changed since.
    fn is_good(&self, key: &Key, begun: u64) -> bool {
        if begun < self.cleared[key.kind as usize].load(Ordering::Acquire) {
            return false;
        }
        let forgotten = self
            .forgotten
            .read()
            .unwrap_or_else(PoisonError::into_inner);
        forgotten.is_empty()
            || forgotten
                .get(&self.hash(key.kind, &key.name))
                .is_none_or(|at| begun >= *at)
    }

    fn hash(&self, kind: Kind, name: &str) -> u64 {
        self.hashes.hash_one((kind, name))
    }

    /// Forgets all of these kinds.
    pub(super) fn clear(&self, kinds: &[Kind]) {
        let now = self.clock.fetch_add(1, Ordering::AcqRel) + 1;
        for kind in kinds {
            self.cleared[*kind as usize].fetch_max(now, Ordering::AcqRel);
        }
    }

    /// Forgets one name of a kind.
    pub(super) fn forget(&self, kind: Kind, name: &str) {
        let now = self.clock.fetch_add(1, Ordering::AcqRel) + 1;
        let mut forgotten = self
            .forgotten
            .write()
            .unwrap_or_else(PoisonError::into_inner);
        let hash = self.hash(kind, name);
        if forgotten.len() >= MAX_FORGOTTEN && !forgotten.contains_key(&hash) {
            for kind in Kind::ALL.into_iter().filter(|kind| !kind.is_list()) {
                self.cleared[kind as usize].fetch_max(now, Ordering::AcqRel);
            }
            forgotten.clear();
            return;
        }
        forgotten.insert(hash, now);
    }

    /// How many entries there are, and how many bytes they take.
    pub(super) fn size(&self) -> (u64, u64) {
        self.moka.run_pending_tasks();
        (self.moka.entry_count(), self.moka.weighted_size())
    }
}

/// When moka gives the room of an entry back. Whether it is still good is asked
/// on reading, by the clock of the runtime.
#[derive(Debug)]
struct Lifetime;

impl Expiry<Arc<str>, Arc<Entry>> for Lifetime {
    fn expire_after_create(
        &self,
        _: &Arc<str>,
        entry: &Arc<Entry>,
        _: std::time::Instant,
    ) -> Option<Duration> {
        Some(entry.ttl)
    }

    fn expire_after_update(
        &self,
        _: &Arc<str>,
        entry: &Arc<Entry>,
        _: std::time::Instant,
        _: Option<Duration>,
    ) -> Option<Duration> {
        Some(entry.ttl)
    }
}
