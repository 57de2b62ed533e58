//! What bad input and bad handlers do to a server that is a child process:
//! nothing, but to themselves.
#![cfg(unix)]
// Everything here is a test or serves one.
#![allow(clippy::unwrap_used, clippy::needless_pass_by_value)]

mod cancellation;
mod client;
mod envelope;
mod faults;
mod limits;
mod modern;
mod noise;
mod order;
mod results;
mod sessions;
mod shutdown;
mod subscriptions;
