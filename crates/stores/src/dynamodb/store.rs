//! The seam over the table.

use std::time::Duration;

use aws_sdk_dynamodb::types::{AttributeValue, ReturnValue};
use bytes::Bytes;
use futures_util::{StreamExt, TryStreamExt, stream};
use purlin_core::{
    BoxFuture,
    store::{Attempts, Key, KeyValue, StoreError, StoreErrorKind, StoreResult, Stored},
};
use tokio::time::timeout;

use super::{
    DynamoDb,
    call::Repeat,
    item::{BINARY, NUMBER, PARTITION, Place, SORT, content, now, number, stored, until},
};

/// How many keys of one call are on their way at a time.
const AT_A_TIME: usize = 32;

/// Nothing is there, or what is there has expired.
const ABSENT: &str = "attribute_not_exists(pk) OR until_ms <= :now";
/// It has not expired; together with a condition on what is there.
const ALIVE: &str = "(attribute_not_exists(until_ms) OR until_ms > :now)";

/// A condition of a write, and the values in it.
struct Condition {
    text: String,
    values: Vec<(&'static str, AttributeValue)>,
}

impl Condition {
    /// That what is there equals `expected`.
    fn equals(expected: Option<&Bytes>, now: u64) -> Self {
        let mut values = vec![(":now", number(now))];
        let text = match expected {
            None => ABSENT.to_owned(),
            Some(expected) => {
                let (attribute, expected) = content(expected);
                values.push((":expected", expected));
                format!("{attribute} = :expected AND {ALIVE}")
            }
        };
        Self { text, values }
    }
}

fn invalid(text: &'static str) -> StoreError {
    StoreError::new(StoreErrorKind::Invalid, text)
}

impl DynamoDb {
    fn place(&self, at: Key<'_>) -> StoreResult<Place> {
        at.check()?;
        Ok(Place::new(&self.namespace, at))
    }

    async fn read(&self, at: Key<'_>) -> StoreResult<Option<Stored>> {
        let place = self.place(at)?;
        let get = self
            .client
            .get_item()
            .table_name(&self.table)
            .key(PARTITION, place.partition)
            .key(SORT, place.sort)
            .consistent_read(true);
        let found = self.call(Repeat::Read, || get.clone().send()).await?;
        let item = found.and_then(|found| found.item);
        Ok(item.and_then(|item| stored(&item, now())))
    }

    /// Writes if the condition holds, and says whether it did.
    async fn write(
        &self,
        at: Key<'_>,
        value: &Bytes,
        ttl: Option<Duration>,
        condition: Option<Condition>,
    ) -> StoreResult<bool> {
        if value.len() > Self::LARGEST_VALUE {
            let text = "the value is larger than DynamoDB takes";
            return Err(StoreError::new(StoreErrorKind::TooLarge, text));
        }
        let mut item = self.place(at)?.into_item();
        let (attribute, content) = content(value);
        item.insert(attribute.to_owned(), content);
        item.extend(ttl.into_iter().flat_map(|ttl| until(ttl, now())));
        let mut put = self
            .client
            .put_item()
            .table_name(&self.table)
            .set_item(Some(item));
        if let Some(condition) = condition {
            put = put.condition_expression(condition.text);
            for (name, value) in condition.values {
                put = put.expression_attribute_values(name, value);
            }
        }
        Ok(self
            .call(Repeat::Write, || put.clone().send())
            .await?
            .is_some())
    }

    /// Deletes if the condition holds. Gives whether it did, and what was there.
    async fn remove(
        &self,
        at: Key<'_>,
        condition: Option<Condition>,
    ) -> StoreResult<(bool, Option<Stored>)> {
        let place = self.place(at)?;
        let mut delete = self
            .client
            .delete_item()
            .table_name(&self.table)
            .key(PARTITION, place.partition)
            .key(SORT, place.sort)
            .return_values(ReturnValue::AllOld);
        if let Some(condition) = condition {
            delete = delete.condition_expression(condition.text);
            for (name, value) in condition.values {
                delete = delete.expression_attribute_values(name, value);
            }
        }
        let Some(deleted) = self.call(Repeat::Write, || delete.clone().send()).await? else {
            return Ok((false, None));
        };
        let old = deleted.attributes.and_then(|item| stored(&item, now()));
        Ok((true, old))
    }

    async fn set(&self, at: Key<'_>, value: Bytes, ttl: Option<Duration>) -> StoreResult<()> {
        if ttl.is_some_and(|ttl| ttl.is_zero()) {
            return self.remove(at, None).await.map(|_| ());
        }
        self.write(at, &value, ttl, None).await.map(|_| ())
    }

    async fn compare(
        &self,
        at: Key<'_>,
        expected: Option<Bytes>,
        new: Option<Bytes>,
        ttl: Option<Duration>,
    ) -> StoreResult<bool> {
        let condition = Some(Condition::equals(expected.as_ref(), now()));
        match new.filter(|_| !ttl.is_some_and(|ttl| ttl.is_zero())) {
            Some(new) => self.write(at, &new, ttl, condition).await,
            None => Ok(self.remove(at, condition).await?.0),
        }
    }

    /// Counts where there is a counter, and makes one where there is nothing.
    async fn count(&self, at: Key<'_>, by: i64, ttl: Option<Duration>) -> StoreResult<i64> {
        let mut attempts = Attempts::default();
        loop {
            if let Some(sum) = self.increase(at, by).await? {
                return Ok(sum);
            }
            match self.read(at).await? {
                None => {
                    let first = Some(by.to_string().into());
                    if self.compare(at, None, first, ttl).await? {
                        return Ok(by);
                    }
                }
                Some(found) => {
                    let counter = std::str::from_utf8(&found.value).ok();
                    let counter = counter.and_then(|text| text.parse::<i64>().ok());
                    let counter =
                        counter.ok_or_else(|| invalid("what is stored there is not a counter"))?;
                    counter
                        .checked_add(by)
                        .ok_or_else(|| invalid("the counter would overflow"))?;
                }
            }
            attempts.failed().await?;
        }
    }

    /// Adds to a counter that is there and does not overflow.
    async fn increase(&self, at: Key<'_>, by: i64) -> StoreResult<Option<i64>> {
        let place = self.place(at)?;
        let (lowest, highest) = match by {
            0.. => (i64::MIN, i64::MAX - by),
            ..0 => (i64::MIN - by, i64::MAX),
        };
        let update = self
            .client
            .update_item()
            .table_name(&self.table)
            .key(PARTITION, place.partition)
            .key(SORT, place.sort)
            .update_expression(format!("ADD {NUMBER} :by"))
            .condition_expression(format!(
                "attribute_not_exists({BINARY}) AND {NUMBER} BETWEEN :lowest AND :highest AND {ALIVE}"
            ))
            .expression_attribute_values(":by", number(by))
            .expression_attribute_values(":lowest", number(lowest))
            .expression_attribute_values(":highest", number(highest))
            .expression_attribute_values(":now", number(now()))
            .return_values(ReturnValue::UpdatedNew);
        let Some(updated) = self.call(Repeat::Write, || update.clone().send()).await? else {
            return Ok(None);
        };
        let sum = updated.attributes.and_then(|item| match item.get(NUMBER) {
            Some(AttributeValue::N(sum)) => sum.parse().ok(),
            _ => None,
        });
        let missing = || {
            let text = "DynamoDB gave an answer that makes no sense";
            StoreError::new(StoreErrorKind::Unavailable, text)
        };
        sum.map(Some).ok_or_else(missing)
    }

    /// Many calls, each with its own deadline, and one for all of them.
    async fn many<T>(&self, calls: Vec<BoxFuture<'_, StoreResult<T>>>) -> StoreResult<Vec<T>> {
        let rounds = u32::try_from(calls.len().div_ceil(AT_A_TIME)).unwrap_or(u32::MAX);
        let limit = self.timeout.saturating_mul(rounds.max(1));
        let all = stream::iter(calls).buffered(AT_A_TIME);
        timeout(limit, all.try_collect()).await.unwrap_or_else(|_| {
            let text = "DynamoDB did not answer in time for all keys";
            Err(StoreError::new(StoreErrorKind::Timeout, text))
        })
    }
}

impl KeyValue for DynamoDb {
    fn get<'a>(&'a self, at: Key<'a>) -> BoxFuture<'a, StoreResult<Option<Stored>>> {
        Box::pin(self.read(at))
    }

    fn put<'a>(
        &'a self,
        at: Key<'a>,
        value: Bytes,
        ttl: Option<Duration>,
    ) -> BoxFuture<'a, StoreResult<()>> {
        Box::pin(self.set(at, value, ttl))
    }

    fn delete<'a>(&'a self, at: Key<'a>) -> BoxFuture<'a, StoreResult<bool>> {
        Box::pin(async move { Ok(self.remove(at, None).await?.1.is_some()) })
    }

    fn take<'a>(&'a self, at: Key<'a>) -> BoxFuture<'a, StoreResult<Option<Bytes>>> {
        Box::pin(async move {
            let (_, old) = self.remove(at, None).await?;
            Ok(old.map(|old| old.value))
        })
    }

    fn compare_and_set<'a>(
        &'a self,
        at: Key<'a>,
        expected: Option<Bytes>,
        new: Option<Bytes>,
        ttl: Option<Duration>,
    ) -> BoxFuture<'a, StoreResult<bool>> {
        Box::pin(self.compare(at, expected, new, ttl))
    }

    fn add<'a>(
        &'a self,
        at: Key<'a>,
        by: i64,
        ttl: Option<Duration>,
    ) -> BoxFuture<'a, StoreResult<i64>> {
        Box::pin(self.count(at, by, ttl))
    }

    fn get_many<'a>(
        &'a self,
        at: &'a [Key<'a>],
    ) -> BoxFuture<'a, StoreResult<Vec<Option<Stored>>>> {
        Box::pin(async move {
            Key::check_many(at.len())?;
            self.many(at.iter().map(|at| self.get(*at)).collect()).await
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
            self.many(calls).await.map(|_| ())
        })
    }

    fn delete_many<'a>(&'a self, at: &'a [Key<'a>]) -> BoxFuture<'a, StoreResult<usize>> {
        Box::pin(async move {
            Key::check_many(at.len())?;
            let calls = at.iter().map(|at| self.delete(*at)).collect();
            let deleted = self.many(calls).await?;
            Ok(deleted.into_iter().filter(|deleted| *deleted).count())
        })
    }

    fn check(&self) -> BoxFuture<'_, StoreResult<()>> {
        Box::pin(async move { self.read(Key::new("health", "")).await.map(|_| ()) })
    }
}
