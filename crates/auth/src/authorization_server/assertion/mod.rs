//! Signed statements of others: who a client is, and who a user is.
//!
//! Both are JWTs that a party signs for us alone, for a moment and for one use. Their keys are
//! looked up where that party publishes them and never in the statement itself; a statement is
//! remembered in the store until it ends, so that no replica takes it a second time.
//!
//! - [`ClientAssertions`]: a client proves itself by a key (`private_key_jwt`; RFC 7523, section
//!   2.2).
//! - [`IdentityAssertions`]: an identity provider vouches for a user and lets its client in, without
//!   a browser (draft-ietf-oauth-identity-assertion-authz-grant; RFC 7523, section 2.1).

mod client;
mod identity;
mod once;
mod signers;
#[cfg(test)]
mod tests;

pub(crate) use client::ClientAssertions;
pub(crate) use identity::IdentityAssertions;
pub use identity::TrustedIssuer;
