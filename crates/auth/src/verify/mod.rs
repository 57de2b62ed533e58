//! Judges credentials.
//!
//! A [`Verifier`] turns what a caller [`Presented`] into a `Principal`, or says why not
//! ([`VerifyError`]). Which one to take follows from who issues the credentials:
//!
//! | credentials | verifier |
//! |---|---|
//! | JWTs of one or several issuers | [`Jwt`] |
//! | opaque tokens, judged by their issuer | [`Introspection`] |
//! | a handful of tokens for development | [`StaticTokens`] |
//! | API keys of programs | [`ApiKeys`] |
//! | client certificates, checked by a proxy | [`ClientCertificates`] |
//! | several of these | [`AnyOf`] |
//!
//! Tokens may be bound to a key of the client ([`Dpop`]) or to its certificate
//! ([`CertificateBinding`]). Nothing here decides what a caller may
//! do, and nothing hands a token on.

mod any_of;
mod binding;
mod certificates;
pub(crate) mod claims;
mod clock;
pub(crate) mod crypto;
mod dpop;
mod error;
mod introspection;
pub(crate) mod json;
pub(crate) mod jwt;
pub(crate) mod keys;
mod presented;
#[cfg(feature = "provider")]
mod statements;
#[cfg(test)]
mod tests;
mod tokens;
mod verifier;
#[cfg(test)]
mod wycheproof;

pub use any_of::AnyOf;
pub use binding::CertificateBinding;
pub use certificates::{ClientCertificates, InvalidNetwork, TrustedProxies};
pub use clock::{Clock, SystemClock};
pub use dpop::{Dpop, ShortKey};
pub use error::VerifyError;
pub use introspection::{ClientAuthentication, Introspection};
pub use jwt::{HmacAlgorithm, Jwt, JwtBuilder, JwtError, SignatureAlgorithm};
pub use keys::{KeyError, Keys};
pub use presented::{Presented, Scheme};
#[cfg(feature = "provider")]
pub(crate) use statements::Statements;
pub use tokens::{ApiKeys, StaticTokens, TokenError};
pub use verifier::{Verification, Verifier};
