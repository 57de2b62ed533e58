//! What servers allow to be kept, for as long as they allow it (SEP-2549).
//!
//! Kept are lists and contents of resources, by server, revision, method and parameters. What a
//! server calls private is kept for one connection and its current credentials alone. A change
//! that the server announces forgets what it concerns at once, and a guard sees to it that an
//! answer which was on its way meanwhile is not kept either.
//!
//! What this refuses to keep: answers that took more than one round, requests with `_meta` of
//! their own, and anything of the session era, whose servers say nothing about it. Of those it
//! remembers one thing, that they are of that era, so that the next connection need not ask.

use std::collections::HashMap;
use std::fmt;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use purlin_core::protocol::{CacheScope, RawJson, method};
use purlin_core::wire::Revision;
use serde::Deserialize;
use serde_json::Value;
use tokio::time::Instant;

use crate::changes::Change;

/// No answer is kept for longer, whatever its server says.
const LONGEST: Duration = Duration::from_secs(24 * 60 * 60);
/// How long a server is taken for one of the session era without being asked again.
const ERA_HOLDS: Duration = Duration::from_secs(60 * 60);
/// How many answers are kept; the one that expires first makes room.
const MOST_ENTRIES: usize = 1024;
/// Larger answers are not kept.
const LARGEST: usize = 1 << 20;

/// What is kept of servers. Cheap to clone; clients that are built with the same one share what is
/// public.
///
/// ```no_run
/// # async fn example() -> Result<(), purlin_client::ClientError> {
/// use purlin_client::{Cache, Client};
///
/// let cache = Cache::new();
/// let one = Client::builder().cache(cache.clone()).connect("http://127.0.0.1:8000/mcp").await?;
/// let other = Client::builder().cache(cache).connect("http://127.0.0.1:8000/mcp").await?;
/// # Ok(()) }
/// ```
#[derive(Clone, Default)]
pub struct Cache(Arc<Mutex<State>>);

#[derive(Default)]
struct State {
    entries: HashMap<Key, Entry>,
    /// How often something was forgotten, by server and method.
    forgotten: HashMap<(Arc<str>, String), u64>,
    /// How often everything was.
    cleared: u64,
    /// Servers of the session era, and until when that is believed.
    sessions: HashMap<Arc<str>, Instant>,
}

#[derive(Clone, PartialEq, Eq, Hash)]
struct Key {
    server: Arc<str>,
    revision: Revision,
    method: String,
    params: String,
    /// Whose it is; nobody's if it is public.
    owner: Option<Owner>,
}

struct Entry {
    result: RawJson,
    until: Instant,
}

/// One connection with one set of credentials.
pub(crate) type Owner = (u64, u64);

impl Cache {
    /// An empty cache.
    pub fn new() -> Self {
        Self::default()
    }

    /// Forgets everything.
    pub fn clear(&self) {
        let mut state = self.state();
        state.entries.clear();
        state.sessions.clear();
        state.cleared += 1;
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The part of the cache that is about one server.
    pub(crate) fn of(&self, server: Option<&str>) -> Kept {
        static CONNECTIONS: AtomicU64 = AtomicU64::new(0);
        let connection = CONNECTIONS.fetch_add(1, Ordering::Relaxed);
        Kept {
            cache: self.clone(),
            // Whoever has no address cannot be met twice.
            server: server.map_or_else(|| format!("#{connection}").into(), Into::into),
            connection,
        }
    }
}

impl fmt::Debug for Cache {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Cache")
            .field("entries", &self.state().entries.len())
            .finish_non_exhaustive()
    }
}

/// What is kept of one server, as one connection sees it.
pub(crate) struct Kept {
    cache: Cache,
    server: Arc<str>,
    connection: u64,
}

impl Kept {
    pub(crate) fn cache(&self) -> &Cache {
        &self.cache
    }

    /// Where the answer to a request has its place; none if it is not to be kept.
    pub(crate) fn place(
        &self,
        revision: Revision,
        method: &str,
        params: String,
        credentials: u64,
    ) -> Option<Place> {
        if !revision.is_modern() || !is_cacheable(method) {
            return None;
        }
        let (server, method) = (Arc::clone(&self.server), method.to_owned());
        let forgotten = self.cache.state().forgotten(&server, &method);
        Some(Place {
            cache: self.cache.clone(),
            key: Key {
                server,
                revision,
                method,
                params,
                owner: None,
            },
            owner: (self.connection, credentials),
            forgotten,
        })
    }

    /// Forgets what a change concerns.
    pub(crate) fn changed(&self, change: &Change) {
        match change {
            Change::Tools => self.forget(method::TOOLS_LIST, |_| true),
            Change::Prompts => self.forget(method::PROMPTS_LIST, |_| true),
            Change::Resources => {
                self.forget(method::RESOURCES_LIST, |_| true);
                self.forget(method::RESOURCES_TEMPLATES_LIST, |_| true);
            }
            Change::Resource(uri) => {
                let params = Value::from(uri.as_str()).to_string();
                self.forget(method::RESOURCES_READ, |key| key.params.contains(&params));
            }
        }
    }

    fn forget(&self, method: &str, concerns: impl Fn(&Key) -> bool) {
        let mut state = self.cache.state();
        let slot = (Arc::clone(&self.server), method.to_owned());
        *state.forgotten.entry(slot).or_default() += 1;
        state
            .entries
            .retain(|key, _| key.server != self.server || key.method != method || !concerns(key));
    }

    /// Remembers that the server is of the session era, or that it is not.
    pub(crate) fn remember_era(&self, revision: Revision) {
        let mut state = self.cache.state();
        if revision.is_modern() {
            state.sessions.remove(&self.server);
        } else {
            let until = Instant::now() + ERA_HOLDS;
            state.sessions.insert(Arc::clone(&self.server), until);
        }
    }

    /// Whether the server was of the session era not long ago.
    pub(crate) fn had_sessions(&self) -> bool {
        let state = self.cache.state();
        let until = state.sessions.get(&self.server);
        until.is_some_and(|until| *until > Instant::now())
    }
}

impl State {
    fn forgotten(&self, server: &Arc<str>, method: &str) -> u64 {
        let slot = (Arc::clone(server), method.to_owned());
        self.cleared + self.forgotten.get(&slot).copied().unwrap_or_default()
    }

    fn make_room(&mut self) {
        let now = Instant::now();
        self.entries.retain(|_, entry| entry.until > now);
        while self.entries.len() >= MOST_ENTRIES {
            let first = self.entries.iter().min_by_key(|(_, entry)| entry.until);
            let Some(key) = first.map(|(key, _)| key.clone()) else {
                return;
            };
            self.entries.remove(&key);
        }
    }
}

/// Where the answer to one request may be kept.
pub(crate) struct Place {
    cache: Cache,
    key: Key,
    owner: Owner,
    /// What had been forgotten when the request was made.
    forgotten: u64,
}

impl Place {
    /// The answer, if it is there.
    pub(crate) fn find(&self) -> Option<RawJson> {
        let state = self.cache.state();
        let now = Instant::now();
        let found = |key: &Key| state.entries.get(key).filter(|entry| entry.until > now);
        found(&self.key)
            .or_else(|| found(&self.owned()))
            .map(|entry| entry.result.clone())
    }

    /// Keeps the answer as its server allows, unless it became outdated on its way.
    pub(crate) fn keep(self, result: &RawJson) {
        let (ttl, scope) = hints(result);
        if ttl.is_zero() || result.get().len() > LARGEST {
            return;
        }
        let mut state = self.cache.state();
        if state.forgotten(&self.key.server, &self.key.method) != self.forgotten {
            return;
        }
        state.make_room();
        let key = match scope {
            CacheScope::Public => self.key.clone(),
            _ => self.owned(),
        };
        let entry = Entry {
            result: result.clone(),
            until: Instant::now() + ttl.min(LONGEST),
        };
        state.entries.insert(key, entry);
    }

    /// Forgets all pages of the list, as a cursor of one of them is not valid any more.
    pub(crate) fn discard_list(self) {
        let (server, method) = (&self.key.server, &self.key.method);
        let mut state = self.cache.state();
        state
            .entries
            .retain(|key, _| key.server != *server || key.method != *method);
    }

    fn owned(&self) -> Key {
        Key {
            owner: Some(self.owner),
            ..self.key.clone()
        }
    }
}

fn is_cacheable(method: &str) -> bool {
    matches!(
        method,
        method::TOOLS_LIST
            | method::PROMPTS_LIST
            | method::RESOURCES_LIST
            | method::RESOURCES_TEMPLATES_LIST
            | method::RESOURCES_READ
    )
}

/// For how long, and by whom, a result may be used again. What is not said, or not understood,
/// allows nothing beyond this connection.
fn hints(result: &RawJson) -> (Duration, CacheScope) {
    #[derive(Default, Deserialize)]
    #[serde(rename_all = "camelCase", default)]
    struct Hints {
        ttl_ms: Value,
        cache_scope: Value,
    }

    let hints: Hints = result.decode().unwrap_or_default();
    let scope = match hints.cache_scope.as_str() {
        Some("public") => CacheScope::Public,
        _ => CacheScope::Private,
    };
    let ttl = hints.ttl_ms.as_u64().unwrap_or_default();
    (Duration::from_millis(ttl), scope)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    const REVISION: Revision = Revision::V2026_07_28;

    fn place(kept: &Kept, params: &str) -> Place {
        kept.place(REVISION, method::TOOLS_LIST, params.to_owned(), 0)
            .unwrap()
    }

    fn answer(ttl: i64, scope: &str) -> RawJson {
        json!({"tools": [], "ttlMs": ttl, "cacheScope": scope}).into()
    }

    fn is_kept(kept: &Kept, params: &str) -> bool {
        place(kept, params).find().is_some()
    }

    #[tokio::test(start_paused = true)]
    async fn an_answer_is_kept_for_as_long_as_its_server_says() {
        let kept = Cache::new().of(Some("http://a.test/"));
        place(&kept, "").keep(&answer(5000, "public"));
        assert!(is_kept(&kept, ""));
        assert!(!is_kept(&kept, "other"), "other parameters");
        tokio::time::advance(Duration::from_millis(5001)).await;
        assert!(!is_kept(&kept, ""));
    }

    #[tokio::test(start_paused = true)]
    async fn no_answer_is_kept_for_longer_than_a_day() {
        let kept = Cache::new().of(Some("http://a.test/"));
        place(&kept, "").keep(&answer(i64::MAX, "public"));
        assert!(is_kept(&kept, ""));
        tokio::time::advance(LONGEST).await;
        assert!(!is_kept(&kept, ""));
    }

    #[test]
    fn an_answer_without_a_time_is_not_kept() {
        let kept = Cache::new().of(Some("http://a.test/"));
        for ttl in [json!(0), json!(-1), json!(null), json!("soon"), json!(0.5)] {
            place(&kept, "").keep(&json!({"ttlMs": ttl, "cacheScope": "public"}).into());
            assert!(!is_kept(&kept, ""), "{ttl}");
        }
    }

    #[test]
    fn what_is_private_is_for_one_connection_with_its_credentials() {
        let cache = Cache::new();
        let (mine, yours) = (
            cache.of(Some("http://a.test/")),
            cache.of(Some("http://a.test/")),
        );
        for scope in ["private", "", "secret"] {
            cache.clear();
            place(&mine, "").keep(&answer(5000, scope));
            assert!(is_kept(&mine, ""), "{scope}");
            assert!(!is_kept(&yours, ""), "{scope}");
            let later = mine.place(REVISION, method::TOOLS_LIST, String::new(), 1);
            assert!(later.unwrap().find().is_none(), "{scope}");
        }
        place(&mine, "").keep(&answer(5000, "public"));
        assert!(is_kept(&yours, ""));
    }

    #[test]
    fn servers_are_told_apart() {
        let cache = Cache::new();
        place(&cache.of(Some("http://a.test/")), "").keep(&answer(5000, "public"));
        assert!(!is_kept(&cache.of(Some("http://b.test/")), ""));
        assert!(!is_kept(&cache.of(None), ""));
    }

    #[test]
    fn a_change_forgets_what_it_concerns() {
        let kept = Cache::new().of(Some("http://a.test/"));
        place(&kept, "").keep(&answer(5000, "public"));
        kept.changed(&Change::Prompts);
        assert!(is_kept(&kept, ""));
        kept.changed(&Change::Tools);
        assert!(!is_kept(&kept, ""));
    }

    #[test]
    fn an_answer_that_a_change_overtook_is_not_kept() {
        let kept = Cache::new().of(Some("http://a.test/"));
        let on_its_way = place(&kept, "");
        kept.changed(&Change::Tools);
        on_its_way.keep(&answer(5000, "public"));
        assert!(!is_kept(&kept, ""));
    }

    #[test]
    fn room_is_made_for_new_answers() {
        let cache = Cache::new();
        let kept = cache.of(Some("http://a.test/"));
        place(&kept, "first").keep(&answer(1000, "public"));
        for number in 0..MOST_ENTRIES {
            place(&kept, &number.to_string()).keep(&answer(5000, "public"));
        }
        assert_eq!(cache.state().entries.len(), MOST_ENTRIES);
        assert!(!is_kept(&kept, "first"));
    }

    #[test]
    fn the_session_era_keeps_nothing() {
        let kept = Cache::new().of(Some("http://a.test/"));
        let old = kept.place(Revision::V2025_11_25, method::TOOLS_LIST, String::new(), 0);
        assert!(old.is_none());
        let call = kept.place(REVISION, method::TOOLS_CALL, String::new(), 0);
        assert!(call.is_none());
    }
}
