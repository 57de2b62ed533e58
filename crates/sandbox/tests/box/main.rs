//! Payloads in boxes, on this machine.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod bench;

mod first;
