//! A store behind an `Arc` is a store, so that wrappers take either.

use std::{sync::Arc, time::Duration};

use bytes::Bytes;

use super::{Admission, Gcra, Key, KeyValue, StoreResult, Stored};
use crate::BoxFuture;

impl<S: KeyValue + ?Sized> KeyValue for Arc<S> {
    fn get<'a>(&'a self, at: Key<'a>) -> BoxFuture<'a, StoreResult<Option<Stored>>> {
        (**self).get(at)
    }

    fn put<'a>(
        &'a self,
        at: Key<'a>,
        value: Bytes,
        ttl: Option<Duration>,
    ) -> BoxFuture<'a, StoreResult<()>> {
        (**self).put(at, value, ttl)
    }

    fn delete<'a>(&'a self, at: Key<'a>) -> BoxFuture<'a, StoreResult<bool>> {
        (**self).delete(at)
    }

    fn take<'a>(&'a self, at: Key<'a>) -> BoxFuture<'a, StoreResult<Option<Bytes>>> {
        (**self).take(at)
    }

    fn compare_and_set<'a>(
        &'a self,
        at: Key<'a>,
        expected: Option<Bytes>,
        new: Option<Bytes>,
        ttl: Option<Duration>,
    ) -> BoxFuture<'a, StoreResult<bool>> {
        (**self).compare_and_set(at, expected, new, ttl)
    }

    fn add<'a>(
        &'a self,
        at: Key<'a>,
        by: i64,
        ttl: Option<Duration>,
    ) -> BoxFuture<'a, StoreResult<i64>> {
        (**self).add(at, by, ttl)
    }

    fn get_many<'a>(
        &'a self,
        at: &'a [Key<'a>],
    ) -> BoxFuture<'a, StoreResult<Vec<Option<Stored>>>> {
        (**self).get_many(at)
    }

    fn put_many<'a>(
        &'a self,
        entries: &'a [(Key<'a>, Bytes)],
        ttl: Option<Duration>,
    ) -> BoxFuture<'a, StoreResult<()>> {
        (**self).put_many(entries, ttl)
    }

    fn delete_many<'a>(&'a self, at: &'a [Key<'a>]) -> BoxFuture<'a, StoreResult<usize>> {
        (**self).delete_many(at)
    }

    fn admit<'a>(&'a self, at: Key<'a>, limit: Gcra) -> BoxFuture<'a, StoreResult<Admission>> {
        (**self).admit(at, limit)
    }

    fn admit_all<'a>(
        &'a self,
        asked: &'a [(Key<'a>, Gcra)],
    ) -> BoxFuture<'a, StoreResult<Vec<Admission>>> {
        (**self).admit_all(asked)
    }

    fn changed<'a>(
        &'a self,
        at: Key<'a>,
        seen: Option<Bytes>,
        at_most: Duration,
    ) -> BoxFuture<'a, StoreResult<Option<Stored>>> {
        (**self).changed(at, seen, at_most)
    }

    fn check(&self) -> BoxFuture<'_, StoreResult<()>> {
        (**self).check()
    }
}
