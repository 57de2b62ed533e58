//! The conformance suite over every store and wrapper, and over stacks of them.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]
#![allow(clippy::print_stderr, reason = "child processes report on it")]

#[cfg(feature = "disk")]
mod disk;
mod memory;
#[cfg(feature = "redis")]
mod redis;
#[cfg(feature = "redis")]
#[path = "../servers/redis.rs"]
mod redis_server;
