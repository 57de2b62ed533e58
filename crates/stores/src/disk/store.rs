//! The seam over the file.

use std::{sync::Arc, time::Duration};

use bytes::Bytes;
use purlin_core::{
    BoxFuture,
    store::{Key, KeyValue, StoreError, StoreErrorKind, StoreResult, Stored},
};

use super::{
    Disk,
    engine::find,
    fault::Fault,
    record::{Record, name},
    tables::{Step, Tables},
};

impl Disk {
    /// Reads several in one transaction, on a thread where it may block.
    async fn read(&self, names: Vec<Vec<u8>>) -> StoreResult<Vec<Option<Stored>>> {
        let stopped = || {
            let text = "reading from the disk was stopped";
            StoreError::new(StoreErrorKind::Unavailable, text)
        };
        let readers = Arc::clone(&self.readers);
        let permit = readers.acquire_owned().await.map_err(|_| stopped())?;
        let engine = Arc::clone(&self.engine);
        let reading = tokio::task::spawn_blocking(move || {
            // Kept until the disk has answered, also when nobody waits for it any more.
            let _permit = permit;
            let found = engine.read(|transaction| {
                let found = names.iter().map(|name| find(transaction, name));
                found.collect::<Step<Vec<_>>>()
            });
            (names, found)
        });
        let (names, found) = reading.await.map_err(|_| stopped())?;
        let found = match found {
            Some(Ok(found)) => found,
            Some(Err(fault)) => return self.recover(fault).await,
            None => return self.recover(Fault::Io).await,
        };
        let mut stored = Vec::with_capacity(names.len());
        for (name, bytes) in names.into_iter().zip(found) {
            stored.push(self.whole(name, bytes).await);
        }
        Ok(stored)
    }

    /// What the bytes of a record hold, if it is whole and has not expired.
    async fn whole(&self, name: Vec<u8>, bytes: Option<Vec<u8>>) -> Option<Stored> {
        let now = self.engine.now();
        let Some(record) = Record::decode(&name, &bytes?) else {
            // The writer looks again, and puts it aside. That this fails is told elsewhere.
            let put_aside = self.writer.write(move |tables| {
                tables.get(&name)?;
                Ok(Ok(()))
            });
            _ = put_aside.await;
            return None;
        };
        record.is_alive(now).then(|| record.into_stored(now))
    }

    /// Lets the writer open the file again, by writing nothing, so that the next read works.
    async fn recover<T>(&self, fault: Fault) -> StoreResult<T> {
        let damaged = fault == Fault::Damaged;
        let nothing = move |_: &mut Tables<'_>| match damaged {
            true => Err(Fault::Damaged),
            false => Ok(Ok(())),
        };
        _ = self.writer.write(nothing).await;
        Err(fault.into())
    }

    async fn get_one(&self, at: Key<'_>) -> StoreResult<Option<Stored>> {
        at.check()?;
        let found = self.read(vec![name(at)]).await?;
        Ok(found.into_iter().next().flatten())
    }

    async fn write<T: Send + 'static>(
        &self,
        at: Key<'_>,
        mut act: impl FnMut(&mut Tables<'_>, &[u8]) -> Step<StoreResult<T>> + Send + 'static,
    ) -> StoreResult<T> {
        at.check()?;
        let name = name(at);
        self.writer.write(move |tables| act(tables, &name)).await
    }
}

/// One addition within a transaction.
fn add(
    tables: &mut Tables<'_>,
    name: &[u8],
    by: i64,
    ttl: Option<Duration>,
) -> Step<StoreResult<i64>> {
    let invalid = |text| Ok(Err(StoreError::new(StoreErrorKind::Invalid, text)));
    let Some(found) = tables.get(name)? else {
        let put = tables.put(name, &by.to_string().into(), ttl)?;
        return Ok(put.map(|()| by));
    };
    let counter = std::str::from_utf8(&found.value).ok();
    let Some(counter) = counter.and_then(|text| text.parse::<i64>().ok()) else {
        return invalid("what is stored there is not a counter");
    };
    let Some(sum) = counter.checked_add(by) else {
        return invalid("the counter would overflow");
    };
    let put = tables.put_until(name, &sum.to_string().into(), found.expires)?;
    Ok(put.map(|()| sum))
}

impl KeyValue for Disk {
    fn get<'a>(&'a self, at: Key<'a>) -> BoxFuture<'a, StoreResult<Option<Stored>>> {
        Box::pin(self.get_one(at))
    }

    fn put<'a>(
        &'a self,
        at: Key<'a>,
        value: Bytes,
        ttl: Option<Duration>,
    ) -> BoxFuture<'a, StoreResult<()>> {
        Box::pin(self.write(at, move |tables, name| tables.put(name, &value, ttl)))
    }

    fn delete<'a>(&'a self, at: Key<'a>) -> BoxFuture<'a, StoreResult<bool>> {
        Box::pin(self.write(at, |tables, name| Ok(Ok(tables.remove(name)?.is_some()))))
    }

    fn take<'a>(&'a self, at: Key<'a>) -> BoxFuture<'a, StoreResult<Option<Bytes>>> {
        Box::pin(self.write(at, |tables, name| {
            Ok(Ok(tables.remove(name)?.map(|record| record.value)))
        }))
    }

    fn compare_and_set<'a>(
        &'a self,
        at: Key<'a>,
        expected: Option<Bytes>,
        new: Option<Bytes>,
        ttl: Option<Duration>,
    ) -> BoxFuture<'a, StoreResult<bool>> {
        Box::pin(self.write(at, move |tables, name| {
            if tables.get(name)?.map(|record| record.value) != expected {
                return Ok(Ok(false));
            }
            match &new {
                Some(new) => Ok(tables.put(name, new, ttl)?.map(|()| true)),
                None => {
                    tables.remove(name)?;
                    Ok(Ok(true))
                }
            }
        }))
    }

    fn add<'a>(
        &'a self,
        at: Key<'a>,
        by: i64,
        ttl: Option<Duration>,
    ) -> BoxFuture<'a, StoreResult<i64>> {
        Box::pin(self.write(at, move |tables, name| add(tables, name, by, ttl)))
    }

    fn get_many<'a>(
        &'a self,
        at: &'a [Key<'a>],
    ) -> BoxFuture<'a, StoreResult<Vec<Option<Stored>>>> {
        Box::pin(async move {
            Key::check_many(at.len())?;
            at.iter().try_for_each(|at| at.check())?;
            self.read(at.iter().copied().map(name).collect()).await
        })
    }

    fn put_many<'a>(
        &'a self,
        entries: &'a [(Key<'a>, Bytes)],
        ttl: Option<Duration>,
    ) -> BoxFuture<'a, StoreResult<()>> {
        Box::pin(async move {
            Key::check_many(entries.len())?;
            entries.iter().try_for_each(|(at, _)| at.check())?;
            let named = |(at, value): &(Key<'a>, Bytes)| (name(*at), value.clone());
            let entries: Vec<_> = entries.iter().map(named).collect();
            let put = move |tables: &mut Tables<'_>| {
                for (name, value) in &entries {
                    if let Err(error) = tables.put(name, value, ttl)? {
                        return Ok(Err(error));
                    }
                }
                Ok(Ok(()))
            };
            self.writer.write(put).await
        })
    }

    fn delete_many<'a>(&'a self, at: &'a [Key<'a>]) -> BoxFuture<'a, StoreResult<usize>> {
        Box::pin(async move {
            Key::check_many(at.len())?;
            at.iter().try_for_each(|at| at.check())?;
            let names: Vec<_> = at.iter().copied().map(name).collect();
            let delete = move |tables: &mut Tables<'_>| {
                let mut deleted = 0;
                for name in &names {
                    deleted += usize::from(tables.remove(name)?.is_some());
                }
                Ok(Ok(deleted))
            };
            self.writer.write(delete).await
        })
    }

    fn check(&self) -> BoxFuture<'_, StoreResult<()>> {
        Box::pin(async move { self.get_one(Key::new("health", "")).await.map(|_| ()) })
    }
}
