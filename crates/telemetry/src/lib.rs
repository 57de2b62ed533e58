//! What surrounds a server in operation: where its settings come from, and how
//! one sees what it does. Each part is a feature, and what is off costs nothing.
//!
//! - [`config`]: settings of a type of one's own, out of layers (defaults,
//!   environment, files, command line), every mistake reported at once with where
//!   it was written.
#![cfg_attr(docsrs, feature(doc_cfg))]

pub mod config;

/// What the expansions of the macros call. Not part of the public interface.
#[doc(hidden)]
pub mod __private {
    pub use crate::config::private as config;
}
