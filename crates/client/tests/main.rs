//! The client against peers written by hand: what it says, in which order, and what it makes of
//! the answers.

// The lint exempts test functions, but not what they share.
#![allow(clippy::unwrap_used)]

mod authorization;
mod caching;
mod calls;
mod changes;
mod connecting;
mod groups;
mod http_old_stream;
mod http_sessions;
mod http_stateless;
mod peer;
mod process;
mod proxy;
mod questions;
mod reach;
#[cfg(feature = "skills")]
mod skills;
#[cfg(unix)]
mod sockets;
