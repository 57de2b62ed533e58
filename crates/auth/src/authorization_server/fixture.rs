//! What tests of the authorization server stand on: a clock that is set, a provider that does as it
//! is told, a store that shows what was written and can be down.

#[path = "../../../stores/tests/servers/redis.rs"]
pub(crate) mod redis_server;

use std::{
    collections::VecDeque,
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, AtomicU64, Ordering::SeqCst},
    },
    time::{Duration, SystemTime, UNIX_EPOCH},
};

use bytes::Bytes;
use http::{Request, Response};
use purlin_core::{
    BoxFuture,
    store::{Key, KeyValue, MemoryStore, StoreError, StoreErrorKind, StoreResult, Stored},
};

use super::parameters::Parameters;
use crate::{
    audit::{AuthEvent, AuthEvents},
    fetch::{Fetch, FetchError},
    identity::{
        Callback, Identity, IdentityProvider, LoginError, LoginErrorKind, LoginRequest, LoginStep,
        UpstreamTokens,
    },
    verify::Clock,
};

/// A wall clock that somebody sets.
#[derive(Debug)]
pub(crate) struct SetClock(AtomicU64);

impl SetClock {
    pub(crate) fn new() -> Arc<Self> {
        Arc::new(Self(AtomicU64::new(1_800_000_000)))
    }

    pub(crate) fn forward(&self, by: Duration) {
        self.0.fetch_add(by.as_secs(), SeqCst);
    }

    pub(crate) fn back(&self, by: Duration) {
        self.0.fetch_sub(by.as_secs(), SeqCst);
    }
}

impl Clock for SetClock {
    fn now(&self) -> SystemTime {
        UNIX_EPOCH + Duration::from_secs(self.0.load(SeqCst))
    }
}

/// Remembers events.
#[derive(Clone, Default)]
pub(crate) struct Recorded(Arc<Mutex<Vec<AuthEvent>>>);

impl Recorded {
    pub(crate) fn all(&self) -> Vec<AuthEvent> {
        self.0.lock().unwrap().clone()
    }
}

impl AuthEvents for Recorded {
    fn record(&self, event: &AuthEvent) {
        self.0.lock().unwrap().push(event.clone());
    }
}

/// A provider that answers refreshes as it is told, once all who may ask have had the chance to.
#[derive(Debug, Default)]
pub(crate) struct Provider {
    answers: Mutex<VecDeque<Result<Identity, LoginErrorKind>>>,
    asked: AtomicU64,
    takes: Mutex<Duration>,
}

impl Provider {
    pub(crate) fn answers(&self, answer: Result<Identity, LoginErrorKind>) {
        self.answers.lock().unwrap().push_back(answer);
    }

    pub(crate) fn asked(&self) -> u64 {
        self.asked.load(SeqCst)
    }

    /// How long each answer takes.
    pub(crate) fn takes(&self, time: Duration) {
        *self.takes.lock().unwrap() = time;
    }
}

impl IdentityProvider for Provider {
    fn name(&self) -> &str {
        "tests"
    }

    fn begin<'a>(&'a self, _: LoginRequest<'a>) -> BoxFuture<'a, Result<LoginStep, LoginError>> {
        Box::pin(async { Ok(LoginStep::password()) })
    }

    fn complete<'a>(&'a self, _: Callback<'a>) -> BoxFuture<'a, Result<Identity, LoginError>> {
        Box::pin(async { Ok(Identity::new("nobody")) })
    }

    fn refresh<'a>(&'a self, _: &'a UpstreamTokens) -> BoxFuture<'a, Result<Identity, LoginError>> {
        self.asked.fetch_add(1, SeqCst);
        let answer = self.answers.lock().unwrap().pop_front();
        let takes = *self.takes.lock().unwrap();
        Box::pin(async move {
            if !takes.is_zero() {
                tokio::time::sleep(takes).await;
            }
            for _ in 0..100 {
                tokio::task::yield_now().await;
            }
            let answer = answer.unwrap_or(Err(LoginErrorKind::Configuration));
            answer.map_err(|kind| LoginError::new(kind, "as the test wants it"))
        })
    }
}

/// A store in memory that shows what was written, and can be down.
#[derive(Debug, Default)]
pub(crate) struct Spy {
    inner: MemoryStore,
    written: Mutex<Vec<(String, Bytes)>>,
    down: AtomicBool,
}

impl Spy {
    pub(crate) fn down(&self, down: bool) {
        self.down.store(down, SeqCst);
    }

    /// Every key and every value that was ever written.
    pub(crate) fn written(&self) -> Vec<(String, Bytes)> {
        self.written.lock().unwrap().clone()
    }

    fn note(&self, at: Key<'_>, value: &Bytes) {
        let place = format!("{} {}", at.collection, at.key);
        self.written.lock().unwrap().push((place, value.clone()));
    }

    fn up(&self) -> StoreResult<&MemoryStore> {
        if self.down.load(SeqCst) {
            return Err(StoreError::new(StoreErrorKind::Unavailable, "down"));
        }
        Ok(&self.inner)
    }
}

impl KeyValue for Spy {
    fn get<'a>(&'a self, at: Key<'a>) -> BoxFuture<'a, StoreResult<Option<Stored>>> {
        Box::pin(async move { self.up()?.get(at).await })
    }

    fn put<'a>(
        &'a self,
        at: Key<'a>,
        value: Bytes,
        ttl: Option<Duration>,
    ) -> BoxFuture<'a, StoreResult<()>> {
        self.note(at, &value);
        Box::pin(async move { self.up()?.put(at, value, ttl).await })
    }

    fn delete<'a>(&'a self, at: Key<'a>) -> BoxFuture<'a, StoreResult<bool>> {
        Box::pin(async move { self.up()?.delete(at).await })
    }

    fn take<'a>(&'a self, at: Key<'a>) -> BoxFuture<'a, StoreResult<Option<Bytes>>> {
        Box::pin(async move { self.up()?.take(at).await })
    }

    fn compare_and_set<'a>(
        &'a self,
        at: Key<'a>,
        expected: Option<Bytes>,
        new: Option<Bytes>,
        ttl: Option<Duration>,
    ) -> BoxFuture<'a, StoreResult<bool>> {
        if let Some(new) = &new {
            self.note(at, new);
        }
        Box::pin(async move { self.up()?.compare_and_set(at, expected, new, ttl).await })
    }

    fn add<'a>(
        &'a self,
        at: Key<'a>,
        by: i64,
        ttl: Option<Duration>,
    ) -> BoxFuture<'a, StoreResult<i64>> {
        Box::pin(async move { self.up()?.add(at, by, ttl).await })
    }

    fn check(&self) -> BoxFuture<'_, StoreResult<()>> {
        Box::pin(async move { self.up()?.check().await })
    }
}

/// A web in which every URL has what the test put there.
#[derive(Debug, Default)]
pub(crate) struct Shelf {
    answers: Mutex<Vec<(String, Response<Vec<u8>>)>>,
    asked: Mutex<Vec<String>>,
    /// `If-None-Match` of each of them.
    known: Mutex<Vec<Option<String>>>,
}

impl Shelf {
    pub(crate) fn put(&self, url: &str, answer: Response<Vec<u8>>) {
        let mut answers = self.answers.lock().unwrap();
        answers.retain(|(known, _)| known != url);
        answers.push((url.to_owned(), answer));
    }

    /// Takes everything away: nobody is there.
    pub(crate) fn clear(&self) {
        self.answers.lock().unwrap().clear();
    }

    /// The version that was known to whoever asked last.
    pub(crate) fn known(&self) -> Option<String> {
        self.known.lock().unwrap().last().cloned().flatten()
    }

    /// Every URL that was asked for.
    pub(crate) fn asked(&self) -> Vec<String> {
        self.asked.lock().unwrap().clone()
    }
}

impl Fetch for Shelf {
    fn fetch(
        &self,
        request: Request<Vec<u8>>,
        limit: usize,
    ) -> BoxFuture<'_, Result<Response<Vec<u8>>, FetchError>> {
        let url = request.uri().to_string();
        self.asked.lock().unwrap().push(url.clone());
        let known = request.headers().get("if-none-match");
        let known = known.map(|value| value.to_str().unwrap().to_owned());
        self.known.lock().unwrap().push(known);
        let answers = self.answers.lock().unwrap();
        let found = answers.iter().find(|(known, _)| *known == url);
        let found = found.map(|(_, answer)| {
            let mut copy = Response::new(answer.body().clone());
            *copy.status_mut() = answer.status();
            *copy.headers_mut() = answer.headers().clone();
            copy
        });
        Box::pin(async move {
            tokio::task::yield_now().await;
            let answer = found.ok_or_else(|| FetchError::network("nobody is there"))?;
            match answer.body().len() > limit {
                true => Err(FetchError::TooLarge(limit)),
                false => Ok(answer),
            }
        })
    }
}

/// A form as it is sent.
pub(crate) fn form(fields: &[(&str, &str)]) -> Parameters {
    let mut text = form_urlencoded::Serializer::new(String::new());
    text.extend_pairs(fields);
    Parameters::parse(text.finish().as_bytes())
}
