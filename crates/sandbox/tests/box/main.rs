//! Payloads in boxes, on this machine.
#![cfg(target_os = "linux")]
#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod bench;

mod ends;
mod files;
mod first;
mod probes;
mod unprivileged;
mod walls;
