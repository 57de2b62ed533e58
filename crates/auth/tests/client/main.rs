//! The OAuth client against a town with an MCP server and an authorization server.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod login;
mod refresh;
mod refusals;
mod secrets;
mod town;
