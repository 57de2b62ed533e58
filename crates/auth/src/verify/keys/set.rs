//! Several keys of one issuer.

use std::collections::BTreeMap;

use serde_json::Value;

use super::{Key, KeyError};
use crate::verify::json;
use crate::verify::jwt::Algorithm;

/// The most keys a set may have.
const MOST: usize = 100;

/// The keys of one issuer that are of use.
#[derive(Clone, Debug, Default)]
pub(crate) struct KeySet {
    keys: Vec<Key>,
    /// Whether keys without a name serve tokens whatever key they name: for a key that was given
    /// alone, by somebody who knows whose it is.
    nameless_serves_all: bool,
}

/// What was found.
#[derive(Debug)]
pub(crate) enum Lookup<'a> {
    Found(&'a Key),
    /// There is no such key: there may be in a newer set.
    Unknown,
    /// It cannot be said which one is meant, or the one that is meant is not for this.
    Refused(&'static str),
}

impl KeySet {
    pub(crate) fn one(key: Key) -> Self {
        Self {
            keys: vec![key],
            nameless_serves_all: true,
        }
    }

    /// Reads a set (RFC 7517, section 5). Keys that are of no use are passed over, and so are
    /// all keys that share a name.
    pub(crate) fn parse(text: &[u8]) -> Result<Self, KeyError> {
        let set = json::object(text).ok_or(KeyError::new("that is no JSON object"))?;
        let Some(Value::Array(listed)) = set.get("keys") else {
            return Err(KeyError::new("there is no list `keys`"));
        };
        if listed.len() > MOST {
            return Err(KeyError::new("more than 100 keys"));
        }
        let mut names = BTreeMap::new();
        for jwk in listed {
            if let Some(name) = jwk.get("kid").and_then(Value::as_str) {
                *names.entry(name).or_insert(0) += 1;
            }
        }
        let unique = |key: &Key| key.id.as_deref().is_none_or(|id| names.get(id) == Some(&1));
        let objects = listed.iter().filter_map(Value::as_object);
        let keys = objects.filter_map(Key::from_jwk).filter(unique).collect();
        Ok(Self {
            keys,
            nameless_serves_all: false,
        })
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.keys.is_empty()
    }

    /// The key for a token that names it so, or names none.
    pub(crate) fn find(&self, id: Option<&str>, algorithm: Algorithm) -> Lookup<'_> {
        let found = match id {
            Some(id) => self.named(id),
            None => match &*self.keys {
                [key] => Some(key),
                [] => None,
                _ => return Lookup::Refused("no `kid`, and more than one key"),
            },
        };
        match found {
            Some(key) if key.fits(algorithm) => Lookup::Found(key),
            Some(_) => Lookup::Refused("the key is not for that algorithm"),
            None => Lookup::Unknown,
        }
    }

    /// Whether a token may name a key so.
    pub(crate) fn knows(&self, id: Option<&str>) -> bool {
        id.map_or(!self.is_empty(), |id| self.named(id).is_some())
    }

    fn named(&self, id: &str) -> Option<&Key> {
        let mut keys = self.keys.iter();
        match &*self.keys {
            [key] if self.nameless_serves_all && key.id.is_none() => Some(key),
            _ => keys.find(|key| key.id.as_deref() == Some(id)),
        }
    }
}
