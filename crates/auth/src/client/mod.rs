//! OAuth for clients: what happens between a refusal and the request that is let in.
//!
//! [`OAuth`] implements the client's [`Authorize`](purlin_client::http::Authorize). It has nothing
//! to be configured with: the server that refuses says where its authorization server is, that
//! one says what it can do, and the user says yes in the browser.
//!
//! ```no_run
//! # async fn example() -> Result<(), Box<dyn std::error::Error>> {
//! use purlin_auth::client::OAuth;
//! use purlin_client::{Client, http::HttpEndpoint};
//!
//! let endpoint = HttpEndpoint::new("http://127.0.0.1:8000/mcp")?.authorize(OAuth::login().build());
//! let client = Client::connect(endpoint).await?;
//! # Ok(()) }
//! ```
//!
//! # How data flows
//!
//! ```text
//! refusal ── Challenge ──▶ discovery ──▶ Place (resource, ServerMetadata)
//!                                          │
//!                 Flow: how tokens are obtained there
//!                   login        scopes ─ registration ─ user agent ─ callback ─ code
//!                   credentials  a secret or a signed assertion
//!                   enterprise   ID token ─ ID-JAG ─ token
//!                   workload     the platform's own JWT
//!                                          │
//!                             TokenEndpoint (client authentication, DPoP)
//!                                          │
//!                                       Tokens ──▶ TokenStore
//!                                          │
//! request  ◀── Authorization, DPoP ────────┘
//! ```
//!
//! - [`OAuth`] holds one `Session`: the place, who we are there, the tokens, and which
//!   scopes were asked for. Requests that are refused at the same time wait for one login.
//! - `discovery` finds the authorization server: protected resource metadata (RFC 9728) from the
//!   challenge, then below the path, then at the root; server metadata (RFC 8414, OpenID
//!   Connect) in the order of the specification; the fixed paths of revision 2025-03-26 last.
//! - `registration` decides who we are there: registered beforehand, known by a URL, or
//!   registered on the spot (RFC 7591).
//! - [`user_agent`] takes the user there and back, by browser or by hand.
//! - `token` asks for tokens, whatever the grant, and proves possession of a key (RFC 9449).
//! - [`store`] keeps tokens between runs, sealed.
//!
//! # What this refuses to do
//!
//! - Compare identifiers in any way but byte by byte: a resource, an issuer, an `iss` are texts.
//! - Send anything to an authorization server over plain HTTP, unless both it and the MCP server
//!   are on this machine.
//! - Go on without PKCE, or with an answer that names another issuer (RFC 9207).
//! - Carry credentials from one issuer to another.
//! - Show a secret: every secret prints as `[redacted]`.

mod builder;
mod challenge;
mod discovery;
mod error;
mod flow;
mod header;
mod jws;
mod oauth;
mod registration;
mod scopes;
mod session;
pub mod store;
mod token;
mod url;
pub mod user_agent;
mod web;

pub use crate::secret::Secret;
pub use builder::OAuthBuilder;
pub use error::{AuthError, AuthErrorKind};
pub use flow::{ClientCredentials, Enterprise, JwtSource, Workload};
pub use jws::{Algorithm, SigningKey};
pub use oauth::{Machine, OAuth};
pub use registration::Registered;

/// What the operations of this module return.
pub type Result<T, E = AuthError> = std::result::Result<T, E>;
