//! Third stage: calls into `__private`, nothing else.
//!
//! Every function here is total: what could go wrong was refused by `check`.
//! An expansion holds no logic of its own, leans on none of the user's imports,
//! and leaves the user's item as it was.

pub(crate) mod blocks;
pub(crate) mod component;
pub(crate) mod config;
pub(crate) mod data;
pub(crate) mod error;
pub(crate) mod fallback;
pub(crate) mod func;
pub(crate) mod lint;
pub(crate) mod lone;
pub(crate) mod middleware;
pub(crate) mod names;
pub(crate) mod operations;
pub(crate) mod param;
pub(crate) mod policy;
pub(crate) mod runtime;
pub(crate) mod server;
pub(crate) mod spec;
pub(crate) mod target;

use proc_macro2::Span;

/// `span`, with names resolved as if they were written by the macro: the error
/// is shown at the user's token, and locals of the expansion are found even
/// when that token comes out of a `macro_rules!`.
fn located(span: Span) -> Span {
    span.resolved_at(Span::call_site())
}
