//! Answers that are given again.
//!
//! [`Cache`] keeps lists, the results of tools that only read, contents of
//! resources and prompts. What it never keeps: errors and results with
//! `isError`, answers for which the client was asked something or a session was
//! looked into, and whatever is larger than an item may be.
//!
//! *Whose answers.* An entry belongs to one caller ([`Caller`]), unless the cache
//! is [`shared`](Cache::shared): then callers of one tenant who were granted the
//! same scopes and roles share entries. Nothing ever passes from one tenant to
//! another, nor between callers of different grants, so that access is judged as
//! if there were no cache. The revision of the protocol, the name, its version
//! and the arguments are part of the key; arguments in one form, whatever order
//! of members and spelling of numbers the client chose.
//!
//! *How long.* Lists for 300 s, the rest for 3,600 s, as FastMCP has it, and no
//! longer than until something changes: what `notify_…_changed` and
//! `notify_resource_updated` tell clients, they tell the cache first. An answer
//! that was being worked out while something changed is not kept.
//!
//! *Once.* Requests for the same answer wait while one of them works it out. If
//! that one is cancelled the next takes over; if its answer cannot be kept, the
//! others go on their own, all at once. The wait counts against their time.
//!
//! *What a hit leaves out.* The handler does not run, so neither do its logs,
//! its progress, what it puts into the state, nor whatever stands between the
//! cache and the handler. Put what has to see every request outside.
//!
//! Lists without hooks of middleware are kept ready by the server itself; a
//! cache of lists pays only where something inside of it works on lists.
//!
//! The entries are in `moka`, which keeps what is asked for often within a bound
//! of bytes.

mod canonical;
mod entry;
mod flight;
mod hooks;
mod key;
#[cfg(test)]
mod tests;

use std::{
    collections::{BTreeMap, BTreeSet},
    fmt,
    sync::{Arc, atomic::Ordering},
    time::Duration,
};

use entry::{Entries, Kind};
use flight::Flights;

#[allow(unused_imports, reason = "for the documentation")]
use purlin_core::access::Caller;

/// How long lists are kept.
const LISTS: Duration = Duration::from_secs(300);
/// How long everything else is kept.
const OTHERS: Duration = Duration::from_secs(3_600);
/// How large one entry may be, in bytes.
const MAX_ITEM: usize = 1024 * 1024;
/// How large all entries may be, in bytes.
const MAX_TOTAL: u64 = 64 * 1024 * 1024;

/// Keeps answers and gives them again.
///
/// ```
/// use std::time::Duration;
/// use purlin_core::Server;
/// use purlin_middleware::Cache;
///
/// let cache = Cache::new()
///     .without_lists()
///     .tool("exchange_rates", Duration::from_secs(60))
///     .except(["current_time"])
///     .max_total(16 * 1024 * 1024);
/// let handle = cache.handle();
/// let server = Server::builder("orders", "1.0.0").middleware(cache);
/// handle.forget_tool("exchange_rates");
/// assert_eq!(handle.statistics().hits(), 0);
/// ```
#[derive(Debug)]
pub struct Cache {
    ttls: [Option<Duration>; Kind::ALL.len()],
    tools: BTreeMap<String, Duration>,
    except: BTreeSet<String>,
    shared: bool,
    max_item: usize,
    entries: Arc<Entries>,
    flights: Flights,
}

/// Looks into a [`Cache`] and takes things out, while a server has it.
#[derive(Clone)]
pub struct CacheHandle(Arc<Entries>);

/// What a cache has done.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct CacheStatistics {
    /// By kind of operation, in the order `tools`, `resources`, `templates`,
    /// `prompts` (lists), `call`, `read`, `get`.
    pub kinds: Vec<CacheKindStatistics>,
    /// Answers that were kept.
    pub stored: u64,
    /// Answers that were too large to be kept.
    pub too_large: u64,
    /// Requests that waited for the answer to another.
    pub joined: u64,
    /// Entries now, and how many bytes they take.
    pub entries: u64,
    /// Bytes that the entries take.
    pub bytes: u64,
}

/// What a cache has done for one kind of operation.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct CacheKindStatistics {
    /// The kind.
    pub kind: &'static str,
    /// Requests that were answered from the cache.
    pub hits: u64,
    /// Requests that were not.
    pub misses: u64,
}

impl Default for Cache {
    fn default() -> Self {
        Self::new()
    }
}

impl Cache {
    /// Keeps lists for 300 s, and calls of tools that only read, resources and
    /// prompts for 3,600 s.
    pub fn new() -> Self {
        let ttl = |kind: Kind| Some(if kind.is_list() { LISTS } else { OTHERS });
        Self {
            ttls: Kind::ALL.map(ttl),
            tools: BTreeMap::new(),
            except: BTreeSet::new(),
            shared: false,
            max_item: MAX_ITEM,
            entries: Arc::new(Entries::new(MAX_TOTAL)),
            flights: Flights::default(),
        }
    }

    /// Keeps nothing, to say what it keeps.
    pub fn none() -> Self {
        Self {
            ttls: [None; Kind::ALL.len()],
            ..Self::new()
        }
    }

    fn ttl(mut self, kinds: &[Kind], ttl: Option<Duration>) -> Self {
        for kind in kinds {
            self.ttls[*kind as usize] = ttl;
        }
        self
    }

    /// Keeps the four lists so long.
    #[must_use]
    pub fn lists(self, ttl: Duration) -> Self {
        self.ttl(&Kind::LISTS, Some(ttl))
    }

    /// Does not keep lists.
    #[must_use]
    pub fn without_lists(self) -> Self {
        self.ttl(&Kind::LISTS, None)
    }

    /// Keeps results of tools that are marked as read-only so long.
    #[must_use]
    pub fn calls(self, ttl: Duration) -> Self {
        self.ttl(&[Kind::Call], Some(ttl))
    }

    /// Keeps results of those tools alone that are [named](Self::tool).
    #[must_use]
    pub fn without_calls(self) -> Self {
        self.ttl(&[Kind::Call], None)
    }

    /// Keeps results of one tool so long, by the name it has at the server this
    /// is added to, whether or not it is marked as read-only.
    #[must_use]
    pub fn tool(mut self, name: impl Into<String>, ttl: Duration) -> Self {
        self.tools.insert(name.into(), ttl);
        self
    }

    /// Does not keep results of these tools, whatever their marks say.
    #[must_use]
    pub fn except<T: Into<String>>(mut self, names: impl IntoIterator<Item = T>) -> Self {
        self.except.extend(names.into_iter().map(Into::into));
        self
    }

    /// Keeps contents of resources so long.
    #[must_use]
    pub fn reads(self, ttl: Duration) -> Self {
        self.ttl(&[Kind::Read], Some(ttl))
    }

    /// Does not keep contents of resources.
    #[must_use]
    pub fn without_reads(self) -> Self {
        self.ttl(&[Kind::Read], None)
    }

    /// Keeps prompts so long.
    #[must_use]
    pub fn prompts(self, ttl: Duration) -> Self {
        self.ttl(&[Kind::Get], Some(ttl))
    }

    /// Does not keep prompts.
    #[must_use]
    pub fn without_prompts(self) -> Self {
        self.ttl(&[Kind::Get], None)
    }

    /// Lets callers of one tenant who were granted the same share entries. Only
    /// for answers that do not depend on who asks.
    #[must_use]
    pub fn shared(mut self) -> Self {
        self.shared = true;
        self
    }

    /// How large one answer may be to be kept, in bytes of JSON; 1 MiB by
    /// default.
    #[must_use]
    pub fn max_item(mut self, bytes: usize) -> Self {
        self.max_item = bytes;
        self
    }

    /// How large all entries may be with their keys, in bytes; 64 MiB by
    /// default. Handles made before are left with the entries of before.
    #[must_use]
    pub fn max_total(mut self, bytes: u64) -> Self {
        self.entries = Arc::new(Entries::new(bytes));
        self
    }

    /// A handle to look into it and to take things out.
    pub fn handle(&self) -> CacheHandle {
        CacheHandle(Arc::clone(&self.entries))
    }
}

impl fmt::Debug for CacheHandle {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("CacheHandle")
            .field(&self.statistics())
            .finish()
    }
}

impl CacheHandle {
    /// Forgets everything, and what is being worked out as well.
    pub fn clear(&self) {
        self.0.clear(&Kind::ALL);
    }

    /// Forgets the results of one tool, for all callers and arguments.
    pub fn forget_tool(&self, name: &str) {
        self.0.forget(Kind::Call, name);
    }

    /// Forgets the contents at one URI.
    pub fn forget_resource(&self, uri: &str) {
        self.0.forget(Kind::Read, uri);
    }

    /// Forgets one prompt, for all callers and arguments.
    pub fn forget_prompt(&self, name: &str) {
        self.0.forget(Kind::Get, name);
    }

    /// What the cache has done so far.
    pub fn statistics(&self) -> CacheStatistics {
        let counts = &self.0.counts;
        let kinds = Kind::ALL.map(|kind| CacheKindStatistics {
            kind: kind.as_str(),
            hits: counts.hits[kind as usize].load(Ordering::Relaxed),
            misses: counts.misses[kind as usize].load(Ordering::Relaxed),
        });
        let (entries, bytes) = self.0.size();
        CacheStatistics {
            kinds: kinds.into(),
            stored: counts.stored.load(Ordering::Relaxed),
            too_large: counts.too_large.load(Ordering::Relaxed),
            joined: counts.joined.load(Ordering::Relaxed),
            entries,
            bytes,
        }
    }
}

impl CacheStatistics {
    /// Requests that were answered from the cache.
    pub fn hits(&self) -> u64 {
        self.kinds.iter().map(|kind| kind.hits).sum()
    }

    /// Requests that could have been and were not.
    pub fn misses(&self) -> u64 {
        self.kinds.iter().map(|kind| kind.misses).sum()
    }
}
