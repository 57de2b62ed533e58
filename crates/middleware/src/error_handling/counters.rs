//! Failures by kind and method.

use std::{
    collections::BTreeMap,
    sync::{Mutex, PoisonError},
};

use purlin_core::ErrorKind;

/// How many keys there may be: clients can make up methods.
const MAX_KEYS: usize = 256;
/// How long a method may be, in characters.
const MAX_METHOD: usize = 64;

#[derive(Debug, Default)]
pub(super) struct Counters(Mutex<BTreeMap<String, u64>>);

impl Counters {
    pub(super) fn count(&self, kind: ErrorKind, method: &str) {
        let method = crate::line::cut(method, MAX_METHOD).0;
        let key = format!("{kind:?}:{method}");
        let mut counts = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let key = match counts.len() < MAX_KEYS - 1 || counts.contains_key(&key) {
            true => key,
            false => "(others)".to_owned(),
        };
        *counts.entry(key).or_default() += 1;
    }

    pub(super) fn read(&self) -> BTreeMap<String, u64> {
        self.0
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
    }
}
