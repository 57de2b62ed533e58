//! The name of a value.

use std::fmt;

use super::{MANY, StoreError, StoreErrorKind, StoreResult};

/// Where a value lies: a collection, and a key in it.
///
/// Both are any text, the empty one and control characters included. A store quotes or
/// length-prefixes them, so that no separator can be injected: `("a", "b:c")` and `("a:b", "c")`
/// are two places everywhere.
///
/// ```
/// use purlin_core::store::Key;
///
/// let at = Key::new("sessions", "5f2b");
/// assert_eq!(at.collection, "sessions");
/// // A key may be a secret, such as a session id, so it is not printed.
/// assert_eq!(format!("{at:?}"), r#"Key { collection: "sessions", key: [4 bytes] }"#);
/// ```
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct Key<'a> {
    /// What kind of thing it is; a name that the program chose. Longest: [`Key::MAX_COLLECTION`].
    pub collection: &'a str,
    /// Which one of them. Longest: [`Key::MAX_KEY`].
    pub key: &'a str,
}

impl<'a> Key<'a> {
    /// The longest name of a collection, in bytes.
    pub const MAX_COLLECTION: usize = 512;
    /// The longest key, in bytes.
    pub const MAX_KEY: usize = 1_024;

    /// The key `key` of `collection`.
    pub const fn new(collection: &'a str, key: &'a str) -> Self {
        Self { collection, key }
    }

    /// Every store asks this first, so that all of them have the same limits.
    ///
    /// # Errors
    /// [`StoreErrorKind::TooLarge`] when a part is longer than it may be.
    pub fn check(self) -> StoreResult<()> {
        if self.collection.len() > Self::MAX_COLLECTION {
            let text = "the name of a collection is longer than 512 bytes";
            return Err(StoreError::new(StoreErrorKind::TooLarge, text));
        }
        if self.key.len() > Self::MAX_KEY {
            let text = "a key is longer than 1,024 bytes: use its hash";
            return Err(StoreError::new(StoreErrorKind::TooLarge, text));
        }
        Ok(())
    }

    /// Every store asks this at the start of its `_many` operations.
    ///
    /// # Errors
    /// [`StoreErrorKind::TooLarge`] for more than [`MANY`] keys.
    pub fn check_many(count: usize) -> StoreResult<()> {
        if count > MANY {
            let text = "more than 1,000 keys in one call: split them";
            return Err(StoreError::new(StoreErrorKind::TooLarge, text));
        }
        Ok(())
    }
}

impl fmt::Debug for Key<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Key")
            .field("collection", &self.collection)
            .field("key", &format_args!("[{} bytes]", self.key.len()))
            .finish()
    }
}
