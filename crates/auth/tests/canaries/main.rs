//! Secrets that go in and must not come out: not in what is logged at the finest level with spans
//! and all, not in events, answers to others, texts of errors, metrics, `Debug`, or panics.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod debug;
mod flows;
mod log;
#[path = "../authorization_server/scene/mod.rs"]
#[allow(dead_code, reason = "other suites use the rest")]
mod scene;
