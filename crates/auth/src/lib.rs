//! Proves who is calling, on both sides of a connection.
//!
//! - Feature `client`: everything a client needs to be let in by a server that wants OAuth, from
//!   the first refusal to the retried request. See [`client`].
//! - Feature `server`: a server that knows who calls it. [`protect`] decides on each request,
//!   [`verify`] judges credentials, [`mod@fetch`] asks authorization servers for documents.
//! - Feature `provider`: what [`provider`] knows of identity providers.
//! - Feature `authorization-server`: tokens of one's own, for identity providers that do not
//!   register MCP clients, and for development. See [`authorization_server`].
//!
//! # How data flows in a server
//!
//! ```text
//!              request head (before its body is read, before its era is known)
//!                                    │
//! purlin_http::Authenticator ◀── Protection ── challenge (401, 403), metadata (RFC 9728)
//!                                    │ Presented: scheme, token, proof, peer, headers
//!                                    ▼
//!                                 Verifier ── Jwt ─ Introspection ─ StaticTokens ─ AnyOf ─ …
//!                                    │            │
//!                                    │          fetch (keys, discovery, introspection)
//!                                    ▼
//!                        Principal ──▶ handlers, checks, limits, sessions
//! ```
//!
//! Handlers see the `Principal` and never the token. An [`authorization_server`] issues tokens
//! that it verifies itself, so it is one more verifier, and brings its `Protection` along; who
//! logs users in for it is an [`identity`] provider, for example one of [`provider`]. What happened is told to [`audit`].

#![cfg_attr(docsrs, feature(doc_cfg))]

#[cfg(feature = "server")]
#[cfg_attr(docsrs, doc(cfg(feature = "server")))]
pub mod audit;
#[cfg(feature = "authorization-server")]
#[cfg_attr(docsrs, doc(cfg(feature = "authorization-server")))]
pub mod authorization_server;
#[cfg(feature = "client")]
#[cfg_attr(docsrs, doc(cfg(feature = "client")))]
pub mod client;
#[cfg(feature = "server")]
#[cfg_attr(docsrs, doc(cfg(feature = "server")))]
pub mod fetch;
#[cfg(feature = "provider")]
#[cfg_attr(docsrs, doc(cfg(feature = "provider")))]
pub mod identity;
#[cfg(feature = "server")]
mod network;
#[cfg(feature = "server")]
#[cfg_attr(docsrs, doc(cfg(feature = "server")))]
pub mod protect;
#[cfg(feature = "provider")]
#[cfg_attr(docsrs, doc(cfg(feature = "provider")))]
pub mod provider;
#[cfg(any(feature = "client", feature = "server"))]
mod random;
#[cfg(any(feature = "client", feature = "server"))]
mod secret;
#[cfg(feature = "server")]
#[cfg_attr(docsrs, doc(cfg(feature = "server")))]
pub mod verify;

#[cfg(any(feature = "client", feature = "server"))]
pub use secret::Secret;
