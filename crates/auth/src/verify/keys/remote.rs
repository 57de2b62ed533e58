//! Keys that an issuer publishes: fetched, kept, renewed.
//!
//! - Kept for an hour, or as long as the answer says (5 min to 24 h).
//! - A token that names an unknown key causes one look for newer keys per 30 s and issuer at
//!   most, whether it succeeds or not. Whoever asks meanwhile waits for the same look.
//! - Key names that a look has not found are remembered (1,000 of them, 5 min): they cause none.
//! - When the issuer cannot be reached, the keys that were fetched last serve for 24 h more.
//!
//! A look is a task of its own, so that a caller who goes away does not break it off for the
//! others. It ends with the time limit of the fetch.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use http::header::{ACCEPT, CACHE_CONTROL};
use http::{HeaderMap, Request};
use ring::digest::{SHA256, digest};
use serde_json::Value;
use tokio::time::Instant;

use super::KeySet;
use crate::fetch::Fetch;
use crate::verify::{VerifyError, json};

const KEPT: Duration = Duration::from_secs(60 * 60);
const LEAST_KEPT: Duration = Duration::from_secs(5 * 60);
const MOST_KEPT: Duration = Duration::from_secs(24 * 60 * 60);
/// How long keys serve that cannot be renewed.
const LAST_GOOD: Duration = Duration::from_secs(24 * 60 * 60);
/// The least time between two looks.
const BETWEEN: Duration = Duration::from_secs(30);
/// How long a key name that is not known stays so.
const UNKNOWN_FOR: Duration = Duration::from_secs(5 * 60);
const MOST_UNKNOWN: usize = 1_000;
/// The longest document, in bytes.
const LIMIT: usize = 64 << 10;

/// Where the keys are.
#[derive(Clone, Debug)]
pub(crate) enum Endpoint {
    /// At this URL.
    Keys(String),
    /// Where the metadata of the issuer says.
    Metadata,
}

/// The keys of one issuer.
#[derive(Clone, Debug)]
pub(crate) struct RemoteKeys {
    inner: Arc<Inner>,
}

#[derive(Debug)]
struct Inner {
    issuer: String,
    place: Endpoint,
    fetch: Arc<dyn Fetch>,
    state: Mutex<State>,
    /// Held by the one look.
    looking: Arc<tokio::sync::Mutex<()>>,
}

#[derive(Debug, Default)]
struct State {
    kept: Option<Kept>,
    /// When the last look ended, and whether it found keys.
    looked: Option<(Instant, bool)>,
    /// How many have ended.
    looks: u64,
    unknown: HashMap<[u8; 32], Instant>,
}

#[derive(Debug)]
struct Kept {
    keys: Arc<KeySet>,
    fetched: Instant,
    fresh_until: Instant,
}

impl RemoteKeys {
    pub(crate) fn new(issuer: &str, place: Endpoint, fetch: Arc<dyn Fetch>) -> Self {
        Self {
            inner: Arc::new(Inner {
                issuer: issuer.to_owned(),
                place,
                fetch,
                state: Mutex::default(),
                looking: Arc::default(),
            }),
        }
    }

    /// The keys, if they are at hand and need not be renewed.
    pub(crate) fn fresh(&self) -> Option<Arc<KeySet>> {
        let state = self.inner.state();
        let kept = state.kept.as_ref()?;
        (Instant::now() < kept.fresh_until).then(|| Arc::clone(&kept.keys))
    }

    /// The keys, renewed if they are due.
    ///
    /// # Errors
    /// When there are none and the issuer cannot be reached.
    pub(crate) async fn current(&self) -> Result<Arc<KeySet>, VerifyError> {
        if let Some(keys) = self.fresh() {
            return Ok(keys);
        }
        // While others look already, the keys at hand do.
        let is_looked_for = self.inner.looking.try_lock().is_err();
        if is_looked_for && let Ok(keys) = self.last_good() {
            return Ok(keys);
        }
        self.look(|state| !state.is_fresh()).await;
        self.last_good()
    }

    /// Keys in which one may be that the ones at hand have not.
    ///
    /// # Errors
    /// When the issuer has no such key, as far as may be asked; when it cannot be reached.
    pub(crate) async fn newer(&self, id: Option<&str>) -> Result<Arc<KeySet>, VerifyError> {
        const NO_SUCH_KEY: VerifyError = VerifyError::Invalid("the issuer has no such key");
        let hashed = hash(id.unwrap_or_default());
        if self.inner.state().remembers(&hashed) {
            return Err(NO_SUCH_KEY);
        }
        let before = self.inner.state().looks;
        // Whoever waited for a look of somebody else need not look again.
        self.look(|state| state.looks == before).await;
        let mut state = self.inner.state();
        match (state.looked, &state.kept) {
            (Some((_, true)), Some(kept)) if state.looks != before => {
                let keys = Arc::clone(&kept.keys);
                if keys.knows(id) {
                    return Ok(keys);
                }
                state.remember(hashed);
                Err(NO_SUCH_KEY)
            }
            // Nobody may look again so soon. If the last look found keys, the key is not there.
            (Some((_, true)), _) => Err(NO_SUCH_KEY),
            _ => Err(unavailable(state.until_next_look())),
        }
    }

    fn last_good(&self) -> Result<Arc<KeySet>, VerifyError> {
        let state = self.inner.state();
        match &state.kept {
            Some(kept) if kept.fetched.elapsed() < LAST_GOOD => Ok(Arc::clone(&kept.keys)),
            _ => Err(unavailable(state.until_next_look())),
        }
    }

    /// Looks for keys if that is `due` still once it is our turn, and allowed.
    async fn look(&self, due: impl Fn(&State) -> bool + Send) {
        let turn = Arc::clone(&self.inner.looking).lock_owned().await;
        let allowed = {
            let state = self.inner.state();
            due(&state) && state.until_next_look().is_zero()
        };
        if !allowed {
            return;
        }
        let inner = Arc::clone(&self.inner);
        let look = tokio::spawn(async move {
            let found = inner.fetch_keys().await;
            inner.state().conclude(&inner.issuer, found);
            drop(turn);
        });
        // It fails only if it panics, and then there are no newer keys.
        drop(look.await);
    }
}

impl Inner {
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    async fn fetch_keys(&self) -> Result<(KeySet, Duration), String> {
        let url = match &self.place {
            Endpoint::Keys(url) => url.clone(),
            Endpoint::Metadata => self.discover().await?,
        };
        let (headers, body) = self.get(&url).await?;
        let keys = KeySet::parse(&body).map_err(|error| error.to_string())?;
        match keys.is_empty() {
            true => Err("there is no key in it that can be used".to_owned()),
            false => Ok((keys, kept_for(&headers))),
        }
    }

    /// The URL of the keys, out of the metadata (OpenID Connect Discovery 1.0, section 4; RFC
    /// 8414, section 3).
    async fn discover(&self) -> Result<String, String> {
        let mut problem = "the issuer is no URL".to_owned();
        for url in metadata_urls(&self.issuer) {
            let document = match self.get(&url).await {
                Ok((_, body)) => json::object(&body),
                Err(error) => {
                    problem = error;
                    continue;
                }
            };
            let document = document.ok_or("the metadata is no strict JSON object")?;
            if document.get("issuer").and_then(Value::as_str) != Some(&*self.issuer) {
                return Err("the metadata is that of another issuer".to_owned());
            }
            let keys = document.get("jwks_uri").and_then(Value::as_str);
            return keys
                .map(str::to_owned)
                .ok_or("the metadata names no `jwks_uri`".to_owned());
        }
        Err(problem)
    }

    async fn get(&self, url: &str) -> Result<(HeaderMap, Vec<u8>), String> {
        let request = Request::get(url).header(ACCEPT, "application/json");
        let request = request
            .body(Vec::new())
            .map_err(|error| error.to_string())?;
        let response = self.fetch.fetch(request, LIMIT).await;
        let response = response.map_err(|error| error.to_string())?;
        if response.status() != http::StatusCode::OK {
            return Err(format!("HTTP status {}", response.status()));
        }
        // Whoever fetches keeps to the limit; another one may not.
        if response.body().len() > LIMIT {
            return Err(format!("longer than {LIMIT} bytes"));
        }
        let (head, body) = response.into_parts();
        Ok((head.headers, body))
    }
}

/// Where the metadata of an issuer may be.
fn metadata_urls(issuer: &str) -> Vec<String> {
    let bare = issuer.trim_end_matches('/');
    let mut urls = vec![format!("{bare}/.well-known/openid-configuration")];
    if let Some((scheme, rest)) = bare.split_once("://") {
        let (host, path) = rest.find('/').map_or((rest, ""), |at| rest.split_at(at));
        urls.push(format!(
            "{scheme}://{host}/.well-known/oauth-authorization-server{path}"
        ));
    }
    urls
}

/// How long an answer may be kept (RFC 9111, section 5.2.2), within our own limits.
fn kept_for(headers: &HeaderMap) -> Duration {
    let values = headers.get_all(CACHE_CONTROL).iter();
    let directives = values.filter_map(|value| value.to_str().ok());
    let directives = directives.flat_map(|value| value.split(','));
    let ages = directives.filter_map(|directive| {
        let (name, value) = directive.split_once('=').unwrap_or((directive, ""));
        match name.trim().to_ascii_lowercase().as_str() {
            "max-age" => value.trim().trim_matches('"').parse().ok(),
            "no-store" | "no-cache" => Some(0),
            _ => None,
        }
    });
    let kept = ages.min().map_or(KEPT, Duration::from_secs);
    kept.clamp(LEAST_KEPT, MOST_KEPT)
}

impl State {
    fn is_fresh(&self) -> bool {
        let now = Instant::now();
        self.kept
            .as_ref()
            .is_some_and(|kept| now < kept.fresh_until)
    }

    fn until_next_look(&self) -> Duration {
        self.looked.map_or(Duration::ZERO, |(when, _)| {
            BETWEEN.saturating_sub(when.elapsed())
        })
    }

    fn conclude(&mut self, issuer: &str, found: Result<(KeySet, Duration), String>) {
        let now = Instant::now();
        self.looked = Some((now, found.is_ok()));
        self.looks += 1;
        match found {
            Ok((keys, kept_for)) => {
                self.kept = Some(Kept {
                    keys: Arc::new(keys),
                    fetched: now,
                    fresh_until: now + kept_for,
                });
            }
            Err(problem) => {
                let problem = problem.escape_debug();
                tracing::warn!(target: "purlin::auth", issuer, %problem, "no keys can be fetched");
            }
        }
    }

    fn remembers(&self, id: &[u8; 32]) -> bool {
        let when = self.unknown.get(id);
        when.is_some_and(|when| when.elapsed() < UNKNOWN_FOR)
    }

    /// Remembers a name that the issuer does not know; the oldest makes room.
    fn remember(&mut self, id: [u8; 32]) {
        self.unknown.retain(|_, when| when.elapsed() < UNKNOWN_FOR);
        if self.unknown.len() >= MOST_UNKNOWN {
            let oldest = self.unknown.iter().min_by_key(|(_, when)| **when);
            if let Some(oldest) = oldest.map(|(id, _)| *id) {
                self.unknown.remove(&oldest);
            }
        }
        self.unknown.insert(id, Instant::now());
    }
}

fn hash(id: &str) -> [u8; 32] {
    let mut hash = [0; 32];
    hash.copy_from_slice(digest(&SHA256, id.as_bytes()).as_ref());
    hash
}

fn unavailable(retry_after: Duration) -> VerifyError {
    VerifyError::Unavailable {
        retry_after: retry_after.max(Duration::from_secs(1)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn at_most_1000_unknown_kids_are_remembered_and_the_oldest_makes_room() {
        let mut state = State::default();
        for serial in 0..5_000 {
            state.remember(hash(&format!("unknown-{serial}")));
            tokio::time::advance(Duration::from_millis(1)).await;
        }
        assert_eq!(state.unknown.len(), 1_000);
        assert!(!state.remembers(&hash("unknown-3999")));
        assert!(state.remembers(&hash("unknown-4000")));
    }
}
