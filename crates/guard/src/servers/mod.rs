//! Servers that are ready to be mounted.
//!
//! For whom a call is done, they know from the caller's verified claims
//! ([`Principal::tenant`](purlin_core::Principal::tenant)): tenants share neither limits nor files.
//! Refusals are told to the model with what it can do instead, and with nothing of this machine.

#[cfg(any(feature = "fetch", feature = "files", feature = "code"))]
mod caller;
#[cfg(feature = "code")]
mod code;
#[cfg(feature = "fetch")]
mod fetch;
#[cfg(feature = "files")]
mod files;
#[cfg(any(feature = "files", feature = "code"))]
mod media;
#[cfg(any(feature = "fetch", feature = "files", feature = "code"))]
mod piece;

#[cfg(feature = "code")]
#[cfg_attr(docsrs, doc(cfg(feature = "code")))]
pub use code::{Code, GivenFile, MadeFile, Ran};
#[cfg(feature = "fetch")]
#[cfg_attr(docsrs, doc(cfg(feature = "fetch")))]
pub use fetch::{Fetch, Page};
#[cfg(feature = "files")]
#[cfg_attr(docsrs, doc(cfg(feature = "files")))]
pub use files::{Changed, Edited, Files, Item, ItemKind, Listed, Matches, Text, Written};
