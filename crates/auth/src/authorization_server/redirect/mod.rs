//! Where users may be sent with a code.
//!
//! A redirect URI is judged twice and never repaired. [`check`] says at registration whether it may
//! be one at all (RFC 8252, sections 7 and 8; RFC 9700, section 4.1); [`matches()`] says on each
//! request whether it is a registered one, byte for byte, but for the port of a loopback address
//! (RFC 8252, section 7.3). An operator may narrow further with [`RedirectPattern`], which compares
//! parsed parts and never texts.

mod check;
mod host;
mod matching;
mod parts;
mod pattern;
#[cfg(test)]
mod tests;

pub use check::{ApplicationType, InvalidRedirectUri, check};
pub(crate) use host::is_loopback;
pub use matching::matches;
pub(crate) use parts::Parts;
pub use pattern::{InvalidPattern, RedirectPattern};
