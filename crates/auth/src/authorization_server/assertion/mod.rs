//! Signed statements of others: who a client is, and who a user is.

mod client;

pub(crate) use client::ClientAssertions;
