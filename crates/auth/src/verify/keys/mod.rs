//! Keys that tokens are verified with, and where they come from.

pub(crate) mod der;
mod given;
mod jwk;
mod remote;
mod set;

pub(crate) use given::Source;
pub use given::{KeyError, Keys};
pub(crate) use jwk::{Key, Kind, thumbprint};
pub(crate) use remote::{Endpoint, RemoteKeys};
pub(crate) use set::{KeySet, Lookup};
