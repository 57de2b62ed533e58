//! An authorization server of one's own, in front of an identity provider.
//!
//! MCP clients register themselves, name themselves by a URL, and expect tokens that are for one
//! server alone. Most identity providers know none of that. [`AuthorizationServer`] stands between:
//! to clients it is an authorization server by the specification, to the identity provider one
//! client that was registered once. With a [`DevelopmentLogin`] it needs nobody else.
//!
//! # How a login flows
//!
//! ```text
//! client ─▶ /authorize ─▶ consent page ─▶ /consent ─▶ identity provider ─▶ /callback ─▶ client
//!                                            │                                │       code, state, iss
//!                                       transaction, and                 Identity ─▶ code, one minute
//!                                       a cookie for the browser
//! client ─▶ /token: code and verifier ─▶ access token (for our resource), refresh token
//! ```
//!
//! Everything between two requests lies in the store, sealed; nothing is kept in the process. What
//! the browser carries is sealed or signed. When the store does not answer, nothing is granted:
//! 503, with a time to come back.
//!
//! # What it refuses to do
//!
//! - To redirect to anywhere that was not registered, and to guess what a request means that says
//!   something twice.
//! - To let in an application that the user was not asked about, or to complete a login in another
//!   browser than the one that allowed it.
//! - To hand on tokens of the identity provider, or to issue a token for another server.

mod assertion;
mod builder;
mod call;
mod clients;
mod cookie;
mod development;
mod endpoint;
#[cfg(test)]
mod fixture;
mod flow;
mod issuer;
mod metadata;
mod page;
mod parameters;
pub mod redirect;
mod resource;
mod scopes;
mod server;
mod storage;
mod tokens;

pub use assertion::TrustedIssuer;
pub use builder::{AuthorizationServerBuilder, BuildError};
pub use clients::StaticClient;
pub use development::{DevelopmentLogin, DevelopmentUser};
pub use page::{Colour, InvalidTheme, Theme};
pub use server::AuthorizationServer;
pub use storage::{InvalidKeys, Keys};
pub use tokens::Upstream;
