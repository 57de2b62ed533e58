//! Each team's tests of its own server, and those of the whole.
#![allow(clippy::unwrap_used, reason = "a test stops at the first surprise")]

mod configuration;
mod connect;
mod documents;
mod hands;
mod inventory;
#[cfg(all(feature = "postgres", feature = "redis"))]
mod nginx;
mod operations;
mod platform;
#[cfg(feature = "postgres")]
mod postgres;
#[cfg(all(feature = "postgres", feature = "redis"))]
#[path = "../../../../crates/stores/tests/servers/redis.rs"]
#[allow(dead_code, reason = "other suites use more of it")]
mod redis;
#[cfg(all(feature = "postgres", feature = "redis"))]
mod replicas;
#[cfg(feature = "disk")]
mod state;
mod warnings;
mod weather;
