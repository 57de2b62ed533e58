//! Servers that are ready to be mounted.
//!
//! For whom a call is done, they know from the caller's verified claims
//! ([`Principal::tenant`](purlin_core::Principal::tenant)): tenants share neither limits nor files.
//! Refusals are told to the model with what it can do instead, and with nothing of this machine.

#[cfg(feature = "fetch")]
mod caller;
#[cfg(feature = "fetch")]
mod fetch;

#[cfg(feature = "fetch")]
#[cfg_attr(docsrs, doc(cfg(feature = "fetch")))]
pub use fetch::{Fetch, Page};
