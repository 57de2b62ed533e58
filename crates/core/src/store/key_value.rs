//! The seam itself.

use std::{fmt::Debug, time::Duration};

use bytes::Bytes;

#[cfg(doc)]
use super::StoreErrorKind;
use super::{Admission, Gcra, Key, StoreResult, Stored, changed, gcra};
use crate::BoxFuture;

/// The most keys that one call of the `_many` operations takes.
pub const MANY: usize = 1_000;

/// A store of values under keys.
///
/// It is used as `Arc<dyn KeyValue>`. Implementations hold these rules, which the conformance
/// suite of `purlin-stores` (feature `testing`) checks for anybody's store:
///
/// - A future that is dropped has written all or nothing, and holds nothing afterwards.
/// - A time to live counts from the write that gives it. Zero expires at once, more than
///   [`MAX_TTL`](super::MAX_TTL) counts as that. What has expired is not there for any operation,
///   whether or not it still takes room. Times are kept to the millisecond at least.
/// - A remote store gives up after two seconds (and one more for a connection) with
///   [`StoreErrorKind::Timeout`] or [`StoreErrorKind::Unavailable`].
///
/// ```
/// use std::time::Duration;
/// use purlin_core::store::{Key, KeyValue, MemoryStore, StoreError};
///
/// # #[tokio::main(flavor = "current_thread")] async fn main() -> Result<(), StoreError> {
/// let store = MemoryStore::new();
/// let at = Key::new("codes", "41f0");
/// store.put(at, "alice".into(), Some(Duration::from_secs(60))).await?;
/// assert_eq!(store.take(at).await?.as_deref(), Some(&b"alice"[..]));
/// assert_eq!(store.take(at).await?, None);
/// # Ok(()) }
/// ```
pub trait KeyValue: Debug + Send + Sync + 'static {
    /// What is there.
    fn get<'a>(&'a self, at: Key<'a>) -> BoxFuture<'a, StoreResult<Option<Stored>>>;

    /// Writes a value over what is there, which expires after `ttl`, or never.
    fn put<'a>(
        &'a self,
        at: Key<'a>,
        value: Bytes,
        ttl: Option<Duration>,
    ) -> BoxFuture<'a, StoreResult<()>>;

    /// Deletes, and says whether there was something.
    fn delete<'a>(&'a self, at: Key<'a>) -> BoxFuture<'a, StoreResult<bool>>;

    /// Reads and deletes in one step: of all who ask at once, one gets it.
    fn take<'a>(&'a self, at: Key<'a>) -> BoxFuture<'a, StoreResult<Option<Bytes>>>;

    /// Writes `new` (`None` deletes) if what is there equals `expected` (`None`: nothing), in one
    /// step. Says whether it did.
    fn compare_and_set<'a>(
        &'a self,
        at: Key<'a>,
        expected: Option<Bytes>,
        new: Option<Bytes>,
        ttl: Option<Duration>,
    ) -> BoxFuture<'a, StoreResult<bool>>;

    /// Adds to a counter in one step, and gives what it is then.
    ///
    /// A counter that is not there is 0. `ttl` counts from the call that makes it; later calls
    /// change nothing about it. The value of a counter is its decimal text, for
    /// [`get`](Self::get) and the others.
    ///
    /// # Errors
    /// [`StoreErrorKind::Invalid`] when what is there is not a number or the sum overflows.
    fn add<'a>(
        &'a self,
        at: Key<'a>,
        by: i64,
        ttl: Option<Duration>,
    ) -> BoxFuture<'a, StoreResult<i64>>;

    /// Reads several, in the order of the keys. Not one step: others may write in between.
    ///
    /// # Errors
    /// [`StoreErrorKind::TooLarge`] for more than [`MANY`] keys.
    fn get_many<'a>(
        &'a self,
        at: &'a [Key<'a>],
    ) -> BoxFuture<'a, StoreResult<Vec<Option<Stored>>>> {
        Box::pin(async move {
            Key::check_many(at.len())?;
            let mut found = Vec::with_capacity(at.len());
            for key in at {
                found.push(self.get(*key).await?);
            }
            Ok(found)
        })
    }

    /// Writes several. Not one step: after an error, some may be written.
    ///
    /// # Errors
    /// [`StoreErrorKind::TooLarge`] for more than [`MANY`] entries.
    fn put_many<'a>(
        &'a self,
        entries: &'a [(Key<'a>, Bytes)],
        ttl: Option<Duration>,
    ) -> BoxFuture<'a, StoreResult<()>> {
        Box::pin(async move {
            Key::check_many(entries.len())?;
            for (key, value) in entries {
                self.put(*key, value.clone(), ttl).await?;
            }
            Ok(())
        })
    }

    /// Deletes several, and says how many were there. Not one step.
    ///
    /// # Errors
    /// [`StoreErrorKind::TooLarge`] for more than [`MANY`] keys.
    fn delete_many<'a>(&'a self, at: &'a [Key<'a>]) -> BoxFuture<'a, StoreResult<usize>> {
        Box::pin(async move {
            Key::check_many(at.len())?;
            let mut deleted = 0;
            for key in at {
                deleted += usize::from(self.delete(*key).await?);
            }
            Ok(deleted)
        })
    }

    /// Asks one cell of a limiter for admission, in one step. See [`Gcra`].
    ///
    /// A refusal costs nothing. What the cell looks like to [`get`](Self::get) is the store's own
    /// affair; [`delete`](Self::delete) resets it. Without a method of its own, a store is read
    /// and compared in a bounded loop, by the clock of this process.
    ///
    /// # Errors
    /// [`StoreErrorKind::Invalid`] when the cost is above the burst, so that it can never be
    /// granted; [`StoreErrorKind::Conflict`] when others were faster at every attempt.
    fn admit<'a>(&'a self, at: Key<'a>, limit: Gcra) -> BoxFuture<'a, StoreResult<Admission>> {
        Box::pin(gcra::admit(self, at, limit))
    }

    /// Asks several cells for admission of one call, in their order up to the first that refuses.
    /// Gives what each said that was asked; a refusal is the last.
    ///
    /// A store that can ask all of them in one step does so, and then a refusal costs nothing
    /// anywhere. Otherwise those before it were counted.
    ///
    /// # Errors
    /// As [`admit`](Self::admit); [`StoreErrorKind::TooLarge`] for more than [`MANY`] keys.
    fn admit_all<'a>(
        &'a self,
        asked: &'a [(Key<'a>, Gcra)],
    ) -> BoxFuture<'a, StoreResult<Vec<Admission>>> {
        Box::pin(async move {
            Key::check_many(asked.len())?;
            let mut said = Vec::with_capacity(asked.len());
            for (at, limit) in asked {
                let admission = self.admit(*at, *limit).await?;
                said.push(admission);
                if !admission.is_granted() {
                    break;
                }
            }
            Ok(said)
        })
    }

    /// Waits until what is there is not `seen` (`None`: nothing), at most for `at_most`, and gives
    /// what is there then.
    ///
    /// Nothing is missed between a `get` and this call, for the value is compared, not the event;
    /// a value that changed and changed back in the meantime may go unnoticed. Without a method of
    /// its own, a store is asked again and again, after 25 ms at first and 500 ms at last.
    fn changed<'a>(
        &'a self,
        at: Key<'a>,
        seen: Option<Bytes>,
        at_most: Duration,
    ) -> BoxFuture<'a, StoreResult<Option<Stored>>> {
        Box::pin(changed::poll(self, at, seen, at_most))
    }

    /// Whether the store answers, for `/ready`.
    fn check(&self) -> BoxFuture<'_, StoreResult<()>>;
}
