//! What a program that is served with [`serve()`](purlin::Serve::serve) tells: to
//! a collector, in its log, on its page, in its answers.

#![allow(clippy::unwrap_used)]

#[path = "../../../crates/telemetry/tests/otel/collector.rs"]
#[allow(dead_code, reason = "metrics are looked at as text")]
mod collector;
mod ending;
mod export;
mod program;
mod providers;
mod secrets;
