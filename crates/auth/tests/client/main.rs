//! The OAuth client against a town with an MCP server and an authorization server.

mod login;
mod refresh;
mod refusals;
mod secrets;
mod town;
