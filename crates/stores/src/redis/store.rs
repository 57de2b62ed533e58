//! The seam over Redis.

use std::{future::Future, time::Duration};

use bytes::Bytes;
use futures_util::{StreamExt, TryStreamExt, stream};
use purlin_core::{
    BoxFuture,
    store::{
        Admission, Gcra, Key, KeyValue, MAX_TTL, StoreError, StoreErrorKind, StoreResult, Stored,
    },
};
use redis::{RedisResult, ScriptInvocation};
use tokio::time::{Instant, timeout};

use super::{Inner, Redis, connection::Connection, failure::judge};

/// How many keys of one call are on their way at a time.
const AT_A_TIME: usize = 64;
/// What is about to expire is looked at after this time.
const MOMENT: Duration = Duration::from_millis(1);

impl Inner {
    /// The name of a record. The length of the collection keeps its end apart from the key.
    fn name(&self, at: Key<'_>) -> StoreResult<String> {
        at.check()?;
        let Key { collection, key } = at;
        let (namespace, length) = (&self.namespace, collection.len());
        Ok(format!("{namespace}:{length}:{collection}:{key}"))
    }

    /// Makes one call within its deadlines.
    async fn call<T, F>(&self, call: impl FnOnce(Connection) -> F) -> StoreResult<T>
    where
        F: Future<Output = RedisResult<T>>,
    {
        let live = self.links.live().await?;
        match timeout(self.patience.answer, call(live.connection.clone())).await {
            Ok(Ok(answer)) => Ok(answer),
            Ok(Err(error)) => {
                let (error, gives_up) = judge(error);
                if gives_up {
                    live.give_up();
                }
                Err(error)
            }
            Err(_) => {
                live.give_up();
                let text = "Redis did not answer in time";
                Err(StoreError::new(StoreErrorKind::Timeout, text))
            }
        }
    }

    async fn run<T: redis::FromRedisValue>(&self, script: &ScriptInvocation<'_>) -> StoreResult<T> {
        self.call(|mut connection| async move { script.invoke_async(&mut connection).await })
            .await
    }

    async fn get(&self, at: Key<'_>) -> StoreResult<Option<Stored>> {
        let mut script = self.scripts.get.prepare_invoke();
        script.key(self.name(at)?);
        let found: Option<(Vec<u8>, i64)> = self.run(&script).await?;
        Ok(found.map(|(value, left)| {
            let left = u64::try_from(left).ok().map(Duration::from_millis);
            Stored::new(value.into(), left)
        }))
    }

    async fn put(&self, at: Key<'_>, value: Bytes, ttl: Option<Duration>) -> StoreResult<bool> {
        let mut script = self.scripts.put.prepare_invoke();
        script.key(self.name(at)?);
        script.arg(&value[..]).arg(millis_or_none(ttl));
        self.run(&script).await
    }

    async fn delete(&self, at: Key<'_>) -> StoreResult<bool> {
        self.put(at, Bytes::new(), Some(Duration::ZERO)).await
    }

    async fn changed(
        &self,
        at: Key<'_>,
        seen: Option<Bytes>,
        at_most: Duration,
    ) -> StoreResult<Option<Stored>> {
        let deadline = Instant::now() + at_most.min(MAX_TTL);
        let mut waiter = self.news.wait_at(&self.name(at)?);
        loop {
            let ready = waiter.ready();
            let found = self.get(at).await?;
            let left = deadline.saturating_duration_since(Instant::now());
            if left.is_zero() || found.as_ref().map(|found| &found.value) != seen.as_ref() {
                return Ok(found);
            }
            // Nobody tells what expires.
            let expiry = found.and_then(|found| found.expires_in);
            let expiry = expiry.map_or(left, |expiry| expiry.max(MOMENT));
            waiter.wait(ready, left.min(expiry)).await;
        }
    }

    async fn take(&self, at: Key<'_>) -> StoreResult<Option<Bytes>> {
        let mut script = self.scripts.take.prepare_invoke();
        script.key(self.name(at)?);
        let taken: Option<Vec<u8>> = self.run(&script).await?;
        Ok(taken.map(Bytes::from))
    }

    async fn compare_and_set(
        &self,
        at: Key<'_>,
        expected: Option<Bytes>,
        new: Option<Bytes>,
        ttl: Option<Duration>,
    ) -> StoreResult<bool> {
        let mut script = self.scripts.compare_and_set.prepare_invoke();
        script.key(self.name(at)?);
        for value in [&expected, &new] {
            script.arg(u8::from(value.is_some()));
            script.arg(value.as_deref().unwrap_or_default());
        }
        script.arg(millis_or_none(ttl));
        self.run(&script).await
    }

    async fn add(&self, at: Key<'_>, by: i64, ttl: Option<Duration>) -> StoreResult<i64> {
        let mut script = self.scripts.add.prepare_invoke();
        script.key(self.name(at)?);
        script.arg(by).arg(millis_or_none(ttl));
        let sum: Option<i64> = self.run(&script).await?;
        sum.ok_or_else(|| {
            let text = "what is stored there is not a counter, or it would overflow";
            StoreError::new(StoreErrorKind::Invalid, text)
        })
    }

    async fn admit(&self, at: Key<'_>, limit: Gcra) -> StoreResult<Admission> {
        let said = self.admit_together(&[(at, limit)]).await?;
        said.into_iter().next().ok_or_else(no_sense)
    }

    /// Asks all cells in one step. On a cluster they lie on several nodes and are asked in turn.
    async fn admit_all(&self, asked: &[(Key<'_>, Gcra)]) -> StoreResult<Vec<Admission>> {
        Key::check_many(asked.len())?;
        if !self.is_cluster {
            return self.admit_together(asked).await;
        }
        let mut said = Vec::with_capacity(asked.len());
        for (at, limit) in asked {
            let admission = self.admit(*at, *limit).await?;
            said.push(admission);
            if !admission.is_granted() {
                break;
            }
        }
        Ok(said)
    }

    async fn admit_together(&self, asked: &[(Key<'_>, Gcra)]) -> StoreResult<Vec<Admission>> {
        if asked.is_empty() {
            return Ok(Vec::new());
        }
        let mut script = self.scripts.admit.prepare_invoke();
        script.arg(millis(MAX_TTL));
        for (at, limit) in asked {
            script.key(self.name(*at)?);
            for time in [limit.price()?, limit.tolerance()] {
                script.arg(time.as_micros().to_string());
            }
        }
        let answer: Option<Vec<Vec<u64>>> = self.run(&script).await?;
        let said = answer.ok_or_else(|| {
            let text = "what is stored there is not the cell of a limiter";
            StoreError::new(StoreErrorKind::Invalid, text)
        })?;
        let said = said.iter().zip(asked);
        said.map(|(said, (_, limit))| admission(said, limit))
            .collect()
    }

    /// Calls for many keys have the deadline of one.
    async fn many<T>(&self, calls: Vec<BoxFuture<'_, StoreResult<T>>>) -> StoreResult<Vec<T>> {
        let all = stream::iter(calls).buffered(AT_A_TIME);
        let limit = self.patience.connection + self.patience.answer;
        let ended = timeout(limit, all.try_collect()).await;
        ended.unwrap_or_else(|_| {
            let text = "Redis did not answer in time for all keys";
            Err(StoreError::new(StoreErrorKind::Timeout, text))
        })
    }
}

/// What the script says of one cell: whether it is granted, and a time in microseconds.
fn admission(said: &[u64], limit: &Gcra) -> StoreResult<Admission> {
    let &[granted, micros] = said else {
        return Err(no_sense());
    };
    let time = Duration::from_micros(micros);
    if granted == 0 {
        return Ok(Admission::Refused { retry_after: time });
    }
    let left = limit.tolerance().saturating_sub(time);
    let units = left.as_nanos() / limit.interval().as_nanos();
    Ok(Admission::Granted {
        remaining: u32::try_from(units).unwrap_or(u32::MAX),
        owed: time,
    })
}

fn no_sense() -> StoreError {
    let text = "Redis gave an answer that makes no sense";
    StoreError::new(StoreErrorKind::Unavailable, text)
}

/// Rounded up, so that what lives at all lives for a millisecond.
fn millis(ttl: Duration) -> u64 {
    let millis = ttl.min(MAX_TTL).as_nanos().div_ceil(1_000_000);
    u64::try_from(millis).unwrap_or(u64::MAX)
}

fn millis_or_none(ttl: Option<Duration>) -> String {
    ttl.map(|ttl| millis(ttl).to_string()).unwrap_or_default()
}

impl KeyValue for Redis {
    fn get<'a>(&'a self, at: Key<'a>) -> BoxFuture<'a, StoreResult<Option<Stored>>> {
        Box::pin(self.0.get(at))
    }

    fn put<'a>(
        &'a self,
        at: Key<'a>,
        value: Bytes,
        ttl: Option<Duration>,
    ) -> BoxFuture<'a, StoreResult<()>> {
        Box::pin(async move { self.0.put(at, value, ttl).await.map(|_| ()) })
    }

    fn delete<'a>(&'a self, at: Key<'a>) -> BoxFuture<'a, StoreResult<bool>> {
        Box::pin(self.0.delete(at))
    }

    fn take<'a>(&'a self, at: Key<'a>) -> BoxFuture<'a, StoreResult<Option<Bytes>>> {
        Box::pin(self.0.take(at))
    }

    fn compare_and_set<'a>(
        &'a self,
        at: Key<'a>,
        expected: Option<Bytes>,
        new: Option<Bytes>,
        ttl: Option<Duration>,
    ) -> BoxFuture<'a, StoreResult<bool>> {
        Box::pin(self.0.compare_and_set(at, expected, new, ttl))
    }

    fn add<'a>(
        &'a self,
        at: Key<'a>,
        by: i64,
        ttl: Option<Duration>,
    ) -> BoxFuture<'a, StoreResult<i64>> {
        Box::pin(self.0.add(at, by, ttl))
    }

    fn get_many<'a>(
        &'a self,
        at: &'a [Key<'a>],
    ) -> BoxFuture<'a, StoreResult<Vec<Option<Stored>>>> {
        Box::pin(async move {
            Key::check_many(at.len())?;
            let calls = at.iter().map(|at| KeyValue::get(self, *at)).collect();
            self.0.many(calls).await
        })
    }

    fn put_many<'a>(
        &'a self,
        entries: &'a [(Key<'a>, Bytes)],
        ttl: Option<Duration>,
    ) -> BoxFuture<'a, StoreResult<()>> {
        Box::pin(async move {
            Key::check_many(entries.len())?;
            let put = |(at, value): &(Key<'a>, Bytes)| self.put(*at, value.clone(), ttl);
            let calls = entries.iter().map(put).collect();
            self.0.many(calls).await.map(|_| ())
        })
    }

    fn delete_many<'a>(&'a self, at: &'a [Key<'a>]) -> BoxFuture<'a, StoreResult<usize>> {
        Box::pin(async move {
            Key::check_many(at.len())?;
            let calls = at.iter().map(|at| self.delete(*at)).collect();
            let deleted = self.0.many(calls).await?;
            Ok(deleted.into_iter().filter(|deleted| *deleted).count())
        })
    }

    fn admit<'a>(&'a self, at: Key<'a>, limit: Gcra) -> BoxFuture<'a, StoreResult<Admission>> {
        Box::pin(self.0.admit(at, limit))
    }

    fn admit_all<'a>(
        &'a self,
        asked: &'a [(Key<'a>, Gcra)],
    ) -> BoxFuture<'a, StoreResult<Vec<Admission>>> {
        Box::pin(self.0.admit_all(asked))
    }

    fn changed<'a>(
        &'a self,
        at: Key<'a>,
        seen: Option<Bytes>,
        at_most: Duration,
    ) -> BoxFuture<'a, StoreResult<Option<Stored>>> {
        Box::pin(self.0.changed(at, seen, at_most))
    }

    fn check(&self) -> BoxFuture<'_, StoreResult<()>> {
        // Reading, for on a cluster that asks a node, which a ping may not.
        Box::pin(async move { self.0.get(Key::new("health", "")).await.map(|_| ()) })
    }
}
