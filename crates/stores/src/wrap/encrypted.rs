//! A store that can neither read nor change what it keeps.

use std::time::Duration;

use bytes::Bytes;
use purlin_core::{
    BoxFuture, KeyRing,
    store::{Admission, Gcra, Key, KeyValue, StoreResult, Stored},
};

use super::{
    forward::forward,
    recoded::{self, Form, recode},
};

/// Seals values with XChaCha20-Poly1305, each for its own key.
///
/// A value is bound to its collection and key, so that nobody who can write to the place can put
/// one in the place of another. Whatever does not open (another key, a changed byte, a value moved
/// from elsewhere) counts as absent and is written over. The first key of the ring seals and all of
/// them open, so a new key goes in front and the old one stays until what it sealed has expired.
///
/// Names of collections, keys, sizes and times to live stay readable: hash a key that is a secret.
/// So do the cells of limiters ([`admit`](KeyValue::admit)), which hold a time and nothing else.
///
/// ```
/// use std::sync::Arc;
/// use purlin_core::{KeyRing, store::{Key, KeyValue, MemoryStore, StoreError}};
/// use purlin_stores::Encrypted;
///
/// # #[tokio::main(flavor = "current_thread")] async fn main() -> Result<(), StoreError> {
/// let place = Arc::new(MemoryStore::new());
/// let (new, old) = ([2; 32], [1; 32]);
/// let before = Encrypted::new(place.clone(), KeyRing::new([old]));
/// let at = Key::new("tokens", "alice");
/// before.put(at, "s3cret".into(), None).await?;
///
/// let after = Encrypted::new(place.clone(), KeyRing::new([new, old]));
/// assert_eq!(after.get(at).await?.unwrap().value, "s3cret");
/// let stranger = Encrypted::new(place, KeyRing::new([[3; 32]]));
/// assert_eq!(stranger.get(at).await?, None);
/// # Ok(()) }
/// ```
#[derive(Debug, Clone)]
pub struct Encrypted<S> {
    inner: S,
    form: Sealed,
}

#[derive(Debug, Clone)]
struct Sealed(KeyRing);

impl<S: KeyValue> Encrypted<S> {
    /// The store, for values that only this ring opens.
    pub fn new(inner: S, ring: KeyRing) -> Self {
        Self {
            inner,
            form: Sealed(ring),
        }
    }
}

impl Form for Sealed {
    fn wrap(&self, at: Key<'_>, value: &Bytes) -> StoreResult<Bytes> {
        Ok(self.0.seal_value(value, &binding(at)).into())
    }

    fn unwrap(&self, at: Key<'_>, form: Bytes) -> StoreResult<Option<Bytes>> {
        Ok(self.0.open_value(&form, &binding(at)).map(Bytes::from))
    }
}

/// The length of the collection keeps its end apart from the start of the key.
fn binding(at: Key<'_>) -> Vec<u8> {
    let length = (at.collection.len() as u64).to_be_bytes();
    [&length[..], at.collection.as_bytes(), at.key.as_bytes()].concat()
}

impl<S: KeyValue> KeyValue for Encrypted<S> {
    forward!(inner: admit, admit_all, check);
    recode!(inner, form: get, put, take, compare_and_set, add, get_many, put_many, changed);

    fn delete<'a>(&'a self, at: Key<'a>) -> BoxFuture<'a, StoreResult<bool>> {
        // What does not open was not there.
        Box::pin(async move {
            let taken = recoded::take(&self.inner, &self.form, at).await?;
            Ok(taken.is_some())
        })
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use purlin_core::store::MemoryStore;

    use super::*;

    #[tokio::test]
    async fn a_moved_or_changed_value_is_absent_and_can_be_written_over() {
        let place = Arc::new(MemoryStore::new());
        let store = Encrypted::new(Arc::clone(&place), KeyRing::default());
        let (mine, yours) = (Key::new("c", "mine"), Key::new("c", "yours"));
        store.put(yours, "admin".into(), None).await.unwrap();
        let sealed = place.get(yours).await.unwrap().unwrap().value;
        assert!(!sealed.windows(5).any(|window| window == b"admin"));

        place.put(mine, sealed.clone(), None).await.unwrap();
        assert_eq!(store.get(mine).await.unwrap(), None);
        assert!(!store.delete(mine).await.unwrap());
        for byte in 0..sealed.len() {
            let mut changed = sealed.to_vec();
            changed[byte] ^= 1;
            place.put(yours, changed.into(), None).await.unwrap();
            assert_eq!(store.get(yours).await.unwrap(), None, "byte {byte}");
        }
        let new = Some(Bytes::from("guest"));
        let written = store.compare_and_set(yours, None, new, None).await;
        assert!(written.unwrap());
        assert_eq!(store.take(yours).await.unwrap().unwrap(), "guest");
    }
}
