//! Proves who is calling.
//!
//! With the feature `client`: everything a client needs to be let in by a server that wants
//! OAuth, from the first refusal to the retried request. See [`client`].

#![cfg_attr(docsrs, feature(doc_cfg))]

#[cfg(feature = "client")]
pub mod client;
