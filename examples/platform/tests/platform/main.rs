//! Each team's tests of its own server, and those of the whole.

mod connect;
mod documents;
mod inventory;
mod operations;
mod platform;
mod weather;
