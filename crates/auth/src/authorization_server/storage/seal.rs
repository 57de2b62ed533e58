//! How a record is written.

use bytes::Bytes;
use purlin_core::{
    KeyRing,
    store::{Key, StoreError, StoreErrorKind, StoreResult},
};
use serde::{Serialize, de::DeserializeOwned};
use zeroize::Zeroizing;

/// Seals a value for one place.
pub(super) fn seal<T: Serialize>(ring: &KeyRing, at: Key<'_>, value: &T) -> StoreResult<Bytes> {
    let plain = serde_json::to_vec(value).map_err(|_| {
        let text = "a record of the authorization server cannot be written as JSON";
        StoreError::new(StoreErrorKind::Invalid, text)
    })?;
    let plain = Zeroizing::new(plain);
    Ok(ring.seal_value(&plain, &binding(at)).into())
}

/// Opens a value; `None` for one that was sealed by others, for another place, or as something
/// else.
pub(super) fn open<T: DeserializeOwned>(ring: &KeyRing, at: Key<'_>, sealed: &[u8]) -> Option<T> {
    let plain = Zeroizing::new(ring.open_value(sealed, &binding(at))?);
    serde_json::from_slice(&plain).ok()
}

/// The length of the collection keeps its end apart from the start of the key.
fn binding(at: Key<'_>) -> Vec<u8> {
    let length = (at.collection.len() as u64).to_be_bytes();
    [&length[..], at.collection.as_bytes(), at.key.as_bytes()].concat()
}
