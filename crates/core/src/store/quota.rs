//! A store of which so many bytes may be used.

use std::{fmt, sync::Arc, time::Duration};

use bytes::Bytes;

use super::{
    Admission, Attempts, Gcra, Key, KeyValue, StoreError, StoreErrorKind, StoreResult, Stored,
    ledger::{Ledger, MAX_HOLDERS, Part, Parts, until},
};
use crate::{BoxFuture, context::digest, server::fill_random};

/// Where it is counted what somebody keeps.
const COLLECTION: &str = "mcp.quota.bytes";
/// The longest decimal text of a counter.
const COUNTER: u64 = 20;

/// A store in which all that somebody keeps is bounded in bytes, in all processes together.
///
/// Whoever it is (`of`, a tenant for example) has one account, in the store itself: a value
/// counts with the names of its collection and its key until it is deleted or expires.
/// Everything else goes through it unchanged, keys included: give each its own keys. Limits
/// ([`admit`](KeyValue::admit)) are not counted, and one account has at most 4,096 values.
///
/// A write looks at the account before and after, so it costs four calls of the store more.
/// One that was interrupted may count until the value is written again or would have expired;
/// never is there more than was counted.
///
/// ```
/// use std::sync::Arc;
/// use purlin_core::store::{Key, KeyValue, MemoryStore, Quota, StoreErrorKind, StoreError};
///
/// # #[tokio::main(flavor = "current_thread")] async fn main() -> Result<(), StoreError> {
/// let store = Quota::new(Arc::new(MemoryStore::new()), "acme", 100);
/// store.put(Key::new("notes", "1"), vec![b'-'; 90].into(), None).await?;
/// let refused = store.put(Key::new("notes", "2"), "more".into(), None).await.unwrap_err();
/// assert_eq!(refused.kind(), StoreErrorKind::Quota);
/// store.delete(Key::new("notes", "1")).await?;
/// store.put(Key::new("notes", "2"), "more".into(), None).await?;
/// # Ok(()) }
/// ```
#[derive(Clone, Debug)]
pub struct Quota {
    ledger: Ledger,
    limit: u64,
}

/// What a refusal of a [`Quota`] says; the source of its [`StoreError`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct OverQuota {
    used: u64,
    limit: u64,
    values: bool,
}

impl fmt::Display for OverQuota {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            used,
            limit,
            values,
        } = self;
        if *values {
            return write!(
                f,
                "the tenant keeps at most {MAX_HOLDERS} values: remove some, or keep more in each"
            );
        }
        write!(
            f,
            "the tenant keeps at most {limit} bytes, of which {used} are used: remove some, or ask \
             the operator for more"
        )
    }
}

impl std::error::Error for OverQuota {}

impl Quota {
    /// At most `bytes` of `store` for `of`.
    pub fn new(store: Arc<dyn KeyValue>, of: &str, bytes: u64) -> Self {
        let ledger = Ledger {
            store,
            collection: COLLECTION,
            // One length, whatever the name is.
            key: digest(of.as_bytes()).into(),
        };
        Self {
            ledger,
            limit: bytes,
        }
    }

    /// How many bytes are counted now.
    ///
    /// # Errors
    /// Those of the store.
    pub async fn used(&self) -> StoreResult<u64> {
        Ok(self.ledger.parts().await?.total())
    }

    fn store(&self) -> &dyn KeyValue {
        &*self.ledger.store
    }

    /// Counts what is about to be written, and gives what was counted before. The larger of
    /// both counts until it is known what became of the write.
    async fn reserve(&self, holder: &str, part: Part) -> StoreResult<Option<Part>> {
        let limit = self.limit;
        let outcome = self.ledger.update(|parts| {
            if !parts.admits(holder, part.amount, limit) {
                let used = parts.total();
                let values = used.saturating_add(part.amount) <= limit;
                return Err(OverQuota {
                    used,
                    limit,
                    values,
                });
            }
            let before = parts.0.get(holder).copied();
            parts.0.insert(holder.to_owned(), larger(before, part));
            Ok(before)
        });
        outcome.await?.map_err(|over| {
            let text = "the bytes of a quota are used up";
            StoreError::new(StoreErrorKind::Quota, text).with_source(over)
        })
    }

    /// Counts what was written exactly, unless somebody else is at it.
    async fn settle(&self, holder: &str, part: Part) -> StoreResult<()> {
        let settled = self.ledger.update(|parts| {
            let found = parts.0.get(holder).copied();
            let mine = found.is_some_and(|found| found.writer == part.writer);
            let new = if mine { part } else { larger(found, part) };
            parts.0.insert(holder.to_owned(), new);
        });
        settled.await
    }

    /// Counts what was there before a write that was none.
    async fn restore(&self, holder: &str, before: Option<Part>, writer: u64) -> StoreResult<()> {
        let restored = self.ledger.update(|parts| {
            if parts.0.get(holder).is_some_and(|it| it.writer == writer) {
                match before {
                    Some(before) => _ = parts.0.insert(holder.to_owned(), before),
                    None => _ = parts.0.remove(holder),
                }
            }
        });
        restored.await
    }

    async fn write(
        &self,
        at: Key<'_>,
        expected: Option<Bytes>,
        new: Bytes,
        ttl: Option<Duration>,
    ) -> StoreResult<bool> {
        let (holder, part) = (holder(at), part(at, new.len() as u64, ttl));
        let before = self.reserve(&holder, part).await?;
        let set = self.store().compare_and_set(at, expected, Some(new), ttl);
        let written = set.await?;
        if written {
            self.settle(&holder, part).await?;
        } else {
            self.restore(&holder, before, part.writer).await?;
        }
        Ok(written)
    }

    /// Removes by `remove`, and counts it no more unless it was written meanwhile.
    async fn without<T>(
        &self,
        at: Key<'_>,
        remove: impl Future<Output = StoreResult<T>>,
        is_gone: impl FnOnce(&T) -> bool,
    ) -> StoreResult<T> {
        let holder = holder(at);
        let counted = self.ledger.parts().await?.0.get(&holder).copied();
        let outcome = remove.await?;
        if let Some(counted) = counted.filter(|_| is_gone(&outcome)) {
            self.restore(&holder, None, counted.writer).await?;
        }
        Ok(outcome)
    }
}

fn larger(found: Option<Part>, part: Part) -> Part {
    let Some(found) = found else {
        return part;
    };
    Part {
        amount: found.amount.max(part.amount),
        until: Parts::later(found.until, part.until),
        writer: part.writer,
    }
}

fn part(at: Key<'_>, bytes: u64, ttl: Option<Duration>) -> Part {
    let mut writer = [0; 8];
    fill_random(&mut writer);
    Part {
        amount: (at.collection.len() + at.key.len()) as u64 + bytes,
        until: until(ttl),
        writer: u64::from_le_bytes(writer),
    }
}

/// Names a value in the account, in few bytes.
fn holder(at: Key<'_>) -> String {
    let named = format!("{}:{}{}", at.collection.len(), at.collection, at.key);
    let mut name = digest(named.as_bytes());
    // 132 bits: nobody finds two values with one name.
    name.truncate(22);
    name
}

impl KeyValue for Quota {
    fn get<'a>(&'a self, at: Key<'a>) -> BoxFuture<'a, StoreResult<Option<Stored>>> {
        self.store().get(at)
    }

    fn put<'a>(
        &'a self,
        at: Key<'a>,
        value: Bytes,
        ttl: Option<Duration>,
    ) -> BoxFuture<'a, StoreResult<()>> {
        Box::pin(async move {
            let mut attempts = Attempts::default();
            loop {
                // As a comparison, for what is counted has to follow what is there.
                let found = self.store().get(at).await?.map(|stored| stored.value);
                if self.write(at, found, value.clone(), ttl).await? {
                    return Ok(());
                }
                attempts.failed().await?;
            }
        })
    }

    fn delete<'a>(&'a self, at: Key<'a>) -> BoxFuture<'a, StoreResult<bool>> {
        Box::pin(self.without(at, self.store().delete(at), |_| true))
    }

    fn take<'a>(&'a self, at: Key<'a>) -> BoxFuture<'a, StoreResult<Option<Bytes>>> {
        Box::pin(self.without(at, self.store().take(at), |_| true))
    }

    fn compare_and_set<'a>(
        &'a self,
        at: Key<'a>,
        expected: Option<Bytes>,
        new: Option<Bytes>,
        ttl: Option<Duration>,
    ) -> BoxFuture<'a, StoreResult<bool>> {
        Box::pin(async move {
            match new {
                Some(new) => self.write(at, expected, new, ttl).await,
                None => {
                    let set = self.store().compare_and_set(at, expected, None, ttl);
                    self.without(at, set, |gone| *gone).await
                }
            }
        })
    }

    fn add<'a>(
        &'a self,
        at: Key<'a>,
        by: i64,
        ttl: Option<Duration>,
    ) -> BoxFuture<'a, StoreResult<i64>> {
        Box::pin(async move {
            let (holder, part) = (holder(at), part(at, COUNTER, ttl));
            self.reserve(&holder, part).await?;
            self.store().add(at, by, ttl).await
        })
    }

    fn get_many<'a>(
        &'a self,
        at: &'a [Key<'a>],
    ) -> BoxFuture<'a, StoreResult<Vec<Option<Stored>>>> {
        self.store().get_many(at)
    }

    fn admit<'a>(&'a self, at: Key<'a>, limit: Gcra) -> BoxFuture<'a, StoreResult<Admission>> {
        self.store().admit(at, limit)
    }

    fn admit_all<'a>(
        &'a self,
        asked: &'a [(Key<'a>, Gcra)],
    ) -> BoxFuture<'a, StoreResult<Vec<Admission>>> {
        self.store().admit_all(asked)
    }

    fn changed<'a>(
        &'a self,
        at: Key<'a>,
        seen: Option<Bytes>,
        at_most: Duration,
    ) -> BoxFuture<'a, StoreResult<Option<Stored>>> {
        self.store().changed(at, seen, at_most)
    }

    fn check(&self) -> BoxFuture<'_, StoreResult<()>> {
        self.store().check()
    }
}
