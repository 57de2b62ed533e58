//! What was asked of these hands, and what became of it: for audit, metrics and alarms.
//!
//! Each fetch, each operation on a file and each run of a program is one [`GuardEvent`], told to
//! every [`GuardEvents`] that a builder was given by `.events(…)`, and as an event of `tracing`
//! under the target `purlin::guard`. It is told when the operation has ended, and also when nobody
//! waited for the end.
//!
//! What an event refuses to hold: paths and queries of URLs, what was read or written, programs
//! and what they printed, paths outside of a root. `purlin::middleware::audit::GuardLog` writes
//! events into the chained log of the shelf of middleware; with the feature `mcp`, `GuardMetrics`
//! counts them.

mod event;
mod in_flight;
#[cfg(feature = "mcp")]
mod metrics;
mod recorder;

pub use event::{GuardEvent, Operation, Outcome};
#[cfg(any(feature = "fetch", feature = "code"))]
pub(crate) use in_flight::InFlight;
pub(crate) use in_flight::Observers;
#[cfg(feature = "mcp")]
#[cfg_attr(docsrs, doc(cfg(feature = "mcp")))]
pub use metrics::GuardMetrics;
pub use recorder::GuardEvents;
