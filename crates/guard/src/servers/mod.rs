//! Servers that are ready to be mounted.

mod fetch;

pub use fetch::{Fetch, Page};
