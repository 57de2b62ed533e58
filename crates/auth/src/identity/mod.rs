//! Who logs users in for an authorization server of ours.
//!
//! [`IdentityProvider`] is the seam. The authorization server calls [`begin`] once a user has let
//! an application in, sends the browser where the provider says, and hands what comes back to
//! [`complete`], which answers with an [`Identity`]. A provider that asks for a password instead
//! answers [`LoginStep::password`], and our own page asks on its behalf.
//!
//! What a provider never sees: the client that wants to be let in, its state, its code. What never
//! leaves the server: the [`UpstreamTokens`] of an identity.
//!
//! [`begin`]: IdentityProvider::begin
//! [`complete`]: IdentityProvider::complete

mod error;
mod identified;
mod login;
mod provider;

pub use error::{LoginError, LoginErrorKind};
pub use identified::{Identity, UpstreamTokens};
pub use login::{Callback, Credentials, LoginRequest, LoginStep};
pub use provider::IdentityProvider;
