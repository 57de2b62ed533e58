//! Identity providers: one OpenID Connect engine, and what is particular to each of them.
//!
//! A [`Provider`] says which one it is and who is let in: [`Provider::google`], [`Provider::entra`],
//! [`Provider::oidc`] and so on, one function each. It is used in one of two ways.
//!
//! - [`protection`](Provider::protection): the provider itself issues the tokens that clients come
//!   with, and registers the clients. Tokens are verified, and clients are told where to go.
//! - [`login`](Provider::login): the provider only says who a user is. An authorization server of
//!   ours registers clients and issues tokens; the provider's own never leave the server. This is
//!   the way for those that do not register clients, which is most.
//!
//! # How data flows
//!
//! ```text
//! Provider ── what is wrong with it, all at once ──▶ InvalidProvider
//!    │
//!    ├─ protection, verifier ─▶ IssuedTokens: Verifier
//!    │                             token ─ keys, tokeninfo or the provider's API ─ audience
//!    │                                                                               │
//!    └─ login ─▶ Login: IdentityProvider                                          ClaimMap
//!                   begin ─ state, nonce, PKCE ─▶ the provider's pages               │
//!                   complete ─ iss ─ code ─ ID token ─ userinfo ────────────────▶  Facts
//!                                                                                    │
//!                                                       Principal, Identity ◀── Admission
//! ```
//!
//! - `known` fetches the [`Document`] of a provider once in a while, and its keys.
//! - `upstream` trades codes and refresh tokens, with the crate `oauth2`.
//! - `id_token` judges what a provider says of a user.
//! - `preset` has a file for each provider, `settings` reads all of it from plain settings.
//!
//! # What this refuses to do
//!
//! - Compare issuers in any way but byte by byte.
//! - Believe an address, a domain or a tenant that the provider has not verified.
//! - Take a token that was issued to another application.
//! - Repeat what a provider said in an error: it may hold what it was sent.

mod admission;
mod builder;
mod claims;
mod document;
mod failure;
mod github;
mod google;
mod id_token;
mod invalid;
mod issued;
mod issuer;
mod known;
mod login;
mod preset;
mod questions;
mod upstream;
mod userinfo;
mod web;

use std::sync::Arc;

pub use claims::ClaimPath;
pub use document::Document;
pub use invalid::InvalidProvider;
pub use issued::IssuedTokens;
pub use login::Login;

use admission::Admission;
use claims::ClaimMap;
use issuer::Issuer;

use crate::Secret;
use crate::fetch::Fetch;

/// Which identity provider, and who of its users is let in.
///
/// ```
/// use purlin_auth::provider::Provider;
///
/// let mistakes = Provider::auth0("shop auth0").login().unwrap_err();
/// assert_eq!(mistakes.problems().len(), 2);
/// ```
#[derive(Clone, Debug)]
#[must_use = "a provider does nothing until it is `login`, `verifier` or `protection`"]
pub struct Provider {
    name: String,
    issuer: Issuer,
    /// Where its document is, if it is not given.
    discovered_at: String,
    document: Option<Document>,
    tokens: Tokens,
    client_id: Option<String>,
    client_secret: Option<Secret>,
    audiences: Vec<String>,
    audience_rule: Audience,
    /// What a login asks for.
    scopes: Vec<String>,
    /// What it says besides.
    parameters: Vec<(String, String)>,
    asks_for_audience: bool,
    /// Whether the audience of tokens is the application, and its scopes have two names.
    app_id_uri: bool,
    /// Whether this server's access tokens are nobody's but its own.
    custom_server_only: bool,
    userinfo: bool,
    map: ClaimMap,
    admission: Admission,
    organizations: Vec<String>,
    required_scopes: Vec<String>,
    problems: Vec<String>,
    fetch: Option<Arc<dyn Fetch>>,
}

/// What access tokens of a provider are.
#[derive(Clone, Debug)]
enum Tokens {
    /// Statements that are signed.
    Signed,
    /// Known to Google alone.
    Google { tokeninfo: String },
    /// Known to GitHub alone.
    GitHub { api: String },
}

/// What tells for whom an access token is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Audience {
    /// `aud`.
    Claimed,
    /// `aud`, or where there is none the client that it was issued to.
    OrClient,
}
