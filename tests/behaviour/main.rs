//! What servers do, message by message: rules of the protocol that no single
//! part of the library can keep alone, and that the official conformance suite
//! does not see.
//!
//! A test speaks JSON-RPC to a server in memory through [`wire::Wire`], so that
//! nothing a client library forgives is forgiven here.

// The lint knows tests by their attribute, not what tests call.
#![allow(clippy::unwrap_used)]

mod cancellation;
mod errors;
mod lists;
mod revisions;
mod rounds;
mod statelessness;
mod subscriptions;
mod wire;
