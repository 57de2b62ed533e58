//! Payloads in boxes, on this machine.
#![cfg(all(
    target_os = "linux",
    any(target_arch = "x86_64", target_arch = "aarch64")
))]
#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod bench;

mod ends;
mod files;
mod first;
mod groups;
mod probes;
mod unprivileged;
mod walls;
