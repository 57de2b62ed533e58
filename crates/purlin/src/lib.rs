//! The MCP server platform for Rust: annotate plain functions, compose servers,
//! ship to production.
//!
//! ```
//! use purlin::prelude::*;
//!
//! /// Arithmetic for models that would rather not.
//! #[mcp_server]
//! mod arithmetic {
//!     /// Adds two numbers.
//!     #[mcp_tool]
//!     pub fn add(a: i64, b: i64) -> i64 {
//!         a + b
//!     }
//! }
//!
//! # async fn serve() -> purlin::Result<()> {
//! arithmetic::Server.into_server().serve().await
//! # }
//! ```
//!
//! Everything is re-exported here: what servers are written with ([`prelude`]),
//! what they are served with ([`Serve`]), and by feature HTTP ([`http`]), the
//! client (`client`, with `oauth` for servers that want it), a shelf of middleware
//! (`middleware`) and tests (`testing`).
#![cfg_attr(docsrs, feature(doc_cfg))]

#[cfg(doctest)]
mod attribute_examples;
#[cfg(doctest)]
mod lint_pages;
/// The examples of the README.
#[cfg(all(doctest, feature = "testing"))]
#[doc = include_str!("../../../README.md")]
mod readme {}
#[cfg(all(feature = "auth", feature = "middleware"))]
mod auth_log;
#[cfg(all(feature = "guard", feature = "middleware"))]
mod guard_log;
mod main_fn;
#[cfg(feature = "middleware")]
pub mod middleware;
pub mod prelude;
#[cfg(all(doctest, feature = "authorization-server"))]
mod provider_pages;
mod serving;

pub use purlin_core::*;
pub use purlin_macros::{
    Operations, ToolArg, ToolError, ToolOutput, main, mcp_completion, mcp_prompt, mcp_resource,
    mcp_server, mcp_tool, middleware, policy, test,
};
pub use serving::{Serve, Serving, Transport};

#[cfg(any(feature = "auth", feature = "oauth"))]
#[cfg_attr(docsrs, doc(cfg(any(feature = "auth", feature = "oauth"))))]
pub use purlin_auth as auth;
#[cfg(feature = "client")]
#[cfg_attr(docsrs, doc(cfg(feature = "client")))]
pub use purlin_client as client;
#[cfg(feature = "client")]
#[cfg_attr(docsrs, doc(cfg(feature = "client")))]
pub use purlin_client::proxy;
#[cfg(feature = "guard")]
#[cfg_attr(docsrs, doc(cfg(feature = "guard")))]
pub use purlin_guard as guard;
#[cfg(feature = "http")]
#[cfg_attr(docsrs, doc(cfg(feature = "http")))]
pub use purlin_http as http;
#[cfg(feature = "stores")]
#[cfg_attr(docsrs, doc(cfg(feature = "stores")))]
pub use purlin_stores as stores;
#[cfg(any(feature = "log", feature = "otel", feature = "prometheus"))]
#[cfg_attr(
    docsrs,
    doc(cfg(any(feature = "log", feature = "otel", feature = "prometheus")))
)]
pub use purlin_telemetry as telemetry;
#[cfg(feature = "config")]
#[cfg_attr(docsrs, doc(cfg(feature = "config")))]
pub use purlin_telemetry::config::{self, Config};
#[cfg(feature = "testing")]
#[cfg_attr(docsrs, doc(cfg(feature = "testing")))]
pub use purlin_testing as testing;

/// What the expansions of the macros call. Not part of the public interface.
#[doc(hidden)]
pub mod __private {
    pub use purlin_core::private::*;
    pub use purlin_telemetry::__private::config;
    #[cfg(feature = "testing")]
    pub use purlin_testing::run_test;

    pub use crate::main_fn::main;
}
