//! Stored values: one that was changed or moved is absent, and never another one.
//!
//! The first byte of the input chooses what the rest is: changes of a sealed value, what lies in a
//! store that compresses, or a value to keep.

use std::sync::Arc;

use bytes::Bytes;
use futures_util::FutureExt as _;
use purlin_core::KeyRing;
use purlin_core::store::{Key, KeyValue, MemoryStore, StoreErrorKind, StoreResult};
use purlin_stores::{Compressed, Encrypted};

const MINE: Key<'static> = Key::new("c", "mine");
const YOURS: Key<'static> = Key::new("c", "yours");
const VALUE: &[u8] = b"what was kept";
const LARGEST: usize = 64 << 10;

/// Reads back what was kept, and what was not.
pub fn check(input: &[u8]) {
    let Some((choice, rest)) = input.split_first() else {
        return;
    };
    match choice % 3 {
        0 => changed_is_absent(rest),
        1 => garbage_is_no_value(rest),
        _ => kept_is_kept(rest),
    }
}

/// The store in memory waits for nothing.
fn now<T>(future: impl Future<Output = StoreResult<T>>) -> StoreResult<T> {
    future.now_or_never().unwrap()
}

fn get(store: &impl KeyValue, at: Key<'_>) -> StoreResult<Option<Bytes>> {
    now(store.get(at)).map(|found| found.map(|it| it.value))
}

fn changed_is_absent(changes: &[u8]) {
    let place = Arc::new(MemoryStore::new());
    let store = Encrypted::new(Arc::clone(&place), KeyRing::new([[7; 32]]));
    now(store.put(MINE, Bytes::from_static(VALUE), None)).unwrap();
    let sealed = get(&place, MINE).unwrap().unwrap();
    now(place.put(YOURS, sealed.clone(), None)).unwrap();
    assert_eq!(get(&store, YOURS).unwrap(), None, "it was moved");

    let mut changed = sealed.to_vec();
    for change in changes.chunks_exact(2) {
        let at = usize::from(change[0]) % changed.len();
        changed[at] ^= change[1];
    }
    // And cut or longer, by what is left.
    if let [by] = changes.chunks_exact(2).remainder() {
        changed.resize(usize::from(*by), 0);
    }
    let expected = (changed == sealed).then(|| Bytes::from_static(VALUE));
    now(place.put(MINE, changed.into(), None)).unwrap();
    assert_eq!(get(&store, MINE).unwrap(), expected);
}

fn garbage_is_no_value(stored: &[u8]) {
    let place = Arc::new(MemoryStore::new());
    let store = Compressed::new(Arc::clone(&place)).at_most(LARGEST);
    now(place.put(MINE, Bytes::copy_from_slice(stored), None)).unwrap();
    match get(&store, MINE) {
        Ok(found) => assert!(found.unwrap().len() <= LARGEST.max(stored.len())),
        Err(error) => assert!(
            matches!(
                error.kind(),
                StoreErrorKind::Corrupt | StoreErrorKind::TooLarge
            ),
            "{error}"
        ),
    }
}

fn kept_is_kept(value: &[u8]) {
    let sealed = Encrypted::new(MemoryStore::new(), KeyRing::new([[7; 32]]));
    let store = Compressed::new(sealed).from_size(8).at_most(LARGEST);
    let value = Bytes::copy_from_slice(value);
    if now(store.put(MINE, value.clone(), None)).is_ok() {
        assert_eq!(get(&store, MINE).unwrap(), Some(value));
    }
}
