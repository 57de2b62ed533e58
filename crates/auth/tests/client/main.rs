//! The OAuth client against a town with an MCP server and an authorization server.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod assertions;
mod browser;
mod discovery;
#[cfg(feature = "tls")]
mod https;
mod identity;
mod login;
mod machines;
mod proofs;
mod reach;
mod refresh;
mod refusals;
mod secrets;
mod statement;
mod steps;
mod stores;
mod town;
