//! What wrappers have in common that keep values in another form.
//!
//! One value may have many forms (a new nonce, another level of compression), so nothing compares
//! forms it made itself: the stored one is read, understood, and replaced only if it is still the
//! same.

use std::time::Duration;

use bytes::Bytes;
use purlin_core::store::{
    Attempts, Key, KeyValue, StoreError, StoreErrorKind, StoreResult, Stored,
};
use tokio::time::Instant;

/// How values look inside of a wrapper.
pub(super) trait Form: Send + Sync {
    /// The stored form of a value.
    fn wrap(&self, at: Key<'_>, value: &Bytes) -> StoreResult<Bytes>;
    /// The value of a stored form; `None` for what counts as absent.
    fn unwrap(&self, at: Key<'_>, form: Bytes) -> StoreResult<Option<Bytes>>;
}

/// Methods of `KeyValue` that pass the form of a wrapper's field on the way to its store.
macro_rules! recode {
    ($inner:ident, $form:ident: $($method:ident),+ $(,)?) => {
        $(crate::wrap::recoded::recode!(@ $inner $form $method);)+
    };
    (@ $inner:ident $form:ident get) => {
        fn get<'a>(&'a self, at: Key<'a>) -> BoxFuture<'a, StoreResult<Option<Stored>>> {
            Box::pin(crate::wrap::recoded::get(&self.$inner, &self.$form, at))
        }
    };
    (@ $inner:ident $form:ident put) => {
        fn put<'a>(
            &'a self,
            at: Key<'a>,
            value: Bytes,
            ttl: Option<Duration>,
        ) -> BoxFuture<'a, StoreResult<()>> {
            Box::pin(crate::wrap::recoded::put(&self.$inner, &self.$form, at, value, ttl))
        }
    };
    (@ $inner:ident $form:ident take) => {
        fn take<'a>(&'a self, at: Key<'a>) -> BoxFuture<'a, StoreResult<Option<Bytes>>> {
            Box::pin(crate::wrap::recoded::take(&self.$inner, &self.$form, at))
        }
    };
    (@ $inner:ident $form:ident compare_and_set) => {
        fn compare_and_set<'a>(
            &'a self,
            at: Key<'a>,
            expected: Option<Bytes>,
            new: Option<Bytes>,
            ttl: Option<Duration>,
        ) -> BoxFuture<'a, StoreResult<bool>> {
            let (store, form) = (&self.$inner, &self.$form);
            Box::pin(crate::wrap::recoded::compare_and_set(store, form, at, expected, new, ttl))
        }
    };
    (@ $inner:ident $form:ident add) => {
        fn add<'a>(
            &'a self,
            at: Key<'a>,
            by: i64,
            ttl: Option<Duration>,
        ) -> BoxFuture<'a, StoreResult<i64>> {
            Box::pin(crate::wrap::recoded::add(&self.$inner, &self.$form, at, by, ttl))
        }
    };
    (@ $inner:ident $form:ident get_many) => {
        fn get_many<'a>(
            &'a self,
            at: &'a [Key<'a>],
        ) -> BoxFuture<'a, StoreResult<Vec<Option<Stored>>>> {
            Box::pin(crate::wrap::recoded::get_many(&self.$inner, &self.$form, at))
        }
    };
    (@ $inner:ident $form:ident put_many) => {
        fn put_many<'a>(
            &'a self,
            entries: &'a [(Key<'a>, Bytes)],
            ttl: Option<Duration>,
        ) -> BoxFuture<'a, StoreResult<()>> {
            Box::pin(crate::wrap::recoded::put_many(&self.$inner, &self.$form, entries, ttl))
        }
    };
    (@ $inner:ident $form:ident changed) => {
        fn changed<'a>(
            &'a self,
            at: Key<'a>,
            seen: Option<Bytes>,
            at_most: Duration,
        ) -> BoxFuture<'a, StoreResult<Option<Stored>>> {
            let (store, form) = (&self.$inner, &self.$form);
            Box::pin(crate::wrap::recoded::changed(store, form, at, seen, at_most))
        }
    };
}

pub(super) use recode;

fn read<F: Form>(form: &F, at: Key<'_>, found: Option<Stored>) -> StoreResult<Option<Stored>> {
    let Some(found) = found else {
        return Ok(None);
    };
    let value = form.unwrap(at, found.value)?;
    Ok(value.map(|value| Stored::new(value, found.expires_in)))
}

pub(super) async fn get<S: KeyValue, F: Form>(
    store: &S,
    form: &F,
    at: Key<'_>,
) -> StoreResult<Option<Stored>> {
    read(form, at, store.get(at).await?)
}

pub(super) async fn put<S: KeyValue, F: Form>(
    store: &S,
    form: &F,
    at: Key<'_>,
    value: Bytes,
    ttl: Option<Duration>,
) -> StoreResult<()> {
    let value = form.wrap(at, &value)?;
    store.put(at, value, ttl).await
}

pub(super) async fn get_many<S: KeyValue, F: Form>(
    store: &S,
    form: &F,
    at: &[Key<'_>],
) -> StoreResult<Vec<Option<Stored>>> {
    let found = store.get_many(at).await?;
    let pairs = at.iter().zip(found);
    pairs.map(|(at, found)| read(form, *at, found)).collect()
}

pub(super) async fn put_many<S: KeyValue, F: Form>(
    store: &S,
    form: &F,
    entries: &[(Key<'_>, Bytes)],
    ttl: Option<Duration>,
) -> StoreResult<()> {
    let mut forms = Vec::with_capacity(entries.len());
    for (at, value) in entries {
        forms.push((*at, form.wrap(*at, value)?));
    }
    store.put_many(&forms, ttl).await
}

pub(super) async fn take<S: KeyValue, F: Form>(
    store: &S,
    form: &F,
    at: Key<'_>,
) -> StoreResult<Option<Bytes>> {
    match store.take(at).await? {
        Some(taken) => form.unwrap(at, taken),
        None => Ok(None),
    }
}

pub(super) async fn compare_and_set<S: KeyValue, F: Form>(
    store: &S,
    form: &F,
    at: Key<'_>,
    expected: Option<Bytes>,
    new: Option<Bytes>,
    ttl: Option<Duration>,
) -> StoreResult<bool> {
    let new = new.map(|new| form.wrap(at, &new)).transpose()?;
    let mut attempts = Attempts::default();
    loop {
        let found = store.get(at).await?.map(|stored| stored.value);
        let value = match &found {
            Some(found) => form.unwrap(at, found.clone())?,
            None => None,
        };
        if value != expected {
            return Ok(false);
        }
        if store.compare_and_set(at, found, new.clone(), ttl).await? {
            return Ok(true);
        }
        attempts.failed().await?;
    }
}

/// A counter whose form the store cannot count with. Each time it is written, what is left of its
/// time to live is given again, so it may live longer by the time the round trip takes.
pub(super) async fn add<S: KeyValue, F: Form>(
    store: &S,
    form: &F,
    at: Key<'_>,
    by: i64,
    ttl: Option<Duration>,
) -> StoreResult<i64> {
    let mut attempts = Attempts::default();
    loop {
        let found = store.get(at).await?;
        let raw = found.as_ref().map(|stored| stored.value.clone());
        let (sum, ttl) = match read(form, at, found)? {
            Some(counter) => (sum(&counter.value, by)?, counter.expires_in),
            None => (by, ttl),
        };
        let new = form.wrap(at, &sum.to_string().into())?;
        if store.compare_and_set(at, raw, Some(new), ttl).await? {
            return Ok(sum);
        }
        attempts.failed().await?;
    }
}

pub(super) async fn changed<S: KeyValue, F: Form>(
    store: &S,
    form: &F,
    at: Key<'_>,
    seen: Option<Bytes>,
    at_most: Duration,
) -> StoreResult<Option<Stored>> {
    let start = Instant::now();
    let mut found = store.get(at).await?;
    loop {
        let raw = found.as_ref().map(|stored| stored.value.clone());
        let value = read(form, at, found)?;
        let left = at_most.saturating_sub(start.elapsed());
        if left.is_zero() || value.as_ref().map(|value| &value.value) != seen.as_ref() {
            return Ok(value);
        }
        found = store.changed(at, raw, left).await?;
    }
}

/// A counter is decimal text.
fn sum(counter: &[u8], by: i64) -> StoreResult<i64> {
    let invalid = |text| StoreError::new(StoreErrorKind::Invalid, text);
    let counter: i64 = std::str::from_utf8(counter)
        .ok()
        .and_then(|text| text.parse().ok())
        .ok_or_else(|| invalid("what is stored there is not a counter"))?;
    counter
        .checked_add(by)
        .ok_or_else(|| invalid("the counter would overflow"))
}
