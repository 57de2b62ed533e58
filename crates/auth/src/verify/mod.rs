//! Judges credentials.
//!
//! A [`Verifier`] turns what a caller [`Presented`] into a `Principal`, or says why not
//! ([`VerifyError`]). Which one to take follows from who issues the credentials; several stand
//! side by side.
//!
//! Nothing here decides what a caller may do, and nothing hands a token on.

mod clock;
mod error;
mod presented;
mod tokens;
mod verifier;

pub use clock::{Clock, SystemClock};
pub use error::VerifyError;
pub use presented::{Presented, Scheme};
pub use tokens::{ApiKeys, StaticTokens, TokenError};
pub use verifier::{Verification, Verifier};
