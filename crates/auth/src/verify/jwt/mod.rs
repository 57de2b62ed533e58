//! Tokens that carry their claims, signed (RFC 7519, RFC 9068).

mod algorithm;
mod builder;
mod compact;
mod verifier;

pub(crate) use algorithm::Algorithm;
pub use algorithm::{HmacAlgorithm, SignatureAlgorithm};
pub use builder::{JwtBuilder, JwtError};
pub(crate) use compact::Compact;
pub use verifier::Jwt;
