//! What the authorization server remembers, in any store, readable to nobody else.
//!
//! Every record is sealed with XChaCha20-Poly1305 under a key of its own purpose ([`Keys`]) and
//! bound to its collection and key, so that whoever can write to the store can neither read a
//! record, change it, nor put one in the place of another. Records are looked up by the SHA-256 of
//! the token, so that whoever can read the store learns no token.
//!
//! What does not open counts as absent. What the store cannot do is an error, and never an answer:
//! everything here fails closed.

mod digest;
mod keys;
mod limits;
mod records;
mod seal;
#[cfg(test)]
mod tests;

pub(crate) use digest::Digest;
pub(crate) use keys::Mac;
pub use keys::{InvalidKeys, Keys};
pub(crate) use limits::{Limit, Limits};
pub(crate) use records::{Found, Records, Storage};
