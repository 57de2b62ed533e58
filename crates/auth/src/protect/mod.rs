//! A server that knows who calls it.
//!
//! [`Protection`] is what stands in front of a server: it takes credentials out of the one
//! `Authorization` header, has a [`Verifier`](crate::verify::Verifier) judge them, demands the
//! scopes that every request needs, and tells whoever is not let in how to be (RFC 6750, RFC
//! 9728). Clients that speak MCP find everything else by themselves.
//!
//! ```
//! use purlin_auth::protect::Protection;
//! use purlin_auth::verify::StaticTokens;
//! use purlin_core::{Principal, Server};
//! use purlin_http::{HttpConfig, StreamableHttp};
//!
//! # fn example() -> Result<(), Box<dyn std::error::Error>> {
//! let tokens = StaticTokens::new().token("a-long-random-text-of-yours", Principal::new("alice"))?;
//! let protection = Protection::new("https://mcp.example.com/mcp", tokens)?;
//! let config = HttpConfig::new()
//!     .allowed_hosts(["mcp.example.com"])
//!     .authenticator(protection);
//! let service = StreamableHttp::with_config(Server::builder("orders", "1.0.0"), config)?;
//! # Ok(()) }
//! # example().unwrap();
//! ```
//!
//! With the facade it is one line: `server.serve().protect(protection)`.
//!
//! The token is judged on every request, also inside of a session, and goes no further: handlers
//! see the `Principal`, [`ProtectionLayer`] takes the headers out.

mod challenge;
mod credentials;
mod layer;
mod metadata;
mod protection;
mod refusal;
mod refusals;
mod resource;

pub use layer::{Protected, ProtectionLayer};
pub use protection::Protection;
pub use resource::ResourceError;
