//! Tokens that end with the process.

use std::collections::HashMap;
use std::future::ready;
use std::sync::{Mutex, MutexGuard, PoisonError};

use purlin_client::BoxFuture;

use super::TokenStore;
use crate::client::{Result, Secret};

/// Keeps secrets in memory. The default.
#[derive(Debug, Default)]
pub struct MemoryStore(Mutex<HashMap<String, Secret>>);

impl MemoryStore {
    fn secrets(&self) -> MutexGuard<'_, HashMap<String, Secret>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl TokenStore for MemoryStore {
    fn load<'a>(&'a self, name: &'a str) -> BoxFuture<'a, Result<Option<Secret>>> {
        Box::pin(ready(Ok(self.secrets().get(name).cloned())))
    }

    fn save<'a>(&'a self, name: &'a str, secret: &'a Secret) -> BoxFuture<'a, Result<()>> {
        self.secrets().insert(name.to_owned(), secret.clone());
        Box::pin(ready(Ok(())))
    }

    fn remove<'a>(&'a self, name: &'a str) -> BoxFuture<'a, Result<()>> {
        self.secrets().remove(name);
        Box::pin(ready(Ok(())))
    }
}
