//! An ordered set of named things with constant-time lookup.

use std::{
    collections::HashMap,
    hash::{BuildHasherDefault, Hasher},
    sync::Arc,
};

/// Things in the order they were added, found by name.
#[derive(Debug)]
pub(crate) struct Table<T> {
    order: Vec<Arc<T>>,
    by_name: HashMap<Box<str>, usize, BuildHasherDefault<NameHasher>>,
}

impl<T> Default for Table<T> {
    fn default() -> Self {
        Self {
            order: Vec::new(),
            by_name: HashMap::default(),
        }
    }
}

impl<T> Table<T> {
    /// Adds a thing; false when its name is taken.
    pub(crate) fn insert(&mut self, name: &str, thing: Arc<T>) -> bool {
        if self.by_name.contains_key(name) {
            return false;
        }
        self.by_name.insert(name.into(), self.order.len());
        self.order.push(thing);
        true
    }

    pub(crate) fn get(&self, name: &str) -> Option<&T> {
        self.by_name.get(name).map(|&index| &*self.order[index])
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = &Arc<T>> {
        self.order.iter()
    }

    pub(crate) fn len(&self) -> usize {
        self.order.len()
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.order.is_empty()
    }
}

/// A fast hash of short names.
///
/// Names are chosen by the server's author; a client only looks them up, so it
/// cannot make them collide.
#[derive(Default)]
pub(crate) struct NameHasher(u64);

impl Hasher for NameHasher {
    fn write(&mut self, bytes: &[u8]) {
        const SEED: u64 = 0x517c_c1b7_2722_0a95;
        let mut add = |word: u64| self.0 = (self.0.rotate_left(5) ^ word).wrapping_mul(SEED);
        let (words, rest) = bytes.as_chunks::<8>();
        for word in words {
            add(u64::from_le_bytes(*word));
        }
        for byte in rest {
            add(u64::from(*byte));
        }
    }

    fn finish(&self) -> u64 {
        // The map takes its buckets from the low bits, the product is best in the high ones.
        self.0 ^ (self.0 >> 32)
    }
}
