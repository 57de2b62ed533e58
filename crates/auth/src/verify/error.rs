//! Why a caller is not let in.

use std::fmt;
use std::time::Duration;

/// Why credentials were not accepted.
///
/// The reasons are for the log and for the developer of a client. They name rules, never what was
/// presented.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum VerifyError {
    /// These credentials are bad: 401 `invalid_token`.
    Invalid(&'static str),
    /// These are not the sort of credentials, or not of the issuer, that this verifier knows.
    /// Where there are several, the next one is asked; where nobody knows them, they are bad.
    NotMine,
    /// Whoever has to be asked cannot be: 503. Nothing is known of the credentials.
    Unavailable {
        /// How long to wait before the next attempt.
        retry_after: Duration,
    },
    /// The token may be good, its proof of possession is not (RFC 9449): 401
    /// `invalid_dpop_proof`.
    InvalidProof(&'static str),
    /// The proof has to hold this nonce (RFC 9449, section 9): 401 `use_dpop_nonce`.
    UseNonce(String),
}

impl fmt::Display for VerifyError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Invalid(reason) => write!(f, "the token is not accepted: {reason}"),
            Self::NotMine => f.write_str("nobody here knows such credentials"),
            Self::Unavailable { .. } => {
                f.write_str("whoever can judge the credentials cannot be reached: try again later")
            }
            Self::InvalidProof(reason) => write!(f, "the DPoP proof is not accepted: {reason}"),
            Self::UseNonce(_) => {
                f.write_str("the DPoP proof has to hold the nonce of the header `DPoP-Nonce`")
            }
        }
    }
}

impl std::error::Error for VerifyError {}
