//! Where tokens and registrations are kept.
//!
//! Everything is kept under the issuer it came from, tokens besides under the resource and the
//! client they were issued for: whatever an MCP server says later, nothing of one issuer is ever
//! shown to another.

mod file;
mod key;
#[cfg(feature = "keyring")]
mod keyring;
mod memory;
mod records;

use std::fmt;

use purlin_client::BoxFuture;

pub use file::FileStore;
pub use key::SealingKey;
#[cfg(feature = "keyring")]
pub use keyring::KeyringStore;
pub use memory::MemoryStore;

pub(super) use records::{Key, Records, Visited};

use super::{Result, Secret};

/// Keeps secrets under names.
///
/// Names are texts without secrets, of any length. Several clients may use one store at a time.
pub trait TokenStore: fmt::Debug + Send + Sync + 'static {
    /// What is kept under a name.
    ///
    /// # Errors
    /// When the store cannot be read.
    fn load<'a>(&'a self, name: &'a str) -> BoxFuture<'a, Result<Option<Secret>>>;

    /// Keeps a secret, instead of what was kept under this name.
    ///
    /// # Errors
    /// When the store cannot be written.
    fn save<'a>(&'a self, name: &'a str, secret: &'a Secret) -> BoxFuture<'a, Result<()>>;

    /// Forgets what is kept under a name, if anything is.
    ///
    /// # Errors
    /// When the store cannot be written.
    fn remove<'a>(&'a self, name: &'a str) -> BoxFuture<'a, Result<()>>;
}
