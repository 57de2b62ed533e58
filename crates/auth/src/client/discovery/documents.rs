//! The documents that discovery reads. Unknown members are ignored.

use serde::Deserialize;

/// What a protected resource says of itself (RFC 9728, section 2).
#[derive(Debug, Deserialize)]
pub(super) struct ResourceMetadata {
    pub(super) resource: String,
    #[serde(default)]
    pub(super) authorization_servers: Vec<String>,
    #[serde(default)]
    pub(super) scopes_supported: Vec<String>,
    #[serde(default)]
    pub(super) dpop_bound_access_tokens_required: bool,
}

/// What an authorization server says of itself (RFC 8414, section 2).
#[derive(Clone, Debug, Default, Deserialize)]
pub(in crate::client) struct ServerMetadata {
    pub(in crate::client) issuer: String,
    pub(in crate::client) authorization_endpoint: Option<String>,
    pub(in crate::client) token_endpoint: Option<String>,
    pub(in crate::client) registration_endpoint: Option<String>,
    #[serde(default)]
    pub(in crate::client) scopes_supported: Vec<String>,
    #[serde(default)]
    pub(in crate::client) code_challenge_methods_supported: Vec<String>,
    #[serde(default)]
    pub(in crate::client) token_endpoint_auth_methods_supported: Vec<String>,
    #[serde(default)]
    pub(in crate::client) dpop_signing_alg_values_supported: Vec<String>,
    #[serde(default)]
    pub(in crate::client) authorization_response_iss_parameter_supported: bool,
    #[serde(default)]
    pub(in crate::client) client_id_metadata_document_supported: bool,
}
