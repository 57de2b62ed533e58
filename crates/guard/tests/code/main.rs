//! Every rule of the executor, with real interpreters in real boxes.
#![cfg(target_os = "linux")]
#![allow(
    clippy::unwrap_used,
    clippy::field_reassign_with_default,
    reason = "these are tests, and `Limits` is non-exhaustive"
)]

mod boxes;
mod cancellation;
mod errors;
mod events;
mod files;
mod languages;
mod limits;
mod memory;
mod output;
mod queue;
mod runs;
mod unavailable;
