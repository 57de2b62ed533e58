//! What a client gets.

use serde::Serialize;

use crate::Secret;

/// A successful answer of the token endpoint (RFC 6749, section 5.1). To be sent with
/// `Cache-Control: no-store`.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct TokenResponse {
    pub(crate) access_token: Secret,
    pub(crate) token_type: &'static str,
    /// In seconds.
    pub(crate) expires_in: u64,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) refresh_token: Option<Secret>,
    pub(crate) scope: String,
}
