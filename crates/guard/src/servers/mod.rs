//! Servers that are ready to be mounted.

#[cfg(feature = "fetch")]
mod fetch;

#[cfg(feature = "fetch")]
#[cfg_attr(docsrs, doc(cfg(feature = "fetch")))]
pub use fetch::{Fetch, Page};
