//! A store that keeps large values small.

use std::time::Duration;

use bytes::Bytes;
use purlin_core::{
    BoxFuture,
    store::{Admission, Gcra, Key, KeyValue, StoreError, StoreErrorKind, StoreResult, Stored},
};

use super::{
    forward::forward,
    recoded::{Form, recode},
};

/// Compresses values of 1,024 bytes and more with LZ4, when that makes them smaller.
///
/// Smaller ones are kept as they are, counters among them, so the store still counts by itself. A
/// stored value says how large it will be; above 64 MiB (or what
/// [`at_most`](Self::at_most) says) it is refused before any memory is taken for it, and what does
/// not decompress to exactly that size is an error of kind [`StoreErrorKind::Corrupt`].
///
/// Put it around [`Encrypted`](crate::Encrypted), not inside: what is sealed does not compress. An
/// attacker who can put text of their own beside a secret in one value, and sees the size, learns
/// about the secret; keep the two in two values.
///
/// ```
/// use std::sync::Arc;
/// use purlin_core::store::{Key, KeyValue, MemoryStore, StoreError};
/// use purlin_stores::Compressed;
///
/// # #[tokio::main(flavor = "current_thread")] async fn main() -> Result<(), StoreError> {
/// let place = Arc::new(MemoryStore::new());
/// let store = Compressed::new(place.clone());
/// let at = Key::new("pages", "1");
/// store.put(at, "tea ".repeat(1_000).into(), None).await?;
/// assert!(place.get(at).await?.unwrap().value.len() < 100);
/// assert_eq!(store.get(at).await?.unwrap().value.len(), 4_000);
/// # Ok(()) }
/// ```
#[derive(Debug, Clone)]
pub struct Compressed<S> {
    inner: S,
    form: Lz4,
}

#[derive(Debug, Clone)]
struct Lz4 {
    from: usize,
    at_most: usize,
}

/// The first byte of what is not the value itself. Values that start with it are marked as plain.
const MARK: u8 = 0xff;
const PLAIN: u8 = 0;
const LZ4: u8 = 1;
/// Mark, kind, size.
const HEAD: usize = 1 + 1 + 4;

impl<S: KeyValue> Compressed<S> {
    /// The store, with values of 1,024 bytes and more compressed.
    pub fn new(inner: S) -> Self {
        Self {
            inner,
            form: Lz4 {
                from: 1_024,
                at_most: 64 << 20,
            },
        }
    }

    /// The size from which on values are compressed, in bytes.
    #[must_use]
    pub fn from_size(mut self, bytes: usize) -> Self {
        self.form.from = bytes;
        self
    }

    /// The largest value, in bytes; at most 4 GiB.
    #[must_use]
    pub fn at_most(mut self, bytes: usize) -> Self {
        self.form.at_most = bytes.min(u32::MAX as usize);
        self
    }
}

impl Form for Lz4 {
    fn wrap(&self, _: Key<'_>, value: &Bytes) -> StoreResult<Bytes> {
        if value.len() > self.at_most {
            let text = "the value is larger than this store decompresses";
            return Err(StoreError::new(StoreErrorKind::TooLarge, text));
        }
        if value.len() >= self.from
            && let Some(compressed) = compress(value)
        {
            return Ok(compressed);
        }
        if value.first() == Some(&MARK) {
            return Ok([&[MARK, PLAIN][..], value].concat().into());
        }
        Ok(value.clone())
    }

    fn unwrap(&self, _: Key<'_>, form: Bytes) -> StoreResult<Option<Bytes>> {
        match form.get(..2) {
            Some([MARK, PLAIN]) => Ok(Some(form.slice(2..))),
            Some([MARK, LZ4]) => self.decompress(&form).map(Some).ok_or_else(corrupt),
            Some([MARK, _]) => Err(corrupt()),
            _ => Ok(Some(form)),
        }
    }
}

impl Lz4 {
    fn decompress(&self, form: &[u8]) -> Option<Bytes> {
        let (head, body) = form.split_at_checked(HEAD)?;
        let size = u32::from_be_bytes(head.get(2..)?.try_into().ok()?) as usize;
        if size > self.at_most {
            return None;
        }
        let value = lz4_flex::block::decompress(body, size).ok()?;
        (value.len() == size).then(|| value.into())
    }
}

/// `None` when it would not be smaller.
fn compress(value: &[u8]) -> Option<Bytes> {
    let size = u32::try_from(value.len()).ok()?;
    let compressed = lz4_flex::block::compress(value);
    if HEAD + compressed.len() >= value.len() {
        return None;
    }
    let head = [&[MARK, LZ4][..], &size.to_be_bytes()].concat();
    Some([head, compressed].concat().into())
}

fn corrupt() -> StoreError {
    let text = "what is stored there cannot be decompressed";
    StoreError::new(StoreErrorKind::Corrupt, text)
}

impl<S: KeyValue> KeyValue for Compressed<S> {
    forward!(inner: delete, add, delete_many, admit, admit_all, check);
    recode!(inner, form: get, put, take, compare_and_set, get_many, put_many, changed);
}

#[cfg(test)]
mod tests {
    use purlin_core::store::MemoryStore;

    use super::*;

    #[tokio::test]
    async fn a_bomb_is_refused_before_it_takes_memory() {
        let place = MemoryStore::new();
        let at = Key::new("c", "k");
        let bomb = [&[MARK, LZ4][..], &u32::MAX.to_be_bytes(), &[0; 64]].concat();
        place.put(at, bomb.into(), None).await.unwrap();
        let store = Compressed::new(place);
        let error = store.get(at).await.unwrap_err();
        assert_eq!(error.kind(), StoreErrorKind::Corrupt);
    }

    #[tokio::test]
    async fn values_that_look_compressed_come_back_as_they_were() {
        let store = Compressed::new(MemoryStore::new()).from_size(0);
        let at = Key::new("c", "k");
        for value in [
            &[][..],
            &[MARK],
            &[MARK, LZ4],
            &[MARK, PLAIN, 1],
            &[MARK, 9],
        ] {
            let value = Bytes::copy_from_slice(value);
            store.put(at, value.clone(), None).await.unwrap();
            assert_eq!(store.get(at).await.unwrap().unwrap().value, value);
        }
    }
}
