//! The stock shelf of middleware.
//!
//! One directory holds one middleware, and all have the same shape: `mod.rs`
//! has the type and what can be set, `hooks.rs` what happens around a request,
//! `tests.rs` what is promised. An algorithm of its own has a file of its own.
//!
//! A request passes what was added first, first. Each middleware asks for the
//! fewest [`Hooks`](purlin_core::middleware::Hooks) it can do its work with, so
//! that it costs nothing where it has none. What it counts is in atomics, read
//! by `statistics()`. What it remembers is bounded, and the bound is documented
//! at the method that sets it.
//!
//! Two pieces are not middleware: [`Redactor`] takes secrets out of whatever is
//! written down, and `line` (private) writes one line of a log, in which no
//! text of a client can start a new one.
//!
//! ```
//! use purlin_core::Server;
//! use purlin_middleware::Logging;
//!
//! let server = Server::builder("orders", "1.0.0").middleware(Logging::json());
//! ```
#![cfg_attr(docsrs, feature(doc_cfg))]

pub mod audit;
pub mod authorize;
pub mod cache;
pub mod circuit_breaker;
pub mod concurrency;
pub mod dereference;
pub mod detailed_timing;
pub mod error_handling;
mod line;
pub mod logging;
mod outcome;
pub mod ping;
pub mod rate_limit;
pub mod redaction;
pub mod response_limit;
pub mod retry;
pub mod sliding_window;
pub mod stack;
pub mod tenants;
pub mod timeout;
pub mod timing;
pub mod tool_injection;
pub mod usage;

#[cfg(test)]
mod fixture;

pub use audit::Audit;
pub use authorize::Authorize;
pub use cache::{Cache, CacheHandle};
pub use circuit_breaker::CircuitBreaker;
pub use concurrency::Concurrency;
pub use dereference::Dereference;
pub use detailed_timing::DetailedTiming;
pub use error_handling::ErrorHandling;
pub use logging::Logging;
pub use ping::Ping;
pub use rate_limit::RateLimit;
pub use redaction::{Redaction, Redactor};
pub use response_limit::ResponseLimit;
pub use retry::Retry;
pub use sliding_window::SlidingWindow;
pub use stack::Stack;
pub use tenants::Tenants;
pub use timeout::Timeout;
pub use timing::Timing;
pub use tool_injection::ToolInjection;
pub use usage::Usage;
