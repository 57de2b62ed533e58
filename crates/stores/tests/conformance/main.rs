//! The conformance suite over every store and wrapper, and over stacks of them.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]
#![allow(clippy::print_stderr, reason = "child processes report on it")]

#[cfg(feature = "disk")]
mod disk;
#[cfg(feature = "dynamodb")]
mod dynamodb;
#[cfg(feature = "dynamodb")]
#[path = "../servers/http_proxy.rs"]
mod http_proxy;
mod memory;
#[cfg(feature = "dynamodb")]
#[path = "../servers/moto.rs"]
mod moto;
#[cfg(feature = "redis")]
mod redis;
#[cfg(feature = "redis")]
#[path = "../servers/redis.rs"]
mod redis_server;
