//! What servers do, message by message: rules of the protocol that no single
//! part of the library can keep alone, and that the official conformance suite
//! does not see.
//!
//! A test speaks JSON-RPC to a server in memory through [`wire::Wire`], so that
//! nothing a client library forgives is forgiven here. What the features do for
//! those who use them is in [`features`], which speaks through the client.

// The lint knows tests by their attribute, not what tests call.
#![allow(clippy::unwrap_used)]

mod cancellation;
mod errors;
mod features;
mod introductions;
mod lists;
mod revisions;
mod rounds;
mod statelessness;
mod stdio;
mod subscriptions;
mod wire;
