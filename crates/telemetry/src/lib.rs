//! What surrounds a server in operation: where its settings come from, and how
//! one sees what it does. Each part is a feature, and what is off costs nothing.
//!
//! - [`config`]: settings of a type of one's own, out of layers (defaults,
//!   environment, files, command line), every mistake reported at once with where
//!   it was written.
//! - `log`: a log for people or for machines, whose level changes while it runs.
//! - `otel`: traces and metrics for OpenTelemetry.
//! - `prometheus`: metrics for Prometheus.
//!
//! `Telemetry` starts the log and what is sent, and ends them.
#![cfg_attr(docsrs, feature(doc_cfg))]

pub mod config;
#[cfg(any(feature = "otel", feature = "prometheus"))]
mod durations;
mod level;
#[cfg(feature = "log")]
#[cfg_attr(docsrs, doc(cfg(feature = "log")))]
pub mod log;
#[cfg(any(feature = "otel", feature = "prometheus"))]
mod method;
#[cfg(feature = "otel")]
#[cfg_attr(docsrs, doc(cfg(feature = "otel")))]
pub mod otel;
#[cfg(feature = "prometheus")]
#[cfg_attr(docsrs, doc(cfg(feature = "prometheus")))]
pub mod prometheus;
#[cfg(feature = "log")]
mod telemetry;

#[cfg(feature = "log")]
#[cfg_attr(docsrs, doc(cfg(feature = "log")))]
pub use telemetry::{Telemetry, Telling};

/// What the expansions of the macros call. Not part of the public interface.
#[doc(hidden)]
pub mod __private {
    pub use crate::config::private as config;
}
