//! Three processes of one server behind a proxy that sends each request to the
//! next of them, with a real Redis between them.

#![allow(clippy::unwrap_used)]

mod calls;
mod cluster;
mod death;
mod limits;
mod official;
mod proxy;
#[path = "../../../crates/stores/tests/servers/redis.rs"]
#[allow(dead_code)]
mod redis;
